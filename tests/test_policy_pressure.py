"""Which rules say that somebody presses the payer."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.policy import document
from arasha.policy.definition import GROUPS
from arasha.policy.pressure import is_pressed, pressing_rules
from policy_samples import POLICY, written


def pressing(folder: Path, feature: str, when: str, group: str | None = None) -> bool:
    """Whether the small policy's rule, with that feature in it, is one."""
    said = f"'{feature}'"
    if group is not None:
        said = f'{{ expression = {said}, group = "{group}" }}'
    text = POLICY.replace("[thresholds]", f"sign = {said}\n\n[thresholds]", 1)
    text = text.replace("when = 'new_payee and", f"when = '{when} and new_payee and", 1)
    return bool(pressing_rules(document.load(written(folder, text))))


@pytest.mark.parametrize(
    ("feature", "when", "group", "expected"),
    [
        ("active_call", "sign", None, True),
        ("active_call", "active_call", None, True),
        ('count(payment, by=payer_account, window="1h") > 0', "sign", None, False),
        ('count(signal, by={number: payer_number}, window="1h")', "sign > 0", "calls", True),
        ('count(signal, by={number: payer_number}, window="1h")', "sign > 0", "device", False),
        ('count(warning, by=payer_account, window="1h")', "sign > 0", None, True),
        ('last(warning, by=payer_account, window="1h")', 'sign <= "1h"', None, True),
        ('count(report, by=payee_account, window="3d")', "sign > 0", "payee_reports", False),
        ("remote_access", "sign", "device", False),
        ("hour(happened_at)", "(sign > 3 or not active_call)", "time", True),
        ("hour(happened_at)", "coalesce(active_call, False)", None, True),
    ],
)
def test_calls_and_answers_to_warnings_tell_of_pressure(
    tmp_path: Path, feature: str, when: str, group: str | None, *, expected: bool
) -> None:
    """Wherever in the rule they stand; a change of device or a report of the payee does not."""
    assert expected is pressing(tmp_path, feature, when, group)


def test_the_default_policy_has_such_rules(root: Path) -> None:
    """Long calls, calls from strangers, a call in progress, what was answered to warnings."""
    policy = document.load(root / "policies" / "instant-payments.toml")
    names = {policy.rules[place].name for place in pressing_rules(policy)}
    assert names
    looked_at = ("call", "warn", "stopped", "continued")
    for rule in policy.rules:
        if any(word in value for value in rule.values for word in looked_at):
            assert rule.name in names, rule.name
    assert "payee_confirmed_fraud" not in names


def test_the_models_calls_count_as_well() -> None:
    """The group ``calls`` among those that the model told of; no other does."""
    for place, group in enumerate(GROUPS):
        assert (group == "calls") is is_pressed(frozenset(), (), 1 << place)
