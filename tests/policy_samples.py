"""A small policy to read, and ways to write others."""

from __future__ import annotations

from pathlib import Path

from arasha.errors import Diagnostic
from arasha.policy.document import check

TEXTS = """text.kk = "-"
text.ru = "-"
text.en = "-"
"""

POLICY = """
[policy]
name = "small"
utc_offset = "+05:00"

[features]
new_payee = 'pair_payments == 0'
pair_payments = 'count(payment, by=(payer_account, payee_account), window="90d")'
paid = 'sum(payment.amount, by=payer_account, window="24h")'

[thresholds]
warn = 300
hold = 600

[rules.much_to_a_stranger]
when = 'new_payee and paid + amount > "1000000 KZT"'
action = "hold"
points = 600
text.kk = "Жаңа алушы. 24 сағатта {paid} жіберілді."
text.ru = "Новый получатель. За 24 часа отправлено {paid}."
text.en = "A new payee. Sent in 24 hours: {paid}."
"""


def written(folder: Path, text: str, name: str = "policy.toml") -> Path:
    """A file of that text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def with_rules(*conditions: str, features: str = "", rest: str = "points = 5") -> str:
    """A policy whose rules r0, r1, ... have those conditions."""
    rules = [
        f"[rules.r{i}]\nwhen = '{condition}'\n{rest}\n{TEXTS}"
        for i, condition in enumerate(conditions)
    ]
    return "\n".join(['[policy]\nname = "x"\n\n[features]', features, *rules])


def names(folder: Path, text: str) -> list[str]:
    """The names of all faults of a policy."""
    return [diagnostic.name for diagnostic in faults(folder, text)]


def faults(folder: Path, text: str) -> list[Diagnostic]:
    """All faults of a policy."""
    return check(written(folder, text))
