"""What was found, as acts."""

from __future__ import annotations

from arasha.cases.acts import MAX_TARGETS
from arasha.cases.found_numbers import numbers_found
from gateways_samples import START_MS, Telling, token


def test_each_number_comes_with_what_was_seen_of_it() -> None:
    """Counts, when it was activated, and whether it is the operator's own."""
    telling = Telling().talkative()
    for turn in range(4):
        telling.sim(f"b{turn}", device="box").calls(f"b{turn}", 5, taken=1, device="box")
    [act] = numbers_found(telling.watch, 77)
    assert (77, "sim_box", 4) == (act.place, act.pattern, act.ties.device)
    assert {token(f"b{turn}").hex() for turn in range(4)} == {one.number for one in act.numbers}
    assert {(5, 1, 0, True, START_MS)} == {
        (one.calls, one.taken, one.received, one.is_ours, one.activated_ms) for one in act.numbers
    }


def test_more_than_an_act_can_name_become_several_that_share_a_number() -> None:
    """So that one case comes of them."""
    telling = Telling()
    for turn in range(MAX_TARGETS + 30):
        telling.sim(f"h{turn}", holder="somebody")
    acts = numbers_found(telling.watch, 1)
    assert 2 == len(acts)
    assert acts[0].numbers[0] == acts[1].numbers[0]
    named = {one.number for act in acts for one in (*act.numbers, *act.tied)}
    assert MAX_TARGETS + 30 == len(named)
