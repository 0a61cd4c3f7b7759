from __future__ import annotations

import pytest

from arasha.features.expressions import Window
from arasha.features.language import Scope, parse
from arasha.features.language_windows import MAX_WINDOW_MS, MIN_WINDOW_MS


def window(text: str) -> Window:
    """The window an expression is."""
    expression = parse(text, Scope())
    assert isinstance(expression, Window), expression
    return expression


def key(text: str) -> list[tuple[str, str]]:
    """The names of theirs and ours in the key of count(payment, by=text)."""
    made = window(f'count(payment, by={text}, window="7d")')
    return [(part.theirs.name, part.ours.name) for part in made.by]


def test_keys_of_every_form() -> None:
    """One name, several, pairs of theirs and ours, or none."""
    assert [("device", "device")] == key("device")
    assert [("device", "device"), ("payer_bank", "payer_bank")] == key("(device, payer_bank)")
    assert [("payee_account", "payer_account")] == key("{payee_account: payer_account}")
    assert [] == key("()")


def test_money_is_never_summed_across_currencies() -> None:
    """The currency is a part of the key, once, whether written or not."""
    implied = window('sum(payment.amount, by=payer_account, window="7d")')
    written = window('sum(payment.amount, by=(payer_account, currency), window="7d")')
    assert implied == written
    assert ["payer_account", "currency"] == [part.theirs.name for part in implied.by]
    counted = window('count(payment, by=payer_account, window="7d")')
    assert ["payer_account"] == [part.theirs.name for part in counted.by]


def test_windows_last_from_a_second_to_a_year() -> None:
    """Both ends are allowed; a delay may be nought."""
    assert MIN_WINDOW_MS == window('count(payment, by=(), window="1s")').window_ms
    assert MAX_WINDOW_MS == window('count(payment, by=(), window="366d")').window_ms
    assert 0 == window('count(payment, by=(), window="1s", delay="0s")').delay_ms
    assert 604_800_000 == window('count(payment, by=(), window="1s", delay="1w")').delay_ms


def test_where_speaks_of_the_windows_own_facts() -> None:
    """The same name means the field of the call there, of the payment outside."""
    made = window('count(call, by=(), window="1h", where=answered and known(operator))')
    assert made.where is not None
    assert isinstance(parse("answered", Scope()), tuple)


WRONG = """
count(payment, window="7d")                                               | arguments
count(payment, by=())                                                     | arguments
count(by=(), window="7d")                                                 | arguments
count(payment, call, by=(), window="7d")                                  | arguments
count(payment, by=(), window="7d", were=flag)                             | arguments
count(payment, by=(), window="7d", window="7d")                           | arguments
count(payment, **x)                                                       | arguments
count(*payment, by=(), window="7d")                                       | not-allowed
count("payment", by=(), window="7d")                                      | arguments
count(payments, by=(), window="7d")                                       | unknown-name
sum(payment.amuont, by=(), window="7d")                                   | unknown-name
sum(payment, by=(), window="7d")                                          | arguments
count(payment.device, by=(), window="7d")                                 | type
sum(payment.channel, by=(), window="7d")                                  | type
max(payment.happened_at, by=(), window="7d")                              | type
distinct(payment.amount, by=(), window="7d")                              | type
count(payment, by=(), window=7)                                           | bad-literal
count(payment, by=(), window=7d)                                          | syntax
count(payment, by=(), window="7x")                                        | bad-literal
count(payment, by=(), window="0s")                                        | range
count(payment, by=(), window="367d")                                      | range
count(payment, by=(), window="7d", delay="367d")                          | range
count(payment, by="device", window="7d")                                  | key
count(payment, by={device: "x"}, window="7d")                             | key
count(payment, by={**device}, window="7d")                                | key
count(payment, by=amount, window="7d")                                    | key
count(payment, by=(device, device), window="7d")                          | key
count(payment, by={device: payer_number}, window="7d")                    | key
count(payment, by=nothing, window="7d")                                   | unknown-name
count(payment, by={device: nothing}, window="7d")                         | unknown-name
sum(payment.amount, by=(payer_account, payee_account, device), window="7d") | key
count(payment, by=(), window="7d", where=amount)                          | type
count(call, by=(), window="7d", where=amount > "5 KZT")                   | unknown-name
count(payment, by=(), window="7d", where=exists(call, by=(), window="1s")) | nested-window
"""


@pytest.mark.parametrize(
    ("text", "name"), [line.rsplit("|", 1) for line in WRONG.strip().splitlines()]
)
def test_what_is_no_window_is_refused_by_name(text: str, name: str) -> None:
    """The first fault is of the kind the table says."""
    problems = parse(text.strip(), Scope())
    assert isinstance(problems, tuple)
    assert name.strip() == problems[0].name
