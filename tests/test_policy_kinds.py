"""Payments and calls are never in one policy, and what judges the one is refused by the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import UsageError
from arasha.events.schema import CALL, CALL_FACTS, FACTS, JUDGED, PAYMENT
from arasha.features.language import Scope, parse
from arasha.policy.document import load
from arasha.policy.kinds import COUNTED, MAX_CALL_WINDOW_MS, demanded, windows_of
from policy_samples import POLICY, names, written

CALLS = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"


def counting(judged: str, fact: str, by: str, span: str = "1h") -> str:
    """A policy over ``judged`` facts that counts facts of another kind."""
    return f"""
[policy]
name = "x"
judges = "{judged}"
keep = ["n"]

[features]
n = 'count({fact}, by={by}, window="{span}")'
"""


@pytest.mark.parametrize(
    ("judged", "fact", "by", "found"),
    [
        ("call", "call", "caller_number", []),
        ("call", "call_change", "caller_number", []),
        ("call", "sim_change", "{number: caller_number}", []),
        ("call", "report", "{number: caller_number}", []),
        ("call", "payment", "{payer_number: caller_number}", ["mixed"]),
        ("call", "signal", "{number: caller_number}", ["mixed"]),
        ("call", "account_change", "{number: caller_number}", ["mixed"]),
        ("payment", "signal", "{number: payer_number}", []),
        ("payment", "call", "{caller_number: payer_number}", ["mixed"]),
        ("payment", "call_change", "{callee_number: payer_number}", ["mixed"]),
    ],
)
def test_what_a_policy_counts_stands_where_it_judges(
    tmp_path: Path, judged: str, fact: str, by: str, found: list[str]
) -> None:
    """An operator has calls and no payments, a bank payments and no calls."""
    assert found == names(tmp_path, counting(judged, fact, by))


def test_a_window_over_calls_is_a_month_at_most(tmp_path: Path) -> None:
    """So long are call facts kept; of reports, which are none, a window may be longer."""
    assert 31 * 86_400_000 == MAX_CALL_WINDOW_MS
    assert [] == names(tmp_path, counting("call", "call", "caller_number", "31d"))
    assert ["range"] == names(tmp_path, counting("call", "call", "caller_number", "32d"))
    assert [] == names(tmp_path, counting("call", "report", "{number: caller_number}", "90d"))


def test_each_kind_that_is_judged_has_its_facts() -> None:
    """Every kind of fact is counted somewhere, call facts at operators only."""
    assert {fact.word for fact in JUDGED} == set(COUNTED)
    assert set(FACTS) == set().union(*COUNTED.values())
    assert COUNTED["call"] - COUNTED["payment"] == CALL_FACTS


def test_a_policy_is_refused_where_others_are_judged(tmp_path: Path) -> None:
    """The refusal names what would take it."""
    over_calls, over_payments = load(CALLS), load(written(tmp_path, POLICY))
    assert over_calls is demanded(over_calls, CALL)
    assert over_payments is demanded(over_payments, PAYMENT)
    with pytest.raises(UsageError, match="judges a call") as refused:
        demanded(over_calls, PAYMENT)
    assert "serve --role operator" in (refused.value.hint or "")
    with pytest.raises(UsageError, match="judges a payment"):
        demanded(over_payments, CALL)


def test_windows_are_found_wherever_they_stand() -> None:
    """Inside sums, conditions, functions and choices; filters are of other facts."""
    text = (
        'coalesce(count(call, by=caller_number, window="1h") + 1, 0) > 3 '
        'and not exists(report, by={number: caller_number}, window="7d")'
    )
    expression = parse(text, Scope(CALL))
    assert not isinstance(expression, tuple)
    assert ["call", "report"] == [window.fact.word for window in windows_of(expression)]
