"""People, banks and appellants who try every act in every order, with whatever arguments.

A seeded driver of our own: hypothesis shrinks better, but a sequence here takes a millisecond, so a
hundred thousand of them are tried. Half of the arguments are taken from what is there, so that much
succeeds; the others are wrong on purpose: another's hold, an end past the law, a stale hash.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, Act, Actor
from arasha.cases.calendar import DAY_MS, HOUR_MS
from arasha.cases.due import due
from arasha.cases.pots import Pots
from arasha.cases.projection import Done
from arasha.cases.records import Hold, RecallStatus, Request
from arasha.cases.refusals import Refusal
from arasha.cases.requests import needed
from arasha.cases.views import named_by
from cases_laws import check_laws
from cases_samples import (
    ADMINISTRATOR,
    ANALYST,
    AUDITOR,
    AUTHOR,
    BANK,
    HELD,
    KZT,
    MULE,
    NUMBERS,
    OFFICER,
    OTHER_BANK,
    PROSECUTOR,
    PUBLISHER,
    SECOND,
    SECOND_OFFICER,
    STRANGER,
    THIRD,
    THIRD_OFFICER,
    VICTIM,
    VICTIMS_BANK,
    Room,
    bank,
    person,
    room,
    signs,
)
from cases_stories import Banks, victim

BOTH = person("maral", "analyst", "officer")
FORBIDDEN = person("nurlan", "administrator", "officer")
EVERYBODY = (
    ANALYST, OFFICER, SECOND_OFFICER, THIRD_OFFICER, PROSECUTOR, AUDITOR, ADMINISTRATOR, AUTHOR,
    PUBLISHER, BOTH, FORBIDDEN, HELD, CENTRE, bank(BANK), bank(OTHER_BANK), bank(VICTIMS_BANK),
)  # fmt: skip
OFFICERS = (OFFICER, SECOND_OFFICER, THIRD_OFFICER, BOTH)
ACCOUNTS = (MULE, SECOND, THIRD, STRANGER, VICTIM)
BANK_OF = {MULE: BANK, SECOND: OTHER_BANK, THIRD: BANK, STRANGER: OTHER_BANK, VICTIM: VICTIMS_BANK}
WAITS_MS = (1, HOUR_MS // 2, HOUR_MS, 5 * HOUR_MS, DAY_MS, 2 * DAY_MS, 2 * DAY_MS, 30 * DAY_MS)


SHORTS: tuple[a.Short, ...] = ("none", "balance", "balance", "protected")
OUTCOMES: tuple[a.Outcome, ...] = ("fraud", "fraud", "legitimate", "unclear")


@dataclass
class Driver:
    """One sequence. ``tried`` and ``refused`` count what happened, over all of them."""

    seed: int
    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[Refusal] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)

    def run(self, steps: int) -> Room:
        """So many acts, with the laws checked after each."""
        self.chance = random.Random(self.seed)
        self.has_numbers = self.seed % 3 == 0  # else they would crowd out the way of the money
        self.room = room()
        if self.chance.random() < 0.4:
            self._tell()
        elif self.chance.random() < 0.8:
            self._play(CENTRE, self._report_taken())
        for _ in range(steps):
            self._wait(0.15)
            self._play(*(self._next() if self.chance.random() < 0.55 else self._asked()))
        return self.room

    def _tell(self) -> None:
        """Two or three victims of one account, in turns; now and then something else."""
        if self.chance.random() < 0.5:
            law = self.room.state.law
            assert law is not None
            last_in = law.text.replace('"pro_rata"', '"last_in_first_returned"')
            self.room = room(last_in)
        banks = Banks(self.chance)
        stories = [
            victim(self.room, self.chance, banks, number)
            for number in range(1, self.chance.choice((3, 4)))
        ]
        while stories:
            story = self.chance.choice(stories)
            step = next(story, None)
            if step is None:
                stories.remove(story)
            elif self.chance.random() < 0.97:
                self._play(*step)
            self._wait(0.08)
            if self.chance.random() < 0.08:
                self._play(*(self._next() if self.chance.random() < 0.5 else self._asked()))

    def _wait(self, often: float) -> None:
        if self.chance.random() < often:
            self.room.at_ms += self.chance.choice(WAITS_MS)
        if self.chance.random() < 0.2:
            for act in due(self.room.state, self.room.at_ms):
                self._play(CENTRE, act)

    def _play(self, by: Actor, act: Act) -> None:
        before = len(self.room.entries)
        state = self.room.state
        needs = needed(state, act)
        result = self.room.ask(by, act)
        word = a.word_of(act)
        self.tried[word] += 1
        if isinstance(result, Refusal):
            self.refused[result] += 1
            assert before == len(self.room.entries)
            return
        assert isinstance(result, Done)
        self.taken[word] += 1
        for change in result.changes:
            if isinstance(change, Request) and change.status == "done":
                self.taken[a.word_of(change.what)] += 1
        assert not needs, f"{word} by one person"
        check_laws(self.room, by, act, result)

    # What would come next.

    def _next(self) -> tuple[Actor, Act]:
        """A step on the way from a report to its end, as people would take it."""
        areas = [steps for steps in self._areas() if steps]
        return self.chance.choice(self.chance.choice(areas)) if areas else self._asked()

    def _areas(self) -> list[list[tuple[Actor, Act]]]:
        """Steps by what they are about, so that many of one kind do not keep others from coming."""
        state, now_ms = self.room.state, self.room.at_ms
        standing = [hold for hold in state.holds.values() if hold.holds_at(now_ms)]
        return [
            [step for hold in standing for step in self._hold_steps(hold)],
            [step for name in state.open_recalls for step in self._recall_steps(name)],
            [step for name in state.open_recalls for step in self._recall_steps(name)],
            [step for name in state.open_cases for step in self._case_steps(name)],
            self._report_steps(),
            self._request_steps(),
            self._request_steps(),
            self._list_steps(),
            self._number_steps(),
        ]

    def _report_steps(self) -> list[tuple[Actor, Act]]:
        state = self.room.state
        steps: list[tuple[Actor, Act]] = []
        for report in state.reports.values():
            if report.status == "open" and report.attested:
                steps.append((bank(VICTIMS_BANK), a.RecallOpened(report.id)))
                if report.id not in state.holds_of:
                    target = a.Target(report.payee, BANK_OF[report.payee], report.amount_minor,
                                      self.room.reference())  # fmt: skip
                    steps += [(CENTRE, a.HoldsPlaced(report.id, (target,)))] * 2
        return steps

    def _request_steps(self) -> list[tuple[Actor, Act]]:
        state = self.room.state
        steps: list[tuple[Actor, Act]] = []
        for name in state.open_requests:
            request = state.requests[name]
            wanted = needed(state, request.what)
            others = [one for one in (*OFFICERS, PROSECUTOR, PUBLISHER) if one.name != request.by]
            steps += [
                (by, a.RequestApproved(name, request.content))
                for by in others
                if set(by.roles) & set(wanted)
            ]
            author = next(one for one in EVERYBODY if one.name == request.by)
            steps.append((author, a.RequestEdited(name, self._askable())))
            steps.append((OFFICER, a.RequestDeclined(name)))
        return steps

    def _list_steps(self) -> list[tuple[Actor, Act]]:
        """Appeals and listings."""
        state, officer = self.room.state, self.chance.choice(OFFICERS)
        steps: list[tuple[Actor, Act]] = []
        if self.chance.random() < 0.25:
            steps.append((AUTHOR, a.Requested(a.PolicyChosen("0" * 64, "[policy]"))))
            steps.append((HELD, self._complaint_made()))
        for name in state.open_appeals:
            reviewer = state.appeals[name].reviewer
            if reviewer is None:
                steps.append((officer, a.AppealTaken(name)))
            steps += [(one, self._ruled(name)) for one in OFFICERS if one.name == reviewer]
        for case in state.cases.values():
            if case.outcome == "fraud":
                until_ms = self.room.at_ms + 5 * HOUR_MS
                kind: Literal["account", "number"] = "account" if case.seen is None else "number"
                listing = a.ListingAdded(
                    min(case.subjects), kind, case.id, until_ms, self.room.reference()
                )
                steps.append((ANALYST, a.Requested(listing)))
        for one in state.open_listings:
            steps.append((CENTRE, a.ListingTold(one, OTHER_BANK)))
            steps.append((officer, a.AppealOpened(state.listings[one].reference)))
            steps.append((HELD, a.AppealOpened(state.listings[one].reference)))
        return steps

    def _number_steps(self) -> list[tuple[Actor, Act]]:
        """What is found among an operator's numbers, and what is done about it."""
        if not self.has_numbers:
            return []
        state, officer = self.room.state, self.chance.choice(OFFICERS)
        steps: list[tuple[Actor, Act]] = []
        if self.chance.random() < 0.4:
            steps.append((CENTRE, self._numbers_found()))
        steps += [
            (officer, a.Requested(self._suspended(case.id)))
            for case in state.cases.values() if case.seen is not None
        ]  # fmt: skip
        for name in state.open_suspensions:
            suspension = state.suspensions[name]
            steps += [
                (bank(OTHER_BANK), a.SuspensionTold(name)),
                (HELD, a.AppealOpened(suspension.reference)),
                (officer, a.SuspensionLifted(name, "mistake")),
            ]
        return steps

    def _hold_steps(self, hold: Hold) -> list[tuple[Actor, Act]]:
        officer = self.chance.choice(OFFICERS)
        whole = self.chance.random() < 0.6
        held = (
            hold.amount_minor if whole else hold.amount_minor // self.chance.choice((2, 2, 10**9))
        )
        steps: list[tuple[Actor, Act]] = [
            (officer, a.Requested(a.HoldProlonged(hold.id, self._until(hold))))
        ]
        if hold.held_minor is None:
            short: a.Short = "none" if whole else "balance"
            steps += [(bank(hold.bank), a.HoldAnswered(hold.id, held, short))] * 2
        if hold.basis is None:
            steps += [(officer, a.HoldConfirmed(hold.id, "kz:25-1"))] * 2
        if not hold.agreed:
            steps.append((HELD, a.ReceiverAgreed(hold.reference)))
        return steps

    def _recall_steps(self, name: str) -> list[tuple[Actor, Act]]:
        recall = self.room.state.recalls[name]
        officer = self.chance.choice(OFFICERS)
        asked = [self.room.state.holds[one] for one in recall.asked]
        match recall.status:
            case RecallStatus.REQUESTED | RecallStatus.TRACKED:
                return [
                    (CENTRE, a.RecallSent(name)),
                    (officer, a.Requested(a.RecallSent(name))),
                ]
            case RecallStatus.AWAITING_ANSWER:
                return [
                    (bank(h.bank), a.RecallAnswered(name, h.id, "accepted", most))
                    for h in asked
                    for most in (h.weight_minor, Pots(self.room.state).most_back(h, h.placed_ms))
                    if most
                ]
            case RecallStatus.ANSWERED:
                return [(officer, a.Requested(a.ReturnOrdered(name, "notice-1")))]
            case _:
                return [
                    (bank(h.bank), a.MoneyReturned(name, h.id, h.to_return_minor or 1))
                    for h in asked
                ]

    def _case_steps(self, name: str) -> list[tuple[Actor, Act]]:
        case = self.room.state.cases[name]
        if case.lease_by is None:
            return [(self.chance.choice((ANALYST, *OFFICERS)), a.CaseTaken(name))]
        mine = next(one for one in (ANALYST, *OFFICERS) if one.name == case.lease_by)
        act = self.chance.choice((
            a.CaseNoted(name, "The payee says it was rent."),
            a.CaseSnoozed(name, self.room.at_ms + DAY_MS),
            a.CaseAttached(name, "0" * 64, "application/pdf", 1),
            self._closed(name), self._split(name), a.CaseMerged(name, self._case()),
        ))  # fmt: skip
        return [(mine, act)]

    # Who, and what.

    def _asked(self) -> tuple[Actor, Act]:
        make = self.chance.choice((*_MAKERS, *_OF_NUMBERS) if self.has_numbers else _MAKERS)
        act: Act = make(self)
        return self._somebody_for(act), act

    def _somebody_for(self, act: Act) -> Actor:
        """Mostly somebody who may, sometimes anybody."""
        if self.chance.random() < 0.15:
            return self.chance.choice(EVERYBODY)
        state = self.room.state
        match act:
            case a.ReportTaken() | a.AlertRaised() | a.HoldsPlaced():
                return CENTRE if self.chance.random() < 0.8 else self.chance.choice(OFFICERS)
            case a.SuspensionTold():
                return bank(OTHER_BANK)
            case a.HoldAnswered() | a.RecallAnswered() | a.MoneyReturned():
                hold = state.holds.get(act.hold)
                return bank(hold.bank if hold else BANK)
            case a.ReportAttested() | a.ReportWithdrawn() | a.RecallOpened():
                return bank(VICTIMS_BANK)
            case a.AppealOpened() | a.ReceiverAgreed() | a.ComplaintMade():
                return HELD
            case a.LawChosen() | a.Requested(a.LawChosen()):
                return AUTHOR
            case a.ShadowBegun() | a.ShadowEnded():
                return self.chance.choice((AUTHOR, PUBLISHER))
            case a.RequestApproved():
                return self.chance.choice((*OFFICERS, PROSECUTOR, PROSECUTOR, PUBLISHER))
            case a.CaseNoted() | a.CaseClosed() | a.CaseSnoozed() | a.CaseMerged() | a.CaseSplit():
                case = state.cases.get(act.case)
                mine = [one for one in (ANALYST, *OFFICERS) if case and one.name == case.lease_by]
                return mine[0] if mine else ANALYST
            case a.AppealRuled():
                appeal = state.appeals.get(act.appeal)
                mine = [one for one in OFFICERS if appeal and one.name == appeal.reviewer]
                return mine[0] if mine else self.chance.choice(OFFICERS)
            case (
                a.RingFound()
                | a.NumbersFound()
                | a.SuspensionEnded()
                | a.ComplaintLapsed()
                | a.ListingTold()
                | a.HoldEnded()
                | a.ListingEnded()
                | a.RequestLapsed()
            ):
                return CENTRE
            case _:
                return self.chance.choice((ANALYST, *OFFICERS))

    def _one(self, table: dict[str, object], prefix: str) -> str:
        """Mostly something that is there, sometimes nothing."""
        if table and self.chance.random() < 0.95:
            return self.chance.choice(list(table))
        return f"{prefix}999"

    def _hold(self) -> str:
        return self._one(self.room.state.holds, "h")  # type: ignore[arg-type]  # a table

    def _case(self) -> str:
        return self._one(self.room.state.cases, "c")  # type: ignore[arg-type]  # a table

    def _recall(self) -> str:
        return self._one(self.room.state.recalls, "r")  # type: ignore[arg-type]  # a table

    def _report(self) -> str:
        reports = self.room.state.reports
        return self.chance.choice(list(reports)) if reports else "f" * 32

    def _amount(self, around: int) -> int:
        return max(0, self.chance.choice((0, 1, around // 2, around, around, around + 1)))

    def _reference(self) -> str:
        known = list(self.room.state.by_reference)
        return self.chance.choice(known) if known else self.room.reference()

    def _report_taken(self) -> Act:
        number = len(self.room.entries)
        again = self.room.state.reports and self.chance.random() < 0.05
        return a.ReportTaken(
            report=self._report() if again else f"{number:032x}",
            place=number * 10,
            sender=self.chance.choice((VICTIMS_BANK, VICTIMS_BANK, VICTIMS_BANK, OTHER_BANK)),
            bank=VICTIMS_BANK, amount_minor=self.chance.choice((100_000, 70_001, 3)), currency=KZT,
            payer=VICTIM, payee=self.chance.choice((MULE, SECOND)), payee_bank=BANK,
            paid_ms=self.room.at_ms - self.chance.choice((HOUR_MS, 40 * DAY_MS, 100 * DAY_MS)),
            payment=self.chance.choice((None, "a" * 32, "b" * 32, "c" * 32)),
            device=self.chance.choice((None, "d" * 32)),
            number=self.chance.choice((None, "e" * 32)),
            attested=self.chance.random() < 0.8,
        )  # fmt: skip

    def _numbers_found(self) -> Act:
        some = self.chance.sample(NUMBERS, self.chance.choice((1, 2, 3, 4)))
        own = self.chance.choice((0, 1, len(some)))
        pattern: a.Pattern = self.chance.choice(("sim_box", "call_centre", "spoofing"))
        return a.NumbersFound(
            len(self.room.entries), pattern, tuple(map(signs, some[:own])),
            tuple(map(signs, some[own:])), a.NumberTies(len(some)),
        )  # fmt: skip

    def _suspension(self) -> str:
        return self._one(self.room.state.suspensions, "s")  # type: ignore[arg-type]  # a table

    def _suspended(self, case: str | None = None) -> a.NumberSuspended:
        waits = (0, DAY_MS, DAY_MS, 5 * DAY_MS, 30 * DAY_MS, 31 * DAY_MS)
        reference = self._reference() if self.chance.random() < 0.03 else self.room.reference()
        return a.NumberSuspended(
            case or self._case(), self.chance.choice((*NUMBERS, MULE)), "kz:numbers",
            self.room.at_ms + self.chance.choice(waits), reference,
        )  # fmt: skip

    def _ring(self) -> Act:
        accounts = self.chance.sample(ACCOUNTS[:4], self.chance.choice((2, 3, 4)))
        known = self.chance.choice((0, 0, 1, 2))
        return a.RingFound(
            len(self.room.entries), KZT, tuple(accounts[:known]), tuple(accounts[known:]),
            labelled=tuple(accounts[: known // 2]),
        )  # fmt: skip

    def _complaint_made(self) -> Act:
        payee = self.chance.choice(ACCOUNTS)
        return a.ComplaintMade(
            self.room.reference(), VICTIMS_BANK, self._amount(50_000), KZT,
            self.chance.choice((VICTIM, VICTIM, payee)), payee,
            self.room.at_ms - HOUR_MS, self.chance.choice((None, BANK_OF[payee])),
            self.chance.choice((None, "a" * 32, "9" * 32)), self.chance.choice((None, "e" * 32)),
            to_number=self.chance.random() < 0.3,
        )  # fmt: skip

    def _complaint(self) -> str:
        return self._one(self.room.state.complaints, "f" * 29)  # type: ignore[arg-type]  # a table

    def _alert(self) -> Act:
        return a.AlertRaised(
            len(self.room.entries) * 10, self.chance.choice(ACCOUNTS[:3]), f"{self.seed:032x}",
            self._amount(5_000), KZT, self.chance.randrange(1_001),
            payer=self.chance.choice((None, VICTIM, *ACCOUNTS[:2])),
        )  # fmt: skip

    def _holds_placed(self) -> Act:
        report = self._report()
        known = self.room.state.reports.get(report)
        around = known.amount_minor if known else 100
        chosen = self.chance.sample(ACCOUNTS, self.chance.choice((1, 1, 1, 2, 3)))
        return a.HoldsPlaced(
            report,
            tuple(
                a.Target(
                    account, BANK_OF[account], self._amount(around // len(chosen)),
                    self._reference() if self.chance.random() < 0.03 else self.room.reference(),
                )
                for account in chosen
            ),
        )  # fmt: skip

    def _hold_answered(self) -> Act:
        name = self._hold()
        hold = self.room.state.holds.get(name)
        return a.HoldAnswered(
            name, self._amount(hold.amount_minor if hold else 1),
            self.chance.choice(SHORTS),
        )  # fmt: skip

    def _until(self, hold: Hold | None) -> int:
        law = self.room.state.law
        assert law is not None
        if hold is None:
            return self.room.at_ms + DAY_MS
        days = law.calendar
        return self.chance.choice((
            hold.until_ms, hold.until_ms + HOUR_MS, law.hold.limit.after(hold.placed_ms, days),
            law.hold.limit.after(hold.placed_ms, days) + 1, hold.until_ms + 20 * DAY_MS,
            law.hold.authority_limit.after(hold.placed_ms, days),
            law.hold.authority_limit.after(hold.placed_ms, days) + 1,
        ))  # fmt: skip

    def _askable(self) -> a.Askable:
        kind = self.chance.randrange(7 if self.has_numbers else 6)
        if kind == 6:
            return self._suspended()
        if kind == 5:
            return a.PolicyChosen(self.chance.choice("01") * 64, "[policy]")
        if kind == 0:
            name = self._hold()
            return a.HoldProlonged(name, self._until(self.room.state.holds.get(name)))
        if kind == 1:
            return a.ReturnOrdered(self._recall(), self.chance.choice((None, "notice-1", "n-2")))
        if kind == 2:
            return a.RecallSent(self._recall())
        if kind == 3:
            case = self._case()
            known = self.room.state.cases.get(case)
            party = self.chance.choice(
                (
                    *ACCOUNTS,
                    *NUMBERS[: 2 * self.has_numbers],
                    "e" * 32,
                    *sorted(known.subjects if known else ()),
                )
            )
            return a.ListingAdded(
                party, "number" if party[0] in "e6789" else "account", case,
                self.room.at_ms + self.chance.choice((0, DAY_MS, 365 * DAY_MS, 366 * DAY_MS)),
                self.room.reference(),
            )  # fmt: skip
        law = self.room.state.law
        assert law is not None
        return a.LawChosen(self.chance.choice(("[law]", law.text, law.text + "\n# again\n")))

    def _alone(self) -> Act:
        return self._askable()

    def _requested(self) -> Act:
        return a.Requested(self._askable())

    def _edited(self) -> Act:
        request = self._one(self.room.state.requests, "q")  # type: ignore[arg-type]  # a table
        return a.RequestEdited(request, self._askable())

    def _approved(self) -> Act:
        name = self._one(self.room.state.requests, "q")  # type: ignore[arg-type]  # a table
        request = self.room.state.requests.get(name)
        content = "0" * 64 if request is None else request.content
        return a.RequestApproved(name, "1" * 64 if self.chance.random() < 0.1 else content)

    def _closed(self, name: str | None = None) -> Act:
        outcome = self.chance.choice(OUTCOMES)
        return a.CaseClosed(name or self._case(), outcome, worth_it=True)

    def _split(self, name: str | None = None) -> Act:
        case = name or self._case()
        known = self.room.state.cases.get(case)
        subjects = sorted(known.subjects) if known else [MULE]
        return a.CaseSplit(case, tuple(subjects[: self.chance.randrange(1, 3)]))

    def _recall_answered(self) -> Act:
        name = self._recall()
        recall = self.room.state.recalls.get(name)
        hold = self.chance.choice(recall.asked) if recall and recall.asked else self._hold()
        known = self.room.state.holds.get(hold)
        around = self.chance.choice((known.weight_minor, known.amount_minor)) if known else 1
        amount = self._amount(around)
        return a.RecallAnswered(name, hold, "accepted" if amount else "rejected", amount)

    def _returned(self) -> Act:
        name = self._recall()
        recall = self.room.state.recalls.get(name)
        hold = self.chance.choice(recall.asked) if recall and recall.asked else self._hold()
        known = self.room.state.holds.get(hold)
        return a.MoneyReturned(name, hold, self._amount((known and known.to_return_minor) or 1))

    def _viewed(self) -> Act:
        state = self.room.state
        through = self.chance.choice((self._case(), self._hold(), self._report(), "a999"))
        party = self.chance.choice((None, *ACCOUNTS, *sorted(named_by(state, through))))
        return a.PartyViewed(through, party)

    def _ruled(self, name: str | None = None) -> Act:
        appeal = name or self._one(self.room.state.appeals, "a")  # type: ignore[arg-type]  # a table
        erred = self.chance.choice(((), ("rule:x",), ("report",), ("model", "report")))
        why = self.chance.choice(("It was rent.", "It was rent.", "See KZ75125KZT1001300335."))
        return a.AppealRuled(appeal, self.chance.random() < 0.6, why, erred)


_MAKERS = (
    Driver._report_taken, Driver._report_taken, Driver._alert, Driver._ring, Driver._holds_placed,
    Driver._holds_placed, Driver._holds_placed, Driver._hold_answered, Driver._hold_answered,
    Driver._alone, Driver._requested, Driver._requested, Driver._requested, Driver._edited,
    Driver._approved, Driver._approved, Driver._approved, Driver._approved, Driver._closed,
    Driver._split, Driver._recall_answered, Driver._recall_answered, Driver._returned,
    Driver._returned, Driver._viewed, Driver._ruled, Driver._ruled,
    Driver._complaint_made,
    lambda d: a.ComplaintLapsed(d._complaint()),
    lambda d: a.ReportAttested(d._complaint(), d.chance.choice((None, "8" * 32)),
                               d.chance.choice((None, *ACCOUNTS))),
    lambda d: a.ReportWithdrawn(d._complaint() if d.chance.random() < 0.3 else "f" * 32),
    lambda d: a.ReportAttested(d._report()),
    lambda d: a.ReportWithdrawn(d._report() if d.chance.random() < 0.3 else "f" * 32),
    lambda d: a.HoldConfirmed(d._hold(), "kz:25-1"),
    lambda d: a.HoldConfirmed(d._hold(), "kz:25-1"),
    lambda d: a.HoldReviewed(d._hold()),
    lambda d: a.HoldReleased(d._hold(), "mistake"),
    lambda d: a.HoldEnded(d._hold()),
    lambda d: a.RecallOpened(d._report()),
    lambda d: a.RecallOpened(d._report()),
    lambda d: a.RecallSent(d._recall()),
    lambda d: a.RecallSent(d._recall()),
    lambda d: a.ReceiverAgreed(d._reference()),
    lambda d: a.ReceiverAgreed(d._reference()),
    lambda d: a.RecallCancelled(d._recall()),
    lambda d: a.CaseTaken(d._case()),
    lambda d: a.CaseTaken(d._case()),
    lambda d: a.CaseLeft(d._case()),
    lambda d: a.CaseNoted(d._case(), "The payee says it was rent."),
    lambda d: a.CaseSnoozed(d._case(), d.room.at_ms + d.chance.choice((0, DAY_MS, 40 * DAY_MS))),
    lambda d: a.CaseMerged(d._case(), d._case()),
    lambda d: a.CaseEscalated(d._case()),
    lambda d: a.CaseChecked(d._case(), d.chance.choice(OUTCOMES)),
    lambda d: a.ShadowBegun(d.chance.choice(("01", "10")) * 32),
    lambda d: a.ShadowEnded(d.chance.choice(("01", "10")) * 32),
    lambda d: a.EvidencePacked(d._case(), "For the court.", "0" * 64),
    lambda d: a.ListingTold(d._one(d.room.state.listings, "l"), BANK),
    lambda d: a.ListingWithdrawn(d._one(d.room.state.listings, "l"), "mistake"),
    lambda d: a.AppealOpened(d._reference()),
    lambda d: a.AppealOpened(d._reference()),
    lambda d: a.AppealTaken(d._one(d.room.state.appeals, "a")),
    lambda d: a.AppealTaken(d._one(d.room.state.appeals, "a")),
    lambda d: a.RequestDeclined(d._one(d.room.state.requests, "q")),
)  # fmt: skip
_OF_NUMBERS = (
    Driver._numbers_found, Driver._numbers_found,
    lambda d: a.SuspensionTold(d._suspension()),
    lambda d: a.SuspensionLifted(d._suspension(), "mistake"),
    lambda d: a.SuspensionEnded(d._suspension()),
)  # fmt: skip
