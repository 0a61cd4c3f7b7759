"""A small policy that learns, and what it learnt from small payments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from arasha.engine.recipe import DAY_MS, Recipe, Trees
from arasha.engine.table import PaymentTable, payment_table
from arasha.engine.train import Trained, train
from arasha.engine.version import write_version
from arasha.events.mapping import Mapping, load_mapping
from arasha.policy import document
from arasha.policy.definition import Policy
from policy_samples import TEXTS, written
from small_data import HANDBOOK_FILE

ROOT = Path(__file__).resolve().parent.parent

UNTIL_MS = 1_534_204_800_000  # 2018-08-14

RECIPE = Recipe(slice_ms=21 * DAY_MS, trees=Trees(count=20, leaves=4), patience=5)

POLICY = f"""
[policy]
name = "learns"
mapping = "{(ROOT / "mappings" / "handbook.toml").as_posix()}"
keep = ["times_habit", "payments_1d", "much", "frauds_28d", "age"]

[features]
mean_90d = 'mean(payment.amount, by=(payer_account, currency), window="90d", delay="7d")'
times_habit = {{ expression = 'amount / mean_90d', group = "amount_habit" }}
payments_1d = {{ expression = 'count(payment, by=payer_account, window="1d")', group = "pace" }}
much = {{ expression = 'amount > "220 EUR"', group = "amount_habit" }}
age = 'last(payment, by=payer_account, window="30d")'

[features.frauds_28d]
expression = 'count(label, by=payer_account, window="28d", where=fraud)'
group = "payee_reports"
text.kk = "алаяқтық саны"
text.ru = "число мошенничеств"
text.en = "frauds"

[thresholds]
warn = 300
hold = 600

[rules.often]
when = 'payments_1d >= 4'
points = 300
{TEXTS}"""


@dataclass(frozen=True, slots=True)
class Learnt:
    """The policy before, the training, the policy after, in its folder."""

    before: Policy
    table: PaymentTable
    trained: Trained
    after: Policy
    mapping: Mapping
    file: Path


@cache
def learnt(data: Path, folder: Path) -> Learnt:
    """What the small policy learns of the small handbook of that folder."""
    before = document.load(written(folder, POLICY))
    assert before.mapping is not None
    mapping, file = load_mapping(before.mapping), data / HANDBOOK_FILE
    table = payment_table(file, before, mapping, before.keep)
    trained = train(table, RECIPE, UNTIL_MS)
    after = write_version(before, trained, folder / "trained")
    return Learnt(before, table, trained, after, mapping, file)
