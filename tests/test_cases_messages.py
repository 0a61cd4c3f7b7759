"""Messages: who hears of what, from the log alone."""

from __future__ import annotations

from collections import defaultdict

from arasha.cases import acts as a
from arasha.cases.messages import HoldLasts, HoldOrder, HoldOver, Message
from arasha.cases.projection import Projection
from arasha.cases.records import HOLDING, HoldStatus
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
    """After any sequence: orders, ends and releases alone tell it what stands."""
    for seed in range(200):
        here = Driver(40_000 + seed).run(50)
        holding: dict[str, int] = {}
        projection = Projection()
        told: dict[type[Message], int] = defaultdict(int)
        for seq, entry in enumerate(here.entries):
            for message in projection.take(seq, a.pack(entry)).messages:
                told[type(message)] += 1
                match message:
                    case HoldOrder() | HoldLasts():
                        holding[message.hold] = message.until_ms
                    case HoldOver():
                        del holding[message.hold]
                    case _:
                        pass
            if isinstance(entry.act, a.MoneyReturned):
                hold = projection.state.holds[entry.act.hold]
                if hold.status is HoldStatus.ENDED:
                    holding.pop(hold.id, None)
            if isinstance(entry.act, a.HoldAnswered) and entry.act.held_minor == 0:
                del holding[entry.act.hold]
        standing = {
            hold.id: hold.until_ms for hold in here.state.holds.values() if hold.status in HOLDING
        }
        assert standing == holding
