"""``arasha demo``: the whole centre with a simulated country in it, its console in the browser.

In: how many people, a seed, a port. Out: a centre at an address of this machine, as ``arasha
serve`` would serve it, whose banks, officers and thieves are simulated and go on while one looks;
until it is ended, or by itself where nobody looks at a terminal.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.commands_country import Seed
from arasha.app.commands_serve import Port
from arasha.app.options import OwnLaw, OwnPolicy

if TYPE_CHECKING:
    from arasha.app.demo.making import Made, Told
    from arasha.app.demo.present import Present
    from arasha.app.http.service import Service
    from arasha.log.trust import Trust

HOST: Final = "127.0.0.1"
"""The demonstration is for this machine alone: whoever reaches it may sit down."""

UNWATCHED_S: Final = 5.0
"""How long it lasts after the console has answered, where nobody watches, seconds."""

TELL_S: Final = 15.0
"""How often it is told what has happened, seconds."""

STEPS_A_DAY: Final = 144

JOURNAL: Final = "journal.jsonl"
"""Where in the directory the service says what it has to say."""

People = Annotated[
    int, Parameter(help="People of the country.", validator=Number(gte=500, lte=200_000))
]
PastDays = Annotated[
    int, Parameter(help="Days that the country has lived before.", validator=Number(gte=1, lte=60))
]
Data = Annotated[
    Path | None,
    Parameter(help="Keep the centre in this directory; by default it is gone in the end."),
]
For = Annotated[
    float | None,
    Parameter(
        name="--for",
        help="End by itself after so many seconds; by default at Ctrl-C or, where there is no "
        "terminal, when the console has answered.",
        validator=Number(gt=0),
    ),
]
NoBrowser = Annotated[bool, Parameter(negative=(), help="Open no browser.")]


def demo(
    *,
    port: Port = 8080,
    data: Data = None,
    people: People = 16_000,
    days: PastDays = 7,
    seed: Seed = 1,
    policy: OwnPolicy = None,
    law: OwnLaw = None,
    for_s: For = None,
    no_browser: NoBrowser = False,
) -> None:
    """A centre to look at: some thousand simulated people, six banks, thieves far busier than life.

    A week of theirs is lived at once; then their payments come as time passes, each sent by its
    bank over HTTP, and cases, reports, holds, recalls, returns and appeals with them. Choose a seat
    on the page that is opened: whoever is at this machine may.
    """
    from arasha.app.demo.making import make
    from arasha.app.demo.witness import Witness
    from arasha.app.shipped import default_law, default_policy

    watched = sys.stdout.isatty() and not os.environ.get("CI")
    ends_s = for_s if for_s is not None else None if watched else UNWATCHED_S
    begun, policy = time.monotonic(), policy or default_policy()
    with _directory(data) as directory, closing(Witness(directory)) as witness:
        terminal.note(f"{people:,} people live {days} days; the first time, kernels are compiled.")
        with terminal.progress("The country lives", days * STEPS_A_DAY) as advance:
            made = make(
                directory, policy, law or default_law(), people=people, days=days, seed=seed,
                lived=lambda days: advance(round(days * STEPS_A_DAY)),
                on_record=witness.look_after,
            )  # fmt: skip
        terminal.say(said(made.told))
        terminal.note(f"Made in {time.monotonic() - begun:.0f} s.")
        browser = watched and not no_browser
        _serve(Showing(directory, port, policy, made, ends_s, browser=browser), witness.trust())


def said(told: Told) -> str:
    """What has come of reports, in one line."""
    return (
        f"cases {told.cases}  waiting {told.waiting}  reports {told.reports}  "
        f"held at several banks {told.several}  held {told.held_minor // 100:,} KZT  "
        f"recalls {told.recalls}  returned {told.returned_minor // 100:,} KZT  "
        f"appeals {told.appeals}  upheld {told.upheld}"
    )


@contextmanager
def _directory(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with TemporaryDirectory(prefix="arasha-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


class Showing:
    """One demonstration while it runs. ``ends_s``: after so long it ends by itself."""

    def __init__(
        self, directory: Path, port: int, policy: Path, made: Made, ends_s: float | None, *,
        browser: bool,
    ) -> None:  # fmt: skip
        self.directory, self.port, self.policy, self.made = directory, port, policy, made
        self._ends_s, self._browser = ends_s, browser
        self._service: Service | None = None
        self._present: Present | None = None
        self._ended = threading.Event()
        self.fault: Exception | None = None

    def take(self, service: Service) -> None:
        """The service is made, and does not listen yet."""
        from arasha.app.demo.present import Present

        assert service.office is not None, "a centre acts"
        self._service = service
        desk = service.desk
        self._present = Present(self.made, service.office, desk.door, desk.stopped.set)
        if self.made.drift is not None:
            service.go_on_counting(self.made.drift)
        self.made.judges.now = self._present
        self._loop = asyncio.get_running_loop()
        self._waiting = asyncio.ensure_future(self._until_stopped(service, self._present))

    async def _until_stopped(self, service: Service, present: Present) -> None:
        await service.desk.stopped.wait()
        self._ended.set()
        present.pause()

    def begin(self, port: int) -> None:
        """It listens: let the country live on, show where it is."""
        assert self._present is not None
        address = f"http://{HOST}:{port}"
        self._present.begin(address)
        self._watcher = threading.Thread(target=self._watch, args=(address,), daemon=True)
        self._watcher.start()

    def end(self) -> None:
        """The service is over, and with it the country."""
        self._ended.set()
        if self._present is None:
            return
        self._present.end()
        self.fault = self.fault or self._present.fault

    def _put_in_shadow(self) -> None:
        """The draft that somebody has asked for: it reads the whole log, so not before the console
        has answered.
        """
        from arasha.app.demo.people import AUTHOR

        draft = self.made.draft
        assert self._service is not None, "it listens"
        shop = self._service.workshop
        if shop is not None and draft is not None and not self._ended.is_set():
            asyncio.run_coroutine_threadsafe(shop.begin_shadow(AUTHOR, draft), self._loop)

    def _watch(self, address: str) -> None:
        """Say that the console answers, then now and then what has happened; in a thread."""
        from arasha.app.demo.looking import look

        try:
            terminal.say(look(address))
        except Exception as fault:  # noqa: BLE001 - told in the end, as the demonstration's own
            self.fault = fault
            os.kill(os.getpid(), signal.SIGTERM)
            return
        self._put_in_shadow()
        terminal.say(f"\n  {address}/en/demo\n\nCtrl-C ends it.")
        sys.stdout.flush()
        if self._browser:
            webbrowser.open(f"{address}/en/demo")
        until = None if self._ends_s is None else time.monotonic() + self._ends_s
        while True:
            left_s = TELL_S if until is None else until - time.monotonic()
            if left_s <= 0:
                os.kill(os.getpid(), signal.SIGTERM)
                return
            if self._ended.wait(min(left_s, TELL_S)):
                return
            present = self._present
            assert present is not None
            terminal.note(
                f"{time.strftime('%H:%M:%S')}  payments {present.payments}, stopped "
                f"{present.stopped}"
            )


def _serve(showing: Showing, witnesses: Trust) -> None:
    import uvloop

    from arasha.app.commands_serve import prepare_process, served
    from arasha.app.http.journal import Journal
    from arasha.app.http.service import Settings
    from arasha.app.pages.console.demo import WAY_IN

    prepare_process()
    settings = Settings(
        showing.directory, HOST, showing.port, showing.policy, witnesses=witnesses
    )  # fmt: skip
    with (showing.directory / JOURNAL).open("a", encoding="utf-8") as file:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(
                served(
                    settings, None, showing.begin, journal=Journal(file), way_in=WAY_IN,
                    with_service=showing.take,
                )
            )  # fmt: skip
        showing.end()
    if showing.fault is not None:
        raise showing.fault
