"""What looks like a gateway, what hangs with it, and who is left alone."""

from __future__ import annotations

from arasha.gateways.watch import Watch
from gateways_samples import DAY_MS, MINUTE_MS, Telling, named

BOX = ("b0", "b1", "b2", "b3")


def patterns(watch: Watch) -> list[str]:
    """The pattern of each group found."""
    return [group.pattern for group in watch.found()]


def box(telling: Telling, *, one_device: bool) -> Telling:
    """Four cards, bought one after the other in sequence, call strangers."""
    for turn, number in enumerate(BOX):
        device = "box" if one_device else f"phone-{turn}"
        telling.sim(number, device=device, dealer="kiosk", block="+770155").later(MINUTE_MS)
        telling.calls(number, 5, taken=1, device=device)
    return telling


def test_cards_in_one_device_that_nobody_calls_are_a_box() -> None:
    """Found after some calls each; a card in the same device that does not call is tied."""
    telling = box(Telling().talkative(), one_device=True).sim("spare", device="box")
    watch = telling.watch
    [group] = watch.found()
    assert "sim_box" == group.pattern
    assert set(BOX) == named(watch, group.numbers, *BOX)


def test_a_box_spread_over_devices_is_tied_by_its_sale() -> None:
    """One dealer, one sequence, minutes apart, and calls as a box makes them."""
    watch = box(Telling().talkative(), one_device=False).watch
    [group] = watch.found()
    assert "bulk_activation" == group.pattern
    assert set(BOX) == named(watch, group.numbers, *BOX)


def test_many_honest_cards_of_one_sale_are_left_alone() -> None:
    """Forty workers' cards in sequence: they are answered, and called."""
    telling = Telling().talkative()
    for turn in range(40):
        number = f"w{turn}"
        telling.sim(number, device=f"d{turn}", dealer="kiosk", block="+770155").later(MINUTE_MS)
        telling.calls(number, 4, taken=3, device=f"d{turn}").call(f"home-{turn}", number)
    assert [] == patterns(telling.watch)


def test_a_family_on_one_phone_is_left_alone() -> None:
    """Three numbers in a device, called as much as they call."""
    telling = Telling().talkative()
    for turn in range(3):
        number = f"f{turn}"
        telling.sim(number, device="old phone").calls(number, 6, taken=2, device="old phone")
        for caller in range(4):
            telling.call(f"friend-{caller}", number)
    assert [] == patterns(telling.watch)


def test_a_young_number_that_calls_strangers_in_vain_is_a_call_centres() -> None:
    """The same calls by a number that is old are nobody's business here."""
    young = Telling().talkative().sim("c").calls("c", 30, taken=6, device="d")
    assert ["call_centre"] == patterns(young.watch)
    old = Telling().talkative().sim("c").later(8 * DAY_MS).talkative()
    assert [] == patterns(old.calls("c", 30, taken=6, device="d").watch)


def test_without_outcomes_nothing_rests_on_them() -> None:
    """Where the operator does not say which calls were taken, no number is accused of that."""
    assert [] == patterns(Telling().sim("c").calls("c", 30, device="d").watch)
    watch = box(Telling(), one_device=True)
    for row in watch.rows:
        row[2].pop("answered", None)
    assert ["sim_box"] == patterns(watch.watch)


def test_one_ring_from_abroad() -> None:
    """Twenty calls of a number that is not ours, hardly one taken; those called may call back."""
    telling = Telling().talkative().calls("far", 25, taken=1, route="foreign")
    telling.call("person-1", "far", taken=True)
    [group] = (watch := telling.watch).found()
    assert "one_ring" == group.pattern
    assert not watch.signs(group).ours.any()


def test_the_eleventh_number_of_a_person_is_past_the_law() -> None:
    """The ten before it are tied; a person with eight is not asked about; an ended one frees."""
    telling = Telling()
    names = [f"h{turn}" for turn in range(12)]
    for name in names:
        telling.sim(name, holder="somebody").later(MINUTE_MS)
    for turn in range(8):
        telling.sim(f"g{turn}", holder="a family")
    [group] = (watch := telling.watch).found()
    assert "over_the_limit" == group.pattern
    assert set(names[10:]) == named(watch, group.numbers, *names)
    assert set(names[:10]) == named(watch, group.tied, *names)
    telling.later(1).sim("h3", "deactivated").sim("h4", "ported_out")
    assert [] == patterns(telling.watch)


def test_own_numbers_that_call_from_abroad_without_roaming_are_victims() -> None:
    """A question: the numbers are tied, and none is a subject. Roaming is none."""
    spoofed, roaming = Telling().talkative(), Telling().talkative()
    for turn in range(6):
        for telling, route in ((spoofed, "foreign"), (roaming, "roaming")):
            telling.sim(f"o{turn}").call(f"o{turn}", f"x{turn}", route=route)
    [group] = spoofed.watch.found()
    assert ("spoofing", 0, 6) == (group.pattern, len(group.numbers), len(group.tied))
    assert [] == patterns(roaming.watch)


def test_who_calls_whom_a_box_called_hangs_with_it() -> None:
    """Seen from the look on at which the box was found."""
    telling = box(Telling().talkative(), one_device=True)
    watch = telling.watch
    watch.found()
    more = Telling(telling.at_ms + 1)
    for turn in range(8):
        more.call("b0", f"victim-{turn}", device="box")
    for turn in range(8):
        more.call("heir", f"victim-{turn}", taken=turn == 0)
    watch.take(more.facts, more.facts.number("happened_at"))
    tied = {one for group in watch.found() for one in named(watch, group.tied, "heir")}
    assert "heir" in tied


def test_a_number_that_never_is_called_is_a_question() -> None:
    """Sixty taken calls to strangers and none back: nobody is a subject."""
    telling = Telling().talkative().sim("q").calls("q", 70, taken=60, device="d")
    [group] = telling.watch.found()
    assert ("never_receives", 0) == (group.pattern, len(group.numbers))
