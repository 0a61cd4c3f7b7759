"""What a policy may count, by what it judges: payments and calls are never in one policy.

After every expression was typed. An operator knows calls and no payments, a bank and the centre
know payments and no calls: between them go answers in classes. So a policy of both could run
nowhere, or only where call facts had left the operator. And call facts live as long as the widest
window that uses them: here stands how long that may be at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from arasha.errors import Place, UsageError
from arasha.events.schema import CALL, CALL_FACTS, FACTS, PAYMENT, Fact
from arasha.features.expressions import Expression, Window
from arasha.features.literals import write_duration
from arasha.features.program import children
from arasha.policy.check import Draft
from arasha.policy.definition import Policy, Rule
from arasha.policy.diagnostics import Faults
from arasha.policy.located import Path

COUNTED: Final[Mapping[str, frozenset[str]]] = {
    PAYMENT.word: frozenset(FACTS) - CALL_FACTS,
    CALL.word: CALL_FACTS | {"sim_change", "report"},
}
"""The kinds of fact that a policy's windows may hold, by the word of what it judges."""

MAX_CALL_WINDOW_MS: Final = 31 * 86_400_000
"""Longest window over call facts with its delay: a month. It is how long they may live at least."""


def check_kinds(
    faults: Faults,
    judged: Fact,
    drafts: Mapping[str, Draft],
    features: Mapping[str, Expression],
    rules: Sequence[Rule],
) -> None:
    """Add an error for each window that a policy over ``judged`` facts cannot have."""
    for name, expression in features.items():
        _check(faults, judged, drafts[name].path, expression)
    for rule in rules:
        _check(faults, judged, ("rules", rule.name, "when"), rule.when)


def demanded(policy: Policy, judged: Fact) -> Policy:
    """The policy, if it judges these facts. Raises UsageError if it judges others."""
    if policy.judges is judged:
        return policy
    raise UsageError(
        f"this policy judges a {policy.judges.word}",
        expected=f'one with judges = "{judged.word}"',
        where=Place(file=str(policy.source)),
        hint=_ELSEWHERE[policy.judges.word],
    )


def windows_of(expression: Expression) -> Iterator[Window]:
    """The windows in an expression, one that stands twice twice."""
    if isinstance(expression, Window):
        yield expression
        return
    for child in children(expression):
        yield from windows_of(child)


def _check(faults: Faults, judged: Fact, path: Path, expression: Expression) -> None:
    for window in windows_of(expression):
        if window.fact.word not in COUNTED[judged.word]:
            faults.value(
                path,
                "mixed",
                f"a policy that judges a {judged.word} cannot count facts of the kind "
                f"{window.fact.word}",
                expected=", ".join(word for word in FACTS if word in COUNTED[judged.word]),
                found=window.fact.word,
                hint=_HINTS[judged.word],
            )
        elif (
            window.fact.word in CALL_FACTS
            and window.window_ms + window.delay_ms > MAX_CALL_WINDOW_MS
        ):
            faults.value(
                path,
                "range",
                "this window over calls is too long: calls are kept for as long as it lasts",
                expected=f"at most {write_duration(MAX_CALL_WINDOW_MS)} with its delay",
                found=write_duration(window.window_ms + window.delay_ms),
            )


_ELSEWHERE: Final = {
    PAYMENT.word: "arasha rehearse, replay, backtest and serve take it",
    CALL.word: "arasha rehearse-calls and serve --role operator take it",
}
_HINTS: Final = {
    PAYMENT.word: "calls stay with the operator: use its answers in classes, signal facts",
    CALL.word: "payments stay with the bank and the centre",
}
