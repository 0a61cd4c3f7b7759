"""A centre that has worked for a while: a theft a day, held, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from arasha.cases.acts import (
    APPELLANT,
    CENTRE,
    KIND_OF,
    Actor,
    AnyAct,
    AppealOpened,
    AppealRuled,
    AppealTaken,
    CaseClosed,
    CaseTaken,
    Entry,
    HoldAnswered,
    HoldConfirmed,
    HoldReleased,
    HoldsPlaced,
    ReportTaken,
    Target,
    pack,
)
from arasha.cases.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from arasha.cases.perform import perform
from arasha.cases.projection import Done, Projection
from arasha.cases.records import Appeal, Hold
from arasha.cases.refusals import Refusal
from arasha.cases.writer import Writer
from arasha.engine.reigns import record_of
from arasha.events.body import bodies_from
from arasha.log.log import Entries, Log
from arasha.policy.document import load
from cases_samples import (
    ANALYST,
    BANK,
    KZT,
    OFFICER,
    THIRD_OFFICER,
    VICTIMS_BANK,
    bank,
    kz,
    reference,
)

DAYS: Final = 100
A_DAY: Final = 4


def live(
    directory: Path, now_ms: int, *, policy: Path | None = None, days: int = DAYS,
    a_day: int = A_DAY, closing: bool = False,
) -> None:  # fmt: skip
    """Thefts of so many days before now, in a log of its own; with a policy, one to serve from.
    ``closing``: the analyst closes the case of each.
    """
    start_ms = now_ms - days * DAY_MS
    with Log.create(directory, created_at_ms=start_ms) as log:
        if policy is not None:
            log.append(record_of(load(policy), start_ms))
        writer = Writer.open(log)
        writer.begin(kz(), start_ms)
        past = Past(writer.projection, log.size)
        for number in range((days - 1) * a_day):
            at_ms = start_ms + number * DAY_MS // a_day
            past.steal(number, at_ms)
            if closing:
                past.close(number, at_ms + 5 * HOUR_MS)
        log.append(past.taken())


@dataclass
class Past:
    """Acts that were taken, each at its time, and are put into the log together."""

    projection: Projection
    first: int
    entries: list[Entry] = field(default_factory=list)

    def steal(self, number: int, at_ms: int) -> None:
        """One theft: every third hold was a mistake, every sixth is found to be one on appeal."""
        report, payee = f"{number:030x}00", f"{number:030x}01"
        amount_minor = 5_000_000 + 1_000_000 * (number % 40)
        taken = ReportTaken(
            report, self.first + len(self.entries), VICTIMS_BANK, VICTIMS_BANK, amount_minor, KZT,
            f"{number:030x}02", payee, at_ms - 30 * MINUTE_MS, payment=f"{number:030x}03",
            attested=True,
        )  # fmt: skip
        self.do(CENTRE, taken, at_ms)
        target = Target(payee, BANK, amount_minor, reference(number + 1))
        placed = self.do(CENTRE, HoldsPlaced(report, (target,)), at_ms + 1_000)
        (hold,) = (one for one in placed.changes if isinstance(one, Hold))
        answered_ms = at_ms + (3 + number % 9) * MINUTE_MS
        self.do(bank(BANK), HoldAnswered(hold.id, amount_minor), answered_ms)
        if number % 6 == 0:
            opened = self.do(APPELLANT, AppealOpened(reference(number + 1)), at_ms + HOUR_MS)
            (appeal,) = (one for one in opened.changes if isinstance(one, Appeal))
            self.do(THIRD_OFFICER, AppealTaken(appeal.id), at_ms + 2 * HOUR_MS)
            ruled = AppealRuled(appeal.id, upheld=True, why="It was rent.", erred=("report",))
            self.do(THIRD_OFFICER, ruled, at_ms + 3 * HOUR_MS)
        elif number % 3 == 0:
            self.do(OFFICER, HoldReleased(hold.id, "mistake"), at_ms + 4 * HOUR_MS)
        else:
            self.do(OFFICER, HoldConfirmed(hold.id, "kz:25-1"), at_ms + HOUR_MS)

    def close(self, number: int, at_ms: int) -> None:
        """The case of that theft is closed."""
        case = self.projection.state.reports[f"{number:030x}00"].case
        self.do(ANALYST, CaseTaken(case), at_ms)
        outcome = "fraud" if number % 3 else "legitimate"
        self.do(ANALYST, CaseClosed(case, outcome, worth_it=True), at_ms + MINUTE_MS)  # type: ignore[arg-type]  # one of the three

    def do(self, by: Actor, act: AnyAct, at_ms: int) -> Done:
        """One act, which the domain takes."""
        entry, seq = Entry(at_ms, by, act), self.first + len(self.entries)
        changes = perform(self.projection.state, entry, seq)
        assert not isinstance(changes, Refusal), changes
        self.entries.append(entry)
        return self.projection.taken(seq, entry, changes)

    def taken(self) -> Entries:
        """All of them, as the log takes them."""
        return Entries(
            np.array([KIND_OF[type(one.act)] for one in self.entries], np.uint8),
            np.array([one.at_ms for one in self.entries], np.int64),
            bodies_from([pack(one) for one in self.entries]),
            np.zeros((len(self.entries), 2), np.uint64),
        )
