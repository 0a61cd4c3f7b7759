"""``arasha log …``: look after an event log.

In: the directory of a log, which may be in use. Out: what was found, as text or as one JSON object.
The work is the log's own (log/verify.py, log/merkle.py, log/export.py) and the engine's
(engine/again.py, engine/retention.py).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.options import AsJson, By, LogDirectory, OutDirectory, acting
from arasha.app.terminal import Exit
from arasha.errors import UsageError

if TYPE_CHECKING:
    from arasha.engine.again import Comparison
    from arasha.log.retire import Period
    from arasha.log.verify import Verdict

Noted = Annotated[
    str | None,
    Parameter(help="SIZE:ROOT of an earlier verify: fails if the log does not begin with that."),
]
Seq = Annotated[int, Parameter(help="The entry's place in the log, from 0.")]
Size = Annotated[
    int | None, Parameter(help="Prove against the root of this many entries; by default of all.")
]
Other = Annotated[
    Path | None, Parameter(help="Another policy to judge with; by default the log's own.")
]
Before = Annotated[str, Parameter(help="YYYY-MM: the facts of every month before it go.")]
Reason = Annotated[str, Parameter(help="Why, for the record in the log.")]

SHOWN_SEQS = 10
"""Differing decisions that are named one by one; --json names the first hundred."""


def verify(directory: LogDirectory, /, *, noted: Noted = None, json: AsJson = False) -> Exit:
    """Recompute every leaf and root; name the first bad entry.

    Keep the size and the root that it prints somewhere else: given back with --noted, they also
    reveal an older copy of the whole log. A log with a public record is held against its last
    signed checkpoint, too. Exit code 1 when something is damaged.
    """
    from arasha.app.commands_record import RecordSaid, record_said
    from arasha.log.verify import verify as verify_log

    earlier = None if noted is None else _noted(noted)
    _must_be_a_directory(directory)
    with terminal.progress("Verifying", None, quiet=json) as advance:
        done = 0

        def checked(entries: int, _of: int) -> None:
            nonlocal done
            advance(entries - done)
            done = entries

        verdict = verify_log(directory, on_progress=checked, noted=earlier)
    record = record_said(directory) if verdict.ok else RecordSaid()
    if json:
        terminal.say_json(_verdict_object(verdict) | record.told)
    else:
        terminal.say(verdict.sentence)
        terminal.say(f"{verdict.size}:{verdict.root.hex()}")
        if verdict.closed:
            terminal.say(f"{verdict.closed} entries were checked without a key")
        for line in record.lines:
            terminal.say(line)
    return Exit.OK if verdict.ok and record.ok else Exit.FINDINGS


def periods(directory: LogDirectory, /, *, json: AsJson = False) -> None:
    """List the months of the log: what each holds and whether it can still be read."""
    from arasha.log.retire import periods as periods_of

    _must_be_a_directory(directory)
    listed = periods_of(directory)
    if json:
        terminal.say_json({"periods": [_period_object(period) for period in listed]})
        return
    terminal.say(f"{'month':<8} {'class':<6} {'entries':>12} {'first':>12} {'last':>12}  state")
    for p in listed:
        terminal.say(
            f"{p.month:<8} {p.retention.word:<6} {p.entries:>12,} {p.first_seq:>12,} "
            f"{p.last_seq:>12,}  {_state(p)}"
        )


def prove(directory: LogDirectory, /, *, seq: Seq, size: Size = None, json: AsJson = False) -> None:
    """Prove that an entry is in the log: its leaf, the root, and the hashes between them.

    Anyone can check the proof with arasha.log.merkle.check_inclusion, without the log and its keys.
    """
    from arasha.log.log import Log

    _must_be_a_directory(directory)
    with Log.open(directory, writable=False) as log:
        size = log.size if size is None else size
        if not 0 <= seq < size <= log.size:
            raise UsageError(
                "there is no such entry to prove",
                expected=f"0 <= seq < size <= {log.size}",
                found=f"seq {seq}, size {size}",
            )
        leaf, root = log.leaf(seq).hex(), log.root(size).hex()
        proof = [node.hex() for node in log.inclusion_proof(seq, size)]
    if json:
        terminal.say_json({"seq": seq, "size": size, "leaf": leaf, "root": root, "proof": proof})
        return
    terminal.say(f"entry {seq} of {size}")
    terminal.say(f"leaf  {leaf}")
    for node in proof:
        terminal.say(f"      {node}")
    terminal.say(f"root  {root}")


def replay(directory: LogDirectory, /, *, policy: Other = None, json: AsJson = False) -> Exit:
    """Judge every payment of the log again and compare with what was decided. Writes nothing.

    Exit code 1 when a decision comes out otherwise. Where months were retired it begins after them.
    """
    from arasha.engine.again import compare
    from arasha.log.log import Log
    from arasha.policy.document import load

    _must_be_a_directory(directory)
    other = None if policy is None else load(policy)
    with Log.open(directory, writable=False) as log:
        size = log.size
    with terminal.progress("Judging again", size, quiet=json) as advance:
        found = compare(directory, other, on_progress=advance)
    if json:
        terminal.say_json(_comparison_object(found))
    else:
        terminal.say(_comparison_sentence(found))
    return Exit.FINDINGS if found.differing else Exit.OK


def export(directory: LogDirectory, /, *, out: OutDirectory, json: AsJson = False) -> None:
    """Write every entry that can still be read to Parquet files. Parties are tokens in them."""
    from arasha.log.export import export as export_log

    _must_be_a_directory(directory)
    with terminal.progress("Exporting", None, quiet=json) as advance:
        done = 0

        def written(entries: int, _of: int) -> None:
            nonlocal done
            advance(entries - done)
            done = entries

        paths = export_log(directory, out, on_progress=written)
    if json:
        terminal.say_json({"entries": done, "files": [str(path) for path in paths]})
        return
    terminal.say(f"{done:,} entries written")
    for path in paths:
        terminal.say(str(path))


def retire(
    directory: LogDirectory,
    /,
    *,
    before: Before,
    reason: Reason,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Destroy the keys of old months of facts, and all that was derived from them. For good.

    The vault forgets whom only they mention. Decisions and acts stay. Refused, as a whole, while a
    window of the policy may still reach into one of the months. Who did it and why becomes an entry
    of the log.
    """
    from arasha.engine.retention import retire_before
    from arasha.keeping.migrate import destroy_copies

    _must_be_a_directory(directory)
    _must_be_a_month(before)
    if not reason.strip():
        raise UsageError("a retirement needs a reason", expected="--reason with a text")
    with terminal.progress("Letting facts go", None, quiet=json) as advance:
        gone = retire_before(directory, before, by=acting(by), reason=reason, on_progress=advance)
    _keep_acts_of_the_vault(directory)
    destroy_copies(directory)
    if json:
        retired = [_gone_object(period) for period in gone.months]
        terminal.say_json({"retired": retired, "subjects": gone.subjects})
        return
    for period in gone.months:
        terminal.say(f"{period.month}  {period.entries:,} facts are gone")
    if gone.subjects:
        terminal.say(f"the vault has forgotten {gone.subjects:,} subjects")
    if not gone.months:
        terminal.say(f"no facts before {before} are left to retire")
    else:
        terminal.note("Copies of their keys die with the next arasha backup --keys to the same "
                      "file; destroy those that lie elsewhere.")  # fmt: skip


def _keep_acts_of_the_vault(directory: Path) -> None:
    """Put what the vault says of its own into the log."""
    from arasha.app.commands_rights import keep
    from arasha.vault.driver import has_tables
    from arasha.vault.subjects import VAULT_FILE, open_database

    if not has_tables(directory / VAULT_FILE):
        return
    database = open_database(directory)
    try:
        keep(directory, [database])
    finally:
        database.close()


def _must_be_a_month(text: str) -> None:
    from arasha.log.keys import period_named

    try:
        period_named(text)
    except ValueError as error:
        raise UsageError(
            "--before is not a month", expected="YYYY-MM, such as 2018-07", found=repr(text)
        ) from error


def _must_be_a_directory(directory: Path) -> None:
    if not directory.is_dir():
        raise UsageError(f"there is no log at {directory}", expected="the directory of a log")


def _noted(text: str) -> tuple[int, bytes]:
    match = re.fullmatch(r"(\d+):([0-9a-f]{64})", text)
    if match is None:
        raise UsageError(
            "--noted is not what verify prints", expected="SIZE:ROOT", found=repr(text)
        )
    return int(match[1]), bytes.fromhex(match[2])


def _verdict_object(verdict: Verdict) -> dict[str, Any]:
    return {
        "ok": verdict.ok,
        "size": verdict.size,
        "root": verdict.root.hex(),
        "seq": verdict.seq,
        "damage": verdict.damage,
        "sentence": verdict.sentence,
        "closed": verdict.closed,
    }


def _period_object(period: Period) -> dict[str, Any]:
    return {
        "month": period.month,
        "class": period.retention.word,
        "entries": period.entries,
        "first_seq": period.first_seq,
        "last_seq": period.last_seq,
        "state": _state(period),
    }


def snapshot(directory: LogDirectory, /, *, json: AsJson = False) -> None:
    """Keep windows and cases as they are at the log's end, so that the service starts quickly.

    The log may be in use: nobody waits for it. The service does this by itself.
    """
    from arasha.cases.snapshots import take
    from arasha.engine.live_start import take_snapshot

    _must_be_a_directory(directory)
    with terminal.progress("Reading", None, quiet=json):
        seq = take_snapshot(directory)
        take(directory)
    if json:
        terminal.say_json({"seq": seq})
    else:
        terminal.say(f"a start goes on from entry {seq:,}")


def _state(period: Period) -> str:
    if period.retired:
        return "retired"
    return "readable" if period.has_key else "key lost"


def _comparison_object(found: Comparison) -> dict[str, Any]:
    return {
        "same": not found.differing,
        "policy": found.policy.name,
        "policy_hash": found.policy.hash,
        "first_seq": found.first_seq,
        "decisions": found.decisions,
        "differing": found.differing,
        "different": list(found.different),
    }


def _comparison_sentence(found: Comparison) -> str:
    begun = f" from entry {found.first_seq:,} on" if found.first_seq else ""
    judged = f"{found.decisions:,} payments judged again{begun} by {found.policy.name}"
    if not found.differing:
        return f"{judged}: every decision is as it was kept"
    listed = ", ".join(str(seq) for seq in found.different[:SHOWN_SEQS])
    more = ", …" if found.differing > SHOWN_SEQS else ""
    return f"{judged}: {found.differing:,} decisions come out otherwise (entries {listed}{more})"


def _gone_object(period: Period) -> dict[str, Any]:
    return {
        "month": period.month,
        "entries": period.entries,
        "first_seq": period.first_seq,
        "last_seq": period.last_seq,
    }
