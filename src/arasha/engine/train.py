"""Training: from the point-in-time table to trees, what they mean, and from which score to act.

In: a table (engine/table.py) of settled payments, a recipe. Out: the text of a model, its
calibration, thresholds, and what was found on the way. Seeded and deterministic: the same table and
recipe give the same text, byte for byte. A truth is used only if it was known at ``until``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Final

import lightgbm
import numpy as np
from numpy.typing import NDArray

from arasha.engine import thresholds
from arasha.engine.calibrate import calibrate, log_loss
from arasha.engine.recipe import DAY_MS, Recipe, Slices, Trees, slices, trials
from arasha.engine.table import PaymentTable, main_currency
from arasha.errors import UsageError
from arasha.policy.definition import Calibration, Thresholds
from arasha.policy.model import calibrated, points_of
from arasha.policy.model_file import averaged, digest_of
from arasha.policy.reference import Reference, reference_of

LEAST_FRAUDS: Final = 10
"""Fewest frauds a model is fitted on, and stopped on."""

LEAST_TO_CALIBRATE: Final = 2
"""Fewest frauds that say anything of what a score means."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model and what it rests on.

    ``text`` is LightGBM's, ``trees`` those of each of its seeds. ``rows`` and ``frauds`` by slice;
    ``losses`` the log loss of each kind of calibration; ``base_loss`` and ``loss`` that of the base
    rate and of the calibrated model on the slice of calibration. ``reference`` is what drift is
    measured against: the features of what the model was fitted on, the scores of that slice.
    """

    features: tuple[str, ...]
    text: str
    calibration: Calibration
    thresholds: Thresholds
    slices: Slices
    trees: Trees
    rows: dict[str, int]
    frauds: dict[str, int]
    losses: dict[str, float]
    base_loss: float
    loss: float
    reference: Reference

    def as_object(self) -> dict[str, object]:
        """All but the text and the reference, as plain data."""
        left_out = ("text", "reference")
        return {key: value for key, value in asdict(self).items() if key not in left_out}


def train(table: PaymentTable, recipe: Recipe, until_ms: int, say: Say | None = None) -> Trained:
    """The model a training at ``until_ms`` gives, of all columns of the table.

    Raises UsageError when there is too little to learn from.
    """
    tell = say or (lambda _: None)
    table = table.known_by(until_ms)
    times = slices(recipe, int(table.happened_at_ms.min(initial=until_ms)), until_ms)
    settled = table.between(times.fit[0], until_ms - recipe.label_delay_ms)
    settled = settled.take(np.flatnonzero(settled.truth >= 0))
    fit, stop, held_out, final = (
        settled.between(*span) for span in (times.fit, times.stop, times.calibrate, times.final)
    )
    for part, name in ((fit, "to fit on"), (stop, "to stop on"), (final, "to fit the last on")):
        _enough(part, name)
    _enough(held_out, "to calibrate on", LEAST_TO_CALIBRATE)
    tell("choosing trees")
    trees = _tuned(fit, stop, recipe)
    tell("calibrating")
    early = [_grown(fit, trees, recipe, seed) for seed in _seeds(recipe)]
    raw = np.mean([_raw(model, held_out) for model in early], axis=0)
    calibration, losses = calibrate(raw, held_out.truth)
    probability = calibrated(raw, calibration)
    tell("fitting")
    text = averaged([_text(_grown(final, trees, recipe, seed)) for seed in _seeds(recipe)])
    days = (times.calibrate[1] - times.calibrate[0]) / DAY_MS
    judged = thresholds.Slice(
        points_of(probability), held_out.truth, held_out.amount_minor, days,
        held_out.currency == main_currency(table),
    )  # fmt: skip
    parts = {"fit": fit, "stop": stop, "calibrate": held_out, "final": final}
    base = np.full(len(held_out), float((held_out.truth == 1).mean()))
    return Trained(
        table.names, text, calibration, thresholds.choose(judged, recipe.costs), times, trees,
        {name: len(part) for name, part in parts.items()},
        {name: int((part.truth == 1).sum()) for name, part in parts.items()},
        losses, log_loss(held_out.truth, base), log_loss(held_out.truth, probability),
        reference_of(
            digest_of(text.encode()), table.names, final.features, points_of(probability)
        ),
    )  # fmt: skip


def _enough(part: PaymentTable, name: str, least: int = LEAST_FRAUDS) -> None:
    frauds = int((part.truth == 1).sum())
    if frauds < least or frauds == len(part):
        raise UsageError(
            f"there are too few payments {name}",
            expected=f"at least {least} settled as fraud, and others",
            found=f"{frauds} of {len(part)}",
            hint="a later --until, or longer --window and --slice",
        )


def _seeds(recipe: Recipe) -> range:
    return range(recipe.seed * 1_000, recipe.seed * 1_000 + recipe.seeds)


def _tuned(fit: PaymentTable, stop: PaymentTable, recipe: Recipe) -> Trees:
    """The best trees of the trials, with as many of them as the later slice was better for."""
    best: tuple[float, Trees] | None = None
    watched = lightgbm.Dataset(stop.features, stop.truth == 1, free_raw_data=False)
    for trees in trials(recipe):
        counts, losses = [], []
        for seed in _seeds(recipe):
            model = lightgbm.train(
                _parameters(trees, recipe, fit.names, seed), _data(fit), trees.count,
                valid_sets=[watched],
                callbacks=[lightgbm.early_stopping(recipe.patience, verbose=False)],
            )  # fmt: skip
            counts.append(model.best_iteration)
            losses.append(_loss(model, stop))
        if best is None or float(np.mean(losses)) < best[0]:
            best = float(np.mean(losses)), replace(trees, count=max(1, round(median(counts))))
    assert best is not None
    return best[1]


def _loss(model: lightgbm.Booster, stop: PaymentTable) -> float:
    """How badly the payments are ranked: 1 - average precision."""
    from sklearn.metrics import average_precision_score

    raw = _raw(model, stop)
    return 1 - float(average_precision_score(stop.truth == 1, raw))


def _parameters(
    trees: Trees, recipe: Recipe, names: tuple[str, ...], seed: int
) -> dict[str, object]:
    found: dict[str, object] = {
        "objective": "binary", "num_leaves": trees.leaves, "learning_rate": trees.rate,
        "min_child_samples": trees.least_rows, "feature_fraction": trees.feature_share,
        "bagging_fraction": trees.row_share, "bagging_freq": 1, "lambda_l2": trees.ridge,
        "metric": "binary_logloss" if recipe.fraud_weight == 1 else "average_precision",
        "scale_pos_weight": recipe.fraud_weight, "seed": seed, "deterministic": True,
        "force_row_wise": True, "num_threads": 2, "verbose": -1,
    }  # fmt: skip
    if recipe.monotone:
        found["monotone_constraints"] = [recipe.monotone.get(name, 0) for name in names]
    return found


def _data(part: PaymentTable) -> lightgbm.Dataset:
    return lightgbm.Dataset(part.features, part.truth == 1, feature_name=list(part.names))


def _grown(part: PaymentTable, trees: Trees, recipe: Recipe, seed: int) -> lightgbm.Booster:
    parameters = _parameters(trees, recipe, part.names, seed)
    return lightgbm.train(parameters, _data(part), trees.count)


def _raw(model: lightgbm.Booster, part: PaymentTable) -> NDArray[np.float64]:
    if not len(part):
        return np.zeros(0)
    return np.asarray(model.predict(part.features, raw_score=True), np.float64)


def _text(model: lightgbm.Booster) -> str:
    return str(model.model_to_string(num_iteration=-1))
