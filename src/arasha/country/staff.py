"""Banks' staff: they attest, hold, answer recalls and send money back, each bank at its own pace.

In: the messages that acts make due (cases/messages.py). Out: acts of participants, and money that
is held, returned or released in the world (recovery.py). What a bank does hangs on its own books
and on stated shares, never on what another bank knows.
"""

from __future__ import annotations

from functools import partial

from arasha.cases.acts import (
    Actor,
    HoldAnswered,
    MoneyReturned,
    RecallAnswer,
    RecallAnswered,
    ReportAttested,
)
from arasha.cases.messages import AttestationAsked, HoldOrder, RecallAsked, ReturnAsked
from arasha.cases.pots import Pots
from arasha.cases.projection import Done
from arasha.cases.records import HOLDING, Hold
from arasha.cases.refusals import Refusal
from arasha.country.agenda import Agenda
from arasha.country.casework import Work
from arasha.country.chance import Chance
from arasha.country.known import Known
from arasha.country.parameters import Parameters
from arasha.country.recovery import Held, Recovery
from arasha.country.script import HOUR_MS, MINUTE_MS

_LOOK_AGAIN_MS = 10 * MINUTE_MS


class Staff:
    """The staff of all banks. ``serials`` says of each report which payment it is about."""

    def __init__(
        self,
        world: Parameters,
        parameters: Parameters,
        codes: tuple[str, ...],
        recovery: Recovery,
        agenda: Agenda,
        known: Known,
        seed: int,
    ) -> None:
        self.serials: dict[str, int] = {}
        self._recall_medians = world.numbers("recalls.answer_minutes_median")
        self._recall_spread = world["recalls.answer_minutes_spread"]
        self._parameters = parameters
        self._bank_of = {code: bank for bank, code in enumerate(codes)}
        self._recovery, self._agenda, self._known = recovery, agenda, known
        self._seed = seed
        self._orders: dict[int, tuple[Work, HoldOrder]] = {}
        self._freed: dict[tuple[str, str], int] = {}  # by installation and hold, minor units

    def told(self, work: Work, done: Done) -> None:
        """Do what an act asks of banks, now or later."""
        at_ms = done.entry.at_ms
        for message in done.messages:
            match message:
                case HoldOrder():
                    account = self._known.account(message.account)
                    order = self._recovery.hold(account, message.amount_minor, at_ms)
                    self._orders[order] = work, message
                case AttestationAsked():
                    self._asked_to_attest(work, message, at_ms)
                case RecallAsked():
                    self._asked_for_recall(work, message, at_ms)
                case ReturnAsked():
                    mean = self._parameters["returning.minutes_mean"]
                    chance = self._chance("returns", work, message.hold)
                    due_ms = at_ms + int(chance.exponential(mean) * MINUTE_MS)
                    self._agenda.put(due_ms, partial(self._send_back, work, message))
                case _:
                    pass
        for change in done.changes:
            if isinstance(change, Hold):
                self._let_go(work, change)

    def answered(self, held: Held) -> None:
        """The bank has held what it found: it says so, when its time has come."""
        work, order = self._orders.pop(held.order)
        act = HoldAnswered(order.hold, held.amount, held.short)

        def say(now_ms: int) -> None:
            if isinstance(work.do(_bank(order.to), act, now_ms), Refusal):
                self._recovery.release(held.account, held.amount)  # it was over before

        self._agenda.put(held.at_ms, say)

    def _asked_to_attest(self, work: Work, asked: AttestationAsked, at_ms: int) -> None:
        serial = self.serials.get(asked.report)
        if serial is None:
            return  # somebody outside the country has complained of what nobody here has paid
        payment = self._known.payment(serial)
        assert payment is not None, "reports of unknown payments are not taken"
        chance = Chance(self._seed, "attests", serial)
        name = "later_share" if payment.is_fraud else "false_later_share"
        if not chance.happens(self._parameters[f"attesting.{name}"]):
            return
        hours = chance.lognormal(
            self._parameters["attesting.hours_median"], self._parameters["attesting.hours_spread"]
        )
        act = ReportAttested(asked.report)
        self._agenda.put(
            at_ms + int(hours * HOUR_MS), lambda now: work.do(_bank(asked.to), act, now)
        )

    def _asked_for_recall(self, work: Work, asked: RecallAsked, at_ms: int) -> None:
        median = self._recall_medians[self._bank_of[asked.to]]
        minutes = self._chance("recalls", work, asked.hold).lognormal(median, self._recall_spread)
        due_ms = at_ms + int(minutes * MINUTE_MS)
        self._agenda.put(due_ms, lambda now: self._answer_recall(work, asked, now))

    def _answer_recall(self, work: Work, asked: RecallAsked, now_ms: int) -> None:
        """What is held there by then for whoever shares it; who has not held yet answers when that
        is done.
        """
        hold = work.state.holds[asked.hold]
        holding = hold.holds_at(now_ms)
        if holding and hold.held_minor is None:
            again = now_ms + _LOOK_AGAIN_MS
            self._agenda.put(again, lambda now: self._answer_recall(work, asked, now))
            return
        amount = Pots(work.state).most_back(hold, now_ms) if holding else 0
        answer: RecallAnswer = "partly" if amount else "rejected"
        if amount == hold.amount_minor:
            answer = "accepted"
        act = RecallAnswered(asked.recall, asked.hold, answer, amount)
        work.do(_bank(asked.to), act, now_ms)

    def _send_back(self, work: Work, asked: ReturnAsked, now_ms: int) -> None:
        hold = work.state.holds[asked.hold]
        rest = (hold.to_return_minor or 0) - hold.returned_minor
        if rest <= 0 or not hold.holds_at(now_ms):
            return
        act = MoneyReturned(asked.recall, asked.hold, rest)
        if isinstance(work.do(_bank(asked.to), act, now_ms), Refusal):
            return
        serial = self.serials[hold.report]
        payment = self._known.payment(serial)
        assert payment is not None
        account = self._known.account(hold.account)
        self._recovery.return_(account, rest, payment.payer, now_ms, serial)

    def _let_go(self, work: Work, hold: Hold) -> None:
        """What a hold that is over still held for nobody else is the owner's again; so is what it
        could not hold to its end.
        """
        free = hold.let_go_minor
        if hold.status not in HOLDING:
            free += (hold.held_minor or 0) - hold.returned_minor
        before = self._freed.get((work.name, hold.id), 0)
        if free > before:
            self._freed[work.name, hold.id] = free
            self._recovery.release(self._known.account(hold.account), free - before)

    def _chance(self, what: str, work: Work, hold: str) -> Chance:
        return Chance(self._seed, what, work.name, hold)


def _bank(code: str) -> Actor:
    return Actor("participant", code)
