"""From a training and its trial to the card of the policy's model.

Between engine/trial.py and card_measures.py: the table's columns and the model's probabilities,
contributions and actions become the plain columns that a card is made from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.recipe import Costs, Recipe
from arasha.engine.table import PaymentTable, main_currency
from arasha.engine.trial import Trial, actions_of
from arasha.events.schema import CHANNELS, MISSING
from arasha.events.symbols import code_text
from arasha.policy.definition import MAX_SCORE, ModelPart, Policy, Thresholds
from arasha.policy.model import Model, calibrated, points_of
from arasha.policy.model_file import digest_of
from arasha.reports import figures
from arasha.reports.card_columns import (
    Contributions,
    Grouping,
    Integers,
    Matrix,
    Repeat,
    Rows,
    Seed,
    Span,
    Subject,
    span,
)
from arasha.reports.card_measures import Card, measure_card

MAX_EXPLAINED: Final = 5_000
"""Payments of the test whose contributions are computed, evenly spread over it."""

MAX_LEARNT: Final = 200_000
"""Payments learnt from that drift is measured against, evenly spread over them."""


def card_of(version: Policy, recipe: Recipe, trial: Trial, repeats: Sequence[Trial] = ()) -> Card:
    """The card of the policy's model. The same trial gives the same card."""
    model = _model(trial)
    test, learnt = trial.test, trial.settled(trial.trained.slices.final)
    raw = model.raw(test.features)
    seed = _seed(recipe, trial, raw)
    explained, compared = _spread(len(test), MAX_EXPLAINED), _spread(len(learnt), MAX_LEARNT)
    return measure_card(
        _subject(version, recipe, trial),
        _rows(trial, raw),
        matrix=Matrix(test.names, learnt.features[compared], test.features, dict(version.groups)),
        contributions=Contributions(model.contributions(test.features[explained]), explained),
        seeds=[seed] if repeats else [],
        repeats=[_repeat(recipe, one, version.utc_offset_ms) for one in repeats],
    )


def _model(trial: Trial) -> Model:
    trained = trial.trained
    digest = digest_of(trained.text.encode())
    return Model(ModelPart("", digest, trained.features, trained.calibration, None, trained.text))


def _spread(n: int, most: int) -> Integers:
    """At most so many places among n, evenly spread."""
    step = max(1, -(-n // most))
    return np.arange(0, n, step, dtype=np.int64)


def _rows(trial: Trial, raw: NDArray[np.float64]) -> Rows:
    test, trained = trial.test, trial.trained
    probability = calibrated(raw, trained.calibration)
    return Rows(
        probability=probability,
        truth=test.truth,
        amount_minor=test.amount_minor,
        currency=test.currency,
        payer=test.payer,
        payee=test.payee,
        happened_at_ms=test.happened_at_ms,
        known_at_ms=test.known_at_ms,
        groupings=tuple(one for one in _groupings(test) if one.names),
        score=raw,
        bothered=actions_of(test, points_of(probability), trained.thresholds) > 0,
    )


def _groupings(test: PaymentTable) -> tuple[Grouping, Grouping]:
    return (
        _grouping("bank", test.payer_bank, lambda bank: code_text(bank.tobytes())),
        _grouping("channel", test.channel, _channel),
    )


def _grouping(
    name: str, column: NDArray[np.uint64] | Integers, word: Callable[..., str | None]
) -> Grouping:
    """A grouping by a column's values; those without a word are not known."""
    if not len(column):
        return Grouping(name, np.zeros(0, np.int64), ())
    values, at = np.unique(column, axis=0, return_inverse=True)
    words = [word(value) for value in values]
    known = Grouping.of(name, words)
    return Grouping(name, known.codes[at.reshape(-1)], known.names)


def _channel(code: np.int64) -> str | None:
    return None if code == MISSING else CHANNELS[int(code)]


def _seed(recipe: Recipe, trial: Trial, raw: NDArray[np.float64]) -> Seed:
    return Seed(recipe.seed, calibrated(raw, trial.trained.calibration), raw)


def _repeat(recipe: Recipe, trial: Trial, utc_offset_ms: int) -> Repeat:
    raw = _model(trial).raw(trial.test.features)
    days = figures.moment(trial.until_ms, utc_offset_ms).partition(" ")[0]
    return Repeat(f"from {days}", _rows(trial, raw), (_seed(recipe, trial, raw),))


def _subject(version: Policy, recipe: Recipe, trial: Trial) -> Subject:
    assert version.model is not None
    trained = trial.trained
    first = recipe.seed * 1_000
    return Subject(
        name=version.name,
        model_hash=version.model.hash,
        policy=version.name,
        policy_hash=version.hash,
        label_delay_ms=recipe.label_delay_ms,
        spans=_spans(trial),
        calibration=trained.calibration.kind,
        seeds_averaged=tuple(range(first, first + recipe.seeds)),
        thresholds=_probabilities(trained.thresholds),
        facts=_facts(recipe, trial),
        utc_offset_ms=version.utc_offset_ms,
        rehearsed_ms=trial.until_ms if trial.rehearsal else None,
    )


def _spans(trial: Trial) -> tuple[Span, ...]:
    """What the first models were fitted on, stopped on and calibrated on; what the model was
    fitted on; what it is tried on.
    """
    times = trial.trained.slices
    named = (("first fit", times.fit), ("stop", times.stop), ("calibrate", times.calibrate),
             ("fit", times.final))  # fmt: skip
    parts = [*((name, trial.settled(when)) for name, when in named), ("test", trial.test)]
    return tuple(span(name, part.known_at_ms, part.truth) for name, part in parts if len(part))


def _probabilities(limits: Thresholds) -> dict[str, float]:
    """The least probability that reaches each threshold: points are thousandths, half up."""
    named = (("warn", limits.warn), ("hold", limits.hold), ("block", limits.block))
    return {
        name: max(0.0, (points - 0.5) / MAX_SCORE) for name, points in named if points is not None
    }


def _facts(recipe: Recipe, trial: Trial) -> tuple[tuple[str, str], ...]:
    trees = trial.trained.trees
    absent = [one.name for one in _groupings(trial.test) if not one.names]
    bound = [f"{name} {'rising' if sign > 0 else 'falling'}" for name, sign in _bound(recipe)]
    window = "all there is" if recipe.window_ms is None else figures.duration(recipe.window_ms)
    return (
        ("Trees", f"{trees.count} of {trees.leaves} leaves, learning rate {trees.rate:g}"),
        ("Learnt from", f"{window}, {len(trial.trained.features)} features"),
        ("Other trees tried", str(recipe.trials) if recipe.trials else ""),
        ("A fraud weighs", _weight(recipe.fraud_weight)),
        ("Bound to one direction", ", ".join(bound)),
        ("Thresholds from", _costs(recipe.costs, main_currency(trial.table))),
        ("Not in the data", ", ".join(absent)),
    )


def _weight(weight: float) -> str:
    return "" if weight == 1 else f"as much as {weight:g} honest payments"


def _bound(recipe: Recipe) -> list[tuple[str, int]]:
    return sorted(recipe.monotone.items())


def _costs(costs: Costs, currency: int) -> str:
    def money(minor: int) -> str:
        return figures.money(minor, currency)

    return (
        f"a missed fraud costs {costs.missed_share:g} of its amount; a good payment warned "
        f"{money(costs.warned_minor)}, held {money(costs.held_minor)}, blocked "
        f"{money(costs.blocked_minor)}; at most {costs.alerts_a_day} held or blocked a day"
    )
