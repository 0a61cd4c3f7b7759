"""What follows a payment: the answer to a warning, the review of a hold, reports, labels.

In: the payments of a slice, what a judge said of them and what became of them. Out: rows that
happen later, answers for the plays that paid, holds to be concluded. Only what is out of the
ordinary gets a fact: that a payment was settled is the rule and is not said; OUTCOME tells of those
that were rejected.

Chance about a payment hangs on its parties, time and amount, about a victim on the play's number:
so two runs of one country under different judges agree wherever the judges do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country import kernels_life as kernels
from arasha.country.chance import Chance
from arasha.country.happenings import ATTESTED, COLUMNS, FRAUD, LAUNDERING, NONE, Happenings
from arasha.country.kernels_life import (
    BLOCKED,
    HELD,
    MOVED,
    REFUSED,
    RELEASED,
    SHORT,
    STOPPED,
    WARN,
)
from arasha.country.memory import Memories
from arasha.country.parameters import Parameters
from arasha.country.script import DAY_MS, HOUR_MS, MINUTE_MS, Answer, Reason, Story, Told
from arasha.country.theatre import Row, Theatre
from arasha.events.decisions import ACTIONS
from arasha.events.schema import OUTCOMES, TYPOLOGIES, WARNING_ANSWERS, Kind

_REJECTED: Final = OUTCOMES.index("rejected")
_STOPPED_ANSWER, _CONTINUED, _NO_ANSWER = (
    WARNING_ANSWERS.index(answer) for answer in ("stopped", "continued", "no_answer")
)
_OTHER, _MULE = TYPOLOGIES.index("other"), TYPOLOGIES.index("mule")
_KIND, _FIRST, _AMOUNT, _PAYMENT = (
    COLUMNS.index(name) for name in ("kind", "first", "amount", "payment")
)
_REASONS: Final = {
    MOVED: Reason.MOVED, RELEASED: Reason.MOVED, SHORT: Reason.SHORT, STOPPED: Reason.STOPPED,
    REFUSED: Reason.REFUSED, BLOCKED: Reason.BLOCKED,
}  # fmt: skip
_SHORTEST_REVIEW_MS: Final = 2 * MINUTE_MS
_CALLED_LATELY_MS: Final = DAY_MS
_SOON_MS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that something follows."""

    serial: int
    time_ms: int
    payer: int
    payee: int
    amount: int
    script: int
    truth: int
    ticket: int
    action: int
    key: int

    @property
    def is_fraud(self) -> bool:
        """Whether the payer's money is being stolen."""
        return bool(self.truth & FRAUD)


@dataclass(frozen=True, slots=True)
class Concluded:
    """A held payment whose review is over: RELEASED, and its money moved, or REFUSED."""

    paid: Paid
    at_ms: int
    became: int


class Aftermath:
    """Everything that is still to come of payments made."""

    def __init__(
        self, parameters: Parameters, seed: int, memories: Memories, casts: Sequence[Told]
    ) -> None:
        self._parameters = parameters
        self._seed = seed
        self._memories = memories
        self._casts = casts
        self._later: list[tuple[int, int, Row]] = []
        self._holds: list[tuple[int, int, Paid, bool]] = []
        self._order = 0
        self._now_ms = 0
        self._key = np.uint64(Chance(seed, "payments").below(1 << 52))

    # --- before a payment is settled --------------------------------------------------------------

    def keys(self, rows: Happenings, at: NDArray[np.intp]) -> NDArray[np.uint64]:
        """What chance about each of those payments hangs on."""
        out = np.empty(len(at), np.uint64)
        kernels.draws(
            self._key, at, rows.time_ms, rows.first, rows.second, rows.amount, out
        )  # fmt: skip
        return out

    def gives_up(
        self, rows: Happenings, payments: NDArray[np.intp], actions: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        """Whether the payer of each payment stops if warned; 0 where nobody warns."""
        stops = np.zeros(len(payments), np.uint8)
        warned = np.flatnonzero(actions == WARN)
        at = payments[warned]
        drawn = np.empty(len(at))
        kernels.units(self.keys(rows, at), 2, drawn)
        share = np.full(len(at), self._parameters["warnings.good_abandon_share"])
        for k in np.flatnonzero(rows.truth[at]).tolist():
            script, truth = int(rows.script[at[k]]), int(rows.truth[at[k]])
            share[k] = self._of_story(script, "stop_share") if truth & FRAUD else 0.0
        stops[warned] = drawn < share
        return stops

    # --- after it ---------------------------------------------------------------------------------

    def follow(
        self,
        rows: Happenings,
        payments: NDArray[np.intp],
        tickets: NDArray[np.int64],
        actions: NDArray[np.uint8],
        became: NDArray[np.uint8],
        end_ms: int,
        theatre: Theatre,
    ) -> None:
        """See to what follows the payments of a slice. ``tickets`` int64[m], NONE for ordinary."""
        self._now_ms = end_ms
        told = (became != MOVED) | (actions == WARN) | (tickets != NONE)
        told |= (rows.truth[payments] & FRAUD) != 0
        some = np.flatnonzero(told)
        keys = self.keys(rows, payments[some])
        for k, key in zip(some.tolist(), keys.tolist(), strict=True):
            i = int(payments[k])
            paid = Paid(
                int(rows.payment[i]), int(rows.time_ms[i]), int(rows.first[i]),
                int(rows.second[i]), int(rows.amount[i]), int(rows.script[i]), int(rows.truth[i]),
                int(tickets[k]), int(actions[k]), int(key),
            )  # fmt: skip
            self._follow(paid, int(became[k]), end_ms)
            if paid.ticket != NONE and became[k] != HELD:
                theatre.answer(paid.ticket, _answer(paid, paid.time_ms, int(became[k])), end_ms)
        self._report_falsely(rows, payments, became, end_ms)

    def _follow(self, paid: Paid, became: int, end_ms: int) -> None:
        chance = Chance(paid.key, "after")
        if paid.action == WARN:
            self._answer_warning(paid, became, chance)
        if became == HELD:
            self._hold(paid, end_ms, chance)
        elif became == MOVED:
            if paid.is_fraud:
                self._notice(paid, paid.time_ms)
        elif became == STOPPED:
            if paid.is_fraud and chance.happens(self._parameters["victims.stopped_report_share"]):
                self._report(paid, paid.time_ms + int(chance.exponential(2.0) * HOUR_MS), chance)
        else:
            self._lay(paid, Kind.OUTCOME, paid.time_ms + 1_000, _REJECTED)
            if became == BLOCKED:
                self._refused(paid, paid.time_ms, chance)

    def _answer_warning(self, paid: Paid, became: int, chance: Chance) -> None:
        seconds = 3.0 + chance.exponential(self._parameters["warnings.answer_seconds_mean"])
        answer = _STOPPED_ANSWER if became == STOPPED else _CONTINUED
        if became != STOPPED and chance.happens(self._parameters["warnings.no_answer_share"]):
            answer = _NO_ANSWER
        self._lay(paid, Kind.WARNING, paid.time_ms + int(seconds * 1_000), answer)

    def _hold(self, paid: Paid, end_ms: int, chance: Chance) -> None:
        minutes = chance.lognormal(
            self._parameters["review.minutes_median"], self._parameters["review.minutes_spread"]
        )
        due_ms = max(paid.time_ms + max(_SHORTEST_REVIEW_MS, int(minutes * MINUTE_MS)), end_ms)
        bad = paid.truth != 0
        name = "review.fraud_found_share" if bad else "review.good_refused_share"
        refused = chance.happens(self._parameters[name])
        heappush(self._holds, (due_ms, self._next(), paid, refused))

    def _refused(self, paid: Paid, at_ms: int, chance: Chance) -> None:
        """A payment was refused: a victim may confirm it, an honest payer may complain."""
        bad = paid.truth != 0
        name = "blocks.fraud_confirmed_share" if bad else "blocks.good_complain_share"
        if not chance.happens(self._parameters[name]):
            return
        hours = chance.lognormal(
            self._parameters["blocks.clear_hours_median"],
            self._parameters["blocks.clear_hours_spread"],
        )
        self._label(paid, at_ms + int(hours * HOUR_MS))

    # --- holds ------------------------------------------------------------------------------------

    def conclude(self, now_ms: int, theatre: Theatre) -> tuple[Concluded, ...]:
        """End the reviews that are due: release the money, or give it back."""
        self._now_ms = now_ms
        done = []
        while self._holds and self._holds[0][0] <= now_ms:
            at_ms, _, paid, refused = heappop(self._holds)
            accounts = self._memories.accounts
            accounts.reserved[paid.payer] -= paid.amount
            accounts.balance[paid.payer if refused else paid.payee] += paid.amount
            became = REFUSED if refused else RELEASED
            chance = Chance(paid.key, "concluded")
            if refused:
                self._lay(paid, Kind.OUTCOME, now_ms + 1 + chance.below(MINUTE_MS), _REJECTED)
                self._refused(paid, now_ms, chance)
            elif paid.is_fraud:
                self._notice(paid, now_ms)
            if paid.ticket != NONE:
                theatre.answer(paid.ticket, _answer(paid, at_ms, became), now_ms)
            done.append(Concluded(paid, now_ms, became))
        return tuple(done)

    # --- reports and labels -----------------------------------------------------------------------

    def _notice(self, paid: Paid, from_ms: int) -> None:
        """A victim notices, all payments of a play or none of them, and reports."""
        victim = Chance(self._seed, "victim", paid.script, paid.payer)
        if not victim.happens(self._of_story(paid.script, "noticed_share")):
            return
        hours = victim.lognormal(
            self._of_story(paid.script, "notice_hours"), self._parameters["victims.notice_spread"]
        )
        self._report(paid, from_ms + 1_000 + int(hours * HOUR_MS), Chance(paid.key, "report"))

    def _report(self, paid: Paid, at_ms: int, chance: Chance) -> None:
        attested = chance.happens(self._of_story(paid.script, "attested_share"))
        number = NONE
        if chance.happens(self._parameters["victims.number_told_share"]):
            number = self._called_by(paid)
        self._lay(
            paid, Kind.REPORT, at_ms, self._typology(paid), ATTESTED * attested, number=number
        )
        self._settle(paid, at_ms, chance)

    def _settle(self, paid: Paid, at_ms: int, chance: Chance) -> None:
        if not chance.happens(self._parameters["reports.labelled_share"]):
            return
        days = chance.lognormal(
            self._parameters["reports.label_days_median"],
            self._parameters["reports.label_days_spread"],
        )
        self._label(paid, at_ms + int(days * DAY_MS))

    def settle_claims(self, rows: Sequence[Row]) -> None:
        """Reports that plays made themselves are false ones: some are settled as such."""
        for row in rows:
            if row[_KIND] == Kind.REPORT and row[_PAYMENT] != NONE:
                paid = Paid(
                    row[_PAYMENT], row[0], row[_FIRST], row[_FIRST + 1], row[_AMOUNT], NONE, 0,
                    NONE, 0, 0,
                )  # fmt: skip
                self._settle(paid, row[0], Chance(self._seed, "claims", row[0], row[_FIRST]))

    def _label(self, paid: Paid, at_ms: int) -> None:
        self._lay(paid, Kind.LABEL, at_ms, self._typology(paid), FRAUD * (paid.truth != 0))

    def _report_falsely(
        self,
        rows: Happenings,
        payments: NDArray[np.intp],
        became: NDArray[np.uint8],
        end_ms: int,
    ) -> None:
        """Some who paid somebody honestly say that it was fraud."""
        private = self._memories.accounts.private
        some = payments[(became == MOVED) & (rows.script[payments] == NONE)]
        some = some[(private[rows.first[some]] & private[rows.second[some]]) != 0]
        chance = Chance(self._seed, "false reports", end_ms)
        rate = self._parameters["ordinary.false_report_rate"] / 100_000
        for _ in range(chance.poisson(rate * len(some)) if len(some) else 0):
            i = int(some[chance.below(len(some))])
            paid = Paid(
                int(rows.payment[i]), int(rows.time_ms[i]), int(rows.first[i]),
                int(rows.second[i]), int(rows.amount[i]), NONE, 0, NONE, 0, 0,
            )  # fmt: skip
            at_ms = end_ms + int(chance.exponential(30.0) * HOUR_MS)
            attested = chance.happens(self._parameters["reports.false_attested_share"])
            self._lay(paid, Kind.REPORT, at_ms, chance.below(len(TYPOLOGIES)), ATTESTED * attested)
            self._settle(paid, at_ms, chance)

    # --- what is due ------------------------------------------------------------------------------

    def put(self, rows: Sequence[Row]) -> None:
        """Keep rows until their time has come; a time that is over becomes the next slice's."""
        for row in rows:
            at_ms = row[0] if row[0] >= self._now_ms else self._now_ms + row[0] % _SOON_MS
            heappush(self._later, (at_ms, self._next(), (at_ms, *row[1:])))

    def due(self, end_ms: int) -> list[Row]:
        """The rows that happen before that time, in order."""
        rows = []
        while self._later and self._later[0][0] < end_ms:
            rows.append(heappop(self._later)[2])
        return rows

    def _lay(
        self,
        paid: Paid,
        kind: Kind,
        at_ms: int,
        code: int,
        marks: int = 0,
        *,
        number: int = NONE,
    ) -> None:
        """A row about a payment."""
        self.put([(
            at_ms, int(kind), paid.payer, paid.payee, paid.amount, NONE, number, code, 0, marks, 0,
            paid.script, 0, paid.truth, paid.serial, NONE,
        )])  # fmt: skip

    def _of_story(self, script: int, name: str) -> float:
        """A story's own share or time, else the world's."""
        cast = self._casts[script].cast
        section = "stories" if isinstance(cast, Story) else "lookalikes"
        own = f"{section}.{cast.name}.{name}"
        return self._parameters[own if own in self._parameters.table else _WORLDS[name]]

    def _typology(self, paid: Paid) -> int:
        if paid.script == NONE:
            return _OTHER
        if paid.truth == LAUNDERING:
            return _MULE
        cast = self._casts[paid.script].cast
        return TYPOLOGIES.index(cast.typology) if isinstance(cast, Story) else _OTHER

    def _called_by(self, paid: Paid) -> int:
        """The number of the last stranger who called the payer within a day before."""
        accounts, numbers = self._memories.accounts, self._memories.numbers
        number = int(accounts.number[paid.payer])
        if number == NONE or numbers.strangers_ms[number, 0] < paid.time_ms - _CALLED_LATELY_MS:
            return NONE
        return int(numbers.stranger[number])

    def _next(self) -> int:
        self._order += 1
        return self._order


_WORLDS: Final = {
    "stop_share": "warnings.victims_stop_share",
    "noticed_share": "victims.noticed_share",
    "notice_hours": "victims.notice_hours",
    "attested_share": "reports.attested_share",
}
"""Where the world's own value of what a story may say differently stands."""


def _answer(paid: Paid, at_ms: int, became: int) -> Answer:
    return Answer(
        at_ms, payment=paid.serial, payer=paid.payer, payee=paid.payee, amount=paid.amount,
        action=ACTIONS[paid.action], reason=_REASONS[became],
    )  # fmt: skip
