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
    CaseChecked,
    CaseEscalated,
    EvidencePacked,
    HoldAnswered,
    RequestApproved,
    ShadowBegun,
    ShadowEnded,
)
from arasha.cases.projection import Done
from arasha.cases.records import (
    HOLDING,
    Appeal,
    Case,
    CaseStatus,
    Hold,
    Listing,
    Recall,
    Shadowed,
    Suspension,
)
from cases_samples import Room

Pot = tuple[str, str, int]

NO_HAND = (CaseEscalated, EvidencePacked)
"""Acts about a case by which nobody comes to have a hand in it."""

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
    if isinstance(act, CaseChecked):
        _second_look(room, by, act, done)
    if isinstance(act, (ShadowBegun, ShadowEnded)):
        _in_the_shadow(room, by, act, done)
    _disputed(room)
    _pots(room, done)
    _fair(room, done)
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


def _second_look(room: Room, by: Actor, act: CaseChecked, done: Done) -> None:
    """Somebody who never acted in the case, once, after it was closed; it alters nothing else."""
    case = room.state.cases[act.case]
    assert case.status is CaseStatus.CLOSED
    assert case.closed_by is not None
    assert 1 == len(done.changes)
    assert not done.labels
    assert not done.messages
    for entry in room.entries[:-1]:
        if getattr(entry.act, "case", None) == act.case:
            assert not isinstance(entry.act, CaseChecked), "twice"
            hand = entry.by.name == by.name and not isinstance(entry.act, NO_HAND)
            assert not hand, "who worked on it"


def _in_the_shadow(room: Room, by: Actor, act: ShadowBegun | ShadowEnded, done: Done) -> None:
    """Whoever works on policies says what follows: one alone, and nothing else is altered."""
    assert set(by.roles) & {"policy_author", "policy_publisher"}
    follows = act.policy if isinstance(act, ShadowBegun) else None
    assert (Shadowed(follows, by.name, room.at_ms),) == done.changes
    assert room.state.shadowed == done.changes[0]
    assert not done.labels
    assert not done.messages


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
    """Sharing an account moves money between its victims and makes none; nobody gets more than they
    claim; a claim for which nothing is held waits for something.
    """
    if not any(isinstance(change, Hold) for change in done.changes):
        return
    answered: dict[Pot, int] = defaultdict(int)
    known: dict[Pot, int] = defaultdict(int)
    for entry in room.entries:
        if isinstance(entry.act, HoldAnswered):
            answered[room.state.holds[entry.act.hold].pot] += entry.act.held_minor
    pots: dict[Pot, list[Hold]] = defaultdict(list)
    for hold in room.state.holds.values():
        known[hold.pot] += (hold.held_minor or 0) + hold.let_go_minor
        pots[hold.pot].append(hold)
        if hold.status in HOLDING:
            _taken_over(room, hold)
    assert {k: v for k, v in answered.items() if v} == {k: v for k, v in known.items() if v}
    for pot, holds in pots.items():
        standing = [one for one in holds if one.holds_at(room.at_ms)]
        back = sum(one.returned_minor for one in holds)
        assert back + sum(one.held_at(room.at_ms) for one in standing) <= answered[pot]
        open_ = [one for one in holds if one.status in HOLDING]
        if any(one.held_minor == 0 for one in standing):
            assert any(one.held_minor is None or one.held_minor > 0 for one in open_)
    for change in done.changes:
        if isinstance(change, Hold) and change.status not in HOLDING:
            _left_to_others(room, change, pots[change.pot])


def _fair(room: Room, done: Done) -> None:
    """When a return is ordered each claim has what the law's rule gives it, to the unit."""
    law = room.state.law
    assert law is not None
    ordered = [
        one
        for one in done.changes
        if isinstance(one, Hold) and one.to_return_minor and not one.returned_minor
    ]
    if not any(isinstance(one, Recall) and one.status.value == "returning" for one in done.changes):
        return
    for mine in ordered:
        sharing = [
            one
            for one in room.state.holds_of_account(mine.account)
            if one.pot == mine.pot and one.held_minor is not None
            and (one.id == mine.id or (one.holds_at(room.at_ms) and one.to_return_minor is None))
        ]  # fmt: skip
        sharing.sort(key=lambda one: (room.state.reports[one.report].paid_ms, one.id))
        claims = [_claim(room, one, room.at_ms) for one in sharing]
        shares = [one.held_minor or 0 for one in sharing]
        left, total = sum(shares), sum(claims)
        if law.recall.allocation == "pro_rata":
            for claim, share in zip(claims, shares, strict=True):
                assert abs(share * total - left * claim) < total
            continue
        for claim, share in zip(reversed(claims), reversed(shares), strict=True):
            assert min(claim, left) == share
            left -= share


def _claim(room: Room, hold: Hold, at_ms: int) -> int:
    """What of the report's money a hold may have at most, beside what others of it take up."""
    report = room.state.reports[hold.report]
    others = (o for o in room.state.holds_of_ground(report.ground) if o.id != hold.id)
    elsewhere = sum(other.takes_up_at(at_ms) for other in others)
    return max(0, min(hold.amount_minor, report.amount_minor - elsewhere))


def _taken_over(room: Room, hold: Hold) -> None:
    """Money of another's claim keeps the clock of whoever it was first held for."""
    law = room.state.law
    assert law is not None
    assert sum(one.amount_minor for one in hold.taken) <= (hold.held_minor or 0)
    for part in hold.taken:
        first = room.state.holds[part.first]
        assert first.pot == hold.pot
        assert part.amount_minor > 0
        days, terms = law.calendar, law.hold
        assert part.last_ms <= terms.authority_limit.after(first.placed_ms, days)
        if not any(one.by_authority for one in room.state.holds_of_account(hold.account)):
            assert part.last_ms <= terms.limit.after(first.placed_ms, days)


def _left_to_others(room: Room, over: Hold, pot: list[Hold]) -> None:
    """Nothing of an ended claim is free that another claim, which stood then, still justifies. Not
    so where a hold of the pot, this one or one before it, was past the law's limit: money of the
    first keeps its clock, in whose claim it is.
    """
    law = room.state.law
    assert law is not None
    assert over.over_ms is not None
    free = (over.held_minor or 0) - max(over.returned_minor, over.to_return_minor or 0)
    past = min(law.hold.limit.after(one.placed_ms, law.calendar) for one in pot)
    if free <= 0 or over.over_ms >= past:
        return
    for one in pot:
        claims = one.held_minor is not None and one.to_return_minor is None
        stood = one.holds_at(room.at_ms) and (one.answered_ms or 0) < over.over_ms
        if one.id != over.id and claims and stood:
            most = _claim(room, one, over.over_ms)
            assert (one.held_minor or 0) + one.let_go_minor >= most, (over, one)


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
