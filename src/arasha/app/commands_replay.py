"""``arasha replay``: judge a file of payments and keep what was decided.

In: a file, a policy, a directory. Out: in the directory the log, the decisions, the refused rows;
on the screen what was found and what it cost. The work is engine/replay.py's.
"""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.options import (
    AsJson,
    MappingFile,
    OutDirectory,
    PaymentsFile,
    PolicyFile,
    ShadowPolicy,
)

if TYPE_CHECKING:
    from arasha.engine.replay import Replayed
    from arasha.reports.measures import Measures

MAX_BATCH = 1_048_576
"""Most facts of one commit: what a batch needs in memory stays below a gigabyte."""

Batch = Annotated[
    int,
    Parameter(
        help="Facts of one durable commit. It changes no decision.",
        validator=Number(gte=1, lte=MAX_BATCH),
    ),
]
Resume = Annotated[
    bool,
    Parameter(negative=(), help="Go on with a replay that was interrupted.", show_default=False),
]


@dataclass(frozen=True, slots=True)
class Run:
    """A finished replay: what it did, its figures, and how long it took, in seconds."""

    replayed: Replayed
    measures: Measures
    seconds: float

    @property
    def rate(self) -> int:
        """Payments a second."""
        return round(len(self.replayed.judgements) / max(self.seconds, 1e-9))


def replay(
    file: PaymentsFile,
    /,
    *,
    policy: PolicyFile,
    out: OutDirectory,
    mapping: MappingFile = None,
    batch: Batch = 16_384,
    resume: Resume = False,
    shadow: ShadowPolicy = None,
    json: AsJson = False,
) -> None:
    """Judge every payment of a file, as it would have been judged live, and keep every decision.

    OUT gets the event log, the decisions as Parquet, and the rows that were refused. Interrupted,
    it goes on with --resume to the same decisions. With --shadow OUT also gets shadow.parquet: the
    payments on which the second policy would have acted otherwise.
    """
    try:
        run = judged(
            file, policy, out, mapping, batch=batch, resume=resume, shadow=shadow, quiet=json
        )
    except KeyboardInterrupt as interruption:
        options = [] if mapping is None else ["--mapping", str(mapping)]
        options += [] if shadow is None else ["--shadow", str(shadow)]
        words = [
            "arasha",
            "replay",
            str(file),
            "--policy",
            str(policy),
            "--out",
            str(out),
            *options,
        ]
        interruption.add_note(f"Go on with: {shlex.join(words)} --resume")
        raise
    if json:
        terminal.say_json(as_object(run, out))
    else:
        tell(run, out)


def judged(
    file: Path,
    policy: Path,
    out: Path,
    mapping: Path | None = None,
    *,
    batch: int = 16_384,
    resume: bool = False,
    shadow: Path | None = None,
    quiet: bool = False,
) -> Run:
    """Replay the file, with a bar unless ``quiet``, and measure what came out."""
    from arasha.app.judging import facts_expected, mapping_for, measured, no_further
    from arasha.engine.replay import replay as replay_file
    from arasha.events.schema import PAYMENT
    from arasha.policy.document import load
    from arasha.policy.kinds import demanded

    compiled = demanded(load(policy), PAYMENT)
    beside = None if shadow is None else demanded(load(shadow), PAYMENT)
    read_by = mapping_for(compiled, mapping, file)
    total = facts_expected(file, read_by, quiet=quiet)
    start = time.perf_counter()
    with terminal.progress("Judging", total, quiet=quiet) as advance:
        replayed = replay_file(
            file, compiled, read_by, out,
            batch=batch, resume=resume, shadow=beside,
            on_progress=no_further(advance, total),
        )  # fmt: skip
    seconds = time.perf_counter() - start
    return Run(replayed, measured(replayed.judgements, compiled), seconds)


def tell(run: Run, out: Path) -> None:
    """Say what was found, what it cost, and where everything is."""
    from arasha.app.judging import figures_of, tell_shadow
    from arasha.engine.replay import REJECTS

    done = run.replayed
    terminal.show(figures_of(run.measures))
    again = f" ({done.resumed_at:,} facts were kept before)" if done.resumed_at else ""
    terminal.say()
    terminal.say(
        f"{len(done.judgements):,} payments in {run.seconds:,.1f} s, {run.rate:,} a second{again}"
    )
    if done.rejected:
        rows = "1 row was" if done.rejected == 1 else f"{done.rejected:,} rows were"
        terminal.say(f"{rows} refused: {out / REJECTS}")
    else:
        terminal.say("no row was refused")
    terminal.say(f"log        {done.entries:,} entries, root {done.root.hex()}")
    terminal.say(f"decisions  {out / 'decisions-*.parquet'}")
    if done.shadow is not None:
        tell_shadow(done.shadow, out)


def as_object(run: Run, out: Path) -> dict[str, Any]:
    """The same as plain data."""
    from arasha.app.judging import figures_object
    from arasha.engine.replay import REJECTS

    done = run.replayed
    shadow = {} if done.shadow is None else {"shadow": done.shadow.as_object()}
    return {
        "payments": len(done.judgements),
        "facts": done.facts,
        "resumed_at": done.resumed_at,
        "seconds": round(run.seconds, 3),
        "payments_per_second": run.rate,
        "rejected": done.rejected,
        "rejects": str(out / REJECTS),
        "log": {"directory": str(out), "entries": done.entries, "root": done.root.hex()},
        "decisions": [str(path) for path in sorted(out.glob("decisions-*.parquet"))],
        "measures": figures_object(run.measures),
        **shadow,
    }
