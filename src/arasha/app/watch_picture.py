"""What ``arasha watch`` draws: the clock and the counts, what was stopped, what follows a report.

In: the scene (country/scene.py), the docket (country/docket.py), how large the terminal is. Out: a
picture for rich, or the same in one line. Times are the country's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from arasha.cases.records import HOLDING, HoldStatus
from arasha.country.docket import Followed, money
from arasha.events.decisions import ACTIONS

if TYPE_CHECKING:
    from arasha.cases.records import Hold
    from arasha.country.docket import Docket
    from arasha.country.scene import Scene

LATEST_CHARS: Final = 36

FIXED_ROWS: Final = 11
"""Rows that the clock, the counts and the frames take, but for what was stopped."""

ENOUGH_ROWS: Final = 32
"""A lower terminal has no room for what was stopped before it moved."""

HOLDS_SHOWN: Final = 4
"""Holds of one report that are drawn, the largest first; half as many on a low terminal."""

_LOCAL: Final = timedelta(hours=5)
_TONES: Final = {"victim": "green", "held": "cyan"}


def picture(scene: Scene, docket: Docket, state: str, rate: float, rows: int) -> RenderableType:
    """The whole view, as high as the terminal."""
    high = rows >= ENOUGH_ROWS
    most = HOLDS_SHOWN if high else HOLDS_SHOWN // 2
    followed = [] if docket.shown is None else list(_followed(docket.shown, most))
    left = rows - FIXED_ROWS - max(1, len(followed)) - 1
    stopped = max(1, left // 8) if high else 0
    acts = max(1, left - (2 + 2 * stopped if high else 0))
    panels = [
        Panel(
            Group(Text(f"{at(scene.now_ms):%A %d %B %Y  %H:%M:%S}", style="bold"),
                  *_counts(scene, docket, rate)),
            title="Arasha: a country and its centre", subtitle=state,
        ),
        Panel(_stopped(scene, stopped), title="held and blocked before it moved"),
        Panel(Group(*followed) if followed else Text("nothing is held yet", style="dim"),
              title="one report, followed"),
        Panel(_acts(docket, acts), title="what follows reports",
              subtitle="+ faster  - slower  space stop  q end"),
    ]  # fmt: skip
    return Group(*(panels if high else [panels[0], *panels[2:]]))


def summary(scene: Scene, docket: Docket) -> str:
    """The same in one line."""
    _, *acted = (f"{name} {count}" for name, count in _acted(scene))
    return (
        f"{at(scene.now_ms):%Y-%m-%d %H:%M}  payments {scene.payments}  {'  '.join(acted)}  "
        f"frauds {scene.frauds}  stopped {tenge(scene.stopped)}  stolen {tenge(scene.stolen)}  "
        f"reports {docket.reports}  held {tenge(docket.held)}  returned {tenge(docket.returned)}  "
        f"appeals {docket.appeals}  upheld {docket.upheld}"
    )


def at(time_ms: int) -> datetime:
    """A moment on the country's own clocks."""
    return datetime.fromtimestamp(time_ms / 1000, UTC) + _LOCAL


def tenge(tiyn: int) -> str:
    """An amount of money, without its tiyn."""
    return f"{tiyn // 100:,} KZT"


def _acted(scene: Scene) -> list[tuple[str, int]]:
    return list(zip(ACTIONS, scene.actions.tolist(), strict=True))


def _counts(scene: Scene, docket: Docket, rate: float) -> Iterator[Text]:
    acted = "  ".join(f"{name} {count:,}" for name, count in _acted(scene))
    for parts in (
        (f"payments {scene.payments:,}, {rate:,.0f} a second", acted),
        (f"frauds {scene.frauds:,}", f"stopped {tenge(scene.stopped)}",
         f"stolen {tenge(scene.stolen)}", f"bothered {scene.alarms:,} good payments"),
        (f"reports {docket.reports:,}", f"held after {tenge(docket.held)}",
         f"returned {tenge(docket.returned)}"),
        (f"held at {docket.accounts:,} accounts", f"in truth {docket.no_part:,} without a part",
         f"appeals upheld {docket.upheld:,} of {docket.appeals:,}"),
    ):  # fmt: skip
        yield Text("   ".join(parts), no_wrap=True, overflow="ellipsis")


def _stopped(scene: Scene, most: int) -> RenderableType:
    if not scene.latest:
        return Text("nothing yet", style="dim")
    latest = Table(box=None, expand=True, pad_edge=False, show_header=False)
    latest.add_column(width=LATEST_CHARS, no_wrap=True)
    latest.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for one in list(scene.latest)[:most]:
        style = "red" if one.fraud else "yellow"
        truth = f"{'fraud' if one.fraud else 'good'}{': ' + one.play if one.play else ''}"
        what = Text(f"{at(one.time_ms):%d %b %H:%M}  {one.action:<5} {tenge(one.amount):>14}\n")
        what.append(truth.replace("_", " "), style=style)
        latest.add_row(what, Text("\n".join(one.reasons[:2])))
    return latest


def _acts(docket: Docket, most: int) -> RenderableType:
    lines = Table(box=None, expand=True, pad_edge=False, show_header=False)
    lines.add_column(width=12, no_wrap=True)
    lines.add_column(width=10, no_wrap=True)
    lines.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for one in list(docket.lines)[:most]:
        lines.add_row(
            Text(f"{at(one.at_ms):%d %b %H:%M}", style="dim"), Text(one.office, style="dim"),
            Text(one.text, style=_TONES.get(one.tone, "")),
        )  # fmt: skip
    return lines


def _followed(shown: Followed, most: int) -> Iterator[RenderableType]:
    """A report: what was reported, what the trace says, each hold, the recall, each appeal."""
    report = shown.work.state.reports[shown.report]
    kind = (report.typology or "fraud").replace("_", " ")
    yield Text(
        f"{money(report.amount_minor)} KZT, {kind}, paid {at(report.paid_ms):%d %b %H:%M}, "
        f"reported {at(report.taken_ms):%d %b %H:%M} by {report.bank}", style="bold",
        no_wrap=True, overflow="ellipsis",
    )  # fmt: skip
    if shown.trace is not None:
        banks = {one.bank for one in shown.trace.accounts if one.bank is not None}
        gone = shown.trace.total("cash") + shown.trace.total("abroad") + shown.trace.total("crypto")
        yield Text(
            f"trace   {len(shown.trace.accounts)} accounts at {len(banks)} banks; "
            f"{money(shown.trace.total('there').lifo)} still there, {money(gone.lifo)} gone"
        )
    holds = sorted(shown.holds, key=lambda one: -(one.held_minor or 0))
    for hold in holds[:most]:
        yield Text("hold    " + _hold(shown, hold), style=_style(hold), no_wrap=True,
                   overflow="ellipsis")  # fmt: skip
    if len(holds) > most:
        yield Text(f"        and {len(holds) - most} more")
    recall = shown.recall
    if recall is not None:
        back = f", {money(recall.returned_minor)} came back" if recall.returned_minor else ""
        yield Text(f"recall  {recall.status.value}{back}", style="green" if back else "")


def _hold(shown: Followed, hold: Hold) -> str:
    state = shown.work.state
    if hold.held_minor is None:
        said = f"{money(hold.amount_minor)} ordered"
    else:
        said = f"{money(hold.held_minor)} of {money(hold.amount_minor)}"
    until = f" until {at(hold.until_ms):%d %b %H:%M}" if hold.status in HOLDING else ""
    why = f" ({hold.why.replace('_', ' ')})" if hold.why else ""
    appeal = state.appeals.get(state.appeal_about.get(hold.id, ""))
    contested = "" if appeal is None else f"; appeal {appeal.status}"
    back = f"; {money(hold.returned_minor)} sent back" if hold.returned_minor else ""
    return f"{hold.bank}  {said}  {hold.status.value}{why}{until}{contested}{back}"


def _style(hold: Hold) -> str:
    if hold.returned_minor:
        return "green"
    if hold.status is HoldStatus.RELEASED:
        return "cyan"
    return "" if hold.status in HOLDING else "dim"
