"""``arasha demo``: the engine with a country living in it, in one process, to be watched.

In: a policy, a pace. Out: on a terminal a live view that obeys keys; elsewhere a line a second.
The country is country/loop.py's, its judges country/arms.py's; nothing is written to disk.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.commands_country import Seed
from arasha.app.keyboard import keys
from arasha.app.options import OwnPolicy

if TYPE_CHECKING:
    from rich.console import RenderableType

    from arasha.country.arms import Bench
    from arasha.country.loop import Happened, Life
    from arasha.country.scene import Scene

FRAME_S: Final = 0.1
"""Time between two pictures, seconds."""

MOST_BEHIND_S: Final = 1.0
"""A picture that took longer is caught up no further, seconds."""

SLICES_A_DAY: Final = 144
"""Slices of a day (loop.SLICE_MS)."""

LATEST_CHARS: Final = 36
FIXED_ROWS: Final = 14

PACES: Final = (1, 86_400)
"""Slowest and fastest pace: seconds of the country a second."""

DAYS: Final = 365
"""Days after which the demonstration ends by itself."""

_LOCAL: Final = timedelta(hours=5)
People = Annotated[
    int, Parameter(help="People of the country.", validator=Number(gte=100, lte=1_000_000))
]
Pace = Annotated[
    int,
    Parameter(
        help="Seconds of the country a second.", validator=Number(gte=PACES[0], lte=PACES[1])
    ),
]
WarmUp = Annotated[
    int,
    Parameter(
        help="Days lived before it begins: habits become known.", validator=Number(gte=0, lte=90)
    ),
]
Seconds = Annotated[
    float | None,
    Parameter(help="End after so long; by default when q is pressed.", validator=Number(gt=0)),
]
Language = Annotated[Literal["kk", "ru", "en"], Parameter(help="The language of the reasons.")]


@dataclass(slots=True)
class Clock:
    """How far the country's time has come, at an adjustable pace."""

    pace: int
    paused: bool = False
    ended: bool = False

    def press(self, key: str) -> None:
        """What a key does: + and - double and halve the pace, a space stops and goes on, q ends."""
        match key:
            case "+" | "=":
                self.pace = min(PACES[1], self.pace * 2)
            case "-":
                self.pace = max(PACES[0], self.pace // 2)
            case " ":
                self.paused = not self.paused
            case "q" | "Q":
                self.ended = True

    def passed_ms(self, seconds: float) -> int:
        """How much of the country's time passes in so many seconds."""
        return 0 if self.paused else round(seconds * self.pace * 1000)


def demo(
    *,
    policy: OwnPolicy = None,
    people: People = 20_000,
    seed: Seed = 1,
    pace: Pace = 600,
    warm_up: WarmUp = 10,
    seconds: Seconds = None,
    language: Language = "en",
) -> None:
    """Watch a simulated country live with the centre in it: what is paid, held, stolen, stopped.

    The judges are the banks' own and the centre, as in arasha rehearse. Keys: + and - change the
    pace, space stops the clock, q ends. Elsewhere than on a terminal a line is printed a second.
    """
    from arasha.app.shipped import default_policy

    terminal.note("Founding the country; the first time, its kernels are compiled.")
    scene, life, bench = staged(policy or default_policy(), people, seed, language)
    slices = life.slices(warm_up + DAYS)
    with terminal.progress("The country lives its first days", warm_up * SLICES_A_DAY) as advance:
        for _ in islice(slices, warm_up * SLICES_A_DAY):
            advance(1)
    bench.act(scene.decided)
    clock = Clock(pace)
    with (on_a_terminal if sys.stdout.isatty() else line_by_line)(scene, clock) as draw:
        play(slices, scene, life, clock, draw, seconds)
    terminal.say(summary(scene))


def staged(policy: Path, people: int, seed: int, language: Language) -> tuple[Scene, Life, Bench]:
    """A country in which banks and centre watch and nobody acts yet, and the scene to be shown."""
    from arasha.country.arms import Bench, Seats
    from arasha.country.facts import Reader
    from arasha.country.loop import Life
    from arasha.country.parameters import load
    from arasha.country.scene import Scene
    from arasha.country.society import Society
    from arasha.events.schema import PAYMENT
    from arasha.policy import document
    from arasha.policy.judge import Judge
    from arasha.policy.kinds import demanded

    judge = Judge(demanded(document.load(policy), PAYMENT))
    parameters = load("standard")
    society = Society.make(seed, people, parameters)
    bench = Bench(Reader(society).facts, lambda: society.accounts.bank)
    bench.watch(Seats.of(judge, society.banks, centre=True))
    return Scene(judge.policy, language), Life(society, parameters, seed, bench), bench


def play(
    slices: Iterator[Happened],
    scene: Scene,
    life: Life,
    clock: Clock,
    draw: Callable[[], None],
    seconds: float | None,
) -> None:
    """Let the country live at the clock's pace until it ends."""
    begun = last = time.monotonic()
    happened = next(slices, None)
    if happened is None:
        return
    scene.take(happened, life.casts)
    now_ms = happened.start_ms
    while not clock.ended and (seconds is None or last - begun < seconds):
        draw()
        at = time.monotonic()
        now_ms += clock.passed_ms(min(at - last, MOST_BEHIND_S))
        last = at
        while now_ms >= happened.end_ms:
            following = next(slices, None)
            if following is None:
                return
            happened = following
            scene.take(happened, life.casts)
            if time.monotonic() - at > FRAME_S:  # the machine is slower than the pace
                now_ms = min(now_ms, happened.end_ms - 1)
        scene.show(now_ms)


@contextmanager
def line_by_line(scene: Scene, clock: Clock) -> Iterator[Callable[[], None]]:
    """A line a second, for a file or another program."""
    told = time.monotonic()

    def draw() -> None:
        nonlocal told
        time.sleep(FRAME_S)
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            terminal.say(summary(scene))
            sys.stdout.flush()

    del clock  # nobody presses a key
    yield draw


@contextmanager
def on_a_terminal(scene: Scene, clock: Clock) -> Iterator[Callable[[], None]]:
    """The live view, and the keys."""
    from rich.console import Console
    from rich.live import Live

    console = Console()
    rates = Rate()
    with (
        keys(FRAME_S) as pressed,
        Live(console=console, screen=True, auto_refresh=False, transient=True) as live,
    ):

        def draw() -> None:
            for key in pressed():
                clock.press(key)
            rates.see(scene.payments)
            live.update(picture(scene, clock, rates.value, console.height), refresh=True)

        yield draw


@dataclass(slots=True)
class Rate:
    """How many payments a second, over the last seconds."""

    value: float = 0.0
    _payments: int = 0
    _at: float = 0.0

    def see(self, payments: int) -> None:
        """So many payments so far."""
        now = time.monotonic()
        if now - self._at >= 1:
            self.value = (payments - self._payments) / (now - self._at) if self._at else 0.0
            self._payments, self._at = payments, now


def picture(scene: Scene, clock: Clock, rate: float, rows: int) -> RenderableType:
    """The whole view: the clock, the counts, what was stopped last and why."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    counts = Table.grid(padding=(0, 3))
    for name, value in figures_of(scene, rate):
        counts.add_row(Text(name, style="dim"), Text(value, justify="right"))
    latest = Table(box=None, expand=True, pad_edge=False, show_header=False)
    latest.add_column(width=LATEST_CHARS, no_wrap=True)
    latest.add_column(ratio=1, overflow="fold")
    for one in list(scene.latest)[: max(1, (rows - FIXED_ROWS) // 3)]:
        style = "red" if one.fraud else "yellow"
        truth = f"{'fraud' if one.fraud else 'good'}{': ' + one.play if one.play else ''}"
        what = Text(f"{at(one.time_ms):%d %b %H:%M}  {one.action:<5} {tenge(one.amount):>14}\n")
        what.append(truth.replace("_", " "), style=style)
        latest.add_row(what, Text("\n".join(one.reasons[:2])))
    state = "paused" if clock.paused else f"{clock.pace:,} times as fast as life"
    return Group(
        Panel(
            Group(Text(f"{at(scene.now_ms):%A %d %B %Y  %H:%M:%S}", style="bold"), counts),
            title="Arasha: a country and its centre", subtitle=state,
        ),
        Panel(latest, title="held and blocked", subtitle="+ faster  - slower  space stop  q end"),
    )  # fmt: skip


def figures_of(scene: Scene, rate: float) -> list[tuple[str, str]]:
    """The counts, as names and words."""
    acted = [f"{name} {count:,}" for name, count in _acted(scene)]
    return [
        ("payments", f"{scene.payments:,}   {rate:,.0f} a second"),
        ("decisions", "   ".join(acted)),
        ("frauds tried", f"{scene.frauds:,}"),
        ("stopped", tenge(scene.stopped)),
        ("stolen", tenge(scene.stolen)),
        ("good payments bothered", f"{scene.alarms:,}"),
    ]


def summary(scene: Scene) -> str:
    """The same in one line."""
    _, *acted = (f"{name} {count}" for name, count in _acted(scene))
    return (
        f"{at(scene.now_ms):%Y-%m-%d %H:%M}  payments {scene.payments}  {'  '.join(acted)}  "
        f"frauds {scene.frauds}  stopped {tenge(scene.stopped)}  stolen {tenge(scene.stolen)}"
    )


def _acted(scene: Scene) -> list[tuple[str, int]]:
    from arasha.events.decisions import ACTIONS

    return list(zip(ACTIONS, scene.actions.tolist(), strict=True))


def at(time_ms: int) -> datetime:
    """A moment on the country's own clocks."""
    return datetime.fromtimestamp(time_ms / 1000, UTC) + _LOCAL


def tenge(tiyn: int) -> str:
    """An amount of money, without its tiyn."""
    return f"{tiyn // 100:,} KZT"
