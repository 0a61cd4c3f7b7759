"""``arasha backtest``: what a policy, or two, would have decided about a file.

In: a file, a policy, perhaps the one in force. Out: the figures on the screen; with --out the files
that docs/reference/backtest.md describes. Nothing is kept. The work is engine/backtest.py's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.options import AsJson, MappingFile, PaymentsFile, PolicyFile, ShadowPolicy

if TYPE_CHECKING:
    from arasha.engine.shadow import Shadow
    from arasha.reports.measures import Comparison, Measures

Against = Annotated[
    Path | None, Parameter(help="The policy in force: then --policy is compared with it.")
]
Written = Annotated[
    Path | None, Parameter(help="Where to write page, JSON and Parquet; by default nowhere.")
]


def backtest(
    file: PaymentsFile,
    /,
    *,
    policy: PolicyFile,
    against: Against = None,
    shadow: ShadowPolicy = None,
    mapping: MappingFile = None,
    out: Written = None,
    json: AsJson = False,
) -> None:
    """Judge every payment of a file as it would have been judged live, and keep nothing.

    With --against it says what --policy would change. With --shadow a further policy judges
    silently beside --policy; with --out the payments it would act on otherwise are listed.
    """
    silent = None if shadow is None else shadow_of(shadow)
    measures, comparison = judged(file, policy, against, mapping, shadow=silent, quiet=json)
    difference = None if silent is None else silent.difference()
    paths: tuple[Path, ...] = ()
    if out is not None:
        from arasha.reports.write import write

        paths = write(out, measures, comparison)
        if difference is not None:
            paths = (difference.write(out), *paths)
    if json:
        from arasha.reports.write import document

        told = {**document(measures, comparison), "files": [str(p) for p in paths]}
        if difference is not None:
            told["shadow"] = difference.as_object()
        terminal.say_json(told)
        return
    from arasha.app.judging import figures_of, tell_shadow
    from arasha.reports import summary

    terminal.show(
        figures_of(measures) if comparison is None else summary.lines(measures, comparison)
    )
    if difference is not None:
        tell_shadow(difference, out)
    if paths:
        terminal.say()
        terminal.say(f"page  {paths[-1]}")


def shadow_of(path: Path) -> Shadow:
    """The policy of a file, ready to judge beside another."""
    from arasha.engine.shadow import Shadow
    from arasha.events.schema import PAYMENT
    from arasha.policy.document import load
    from arasha.policy.kinds import demanded

    return Shadow(demanded(load(path), PAYMENT))


def judged(
    file: Path,
    policy: Path,
    against: Path | None,
    mapping: Path | None,
    *,
    shadow: Shadow | None = None,
    quiet: bool = False,
) -> tuple[Measures, Comparison | None]:
    """The figures of ``policy`` and, if there is one ``against`` which it stands, what changes."""
    from arasha.app.judging import facts_expected, mapping_for, measured, no_further
    from arasha.engine.backtest import backtest as backtest_file
    from arasha.events.schema import PAYMENT
    from arasha.policy.document import load
    from arasha.policy.kinds import demanded
    from arasha.reports.backtest import compare

    policies = [demanded(load(p), PAYMENT) for p in (policy, against) if p is not None]
    read_by = mapping_for(policies[0], mapping, file)
    total = facts_expected(file, read_by, quiet=quiet)
    with terminal.progress("Judging", total, quiet=quiet) as advance:
        judgements = backtest_file(
            file, policies, read_by, shadow=shadow, on_progress=no_further(advance, total)
        )
    labels = [one.name for one in policies]
    if len(set(labels)) < len(labels):  # two versions of one policy: told apart by their hash
        labels = [f"{one.name} {one.hash[:8]}" for one in policies]
    figures = [measured(*each) for each in zip(judgements, policies, labels, strict=True)]
    if against is None:
        return figures[0], None
    return figures[0], compare((judgements[1], figures[1]), (judgements[0], figures[0]))
