"""``arasha top``: a running service, to be watched in a terminal.

In: where it listens, and a key that may read its figures. Out: a picture that changes each second;
once, for pipes; or one JSON object. What is shown is counted in watching.py.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.keyboard import keys
from arasha.app.options import AsJson
from arasha.errors import ServiceRefused, ServiceUnavailable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from arasha.app.watching import Latency, Look, Moment, Watched

WIDTH_CHARS: Final = 80
"""Width that the picture needs."""

FIXED_ROWS: Final = 23
"""Rows that the picture needs without a feature's drift; on a terminal of 24 one is named."""

SOME_DRIFT: Final = 0.1
MUCH_DRIFT: Final = 0.25
"""The usual reading of an index: below the first steady, above the second another population."""

_WAIT_S: Final = 0.1

Url = Annotated[str, Parameter(help="Where the service listens.")]
TokenFile = Annotated[
    Path | None,
    Parameter(
        help="A file with a key that may read metrics: KEY-ID.SECRET, or what arasha participant "
        "create --json printed."
    ),
]
Certificates = Annotated[
    Path | None, Parameter(help="Certificates to trust, a PEM file; by default the system's.")
]
Once = Annotated[
    bool, Parameter(negative=(), show_default=False, help="Print the picture once and end.")
]
Every = Annotated[
    float, Parameter(help="Seconds between two looks.", validator=Number(gte=0.1, lte=60))
]


def top(
    *,
    url: Url = "http://127.0.0.1:8080",
    token_file: TokenFile = None,
    ca: Certificates = None,
    once: Once = False,
    every: Every = 1.0,
    json: AsJson = False,
) -> None:
    """Watch a service: its rate, latency by stage, queue, snapshots, fallbacks, drift, shadow.

    Rates and latencies are those between two looks. q or Ctrl-C end it. Where standard output is no
    terminal the picture is printed once.
    """
    from arasha.app.watching import Watched, key_in, moment

    with closing(Watched(url, key_in(token_file), ca)) as watched:
        before = watched.look()
        if not (once or json) and sys.stdout.isatty():
            return live(watched, before, every)
        time.sleep(every)
        seen = moment(before, watched.look())
    if json:
        return terminal.say_json({"url": url, **seen.as_object()})
    return terminal.show([picture(seen, url)])


def live(watched: Watched, before: Look, every_s: float) -> None:
    """The picture, anew at each look, until q is pressed. A service that is gone is said so."""
    from rich.console import Console, Group
    from rich.live import Live
    from rich.text import Text

    from arasha.app.watching import moment

    console = Console()
    shown: RenderableType = Text(f"Looking at {watched.address} …")
    due = time.monotonic() + every_s
    with (
        keys(_WAIT_S) as pressed,
        Live(shown, console=console, screen=True, auto_refresh=False) as view,
    ):
        view.refresh()
        while "q" not in pressed().lower():
            if time.monotonic() < due:
                continue
            try:
                now = watched.look()
            except (ServiceUnavailable, ServiceRefused) as error:
                view.update(Group(Text(str(error), style="red"), shown), refresh=True)
            else:
                shown = picture(moment(before, now), watched.address, console.height)
                before = now
                view.update(shown, refresh=True)
            due = time.monotonic() + every_s


def picture(seen: Moment, address: str, rows: int | None = None) -> RenderableType:
    """The whole view, in WIDTH_CHARS columns; in so many rows fewer features are named."""
    from rich.console import Group
    from rich.panel import Panel

    keys_shown = "" if rows is None else "q ends"
    title = f"Arasha  {address}"
    features = None if rows is None else max(0, rows - FIXED_ROWS)
    return Group(
        Panel(_head(seen), title=title, subtitle=keys_shown, width=WIDTH_CHARS),
        Panel(_latencies(seen), title="latency, ms", width=WIDTH_CHARS),
        Panel(_drifts(seen, features), title="drift from the model's training", width=WIDTH_CHARS),
    )


def _head(seen: Moment) -> RenderableType:
    acted = "   ".join(f"{action} {count:,}" for action, count in seen.actions.items())
    behind = f"{seen.snapshot_behind_entries:,} entries behind"
    age = "none yet" if seen.snapshot_age_s is None else f"{_age(seen.snapshot_age_s)} old"
    shadow = "none"
    if seen.shadow_payments or seen.shadow_behind_entries:
        share = seen.shadow_differing / max(1, seen.shadow_payments)
        shadow = (
            f"{seen.shadow_payments:,} payments, {share:.1%} otherwise, "
            f"{seen.shadow_behind_entries:,} entries behind"
        )
    rows = [
        ("payments", f"{seen.payments_per_s:,.0f} a second   {acted}"),
        ("refused", f"{seen.refused_per_s:,.0f} requests a second"),
        ("queue", f"{seen.waiting_facts:,} facts waiting"),
        ("log", f"{seen.entries:,} entries"),
        ("snapshot", f"{age}, {behind}"),
        ("fallbacks", f"{seen.fallbacks:,} payments without a verdict in time, {seen.late:,} late"),
        ("shadow", shadow),
        ("connections", f"{seen.connections:,}, and {seen.streams:,} streams"),
    ]
    return _rows(rows)


def _rows(rows: list[tuple[str, str]]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=11)
    for name, value in rows:
        table.add_row(Text(name, style="dim"), Text(value))
    return table


def _latencies(seen: Moment) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("", min_width=11)
    for name in ("half below", "99 of 100 below", "counted"):
        table.add_column(name, justify="right")
    for name, one in (("whole", seen.verdict), *seen.stages.items()):
        table.add_row(name, *_of(one), style="bold" if name == "whole" else "")
    return table


def _of(one: Latency) -> tuple[str, str, str]:
    def shown(value: float | None) -> str:
        return "–" if value is None else f"{value:,.1f}"

    return shown(one.p50_ms), shown(one.p99_ms), f"{one.count:,}"


def _drifts(seen: Moment, features: int | None) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    if seen.score_drift is None:
        return Text("nothing to measure against: no model, or one without its reference")
    table = Table(box=None, pad_edge=False)
    table.add_column(f"{seen.drift_payments:,} payments", no_wrap=True, max_width=44)
    table.add_column("index", justify="right")
    table.add_column("by chance", justify="right")
    for one in (seen.score_drift, *seen.feature_drift[:features]):
        steady = one.psi < max(SOME_DRIFT, one.by_chance)
        style = "" if steady else "yellow" if one.psi < MUCH_DRIFT else "red"
        table.add_row(one.name, Text(f"{one.psi:.3f}", style=style), f"{one.by_chance:.3f}")
    return table


def _age(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
