"""The language of the flow of money: what it means, and what it refuses by name."""

from __future__ import annotations

import pytest

from arasha.features.expressions import NUMBER, Window
from arasha.features.language import Scope, parse
from arasha.features.language_text import write

RIGHT = """
pass_through(payment.amount, by=payee_account, window="7d", within="1h")
pass_through(payment.amount, by={payee_account: payer_account}, window="7d", within="7d")
sources_of_sources(payment, by=payee_account, window="7d")
cycle_length(payment, window="30d")
scatter_gather(payment, window="1d")
shared_payees(payment, window="28d")
payees_of_payees(payment, by=payer_account, window="28d")
payees_of_payees(payment, by={payer_account: payee_account}, window="28d")
"""


@pytest.mark.parametrize("text", RIGHT.strip().splitlines())
def test_what_is_written_is_read_again(text: str) -> None:
    """In the payment's own currency, which need not be said; only a share is no whole number."""
    made = parse(text, Scope())
    assert isinstance(made, Window), made
    assert "currency" in [part.theirs.name for part in made.by]
    assert (made.aggregator == "pass_through") == (made.type == NUMBER)
    assert made == parse(write(made), Scope())


WRONG = """
pass_through(payment, by=payee_account, window="7d", within="1h")                     | arguments
pass_through(payment.amount, by=payee_account, window="7d")                           | arguments
pass_through(payment.amount, by=payee_account, window="1h", within="7d")              | range
pass_through(payment.amount, by=payer_account, window="7d", within="1h")              | key
pass_through(payment.amount, by=(), window="7d", within="1h")                         | key
pass_through(payment.amount, by=payee_account, window="7d", within=1)                 | bad-literal
sources_of_sources(call, by=payee_account, window="7d")                               | arguments
sources_of_sources(payment, by=(payee_account, device), window="7d")                  | key
sources_of_sources(payment, by=payee_account, window="7d", where=new_device)          | arguments
cycle_length(payment, window="30d", delay="1d")                                       | arguments
cycle_length(payment, by=payee_account, window="30d")                                 | arguments
cycle_length(payment, window="30d", window="30d")                                     | arguments
cycle_length(payment)                                                                 | arguments
scatter_gather(window="30d")                                                          | arguments
shared_payees(payment, by=payee_account, window="30d")                                | arguments
payees_of_payees(payment, by=payee_account, window="30d")                             | key
payees_of_payees(payment, window="30d")                                               | arguments
scatter_gather(payment, window="400d")                                                | range
count(payment, by=(), window="7d", where=cycle_length(payment, window="1d") > 2) | nested-window
"""


@pytest.mark.parametrize(
    ("text", "name"), [line.rsplit("|", 1) for line in WRONG.strip().splitlines()]
)
def test_what_is_no_flow_is_refused_by_name(text: str, name: str) -> None:
    """The first fault is of the kind the table says."""
    problems = parse(text.strip(), Scope())
    assert isinstance(problems, tuple), problems
    assert name.strip() == problems[0].name
