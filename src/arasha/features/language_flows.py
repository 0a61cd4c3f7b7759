"""Aggregates of the flow of money: ``pass_through(payment.amount, by=payee_account, ...)``.

A part of the type checker (features/language_checker.py), beside language_windows.py. In comes the
call of an aggregator that follows payments from account to account; out goes a Window. They are of
payments only, take no filter and no delay, and look at payments in the judged payment's currency.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from arasha.events.schema import PAYMENT
from arasha.features.expressions import COUNT, NUMBER, Aggregator, Expression, KeyPart, Window
from arasha.features.language_terms import near
from arasha.features.language_windows import key_of, span, with_currency
from arasha.features.literals import write_duration

if TYPE_CHECKING:
    from arasha.features.language_checker import Checker

FLOWS: Final[dict[Aggregator, tuple[str, ...]]] = {
    "pass_through": ("by", "window", "within"),
    "sources_of_sources": ("by", "window"),
    "cycle_length": ("window",),
    "scatter_gather": ("window",),
    "shared_payees": ("window",),
    "payees_of_payees": ("by", "window"),
}
"""The aggregators of the flow of money and the arguments each needs."""

_EXAMPLES: Final = {"window": 'window="7d"', "within": 'within="1h"'}
_WHY_NOT: Final = {
    "where": "the flow of money is followed through all payments",
    "delay": "the flow of money is followed up to this payment",
    "by": "it is about this payment's own payer and payee",
}


class _Side(NamedTuple):
    """Whose payments are followed: the account's field, what it did, how each party is named."""

    account: str
    did: str
    by: str
    other: str
    hint: str


_RECEIVED: Final = _Side(
    "payee_account", "received it", "by=payee_account",
    "by={payee_account: payer_account}", "what the account that now pays received",
)  # fmt: skip
_PAID: Final = _Side(
    "payer_account", "paid it", "by=payer_account",
    "by={payer_account: payee_account}", "what the account that is now paid did pay",
)  # fmt: skip


def flow(checker: Checker, name: Aggregator, node: ast.Call) -> Expression | None:
    """The aggregate a call asks for, or None and the problems reported."""
    if checker.fact is not None:
        checker.problem(
            node, "nested-window", "a window inside 'where'",
            expected=f"a condition on the fields of the {checker.fact.word} itself",
            hint="give the inner window a name in [features] and use it beside this one",
        )  # fmt: skip
        return None
    if not _is_about_payments(checker, name, node):
        return None
    keywords = _keywords(checker, name, node)
    if keywords is None:
        return None
    by: tuple[KeyPart, ...] | None = ()
    if "by" in keywords:
        by = _account(checker, name, keywords["by"])
    window_ms = span(checker, "window", keywords["window"])
    within_ms = span(checker, "within", keywords["within"]) if "within" in keywords else 0
    if by is None or window_ms is None or within_ms is None:
        return None
    if within_ms > window_ms:
        checker.problem(
            keywords["within"].value, "range", "'within' is longer than the window",
            expected=f"at most {write_duration(window_ms)}", found=write_duration(within_ms),
        )  # fmt: skip
        return None
    by = with_currency(checker, PAYMENT, by, node)
    if name == "pass_through":
        amount = PAYMENT.field("amount")
        return Window(name, PAYMENT, amount, by, None, window_ms, 0, NUMBER, within_ms)
    return Window(name, PAYMENT, None, by, None, window_ms, 0, COUNT)


def _is_about_payments(checker: Checker, name: Aggregator, node: ast.Call) -> bool:
    expected = "payment.amount" if name == "pass_through" else "payment"
    usage = ", ".join([expected, *(_example(name, keyword) for keyword in FLOWS[name])])
    found = ", ".join(checker.source.words(argument) for argument in node.args)
    if found != expected:
        checker.problem(
            node.args[0] if node.args else node, "arguments",
            f"'{name}' follows {'money' if name == 'pass_through' else 'payments'}",
            expected=f"{name}({usage})", found=found or None,
        )  # fmt: skip
        return False
    if checker.scope.judged is not PAYMENT:
        checker.problem(
            node, "type", f"'{name}' is for policies that judge payments",
            expected="an aggregate of another kind", found=f"a judged {checker.scope.judged.word}",
        )  # fmt: skip
        return False
    return True


def _keywords(checker: Checker, name: Aggregator, node: ast.Call) -> dict[str, ast.keyword] | None:
    wanted, found = FLOWS[name], dict[str, ast.keyword]()
    for keyword in node.keywords:
        word = keyword.arg or "**"
        if word in wanted and word not in found:
            found[word] = keyword
            continue
        what = f"'{name}' has no argument '{word}'"
        if word in found:
            what = f"the argument '{word}' is given twice"
        hint = _WHY_NOT.get(word) or near(word, wanted)
        checker.problem(keyword, "arguments", what, expected=", ".join(wanted), hint=hint)
        return None
    for word in wanted:
        if word not in found:
            what = f"'{name}' needs the argument '{word}'"
            checker.problem(node, "arguments", what, expected=_example(name, word))
            return None
    return found


def _side(name: Aggregator) -> _Side:
    return _PAID if name == "payees_of_payees" else _RECEIVED


def _example(name: Aggregator, keyword: str) -> str:
    return _side(name).by if keyword == "by" else _EXAMPLES[keyword]


def _account(
    checker: Checker, name: Aggregator, keyword: ast.keyword
) -> tuple[KeyPart, ...] | None:
    """The one account whose money is followed."""
    by, side = key_of(checker, PAYMENT, keyword), _side(name)
    if by is None:
        return None
    rest = [part.theirs.name for part in by if part.theirs.name != "currency"]
    if rest == [side.account]:
        return by
    is_other_side = rest in (["payer_account"], ["payee_account"])
    checker.problem(
        keyword.value, "key", f"the flow of money is that of one account that {side.did}",
        expected=f"{side.by}, or {side.other}", found=checker.source.words(keyword.value),
        hint=f"{side.hint}: {side.other}" if is_other_side else None,
    )  # fmt: skip
    return None
