"""Messages: who hears of what, from the log alone."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.messages import HoldLasts, HoldOrder, HoldOver, HoldPart, HoldShares
from arasha.cases.projection import Projection
from arasha.cases.records import HOLDING, TakenOver
from cases_driver import Driver
from cases_samples import BANK, KZT, MULE, kz, room


def test_an_order_says_all_that_its_bank_must_know() -> None:
    """How much, until when, what stays free, and the reference for the customer."""
    here = room()
    report = here.report()
    (hold,) = here.hold(report)
    projection, done = Projection(), None
    for seq, entry in enumerate(here.entries):
        done = projection.take(seq, a.pack(entry))
    assert done is not None
    assert (
        HoldOrder(
            BANK, hold.id, MULE, 100_000, KZT, hold.reference, hold.placed_ms + 24 * 3_600_000,
            hold.placed_ms + 30 * 60_000, ("pension", "benefit", "salary"), kz().hash,
        ),
    ) == done.messages  # fmt: skip


def test_a_bank_that_does_what_it_is_told_holds_what_is_held() -> None:
    """After any sequence: what it is told, and what it says itself, is how much it holds for each
    order, until when, and what of that is free before.
    """
    shared = 0
    for seed in range(300):
        here = Driver(40_000 + seed).run(50)
        until: dict[str, int] = {}
        held: dict[str, int] = {}
        parts: dict[str, list[TakenOver]] = {}
        projection = Projection()
        for seq, entry in enumerate(here.entries):
            act = entry.act
            done = projection.take(seq, a.pack(entry))
            if isinstance(act, a.HoldAnswered):
                held[act.hold] = act.held_minor
            if isinstance(act, a.MoneyReturned):
                held[act.hold] -= act.amount_minor
                parts[act.hold] = list(projection.state.holds[act.hold].taken)
            for message in done.messages:
                match message:
                    case HoldOrder() | HoldLasts():
                        until[message.hold] = message.until_ms
                    case HoldShares():
                        shared += 1
                        held[message.hold], parts[message.hold] = message.held_minor, []
                    case HoldPart():
                        parts[message.hold].append(
                            TakenOver(message.first, message.amount_minor, message.until_ms)
                        )
                    case HoldOver():
                        del until[message.hold]
                    case _:
                        pass
            for name in [one for one in until if one in held and held[one] == 0]:
                if projection.state.holds[name].status not in HOLDING:
                    del until[name]  # it has said so, or sent the last of it back
        standing = [hold for hold in here.state.holds.values() if hold.status in HOLDING]
        assert {hold.id: hold.until_ms for hold in standing} == until
        for hold in standing:
            if hold.held_minor is not None:
                assert hold.held_minor - hold.returned_minor == held[hold.id]
            assert list(hold.taken) == parts.get(hold.id, [])
    assert shared > 50
