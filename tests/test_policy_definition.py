from __future__ import annotations

import json
from pathlib import Path

import pytest

from arasha.policy.definition import canonical
from arasha.policy.document import load
from policy_samples import POLICY, written

SAME = [
    ("[policy]", "# a comment\n[policy]"),
    ('name = "small"', 'name = "another"'),
    ("new_payee and paid + amount", "(new_payee)   and (paid+amount)"),
    ("'count(payment, by=(payer_account, payee_account), window=\"90d\")'",
     '"""count(payment,\n window="90d", by=[payer_account, payee_account])"""'),
    ('"1000000 KZT"', '"1 000 000.00 KZT"'),
    ('window="24h"', 'window="1d"'),
    ("by=payer_account,", "by=(payer_account, currency),"),
    ("new_payee = 'pair_payments == 0'\n", ""),
]  # fmt: skip
OTHER = [
    ("warn = 300", "warn = 301"),
    ("points = 600", "points = 601"),
    ('action = "hold"', 'action = "block"'),
    ('action = "hold"', ""),
    ('"+05:00"', '"+06:00"'),
    ("1000000 KZT", "1000001 KZT"),
    ("1000000 KZT", "1000000 USD"),
    ('window="24h"', 'window="25h"'),
    ("A new payee.", "Another payee."),
    ("much_to_a_stranger", "much_to_strangers"),
    ("utc_offset", 'keep = ["paid"]\nutc_offset'),
]


def hashed(folder: Path, text: str) -> str:
    """The hash of a policy."""
    return load(written(folder, text)).hash


@pytest.mark.parametrize(("old", "new"), SAME)
def test_what_alters_nothing_keeps_the_hash(tmp_path: Path, old: str, new: str) -> None:
    """Comments, layout, order of features, the policy's own name."""
    text = POLICY.replace(old, new, 1)
    if "new_payee = " not in text:
        text = text.replace("[thresholds]", "new_payee = 'pair_payments == 0'\n[thresholds]")
    assert text != POLICY
    assert hashed(tmp_path, POLICY) == hashed(tmp_path, text)


@pytest.mark.parametrize(("old", "new"), OTHER)
def test_what_can_alter_a_decision_or_a_text_alters_the_hash(
    tmp_path: Path, old: str, new: str
) -> None:
    """Each part by itself."""
    assert old in POLICY
    assert hashed(tmp_path, POLICY) != hashed(tmp_path, POLICY.replace(old, new, 1))


def test_the_canonical_form_is_json_in_the_order_of_rules(tmp_path: Path) -> None:
    """So that anyone can compute the hash again."""
    policy = load(written(tmp_path, POLICY))
    content = json.loads(canonical(policy))
    assert ["arasha policy", 1, "payment", 18_000_000] == content[0]
    assert [300, 600, None] == content[1]
    assert ["new_payee", "paid", "pair_payments"] == [name for name, _ in content[2]]
    assert "much_to_a_stranger" == content[5][0][0]
    assert 64 == len(policy.hash)
