"""Data made up on the spot: card payments like the handbook's, and random histories of facts.

In: a seed. Out: the same data for the same seed. `handbook_like` stands in for the third-party data
set where that is not at hand; `random_facts` feeds the laws (replay, oracle, round trips) with what
real data seldom have: few parties, equal times, times that run backwards, much that is unknown.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.events.columns import Facts, Numbers, Symbols
from arasha.events.reference import digest16
from arasha.events.schema import (
    FACT_OF_KIND,
    FACTS,
    MISSING,
    NUMBER_COLUMNS,
    SYMBOL_COLUMNS,
    Field,
    FieldType,
    Kind,
    PartyKind,
)
from arasha.events.symbols import code_bytes, symbols_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Ints = NDArray[np.int64]

START: Final = datetime(2018, 4, 1)  # noqa: DTZ001  # the handbook's times name no zone either
"""First moment of `handbook_like`."""

_SIDE: Final = 100.0  # the town is a square; a customer pays at terminals within _REACH of home
_REACH: Final = 5.0
_BLOCK: Final = 500  # customers whose distances are computed at once
_NOON_S: Final = 43_200
_SPREAD_S: Final = 20_000
_HIGH_CENTS: Final = 22_000
_COMPROMISED_DAYS: Final = 28
_STOLEN_DAYS: Final = 14
_HISTORY_START_MS: Final = 1_700_000_000_000


def handbook_like(seed: int, customers: int, terminals: int, days: int) -> pl.DataFrame:
    """Card payments with the handbook's columns, types and three ways of fraud, sorted by time.

    About two payments a customer and day: 5,000 customers, 10,000 terminals and 136 days give 1.3
    million. A payment is fraud (1) above 220.00; (2) at a terminal in the 28 days after it was
    compromised; (3) if it is of the third of a stolen card's payments, times five, in the 14 days
    after the theft. Two in 10,000 terminals and three in 5,000 customers fall a day, at least one
    each.
    """
    chance = np.random.default_rng(seed)
    offsets, near = _terminals_near(chance, customers, terminals)
    rate = chance.uniform(0, 4, customers)
    mean = chance.uniform(500, 10_000, customers)  # cents
    counts = chance.poisson(np.repeat(rate, days))
    customer = np.repeat(np.arange(customers).repeat(days), counts)
    day = np.repeat(np.tile(np.arange(days), customers), counts)
    second = np.rint(chance.normal(_NOON_S, _SPREAD_S, len(day))).astype(np.int64)
    awake = (second > 0) & (second < 86_400)
    customer, day, second = customer[awake], day[awake], second[awake]
    order = np.argsort(day * 86_400 + second, kind="stable")
    customer, day, second = customer[order], day[order], second[order]
    span = offsets[customer + 1] - offsets[customer]
    terminal = near[offsets[customer] + (chance.random(len(day)) * span).astype(np.int64)]
    cents = _amounts(chance, mean[customer])
    cents, scenario = _frauds(chance, customer, terminal, day, cents, (customers, terminals, days))
    start_ms = np.datetime64(START, "ms")
    moment = start_ms + ((day * 86_400 + second) * 1000).astype("timedelta64[ms]")
    return pl.DataFrame(
        {
            "TRANSACTION_ID": pl.Series(np.arange(len(day)), dtype=pl.Int32),
            "TX_DATETIME": pl.Series(moment).cast(pl.Datetime("ms")),
            "CUSTOMER_ID": pl.Series(customer, dtype=_narrow(customers)),
            "TERMINAL_ID": pl.Series(terminal, dtype=_narrow(terminals)),
            "TX_AMOUNT": pl.Series(cents / 100),
            "TX_FRAUD": pl.Series(scenario > 0).cast(pl.Int8),
            "TX_FRAUD_SCENARIO": pl.Series(scenario, dtype=pl.Int8),
        }
    )


def _narrow(count: int) -> type[pl.DataType]:
    return pl.Int16 if count <= np.iinfo(np.int16).max else pl.Int32


def _terminals_near(
    chance: np.random.Generator, customers: int, terminals: int
) -> tuple[Ints, Ints]:
    """Customer i pays at ``near[offsets[i]:offsets[i + 1]]``, never none."""
    homes = chance.uniform(0, _SIDE, (customers, 2)).astype(np.float32)
    places = chance.uniform(0, _SIDE, (terminals, 2)).astype(np.float32)
    lengths: list[Ints] = []
    found: list[Ints] = []
    for first in range(0, customers, _BLOCK):
        home = homes[first : first + _BLOCK, None]
        squares = (home[..., 0] - places[:, 0]) ** 2 + (home[..., 1] - places[:, 1]) ** 2
        within = squares < _REACH**2
        within[np.arange(len(within)), squares.argmin(axis=1)] = True
        lengths.append(within.sum(axis=1))
        found.append(np.nonzero(within)[1])
    offsets = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
    return offsets, np.concatenate(found)


def _amounts(chance: np.random.Generator, mean: NDArray[np.float64]) -> Ints:
    drawn = chance.normal(mean, mean / 2)
    again = chance.uniform(0, 2 * mean)
    return np.maximum(1, np.rint(np.where(drawn > 0, drawn, again))).astype(np.int64)


def _frauds(
    chance: np.random.Generator,
    customer: Ints,
    terminal: Ints,
    day: Ints,
    cents: Ints,
    sizes: tuple[int, int, int],
) -> tuple[Ints, Ints]:
    """The amounts, those of stolen cards raised, and the way of fraud of each payment (0 none)."""
    customers, terminals, days = sizes
    scenario = np.where(cents > _HIGH_CENTS, 1, 0)
    bad = _spells(chance, terminals, days, max(1, round(terminals / 5000)), _COMPROMISED_DAYS)
    scenario[bad[terminal, day]] = 2
    bad = _spells(chance, customers, days, max(1, round(customers * 3 / 5000)), _STOLEN_DAYS)
    stolen = bad[customer, day] & (chance.random(len(day)) < 1 / 3)
    scenario[stolen] = 3
    return np.where(stolen, cents * 5, cents), scenario


def _spells(
    chance: np.random.Generator, count: int, days: int, each_day: int, length: int
) -> NDArray[np.bool_]:
    """bool[count, days]: who is bad on which day, when that many fall ill a day for so long."""
    bad = np.zeros((count, days), np.bool_)
    for day in range(days):
        bad[chance.integers(0, count, each_day), day + 1 : day + 1 + length] = True
    return bad


def random_facts(
    seed: int, n: int, *, parties: int = 4, kinds: tuple[Kind, ...] | None = None
) -> Facts:
    """N valid facts of all kinds over that many accounts, numbers and devices each.

    Every fourth time equals the one before, every eighth lies up to a day back; every optional
    field is unknown in one of three facts; amounts are small, in two currencies; ids are unique;
    half of the references to a payment meet one of the facts before.
    """
    chance = np.random.default_rng(seed)
    chosen = kinds or tuple(fact.kind for fact in FACTS.values())
    kind = chance.choice(np.array(chosen, np.uint8), n).astype(np.uint8)
    ids = [f"f-{i}" for i in range(n)]
    senders = chance.integers(0, 2, n)
    times = _times(chance, n)
    numbers: dict[str, Numbers] = {}
    symbols: dict[str, Symbols] = {
        "sender": symbols_of([code_bytes(("ALPHAKZK", "BETAKZKA")[i]) for i in senders.tolist()])
    }
    pools = {field: chance.integers(1, 2**62, (parties, 2), np.uint64) for field in _POOLS}
    for name in (*NUMBER_COLUMNS, *SYMBOL_COLUMNS):
        if name == "sender":
            continue
        known = _known(chance, kind, name)
        if not known.any():
            continue
        field = _field_of(name)
        if name == "happened_at":
            numbers[name] = np.where(known, times, MISSING)
        elif field.type.is_symbol:
            pool = pools[field.party.value] if field.party else _pool(chance, field)
            drawn = pool[chance.integers(0, len(pool), n)]
            if name == "payment":
                drawn = _references(chance, kind, senders, drawn)
            symbols[name] = np.where(known[:, None], drawn, np.uint64(0))
        else:
            numbers[name] = np.where(known, _values(chance, name, kind, n), MISSING)
    _money_together(numbers)
    return Facts(kind, ids, numbers, symbols)


def histories(max_size: int = 40) -> SearchStrategy[Facts]:
    """A hypothesis strategy of `random_facts` from none to ``max_size`` of them."""
    from hypothesis import strategies as st

    return st.builds(
        random_facts,
        st.integers(0, 2**32 - 1),
        st.integers(0, max_size),
        parties=st.integers(1, 5),
    )


_POOLS: Final = tuple(kind.value for kind in PartyKind)


def _times(chance: np.random.Generator, n: int) -> Ints:
    steps = chance.integers(0, 4 * 3_600_000, n)
    steps[chance.random(n) < 0.25] = 0
    forward = _HISTORY_START_MS + np.cumsum(steps)
    back = np.where(chance.random(n) < 0.125, chance.integers(0, 86_400_000, n), 0)
    return forward - back


def _known(chance: np.random.Generator, kind: NDArray[np.uint8], name: str) -> NDArray[np.bool_]:
    known = np.zeros(len(kind), np.bool_)
    for one in np.unique(kind).tolist():
        field = FACT_OF_KIND[Kind(one)].field(name)
        if field is not None:
            here = kind == one
            known |= here & ((chance.random(len(kind)) < 2 / 3) | field.required)
    return known


def _field_of(name: str) -> Field:
    return next(f for fact in FACTS.values() for f in fact.fields if f.name == name)


def _pool(chance: np.random.Generator, field: Field) -> Symbols:
    if field.type is FieldType.CODE:
        return symbols_of([code_bytes(code) for code in ("ALPHAKZK", "BETAKZKA", "GP2P")])
    return chance.integers(1, 2**62, (8, 2), np.uint64)


def _references(
    chance: np.random.Generator, kind: NDArray[np.uint8], senders: Ints, drawn: Symbols
) -> Symbols:
    payments = np.flatnonzero(kind == Kind.PAYMENT)
    for at in range(len(kind)):
        before = payments[: np.searchsorted(payments, at)]
        if len(before) and chance.random() < 0.5:
            met = int(chance.choice(before))
            sender = ("ALPHAKZK", "BETAKZKA")[int(senders[met])]
            drawn[at] = np.frombuffer(digest16(sender, f"f-{met}"), np.uint64)
    return drawn


def _values(chance: np.random.Generator, name: str, kind: NDArray[np.uint8], n: int) -> Ints:
    if name == "amount":
        return chance.integers(1, 1000, n)
    if name == "currency":
        return np.where(chance.random(n) < 0.75, 398, 840)
    if name == "duration":
        return chance.integers(0, 3_600_000, n)
    sizes = np.full(n, 2, np.int64)  # marks
    for one in np.unique(kind).tolist():
        field = FACT_OF_KIND[Kind(one)].field(name)
        if field is not None and field.categories:
            sizes[kind == one] = len(field.categories)
    return chance.integers(0, sizes)


def _money_together(numbers: dict[str, Numbers]) -> None:
    """An amount without a currency, or the other way round, says nothing: neither is known."""
    if "amount" not in numbers or "currency" not in numbers:
        numbers.pop("amount", None)
        numbers.pop("currency", None)
        return
    unknown = (numbers["amount"] == MISSING) | (numbers["currency"] == MISSING)
    numbers["amount"][unknown] = MISSING
    numbers["currency"][unknown] = MISSING
