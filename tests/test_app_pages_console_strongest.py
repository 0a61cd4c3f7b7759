"""What a case says of why a payment was stopped, and of what was heard before it."""

from __future__ import annotations

import pytest

from arasha.app.http.lately import Answered
from arasha.app.pages.console.strongest import Heard, told_of
from arasha.app.pages.stopped import Reason, Stopped
from arasha.policy.reasons import ABOUT

RULE = Reason(50, {"kk": "ереже", "ru": "правило", "en": "a rule"}, "a_rule")
CALLS, FLOW = Reason(0, ABOUT["calls"]), Reason(0, ABOUT["flow"])


def stopped(*, on_call: bool = False) -> Stopped:
    """A payment that was held for all three."""
    return Stopped(
        0, 0, 700, "BANK-A", "BANK-B", on_call, True, (RULE, CALLS, FLOW), 1, "hold", "1" * 32,
        "2" * 32, None, None, frozenset(), "mobile",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "on_call", "of_calls"),
    [
        ([], False, False),
        ([], True, True),
        ([("call_risk", "none"), ("new_callers", "none")], False, False),
        ([("sim_swap", "changed_within_day"), ("call_risk", "none")], False, False),
        ([("call_risk", "on_call_10_30_min_unfamiliar")], False, True),
        ([("new_callers", "several_first_time_callers")], False, True),
    ],
)
def test_calls_are_no_reason_where_none_is_known(
    answers: list[tuple[str, str]], *, on_call: bool, of_calls: bool
) -> None:
    """What moved the model is said of calls where a bank or an operator said something of one."""
    heard = Heard(True, None, [Answered(1, 0, *one) for one in answers], 0)
    one = stopped(on_call=on_call)
    found = [RULE, CALLS, FLOW] if of_calls else [RULE, FLOW]
    assert found == told_of(one.reasons, one, heard)
    if not of_calls:
        assert found == told_of(one.reasons, one, None)
