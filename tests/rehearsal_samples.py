"""A small policy and small countries in which it judges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from arasha.country.arms import Bench, Seats
from arasha.country.facts import Reader
from arasha.country.loop import Happened, Life
from arasha.country.parameters import load
from arasha.country.society import Society
from arasha.policy import document
from arasha.policy.judge import Judge

PEOPLE = 300

POLICY = """
[policy]
name = "wary"
utc_offset = "+05:00"
keep = ["pair", "paid", "received", "signals"]

[features]
pair = 'count(payment, by=(payer_account, payee_account), window="30d")'
paid = 'sum(payment.amount, by=(payer_account, currency), window="24h")'
received = 'count(payment, by=payee_account, window="24h")'
signals = 'count(signal, by={number: payer_number}, window="24h")'
opened = 'exists(account_change, by={account: payee_account}, window="30d")'

[thresholds]
warn = 200
hold = 400

[rules.stranger]
when = 'pair == 0 and amount >= "20000 KZT"'
points = 250
text.kk = "Жаңа алушы, бұрынғы төлемдер: {pair}."
text.ru = "Новый получатель, прежних платежей: {pair}."
text.en = "A new payee, payments before: {pair}."

[rules.much]
when = 'paid + amount >= "100000 KZT" or signals >= 2 or opened'
points = 200
text.kk = "Тәулікте көп төленді: {paid}."
text.ru = "Много заплачено за сутки: {paid}."
text.en = "Much was paid within a day: {paid}."
"""


def wary(folder: Path) -> Path:
    """The policy's file."""
    path = folder / "wary.toml"
    path.write_text(POLICY, encoding="utf-8")
    return path


def judge_of(folder: Path) -> Judge:
    """Its judge."""
    return Judge(document.load(wary(folder)))


def staged(seed: int = 1, people: int = PEOPLE) -> tuple[Society, Life, Bench]:
    """A country, and a bench without judges that it asks."""
    parameters = load("standard")
    society = Society.make(seed, people, parameters)
    bench = Bench(Reader(society).facts, lambda: society.accounts.bank)
    return society, Life(society, parameters, seed, bench), bench


def lived(
    judge: Judge, days: int = 2, *, centre: bool = True, acting: bool = True, seed: int = 1
) -> tuple[Bench, Sequence[Happened]]:
    """A country that lived so long under that judge at every seat."""
    society, life, bench = staged(seed)
    bench.watch(Seats.of(judge, society.banks, centre=centre))
    if acting:
        bench.act()
    return bench, list(life.slices(days))
