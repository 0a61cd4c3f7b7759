"""Officers, the authority, appellants: stated shares, and nothing beyond the law."""

from __future__ import annotations

from arasha.cases.acts import AppealOpened, HoldConfirmed, HoldProlonged, HoldReleased, Requested
from arasha.cases.records import HoldStatus
from offices_samples import Acting, acting


def acts_of(changed: dict[str, float], days: int = 6) -> tuple[Acting, list[tuple[bool, object]]]:
    """A country, and each act about a hold with whether the account has a part."""
    country, found = acting(seed=3, changed=changed), list[tuple[bool, object]]()
    for work in country.offices.works:
        told = work.done

        def done(some, one, told=told):  # type: ignore[no-untyped-def]  # bound now
            told(some, one)
            act = one.entry.act
            if isinstance(act, Requested):
                act = act.what
            hold = getattr(act, "hold", None)
            if isinstance(act, AppealOpened):
                hold = some.state.by_reference[act.reference]
            if hold is not None:
                found.append((country.offices.notes[some.name, hold].has_part, act))

        work.done = done
    country.live(days)
    return country, found


SURE = {"officers__part_confirmed_share": 1.0, "officers__no_part_released_share": 1.0}


def test_officers_who_find_everything_confirm_thieves_and_release_the_others() -> None:
    """With shares of one, each hold that is looked at is treated by the truth."""
    _, found = acts_of(
        SURE | {"held_people__appeal_share": 0.0, "held_people__part_appeal_share": 0.0}
    )
    kinds = {
        (part, type(act)) for part, act in found if isinstance(act, HoldConfirmed | HoldReleased)
    }
    assert {(True, HoldConfirmed), (False, HoldReleased)} == kinds
    assert not any(isinstance(act, AppealOpened) for _, act in found)


def test_what_nobody_confirms_lapses() -> None:
    """With officers who find nothing no thief's hold lasts longer than the provisional one, and
    nothing goes back.
    """
    country, _ = acts_of(
        {"officers__part_confirmed_share": 0.0, "officers__no_part_released_share": 1.0}
    )
    over = [hold for _, hold in country.holds if hold.over_ms is not None and hold.held_minor]
    assert {HoldStatus.LAPSED} == {
        hold.status
        for work, hold in country.holds
        if hold in over and country.offices.notes[work.name, hold.id].has_part
    }
    assert 0 == country.docket.returned


def test_everybody_who_can_appeals_and_is_heard() -> None:
    """Upheld by stated shares; a hold is prolonged while an appeal is open."""
    country, found = acts_of({
        "held_people__appeal_share": 1.0, "held_people__part_appeal_share": 1.0,
        "held_people__appeal_hours_median": 1.0, "rulings__no_part_upheld_share": 1.0,
        "rulings__part_upheld_share": 0.0, "officers__no_part_released_share": 0.0,
        "rulings__rule_hours_median": 70.0,
    }, days=9)  # fmt: skip
    appealed = [note for note in country.offices.notes.values() if note.appealed]
    assert {True, False} == {note.has_part for note in appealed}
    ruled = [
        (work.state.holds[appeal.about], appeal, work)
        for work in country.offices.works
        for appeal in work.state.appeals.values()
        if appeal.ruled_ms is not None
    ]
    assert ruled
    for hold, appeal, work in ruled:
        part = country.offices.notes[work.name, hold.id].has_part
        assert ("dismissed" if part else "upheld") == appeal.status
    assert any(isinstance(act, HoldProlonged) for _, act in found)
