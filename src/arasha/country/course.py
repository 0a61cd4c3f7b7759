"""A course: how the default model is made, examined, and described. Seeded, so it can be repeated.

In: a policy with the features it keeps for a model. Out: the trained model with its calibration
and thresholds, its examinations in countries it has not seen, and its card. Three kinds of country,
none of a seed that another has::

    learn         standard parameters   the trees
    calibrate     standard              what a score means
    examine       standard, shifted     how good it is

The trees learn payments as banks see them and as the centre does, for the policy serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country.apart import each
from arasha.country.examine import Examination, examine
from arasha.country.lessons import ORDINARY, Country, Lesson, lesson
from arasha.country.parameters import SetName, load
from arasha.country.script import DAY_MS
from arasha.engine.calibrate import calibrate, log_loss
from arasha.engine.recipe import Recipe, Trees
from arasha.engine.table import joined
from arasha.engine.train import Trained, train
from arasha.policy import document
from arasha.policy.definition import ModelPart, Policy, Thresholds
from arasha.policy.judge import Judge
from arasha.policy.model import Model, calibrated, points_of
from arasha.policy.reference import Reference, reference_of

Say = Callable[[str], None]

RECIPE: Final = Recipe(
    slice_ms=4 * DAY_MS, label_delay_ms=0, patience=40,
    trees=Trees(count=150, leaves=12, rate=0.06, least_rows=20, feature_share=0.3),
)  # fmt: skip
"""Small trees, few of them: the model ships with the policy. The truth is known at once here."""

THRESHOLDS: Final = Thresholds(warn=100, hold=250)
"""A warning from one chance in ten on, a hold from one in four; a model alone blocks nothing."""


@dataclass(frozen=True, slots=True)
class Course:
    """Seeds and sizes of the countries."""

    learn: tuple[int, ...] = (101, 102, 103)
    calibrate: int = 201
    examine: int = 301
    people: int = 12_000
    examined_people: int = 20_000
    warm_up_days: int = 21
    days: int = 21
    thinned: int = 5

    def to_learn(self, seed: int) -> Country:
        """A country of which one good payment in ``thinned`` is kept."""
        days = self.warm_up_days, self.days
        return Country(load("standard"), seed, self.people, *days, self.thinned)

    def to_examine(self, parameters: SetName) -> Country:
        """A smaller one, of which all are."""
        days = self.warm_up_days, self.days
        return Country(load(parameters), self.examine, self.examined_people, *days)


@dataclass(frozen=True, slots=True)
class Taught:
    """The model; its examinations by set of parameters; and the lesson of the standard one."""

    trained: Trained
    examinations: dict[SetName, tuple[Examination, ...]]
    learnt: Lesson
    examined: Lesson


def teach(policy: Policy, course: Course, *, workers: int = 1, say: Say | None = None) -> Taught:
    """Make the model and examine it; what comes out hangs on the policy and the course alone."""
    tell = say or (lambda _: None)
    countries = {
        **{f"learn {seed}": course.to_learn(seed) for seed in course.learn},
        "calibrate": course.to_learn(course.calibrate),
        "standard": course.to_examine("standard"),
        "shifted": course.to_examine("shifted"),
    }
    tell(f"living in {len(countries)} countries")
    lessons = dict(zip(countries, _lessons(policy, list(countries.values()), workers), strict=True))
    learnt = _together([lessons[f"learn {seed}"] for seed in course.learn])
    tell(f"learning from {len(learnt):,} rows")
    until_ms = int(learnt.table.happened_at_ms.max(initial=0)) + 1
    trained = train(learnt.table, RECIPE, until_ms, say)
    trained = recalibrated(trained, lessons["calibrate"], course.thinned)
    examinations: dict[SetName, tuple[Examination, ...]] = {}
    for name in ("standard", "shifted"):
        tell(f"examining, {name} parameters")
        one = lessons[name]
        examinations[name] = examine(one, raw_scores(trained, one), 1)
    return Taught(trained, examinations, learnt, lessons["standard"])


def recalibrated(trained: Trained, some: Lesson, thinned: int) -> Trained:
    """The model with what its scores mean where nothing is thinned out, and our thresholds.

    Each good payment stands for ``thinned`` of them. Both kinds of seat count: a score means the
    same wherever it is given, on average over them.
    """
    order = in_proportion(some, thinned)
    raw, truth = raw_scores(trained, some)[order], some.table.truth[order]
    calibration, losses = calibrate(raw, truth)
    points = points_of(calibrated(raw, calibration))
    base = np.full(len(truth), float((truth == 1).mean()))
    return replace(
        trained, reference=_reference(trained.reference.model_hash, some, order, points),
        calibration=calibration, thresholds=THRESHOLDS, losses=losses,
        rows={**trained.rows, "calibrate": len(truth)},
        frauds={**trained.frauds, "calibrate": int((truth == 1).sum())},
        base_loss=log_loss(truth, base), loss=log_loss(truth, calibrated(raw, calibration)),
    )  # fmt: skip


def in_proportion(some: Lesson, thinned: int) -> NDArray[np.intp]:
    """The rows of known truth in order of time, each good payment ``thinned`` times."""
    told = np.flatnonzero(some.table.truth >= 0)
    order = told[np.argsort(some.table.happened_at_ms[told], kind="stable")]
    return np.repeat(order, np.where(some.table.truth[order] == 1, 1, thinned))


def referenced(policy: Policy, course: Course) -> Reference:
    """What drift of the policy's own model is measured against, without making it anew: the
    country of calibration, which its trees have not seen.
    """
    assert policy.model is not None
    names = policy.model.features
    some = _lesson((policy.source, course.to_learn(course.calibrate), names))
    rows = in_proportion(some, course.thinned)
    points = Model(policy.model).points(some.table.features)[rows]
    return _reference(policy.model.hash, some, rows, points)


def _reference(
    model_hash: str, some: Lesson, rows: NDArray[np.intp], points: NDArray[np.int64]
) -> Reference:
    return reference_of(model_hash, some.table.names, some.table.features[rows], points)


def raw_scores(trained: Trained, some: Lesson) -> NDArray[np.float64]:
    """The sum of the trees for each row."""
    return model_of(trained).raw(some.table.features)


def model_of(trained: Trained) -> Model:
    """The model, ready to run."""
    part = ModelPart("", "", trained.features, trained.calibration, None, trained.text)
    return Model(part)


def _lessons(policy: Policy, countries: Sequence[Country], workers: int) -> list[Lesson]:
    names = tuple(policy.keep)
    jobs = [(policy.source, country, names) for country in countries]
    return list(each(_lesson, jobs, workers))


def _lesson(job: tuple[Path, Country, tuple[str, ...]]) -> Lesson:
    """What is to be learnt in one country; no model is needed for it."""
    path, country, names = job
    return lesson(Judge(replace(document.load(path), model=None)), country, names)


def _together(parts: Sequence[Lesson]) -> Lesson:
    """The lessons of several countries as one; their plays by name."""
    plays = tuple(dict.fromkeys(name for part in parts for name in part.plays))
    renamed = [
        np.array([*(plays.index(name) for name in part.plays), ORDINARY], np.int16)[part.play]
        for part in parts
    ]
    return Lesson(
        joined([part.table for part in parts], parts[0].table.names),
        np.concatenate([part.seat for part in parts]), np.concatenate(renamed), plays,
    )  # fmt: skip
