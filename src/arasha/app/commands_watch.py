"""``arasha watch``: the centre with a country living in it, in one process, to be watched.

In: a policy, a law, a pace. Out: on a terminal a live view that obeys keys; elsewhere a line a
second. The country is country/loop.py's, its judges country/arms.py's, those who act on reports
country/offices.py's; app/watch_picture.py draws. Nothing is written to disk.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.commands_country import Seed
from arasha.app.keyboard import keys
from arasha.app.options import OwnLaw, OwnPolicy

if TYPE_CHECKING:
    from arasha.country.arms import Bench
    from arasha.country.docket import Docket
    from arasha.country.loop import Happened, Life
    from arasha.country.offices import Offices
    from arasha.country.scene import Scene

FRAME_S: Final = 0.1
"""Time between two pictures, seconds."""

MOST_BEHIND_S: Final = 1.0
"""A picture that took longer is caught up no further, seconds."""

SLICES_A_DAY: Final = 144
"""Slices of a day (loop.SLICE_MS)."""

PACES: Final = (1, 86_400)
"""Slowest and fastest pace: seconds of the country a second."""

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
Days = Annotated[
    int,
    Parameter(
        help="Days of the country after which it ends by itself.", validator=Number(gte=1, lte=365)
    ),
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


def watch(
    *,
    policy: OwnPolicy = None,
    law: OwnLaw = None,
    people: People = 20_000,
    seed: Seed = 1,
    pace: Pace = 600,
    warm_up: WarmUp = 10,
    seconds: Seconds = None,
    days: Days = 365,
    language: Language = "en",
) -> None:
    """Watch a simulated country live with the centre in it: what is paid, stopped, stolen, and what
    follows a report: the money is traced, held at several banks, recalled and returned, and who is
    held can appeal.

    Judges and offices are the banks' own and the centre's, as in arasha rehearse. Keys: + and -
    change the pace, space stops the clock, q ends. Elsewhere than on a terminal a line is printed a
    second.
    """
    from arasha.app.shipped import default_law, default_policy
    from arasha.app.watch_picture import summary

    terminal.note("Founding the country; the first time, its kernels are compiled.")
    stage = staged(policy or default_policy(), law or default_law(), people, seed, language)
    slices = stage.life.slices(warm_up + days)
    with terminal.progress("The country lives its first days", warm_up * SLICES_A_DAY) as advance:
        for _ in islice(slices, warm_up * SLICES_A_DAY):
            advance(1)
    stage.bench.act(stage.scene.decided)
    clock = Clock(pace)
    with (on_a_terminal if sys.stdout.isatty() else line_by_line)(stage, clock) as draw:
        play(slices, stage, clock, draw, seconds)
    terminal.say(summary(stage.scene, stage.docket))


@dataclass(slots=True)
class Stage:
    """A country, those who judge and act in it, and what is to be shown of them."""

    scene: Scene
    docket: Docket
    life: Life
    bench: Bench
    offices: Offices


def staged(policy: Path, law: Path, people: int, seed: int, language: Language) -> Stage:
    """A country in which banks and centre watch and nobody acts yet."""
    from arasha.cases.law_document import load_law
    from arasha.country.arms import Bench, Seats
    from arasha.country.docket import Docket
    from arasha.country.facts import Reader
    from arasha.country.loop import Life
    from arasha.country.offices import Offices
    from arasha.country.parameters import load, load_recovery
    from arasha.country.scene import Scene
    from arasha.country.society import Society
    from arasha.events.schema import PAYMENT
    from arasha.policy import document
    from arasha.policy.judge import Judge
    from arasha.policy.kinds import demanded

    judge = Judge(demanded(document.load(policy), PAYMENT))
    parameters, after_reports = load("standard"), load_recovery("standard")
    society = Society.make(seed, people, parameters)
    reader, docket = Reader(society), Docket()
    bench = Bench(reader.facts, lambda: society.accounts.bank)
    seats = Seats.of(judge, society.banks, centre=True)
    seats.follow()
    bench.watch(seats)
    life = Life(society, parameters, seed, bench, after_reports=after_reports)
    offices = Offices(life, seats, reader, load_law(law), parameters, after_reports, docket=docket)
    return Stage(Scene(judge.policy, language), docket, life, bench, offices)


def play(
    slices: Iterator[Happened],
    stage: Stage,
    clock: Clock,
    draw: Callable[[], None],
    seconds: float | None,
) -> None:
    """Let the country live at the clock's pace until it ends."""
    begun = last = time.monotonic()
    happened = next(slices, None)
    if happened is None:
        return
    scene, now_ms = stage.scene, happened.start_ms
    stage.offices.begin(now_ms)
    stage.offices.after(happened)
    scene.take(happened, stage.life.casts)
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
            stage.offices.after(happened)
            scene.take(happened, stage.life.casts)
            if time.monotonic() - at > FRAME_S:  # the machine is slower than the pace
                now_ms = min(now_ms, happened.end_ms - 1)
        scene.show(now_ms)


@contextmanager
def line_by_line(stage: Stage, clock: Clock) -> Iterator[Callable[[], None]]:
    """A line a second, for a file or another program."""
    from arasha.app.watch_picture import summary

    told = time.monotonic()

    def draw() -> None:
        nonlocal told
        time.sleep(FRAME_S)
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            terminal.say(summary(stage.scene, stage.docket))
            sys.stdout.flush()

    del clock  # nobody presses a key
    yield draw


@contextmanager
def on_a_terminal(stage: Stage, clock: Clock) -> Iterator[Callable[[], None]]:
    """The live view, and the keys."""
    from rich.console import Console
    from rich.live import Live

    from arasha.app.watch_picture import picture

    console = Console()
    rates = Rate()
    with (
        keys(FRAME_S) as pressed,
        Live(console=console, screen=True, auto_refresh=False, transient=True) as live,
    ):

        def draw() -> None:
            for key in pressed():
                clock.press(key)
            rates.see(stage.scene.payments)
            state = "paused" if clock.paused else f"{clock.pace:,} times as fast as life"
            shown = picture(stage.scene, stage.docket, state, rates.value, console.height)
            live.update(shown, refresh=True)

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
