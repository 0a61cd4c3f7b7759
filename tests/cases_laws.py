"""What no sequence of acts may break. Written from the issue and the law file, not from the domain:
only records, entries and the calendar are looked at.
"""

from __future__ import annotations

from collections import defaultdict

from arasha.cases.acts import (
    Act,
    Actor,
    AppealRuled,
    AppealTaken,
    HoldAnswered,
    RequestApproved,
)
from arasha.cases.projection import Done
from arasha.cases.records import HOLDING, Appeal, Case, Hold, Listing, Recall, Suspension
from cases_samples import Room

HANDS_ON = {
    "holds_placed", "hold_confirmed", "hold_reviewed", "hold_prolonged", "hold_released",
    "recall_opened", "recall_sent", "return_ordered", "recall_cancelled", "report_withdrawn",
}  # fmt: skip


def check_laws(room: Room, by: Actor, act: Act, done: Done) -> None:
    """Every law, after an act that was taken."""
    _persons(room, by, act, done)
    for change in done.changes:
        if isinstance(change, Hold):
            _one_hold(room, change)
        elif isinstance(change, Listing):
            _one_listing(room, change)
        elif isinstance(change, Suspension):
            _one_suspension(room, change)
        elif isinstance(change, Case) and change.outcome == "legitimate":
            _nothing_suspended(room, change)
    _disputed(room)
    _pots(room, done)
    _grounds(room)


def _persons(room: Room, by: Actor, act: Act, done: Done) -> None:
    """Administrators and auditors do nothing here; who exclude each other are nobody."""
    roles = set(by.roles)
    assert not roles & {"administrator", "auditor"}
    assert len(roles) == 1 or "authority" not in roles
    if isinstance(act, RequestApproved):
        request = room.state.requests[act.request]
        names = [request.by, *(name for name, _ in request.approvals)]
        assert len(names) == len(set(names)), "one person twice"
    if isinstance(act, (AppealTaken, AppealRuled)):
        appeal = room.state.appeals[act.appeal]
        for entry in room.entries[:-1]:
            if entry.by.name == by.name and entry.by.kind == "person":
                assert appeal.about not in _touched(entry.act), "a reviewer who had a hand in it"
    for change in done.changes:
        if isinstance(change, Listing) and change.status == "listed" and not change.told:
            assert change.author != change.second != ""


def _touched(act: Act) -> set[str]:
    """The hold that an earlier act of a person decided something about, if it names one."""
    name = getattr(act, "hold", None)
    return {name} if isinstance(name, str) and act.__struct_config__.tag in HANDS_ON else set()


def _one_hold(room: Room, hold: Hold) -> None:
    """A ground, an author, an end within the law; two people or three for a later one."""
    law = room.state.law
    assert law is not None
    days, terms = law.calendar, law.hold
    report = room.state.reports[hold.report]
    assert report.attested
    assert hold.author
    assert hold.reference
    assert hold.until_ms <= terms.authority_limit.after(hold.placed_ms, days)
    if not hold.by_authority:
        assert hold.until_ms <= terms.limit.after(hold.placed_ms, days)
    if hold.basis is None:
        assert hold.until_ms == terms.provisional.after(hold.placed_ms, days)
    if hold.until_ms > terms.confirmed.after(hold.placed_ms, days):
        assert len(hold.hands) >= (3 if hold.by_authority else 2)
    assert 0 <= hold.returned_minor <= (hold.to_return_minor or 0)
    assert (hold.to_return_minor or 0) <= (hold.held_minor or 0) <= hold.amount_minor
    if hold.over_ms is not None:
        assert hold.over_ms <= hold.until_ms
    assert report.payer != hold.account


def _one_listing(room: Room, listing: Listing) -> None:
    law = room.state.law
    assert law is not None
    assert listing.until_ms <= law.listing.longest.after(listing.from_ms, law.calendar)
    assert room.state.cases[listing.case].outcome == "fraud"


def _one_suspension(room: Room, suspension: Suspension) -> None:
    """One number of the operator's own that its case names, by two people, within the law's end."""
    law = room.state.law
    assert law is not None
    assert law.numbers is not None
    case = room.state.cases[suspension.case]
    assert suspension.until_ms <= law.numbers.suspended.after(suspension.from_ms, law.calendar)
    assert suspension.author != suspension.second != ""
    assert suspension.reference
    if suspension.stands_at(room.at_ms) and suspension.from_ms == room.at_ms:
        assert case.seen is not None
        assert suspension.number in {one.number for one in case.seen.signs if one.is_ours}
        assert suspension.number in case.subjects or case.outcome == "fraud"
    standing = [
        one for one in room.state.suspensions.values()
        if one.number == suspension.number and one.stands_at(room.at_ms)
    ]  # fmt: skip
    assert len(standing) <= 1


def _nothing_suspended(room: Room, case: Case) -> None:
    """What was no fraud keeps no number from calling."""
    for one in room.state.suspensions.values():
        assert one.case != case.id or not one.stands_at(room.at_ms)


def _disputed(room: Room) -> None:
    """Over all accounts no more than is disputed; never the same money twice at one account."""
    by_ground: dict[str, list[Hold]] = defaultdict(list)
    for hold in room.state.holds.values():
        by_ground[room.state.reports[hold.report].ground].append(hold)
    for holds in by_ground.values():
        most = max(room.state.reports[hold.report].amount_minor for hold in holds)
        held = sum(
            hold.weight_minor if hold.holds_at(room.at_ms) else hold.returned_minor
            for hold in holds
        )
        assert held <= most
        assert len({hold.account for hold in holds}) == len(holds)


def _pots(room: Room, done: Done) -> None:
    """Sharing an account moves money between its victims and makes none."""
    if any(isinstance(change, (Hold)) for change in done.changes):
        answered: dict[tuple[str, str], int] = defaultdict(int)
        held: dict[tuple[str, str], int] = defaultdict(int)
        for entry in room.entries:
            if isinstance(entry.act, HoldAnswered):
                hold = room.state.holds[entry.act.hold]
                answered[hold.account, hold.bank] += entry.act.held_minor
        for hold in room.state.holds.values():
            held[hold.account, hold.bank] += hold.held_minor or 0
        assert {k: v for k, v in answered.items() if v} == {k: v for k, v in held.items() if v}


def _grounds(room: Room) -> None:
    """Nothing is held whose report has fallen, and nothing past its end."""
    for hold in room.state.holds.values():
        if room.state.reports[hold.report].status != "open":
            assert not hold.holds_at(room.at_ms)
        if hold.status in HOLDING and room.at_ms >= hold.until_ms:
            assert not hold.holds_at(room.at_ms)
    for recall in room.state.recalls.values():
        _recall(room, recall)
    for appeal in room.state.appeals.values():
        _appeal(room, appeal)
    for request in room.state.requests.values():
        assert not (request.status == "done" and not request.approvals)


def _recall(room: Room, recall: Recall) -> None:
    returned = sum(room.state.holds[name].returned_minor for name in recall.asked)
    assert recall.returned_minor == returned <= room.state.reports[recall.report].amount_minor


def _appeal(room: Room, appeal: Appeal) -> None:
    """Upheld means over."""
    if appeal.status == "upheld":
        hold = room.state.holds.get(appeal.about)
        if hold is not None:
            assert not hold.holds_at(room.at_ms)
        else:
            other = room.state.suspensions.get(appeal.about) or room.state.listings[appeal.about]
            assert not other.stands_at(room.at_ms)
        assert appeal.erred
