"""What ``arasha train`` does: read, look back, learn, try on later payments, write.

In: paths and options as data. Out: in a directory the new version of a policy, its model and the
card that says how well it does on payments it has not seen. commands_train.py has the words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from arasha.app import terminal
from arasha.errors import Place, UsageError

if TYPE_CHECKING:
    from arasha.engine.recipe import Costs, Recipe
    from arasha.engine.table import PaymentTable
    from arasha.engine.train import Trained
    from arasha.engine.trial import Trial
    from arasha.events.mapping import Mapping
    from arasha.policy.definition import Policy
    from arasha.reports.card_measures import Card

DEFAULT_DELAY_MS = 7 * 86_400_000
"""How long a payment's truth takes where neither the caller nor the mapping says."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made of which file. ``delay_ms`` None: as the mapping says. ``until_ms`` None:
    as late as leaves time for the test. ``test_ms`` None: a fifth of the file's time, at most 28
    days. ``cost_bothered`` is in the currency of most payments, None a tenth of their median;
    ``repeats``: on how many earlier times the recipe is tried, too.
    """

    file: Path
    policy: Path
    out: Path
    recipe: Recipe
    mapping: Path | None = None
    delay_ms: int | None = None
    until_ms: int | None = None
    test_ms: int | None = None
    repeats: int = 0
    cost_missed: float = 1.0
    cost_bothered: float | None = None
    alerts_a_day: int = 100


@dataclass(frozen=True, slots=True)
class Made:
    """The new version of the policy, the training behind it, by which recipe, and its card."""

    version: Policy
    trained: Trained
    recipe: Recipe
    trial: Trial
    card: Card
    files: tuple[Path, ...]


def made(order: Order, *, quiet: bool = False) -> Made:
    """Carry out the order. UsageError where there is too little to learn from."""
    from arasha.app.judging import facts_expected, mapping_for, no_further
    from arasha.engine.recipe import earliest
    from arasha.engine.table import BEGINNING_MS, payment_table
    from arasha.engine.train import train
    from arasha.engine.trial import earlier_trials, tried
    from arasha.engine.version import write_version
    from arasha.events.schema import PAYMENT
    from arasha.policy.document import load
    from arasha.policy.kinds import demanded
    from arasha.reports.card import write_card
    from arasha.reports.card_trained import card_of

    compiled = demanded(load(order.policy), PAYMENT)
    names = inputs_of(compiled)
    _known_names(order.recipe, names)
    read_by = mapping_for(compiled, order.mapping, order.file)
    recipe = replace(order.recipe, label_delay_ms=_delay_ms(order, read_by))
    until_ms, test_ms = _times(order, read_by)
    total = facts_expected(order.file, read_by, quiet=quiet)
    with terminal.progress("Looking back", total, quiet=quiet) as advance:
        table = payment_table(
            order.file, compiled, read_by, names,
            from_ms=_from_ms(earliest(recipe, until_ms), recipe, test_ms, order.repeats)
            or BEGINNING_MS,
            until_ms=until_ms + test_ms,
            on_progress=no_further(advance, total),
        )  # fmt: skip
    recipe = replace(recipe, costs=_costs(order, table.between(BEGINNING_MS, until_ms)))
    say = None if quiet else terminal.note
    trained = train(table, recipe, until_ms, say)
    trial = tried(table, trained, recipe, until_ms, test_ms, say)
    repeats = earlier_trials(table, recipe, trial, test_ms, order.repeats)
    version = write_version(compiled, trained, order.out)
    card = card_of(version, recipe, trial, repeats)
    return Made(version, trained, recipe, trial, card, write_card(order.out, card))


def inputs_of(policy: Policy) -> tuple[str, ...]:
    """The features a model of the policy learns from: those it keeps, else those of its model."""
    from arasha.features.expressions import Unit

    names = policy.keep or (() if policy.model is None else policy.model.features)
    if not names:
        raise UsageError(
            "the policy keeps no features for a model",
            expected="[policy] keep = [...], the names of features",
            hint="list them under keep, as policies/handbook-model.toml does",
        )
    for name in names:
        if policy.features[name].type.unit in (Unit.INSTANT, Unit.CATEGORY, Unit.CURRENCY):
            raise UsageError(
                f"the feature '{name}' cannot be an input of a model",
                expected="a number, money, a duration, or yes or no",
                hint='compare it: channel == "web" is yes or no',
            )
    return names


def _known_names(recipe: Recipe, names: tuple[str, ...]) -> None:
    for name in recipe.monotone:
        if name not in names:
            raise UsageError(
                f"the model has no feature '{name}'", expected="a feature that the policy keeps"
            )


def _delay_ms(order: Order, mapping: Mapping | None) -> int:
    """How long truths take: never less than the mapping says, or the future would be known. Files
    of our own facts say of each label when it was settled.
    """
    if mapping is None:
        return DEFAULT_DELAY_MS if order.delay_ms is None else order.delay_ms
    if mapping.labels is None:
        raise UsageError(
            "nothing says which payments were fraud",
            expected="[labels] in the mapping",
            where=Place(file=str(mapping.path)),
            hint="docs/guides/mapping.md shows how to name the column",
        )
    least = mapping.labels.known_after_ms
    if order.delay_ms is None:
        return least or DEFAULT_DELAY_MS
    if order.delay_ms < least:
        raise UsageError(
            "--label-delay is shorter than labels take in the mapping",
            expected=f"at least {least / 86_400_000:g} days, as known_after says",
            found=f"{order.delay_ms / 86_400_000:g} days",
        )
    return order.delay_ms


def _times(order: Order, mapping: Mapping | None) -> tuple[int, int]:
    """When to train, and how long to test from then on."""
    from arasha.engine.table import time_of
    from arasha.engine.trial import length_ms, moment_before

    if order.until_ms is not None and order.test_ms is not None:
        return order.until_ms, order.test_ms
    first, last = time_of(order.file, mapping)
    test_ms = length_ms(first, last) if order.test_ms is None else order.test_ms
    until_ms = moment_before(last, test_ms) if order.until_ms is None else order.until_ms
    left = last + 1 - until_ms
    if order.until_ms is None or (order.test_ms is None and 0 < left < test_ms):
        test_ms = left
    return until_ms, test_ms


def _from_ms(earliest: int | None, recipe: Recipe, test_ms: int, repeats: int) -> int | None:
    """From when on payments are needed, for a rehearsal and repeats, too."""
    if earliest is None:
        return None
    return earliest - recipe.label_delay_ms - (1 + repeats) * test_ms


def _costs(order: Order, known: PaymentTable) -> Costs:
    """The costs in minor units: a warning costs a tenth of a hold, a block ten times as much.

    ``known`` are payments before the training.
    """
    import numpy as np

    from arasha.engine.recipe import Costs
    from arasha.engine.table import main_currency
    from arasha.events.money import CURRENCY_OF_NUMERIC

    number = main_currency(known)
    if order.cost_bothered is None:
        amounts = known.amount_minor[known.currency == number]
        minor = round(float(np.median(amounts)) / 10) if len(amounts) else 0
    else:
        currency = CURRENCY_OF_NUMERIC.get(number)
        minor = round(order.cost_bothered * 10 ** (2 if currency is None else currency.decimals))
    return Costs(order.cost_missed, minor // 10, minor, minor * 10, alerts_a_day=order.alerts_a_day)
