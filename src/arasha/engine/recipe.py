"""How a model is trained: times, trees, costs; all of it data that a seed makes repeatable.

In: options. Out: a Recipe, its slices of time, and the trials of a tuning budget. Nothing here
looks at a payment::

    fit           label delay      stop        calibrate   label delay
    |--------------|···········|-----------|--------------|···········|
    how many trees  not known yet  when to   what a score    not known    until: today
                                   stop      means           yet

The model that goes into the policy is then fitted on the latest ``window`` before the last gap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from arasha.errors import UsageError

DAY_MS: Final = 86_400_000
MAX_TREES: Final = 2_000
MAX_TRIALS: Final = 500
MAX_SEEDS: Final = 20


@dataclass(frozen=True, slots=True)
class Costs:
    """What the thresholds weigh, for the currency with the most payments.

    A fraud let through costs ``missed_share`` of its amount. A good payer bothered costs, in minor
    units, ``warned_minor``, ``held_minor`` or ``blocked_minor``; a warning stops ``warning_stops``
    of the frauds it is shown to, a hold or a block all. Analysts look at ``alerts_a_day`` payments
    held or blocked at most.
    """

    missed_share: float = 1.0
    warned_minor: int = 50
    held_minor: int = 500
    blocked_minor: int = 5_000
    warning_stops: float = 0.3
    alerts_a_day: int = 100


@dataclass(frozen=True, slots=True)
class Trees:
    """How LightGBM grows: at most ``count`` trees of ``leaves``."""

    count: int = 400
    leaves: int = 8
    rate: float = 0.05
    least_rows: int = 20
    feature_share: float = 0.5
    row_share: float = 0.8
    ridge: float = 5.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """``window_ms`` of payments to fit on (None: all there are), ``slice_ms`` each for stopping and
    calibrating, ``label_delay_ms`` until a payment's truth is known; ``seeds`` models averaged.

    ``fraud_weight``: how many honest payments a fraud counts as. ``monotone``: +1 or -1 for
    features that may only raise, only lower. ``trials`` of other trees are tried before.
    """

    window_ms: int | None = None
    slice_ms: int = 7 * DAY_MS
    label_delay_ms: int = 7 * DAY_MS
    trees: Trees = Trees()
    patience: int = 50
    seed: int = 0
    seeds: int = 1
    fraud_weight: float = 1.0
    monotone: Mapping[str, int] = field(default_factory=dict)
    trials: int = 0
    costs: Costs = Costs()


@dataclass(frozen=True, slots=True)
class Slices:
    """Times ``[from, until)`` in ms: what the first models are fitted on, what stops them, what
    calibrates them, and what the model of the policy is fitted on.
    """

    fit: tuple[int, int]
    stop: tuple[int, int]
    calibrate: tuple[int, int]
    final: tuple[int, int]


def earliest(recipe: Recipe, until_ms: int) -> int | None:
    """From when on payments are needed; None: from the first."""
    if recipe.window_ms is None:
        return None
    return until_ms - 2 * recipe.label_delay_ms - 2 * recipe.slice_ms - recipe.window_ms


def slices(recipe: Recipe, first_ms: int, until_ms: int) -> Slices:
    """The slices of a training at ``until_ms`` with payments from ``first_ms`` on.

    Raises UsageError when there is no time left to fit on.
    """
    known = until_ms - recipe.label_delay_ms
    stop = known - 2 * recipe.slice_ms, known - recipe.slice_ms
    fit_until = stop[0] - recipe.label_delay_ms
    fit_from = first_ms if recipe.window_ms is None else max(first_ms, fit_until - recipe.window_ms)
    if fit_until <= fit_from:
        days = (2 * recipe.label_delay_ms + 2 * recipe.slice_ms) / DAY_MS
        raise UsageError(
            "there is too little time before the training to learn from",
            expected=f"payments from more than {days:g} days before",
            found=f"{max(0, until_ms - first_ms) / DAY_MS:.1f} days",
            hint="a later --until, shorter --slice or --label-delay",
        )
    final_from = first_ms if recipe.window_ms is None else known - recipe.window_ms
    return Slices((fit_from, fit_until), stop, (stop[1], known), (max(first_ms, final_from), known))


def trials(recipe: Recipe) -> list[Trees]:
    """The trees of the recipe, then as many others as the budget has, the same for each seed."""
    return [recipe.trees, *(_drawn(recipe, trial) for trial in range(recipe.trials))]


def _drawn(recipe: Recipe, trial: int) -> Trees:
    return replace(
        recipe.trees,
        leaves=round(4 * 8 ** _chance(recipe.seed, trial, "leaves")),
        rate=round(0.02 * 5 ** _chance(recipe.seed, trial, "rate"), 4),
        least_rows=round(10 * 10 ** _chance(recipe.seed, trial, "rows")),
        feature_share=round(0.2 + 0.8 * _chance(recipe.seed, trial, "features"), 2),
        ridge=round(0.1 * 500 ** _chance(recipe.seed, trial, "ridge"), 2),
    )


def _chance(seed: int, trial: int, what: str) -> float:
    """A number in [0, 1) that the seed, the trial and the word alone decide."""
    drawn = hashlib.blake2b(f"{seed}/{trial}/{what}".encode(), digest_size=6).digest()
    return int.from_bytes(drawn, "big") / 2**48
