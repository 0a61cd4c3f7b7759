"""What the commands that judge a file share: reading what they were given, telling what came out.

In: paths from the command line. Out: a policy with its mapping, how long a bar to draw, and the
figures of a judged file, for a person or as plain data.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arasha.errors import Place, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from arasha.engine.judgements import Judgements
    from arasha.engine.shadow import Difference
    from arasha.events.mapping import Mapping
    from arasha.policy.definition import Policy
    from arasha.reports.measures import Measures

_TOLD = ("policy", "stop_at", "total", "bothered", "stopped", "actions", "rules", "late")


def mapping_for(policy: Policy, given: Path | None, file: Path) -> Mapping | None:
    """The mapping that was given; none for a file of our own facts; else the policy's.

    UsageError when there is no way to read the file.
    """
    from arasha.events.mapping import load_mapping
    from arasha.events.native import is_native

    if given is None and is_native(file):
        return None
    place = given or policy.mapping
    if place is None:
        raise UsageError(
            "nothing says what the columns of the file mean",
            expected='--mapping FILE, or mapping = "…" in the policy\'s [policy]',
            where=Place(file=str(policy.source)),
            hint="docs/guides/mapping.md shows how to write one; docs/reference/facts.md says what "
            "needs none",
        )
    return load_mapping(place)


def facts_expected(file: Path, mapping: Mapping | None, *, quiet: bool) -> int | None:
    """About how many facts the file gives, for a bar; None where nobody looks: a CSV is counted."""
    if quiet or not sys.stderr.isatty():
        return None
    from arasha.events.native import open_facts

    rows = open_facts(file, mapping).total_rows
    settles_all = mapping is not None and mapping.labels is not None and mapping.labels.settles_all
    return 2 * rows if settles_all else rows


def no_further(advance: Callable[[int], None], total: int | None) -> Callable[[int], None]:
    """The same calls, ending at the total: labels make a file longer than its rows."""
    done = 0

    def clipped(steps: int) -> None:
        nonlocal done
        steps = steps if total is None else min(steps, total - done)
        done += steps
        advance(steps)

    return clipped


def measured(judgements: Judgements, policy: Policy, label: str | None = None) -> Measures:
    """The figures of one policy on one file."""
    from arasha.reports.backtest import measure

    names = [rule.name for rule in policy.rules]
    return measure(
        judgements, names, label=label or policy.name, utc_offset_ms=policy.utc_offset_ms
    )


def figures_of(measures: Measures) -> list[RenderableType]:
    """What to show: hits alone where the file settles nothing."""
    from arasha.reports import summary

    unsettled = measures.total.unknown == measures.total.payments > 0
    return summary.hits(measures) if unsettled else summary.lines(measures)


def tell_shadow(shadow: Difference, out: Path | None) -> None:
    """Say how a second policy differed, and where the payments stand."""
    from arasha.app import terminal

    terminal.say()
    terminal.say(
        f"shadow     {shadow.policy} ({shadow.hash[:12]}): of {shadow.payments:,} payments "
        f"{shadow.stronger:,} would be acted on more strongly, {shadow.milder:,} less"
    )
    for pair in pairs_of(shadow):
        terminal.say(pair)
    if out is not None:
        terminal.say(f"listed in  {out / 'shadow.parquet'}")


def pairs_of(shadow: Difference) -> list[str]:
    """A line for each pair of different actions that occurred."""
    from arasha.events.decisions import ACTIONS

    return [
        f"           {ACTIONS[ours]} → {ACTIONS[theirs]}: {int(shadow.counts[ours, theirs]):,} "
        f"({int(shadow.frauds[ours, theirs]):,} frauds, "
        f"{int(shadow.goods[ours, theirs]):,} honest)"
        for ours in range(len(ACTIONS))
        for theirs in range(len(ACTIONS))
        if ours != theirs and shadow.counts[ours, theirs]
    ]


def figures_object(measures: Measures) -> dict[str, Any]:
    """The same figures as plain data, a part of what ``arasha backtest`` writes."""
    from arasha.reports.write import document

    whole = document(measures)["measures"]
    assert isinstance(whole, dict)
    return {name: whole[name] for name in _TOLD}
