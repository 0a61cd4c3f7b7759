"""Cases: a person takes one, looks, writes down what it was, and everybody can see who has it.

A lease keeps two people from the same case; every act on it gives the lease its full length again.
An outcome settles labels (cases/labels.py); "legitimate" lets the reports fall and with them every
hold, in the same act. Who has done something to a case is a hand in it, and rules on no appeal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from arasha.cases import numbers, reports, rings
from arasha.cases.acts import (
    CaseAttached,
    CaseChecked,
    CaseClosed,
    CaseEscalated,
    CaseLeft,
    CaseMerged,
    CaseNoted,
    CaseSnoozed,
    CaseSplit,
    CaseTaken,
    PartyViewed,
)
from arasha.cases.law import Law
from arasha.cases.records import (
    OPEN_CASE,
    Asked,
    Attachment,
    Case,
    CaseStatus,
    Checked,
    Counted,
    Note,
    Viewed,
)
from arasha.cases.refusals import Refusal
from arasha.cases.rings import MAX_NOTES
from arasha.cases.state import Change, Changes, State
from arasha.cases.views import named_by

Result: TypeAlias = Changes | Refusal


def take(state: State, asked: Asked, act: CaseTaken) -> Result:
    """It is mine for the length of a lease."""
    case = state.cases.get(act.case)
    if case is None:
        return Refusal.CASE_NOT_FOUND
    if case.status not in OPEN_CASE:
        return Refusal.CASE_IS_OVER
    if case.lease_by not in (None, asked.by.name) and asked.at_ms < case.lease_until_ms:
        return Refusal.HELD_BY_ANOTHER
    return (_mine(state, case, asked),)


def leave(state: State, asked: Asked, act: CaseLeft) -> Result:
    """It is anybody's again."""
    case = _taken(state, asked, act.case)
    if isinstance(case, Refusal):
        return case
    return (replace(case, lease_by=None, lease_until_ms=0),)


def note(state: State, asked: Asked, act: CaseNoted) -> Result:
    """Write something down."""
    case = _taken(state, asked, act.case)
    if isinstance(case, Refusal):
        return case
    if len(case.notes) >= MAX_NOTES:
        return Refusal.FULL
    return (replace(case, notes=(*case.notes, Note(asked.by.name, asked.at_ms, act.note))),)


def attach(state: State, asked: Asked, act: CaseAttached) -> Result:
    """Put a document's hash down."""
    case = _taken(state, asked, act.case)
    if isinstance(case, Refusal):
        return case
    if len(case.attachments) >= MAX_NOTES:
        return Refusal.FULL
    found = Attachment(asked.by.name, asked.at_ms, act.sha256, act.media_type, act.size_bytes)
    return (replace(case, attachments=(*case.attachments, found)),)


def close(state: State, asked: Asked, act: CaseClosed) -> Result:
    """Say what it was. What was legitimate is held no longer."""
    case = _taken(state, asked, act.case)
    if isinstance(case, Refusal):
        return case
    if act.outcome == "fraud" and case.is_question:
        return Refusal.ONLY_A_QUESTION
    closed = replace(
        case, status=CaseStatus.CLOSED, outcome=act.outcome, typology=act.typology,
        worth_it=act.worth_it, closed_ms=asked.at_ms, closed_by=asked.by.name, lease_by=None,
        lease_until_ms=0,
    )  # fmt: skip
    standing = [state.reports[name] for name in case.reports]
    called = {one.number for one in standing if one.status == "open" and one.number is not None}
    named = sorted(case.subjects | called)
    changes: list[Change] = [closed]
    if act.outcome == "legitimate":
        told = [state.reports[name] for name in case.reports]
        fall = [one for one in told if one.status == "open"]
        changes += reports.fallen(state, fall, "cleared", "not_fraud", asked)
        changes += numbers.cleared(state, case, asked)
        changes += [Counted(one, asked.at_ms, "cleared") for one in named]
    if act.outcome == "fraud":
        changes += [Counted(one, asked.at_ms, "confirmed") for one in named]
    return tuple(changes)


def snooze(state: State, asked: Asked, act: CaseSnoozed) -> Result:
    """Put it aside; its clock runs on."""
    case = _taken(state, asked, act.case)
    if isinstance(case, Refusal):
        return case
    law = _law(state)
    if not asked.at_ms < act.until_ms <= law.desk.snooze.after(asked.at_ms, law.calendar):
        return Refusal.TOO_LONG
    return (
        replace(
            case, status=CaseStatus.SNOOZED, snoozed_until_ms=act.until_ms, lease_by=None,
            lease_until_ms=0,
        ),
    )  # fmt: skip


def merge(state: State, asked: Asked, act: CaseMerged) -> Result:
    """Two cases become one, which keeps the earlier deadline and everybody's hand."""
    case = _taken(state, asked, act.case)
    if isinstance(case, Refusal):
        return case
    into = state.cases.get(act.into)
    if into is None:
        return Refusal.CASE_NOT_FOUND
    if into.currency != case.currency:
        return Refusal.OTHER_CURRENCY
    if into.status not in OPEN_CASE:
        return Refusal.CASE_IS_OVER
    if into.lease_by not in (None, asked.by.name) and asked.at_ms < into.lease_until_ms:
        return Refusal.HELD_BY_ANOTHER
    if into.id == case.id:
        return Refusal.SAME_CASE
    if (into.seen is None) != (case.seen is None):
        return Refusal.OF_ANOTHER_KIND
    whole = rings.joined(into, case)
    if whole is None:
        return Refusal.FULL
    moved = [replace(state.reports[name], case=into.id) for name in case.reports]
    suspended = numbers.moved(state, case, into.id)
    return (rings.merged(case, into), _mine(state, whole, asked), *moved, *suspended)


def split(state: State, asked: Asked, act: CaseSplit) -> Result:
    """Some of its subjects become a case of their own, with the same clock and the same hands."""
    case = _taken(state, asked, act.case)
    if isinstance(case, Refusal):
        return case
    chosen = frozenset(act.subjects)
    if not chosen < case.subjects:
        return Refusal.SUBJECTS_NOT_SPLIT
    theirs = tuple(name for name in case.reports if state.reports[name].payee in chosen)
    rest = replace(
        case, subjects=case.subjects - chosen, ring=case.ring - chosen,
        confirmed=case.confirmed - chosen, labelled=case.labelled - chosen,
        alerts=tuple(one for one in case.alerts if one.subject not in chosen),
        reports=tuple(name for name in case.reports if name not in theirs),
        seen=None if case.seen is None else case.seen.only(case.ring - chosen),
    )  # fmt: skip
    new = Case(
        id=f"c{asked.seq}", subjects=chosen, currency=case.currency, opened_ms=case.opened_ms,
        due_ms=case.due_ms, alerts=tuple(one for one in case.alerts if one.subject in chosen),
        reports=theirs, hands=case.hands, ring=chosen if case.seen is not None else frozenset(),
        seen=None if case.seen is None else case.seen.only(chosen),
    )  # fmt: skip
    moved = [replace(state.reports[name], case=new.id) for name in theirs]
    return (rest, new, *moved, *numbers.moved(state, case, new.id, chosen))


def escalate(state: State, asked: Asked, act: CaseEscalated) -> Result:
    """Somebody higher is to look: a person asks, or the centre when its time is over."""
    case = state.cases.get(act.case)
    if case is None:
        return Refusal.CASE_NOT_FOUND
    if case.status not in OPEN_CASE:
        return Refusal.CASE_IS_OVER
    if case.escalated_ms is not None:
        return Refusal.ESCALATED_ALREADY
    return (replace(case, escalated_ms=asked.at_ms),)


def check(state: State, asked: Asked, act: CaseChecked) -> Result:
    """Somebody else looks at a closed case again: once, and nothing of it changes."""
    case = state.cases.get(act.case)
    if case is None:
        return Refusal.CASE_NOT_FOUND
    if asked.by.name in state.case_hands(case.id):
        return Refusal.SAME_PERSON
    if case.status is not CaseStatus.CLOSED:
        return Refusal.CASE_IS_OPEN
    if case.id in state.checked:
        return Refusal.CHECKED_ALREADY
    return (Checked(case.id, asked.by.name, asked.at_ms, act.outcome),)


def view(state: State, asked: Asked, act: PartyViewed) -> Result:
    """A person is shown a party: only through something open that names it."""
    named = named_by(state, act.through)
    if not named or (act.party is not None and act.party not in named):
        return Refusal.NOT_NAMED
    return (Viewed(act.through, act.party, asked.by.name, asked.at_ms),)


def _taken(state: State, asked: Asked, case_id: str) -> Case | Refusal:
    """The case, which is mine, with a lease of full length; or why it is not."""
    case = state.cases.get(case_id)
    if case is None:
        return Refusal.CASE_NOT_FOUND
    if case.status not in OPEN_CASE:
        return Refusal.CASE_IS_OVER
    if case.lease_by is None or asked.at_ms >= case.lease_until_ms:
        return Refusal.NOT_TAKEN
    if case.lease_by != asked.by.name:
        return Refusal.HELD_BY_ANOTHER
    return _mine(state, case, asked)


def _mine(state: State, case: Case, asked: Asked) -> Case:
    law = _law(state)
    return replace(
        case, status=CaseStatus.OPEN, snoozed_until_ms=0, lease_by=asked.by.name,
        lease_until_ms=law.desk.lease.after(asked.at_ms, law.calendar),
        hands=case.hands | asked.hands,
    )  # fmt: skip


def _law(state: State) -> Law:
    assert state.law is not None, "no act is taken without a law"
    return state.law
