"""The offices: who acts on reports in a country, each bank by itself, or the centre beside them.

In: slices as they were lived. Out: holds, returns and releases in the world, and a note of each
hold for whoever measures. A bank's own office takes reports of its customers' payments and can hold
at itself alone; the centre takes those of transfers that it saw, and can ask every bank::

    a report of a payment    inside bank A            from bank A to bank B
    each bank by itself      A's office               A's office, which can hold only what came back
    with the centre          A's office               the centre
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from arasha.cases.acts import ReportTaken
from arasha.cases.law import Law
from arasha.cases.projection import Done
from arasha.cases.records import Appeal, Hold, Report
from arasha.cases.targets import RULES, Rule
from arasha.country.agenda import Agenda
from arasha.country.arms import Seats
from arasha.country.casework import Casework
from arasha.country.docket import Docket
from arasha.country.facts import TENGE, Reader
from arasha.country.happenings import ATTESTED, NONE, Happenings
from arasha.country.known import Known, Payment
from arasha.country.loop import Happened, Life
from arasha.country.names import bank_codes
from arasha.country.officers import Officers
from arasha.country.parameters import Parameters
from arasha.country.payments_seen import PaymentsSeen
from arasha.country.society import NO_BANK, AccountKind
from arasha.country.staff import Staff
from arasha.events.reference import digest16
from arasha.events.schema import TYPOLOGIES, Kind
from arasha.flows.traced import Trace

CENTRE: Final = "the centre"
"""The centre's office."""


@dataclass(slots=True)
class HoldNote:
    """A hold, for whoever measures. Money in tiyn, times in ms; ``payment`` is the one reported.

    ``held`` is what the bank held at first, ``returned_other`` what would have gone back by the
    other rule of allocation. ``over_ms`` None: it still holds.
    """

    office: str
    hold: str
    payment: int
    account: int
    has_part: bool
    ordered: int
    placed_ms: int
    held: int = 0
    held_ms: int | None = None
    over_ms: int | None = None
    why: str | None = None
    appealed: bool = False
    upheld: bool = False
    returned: int = 0
    returned_other: int = 0


@dataclass(frozen=True, slots=True)
class Followed:
    """What each rule of tracing would have asked banks to hold for a report, when it was followed:
    (account, has a part, asked, what the bank would have found at that moment).
    """

    payment: int
    by_rule: dict[Rule, tuple[tuple[int, bool, int, int], ...]]


class Offices:
    """All offices of one country, and the people in them."""

    def __init__(
        self,
        life: Life,
        seats: Seats,
        reader: Reader,
        law: Law,
        world: Parameters,
        parameters: Parameters,
        docket: Docket | None = None,
    ) -> None:
        society = life.society
        self.notes: dict[tuple[str, str], HoldNote] = {}
        self.followed: list[Followed] = []
        self.reported: dict[int, tuple[int, bool]] = {}
        self._life, self._codes, self._docket = life, bank_codes(society), docket
        mules = life.underworld.mules
        self.known = Known(society, reader, mules.__contains__)
        self._agenda = Agenda()
        self._true: dict[str, bool] = {}
        self._held_at: set[int] = set()
        self._staff = Staff(
            world, parameters, self._codes, life.recovery, self._agenda, self.known, society.seed
        )
        self._officers = Officers(
            parameters, self._agenda, self.known, self._true.__getitem__, society.seed
        )
        kinds = society.accounts.kind[: len(society.accounts)]
        exchanges = np.flatnonzero(kinds == AccountKind.CRYPTO).tolist()
        named = bytes.fromhex("".join(self.known.token(one) for one in exchanges))
        self._exchanges = np.frombuffer(named, np.uint64).reshape(-1, 2)
        self.works = [
            self._work(code, {code}, seat.seen)
            for code, seat in zip(self._codes, seats.banks, strict=True)
        ]
        self.centre: Casework | None = None
        if seats.centre is not None:
            self.centre = self._work(CENTRE, self._codes, seats.centre.seen)
            self.works.append(self.centre)
        self._law = law

    def begin(self, at_ms: int) -> None:
        """Put the law in force everywhere."""
        for work in self.works:
            work.begin(self._law, at_ms)

    def after(self, happened: Happened) -> None:
        """Act on what a slice brought: reports, answers of banks, and what is due by its end."""
        self.known.take(happened)
        for held in self._life.recovery.answers():
            self._staff.answered(held)
        reports = happened.rows.take(happened.rows.kind == Kind.REPORT)
        for row in range(len(reports)):
            self._report(reports, row)
        self._agenda.run(happened.end_ms)
        for work in self.works:
            work.let_ends_come(happened.end_ms)

    def payment_of(self, report: str) -> int:
        """The payment that a report, by its name, is about."""
        return self._staff.serials[report]

    def is_true(self, payment: int) -> bool:
        """Whether a payment that was reported was a theft."""
        one = self.known.payment(payment)
        return one is not None and one.is_fraud

    def close(self) -> None:
        """Note what went back, by either rule."""
        for (office, hold), note in self.notes.items():
            [work] = [one for one in self.works if one.name == office]
            note.returned = work.state.holds[hold].returned_minor
            twin = work.twin.state.holds.get(hold)
            note.returned_other = 0 if twin is None else twin.returned_minor

    # --- reports ----------------------------------------------------------------------------------

    def _report(self, reports: Happenings, row: int) -> None:
        """Take a report to the office that it concerns; a bank stands for none of a payment that it
        has not executed, and nobody follows one that was made before the offices were.
        """
        serial, at_ms = int(reports.payment[row]), int(reports.time_ms[row])
        payment = self.known.payment(serial)
        if payment is None or not payment.moved:
            return
        attested = bool(reports.marks[row] & ATTESTED)
        self.reported.setdefault(serial, (at_ms, attested))
        bank = int(self._life.society.accounts.bank[payment.payer])
        if bank == NO_BANK:
            return
        work = self._office_of(payment, bank)
        code = self._codes[bank]
        name = digest16(code, str(int(reports.serial[row]))).hex()
        self._staff.serials[name], self._true[name] = serial, payment.is_fraud
        payee_bank = int(self._life.society.accounts.bank[payment.payee])
        number = int(reports.number[row])
        report = ReportTaken(
            report=name, place=0, sender=code, bank=code, amount_minor=payment.amount,
            currency=TENGE, payer=self.known.token(payment.payer),
            payee=self.known.token(payment.payee), paid_ms=payment.time_ms,
            payee_bank=None if payee_bank == NO_BANK else self._codes[payee_bank],
            payment=digest16(code, str(serial)).hex(),
            number=None if number == NONE else f"{number:032x}",
            typology=TYPOLOGIES[int(reports.code[row])], attested=attested,
        )  # fmt: skip
        self._agenda.put(at_ms, lambda now: work.take_report(report, now))

    def _office_of(self, payment: Payment, bank: int) -> Casework:
        """The centre's where it saw the payment, else the victim's bank's own."""
        if self.centre is not None:
            digest = digest16(self._codes[bank], str(payment.serial))
            if self.centre.arena.ordinal_of(np.frombuffer(digest, np.uint64)) is not None:
                return self.centre
        return self.works[bank]

    # --- what offices do --------------------------------------------------------------------------

    def _work(
        self, name: str, members: Sequence[str] | set[str], seen: PaymentsSeen | None
    ) -> Casework:
        assert seen is not None, "an office follows money"
        return Casework(name, frozenset(members), self._exchanges, seen, self._traced, self._done)

    def _traced(self, work: Casework, report: Report, trace: Trace) -> None:
        by_rule = {}
        for rule in RULES:
            found = []
            for token, _, amount, _ in work.targets(report, trace, report.taken_ms, rule):
                account = self.known.account(token)
                there = min(amount, max(0, self._life.balance(account)))
                found.append((account, self.known.has_part(account), amount, there))
            by_rule[rule] = tuple(found)
        if self._docket is not None:
            self._docket.traced(report, trace)
        self.followed.append(Followed(self._staff.serials[report.id], by_rule))

    def _done(self, work: Casework, done: Done) -> None:
        for change in done.changes:
            if isinstance(change, Hold):
                self._note(work, change)
            elif isinstance(change, Appeal) and change.about in work.state.holds:
                note = self.notes[work.name, change.about]
                note.appealed, note.upheld = True, change.status == "upheld"
        self._staff.told(work, done)
        self._officers.told(work, done)
        if self._docket is not None:
            self._docket.done(work, done)

    def _note(self, work: Casework, hold: Hold) -> None:
        note = self.notes.get((work.name, hold.id))
        if note is None:
            account = self.known.account(hold.account)
            note = self.notes[work.name, hold.id] = HoldNote(
                work.name, hold.id, self._staff.serials[hold.report], account,
                self.known.has_part(account), hold.amount_minor, hold.placed_ms,
            )  # fmt: skip
        if note.held_ms is None and hold.answered_ms is not None:
            note.held, note.held_ms = hold.held_minor or 0, hold.answered_ms
            if note.held and note.account not in self._held_at:
                self._held_at.add(note.account)
                if self._docket is not None:
                    self._docket.holds(has_part=note.has_part)
        note.over_ms = hold.over_ms
        note.why = hold.why or hold.status.value
