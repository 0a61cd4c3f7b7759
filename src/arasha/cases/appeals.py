"""Appeals: whoever holds the reference of a hold, a listing or a suspension contests it, without an
account.

The clock runs in the open: the reference shows when a ruling is due. Nobody who has had a hand in
it rules on it. Upheld, it is over at once, in the same act; what erred is named; the person is told
why, and whom to turn to for damages.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeAlias

from arasha.cases import holds, listings, numbers, reports, rings
from arasha.cases.acts import AppealOpened, AppealRuled, AppealTaken
from arasha.cases.law import Law
from arasha.cases.records import Appeal, Asked, Counted, Hold, Listing, Suspension
from arasha.cases.refusals import Refusal
from arasha.cases.state import Change, Changes, State
from arasha.policy.texts import LANGUAGES

Result: TypeAlias = Changes | Refusal

THE_REPORT: Final = "report"
"""What erred when there was no fraud: the report falls, and with it all that stands on it."""


def open_appeal(state: State, asked: Asked, act: AppealOpened) -> Result:
    """Contest it, once; by the person, or through the bank that holds the money."""
    about = state.by_reference.get(act.reference)
    if about is None:
        return Refusal.REFERENCE_NOT_FOUND
    hold = state.holds.get(about)
    if asked.by.kind == "participant" and (hold is None or hold.bank != asked.by.name):
        return Refusal.ANOTHER_PARTICIPANTS
    if about in state.appeal_about:
        return Refusal.APPEALED_ALREADY
    law = _law(state)
    return (
        Appeal(
            id=f"a{asked.seq}",
            about=about,
            opened_ms=asked.at_ms,
            look_due_ms=law.appeal.first_look.after(asked.at_ms, law.calendar),
            due_ms=law.appeal.ruling.after(asked.at_ms, law.calendar),
            damages=tuple((language, law.appeal.damages[language]) for language in LANGUAGES),
        ),
    )


def take(state: State, asked: Asked, act: AppealTaken) -> Result:
    """Look at it: somebody who had no hand in it. Another such person may take it over."""
    appeal = state.appeals.get(act.appeal)
    if appeal is None:
        return Refusal.APPEAL_NOT_FOUND
    if asked.by.name in _hands(state, appeal):
        return Refusal.SAME_PERSON
    if appeal.status != "open":
        return Refusal.APPEAL_IS_OVER
    return (replace(appeal, reviewer=asked.by.name),)


def rule(state: State, asked: Asked, act: AppealRuled) -> Result:
    """Uphold it or dismiss it."""
    appeal = state.appeals.get(act.appeal)
    if appeal is None:
        return Refusal.APPEAL_NOT_FOUND
    if asked.by.name in _hands(state, appeal):
        return Refusal.SAME_PERSON
    if appeal.reviewer is None:
        return Refusal.NOT_TAKEN
    if appeal.reviewer != asked.by.name:
        return Refusal.HELD_BY_ANOTHER
    if appeal.status != "open":
        return Refusal.APPEAL_IS_OVER
    if act.upheld and not act.erred:
        return Refusal.NOTHING_ERRED
    ruled = replace(
        appeal, status="upheld" if act.upheld else "dismissed", why=act.why,
        erred=act.erred if act.upheld else (), ruled_ms=asked.at_ms,
    )  # fmt: skip
    about = _contested(state, appeal)
    if not act.upheld:
        return (ruled, replace(about, hands=about.hands | asked.hands))
    return (ruled, *_undone(state, about, act, asked))


def _contested(state: State, appeal: Appeal) -> Hold | Listing | Suspension:
    """What the appeal is about."""
    held = state.holds.get(appeal.about) or state.suspensions.get(appeal.about)
    return held or state.listings[appeal.about]


def _hands(state: State, appeal: Appeal) -> frozenset[str]:
    """Who may not rule on it."""
    return state.hands_of(appeal.about)


def _undone(
    state: State, about: Hold | Listing | Suspension, act: AppealRuled, asked: Asked
) -> Changes:
    """What an upheld appeal does away with."""
    if isinstance(about, Suspension):
        return _freed(state, about, asked)
    party = about.account if isinstance(about, Hold) else about.party
    cleared = Counted(party, asked.at_ms, "cleared")
    if isinstance(about, Listing):
        standing = about.stands_at(asked.at_ms)
        return (cleared, *(listings.withdrawn(about, "appeal", asked) if standing else ()))
    report = state.reports[about.report]
    changes: list[Change] = [cleared]
    if THE_REPORT in act.erred and report.status == "open":
        changes += reports.fallen(state, (report,), "cleared", "appeal", asked)
        changes += rings.loosened(state, report)
    elif about.holds_at(asked.at_ms):
        changes += holds.released(state, about, "appeal", asked)
    listed = state.listings.get(state.listing_of.get(party, ""))
    if listed is not None and listed.stands_at(asked.at_ms):
        changes += listings.withdrawn(listed, "appeal", asked)
    return tuple(changes)


def _freed(state: State, suspension: Suspension, asked: Asked) -> Changes:
    """The number calls again, and is on no list."""
    changes: list[Change] = [Counted(suspension.number, asked.at_ms, "cleared")]
    if suspension.stands_at(asked.at_ms):
        changes += numbers.lifted(suspension, "appeal", asked)
    listed = state.listings.get(state.listing_of.get(suspension.number, ""))
    if listed is not None and listed.stands_at(asked.at_ms):
        changes += listings.withdrawn(listed, "appeal", asked)
    return tuple(changes)


def _law(state: State) -> Law:
    assert state.law is not None, "no act is taken without a law"
    return state.law
