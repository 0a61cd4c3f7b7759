"""The card of the default model: its test in a country it has not seen.

In: what a course gave (course.py). Out: the card that reports/card.py writes. A row of the test is
one judgement: a transfer between banks is judged at its bank's seat and at the centre's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from arasha.country.course import THRESHOLDS, Course, Taught, model_of, raw_scores
from arasha.country.lessons import CENTRE, Lesson
from arasha.country.parameters import load
from arasha.events.schema import CHANNELS
from arasha.policy.definition import MAX_SCORE, Policy
from arasha.policy.model import calibrated, points_of
from arasha.reports.card_columns import (
    Contributions,
    Grouping,
    Matrix,
    Rows,
    Span,
    Subject,
    span,
)
from arasha.reports.card_measures import Card, measure_card

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXPLAINED: Final = 2_000
"""Rows of the test whose contributions are computed, evenly spread."""


def card_of(version: Policy, taught: Taught, course: Course) -> Card:
    """The card, from the country of the standard parameters."""
    trained, test = taught.trained, taught.examined
    raw = raw_scores(trained, test)
    probability = calibrated(raw, trained.calibration)
    spread = np.linspace(0, len(test) - 1, min(EXPLAINED, len(test))).astype(np.int64)
    features = test.table.features
    return measure_card(
        _subject(version, taught, course),
        _rows(test, probability, raw),
        matrix=Matrix(trained.features, taught.learnt.table.features, features, version.groups),
        contributions=Contributions(model_of(trained).contributions(features[spread]), spread),
        train_probability=calibrated(raw_scores(trained, taught.learnt), trained.calibration),
    )


def _rows(some: Lesson, probability: NDArray[np.float64], raw: NDArray[np.float64]) -> Rows:
    table = some.table
    channels = [CHANNELS[code] if code >= 0 else None for code in table.channel.tolist()]
    judges = ["the centre" if seat == CENTRE else "the bank" for seat in some.seat.tolist()]
    return Rows(
        probability, table.truth, table.amount_minor, table.currency, table.payer, table.payee,
        table.happened_at_ms, table.known_at_ms,
        (Grouping.of("judge", judges), Grouping.of("channel", channels)),
        score=raw, bothered=points_of(probability) >= (THRESHOLDS.warn or MAX_SCORE),
    )  # fmt: skip


def _subject(version: Policy, taught: Taught, course: Course) -> Subject:
    assert version.model is not None
    trained = taught.trained
    limits = (("warn", THRESHOLDS.warn), ("hold", THRESHOLDS.hold))
    countries = f"{len(course.learn)} of {course.people:,} people, seeds {_listed(course.learn)}"
    standard = load("standard")
    return Subject(
        name="The default model of instant payments",
        model_hash=version.model.hash,
        policy=version.name,
        policy_hash=version.hash,
        label_delay_ms=0,
        spans=(
            _span("learn", taught.learnt),
            _span("test", taught.examined),
        ),
        calibration=trained.calibration.kind,
        thresholds={name: at / MAX_SCORE for name, at in limits if at is not None},
        facts=(
            ("countries to learn from", countries),
            ("good payments kept to learn from", f"one in {course.thinned}"),
            ("country of the calibration", f"seed {course.calibrate}"),
            ("country of the test", f"{course.examined_people:,} people, seed {course.examine}"),
            ("parameters of the country", f"version {standard.version}, {standard.hash[:16]}"),
            ("truth", "the simulated country's own; nobody real was in it"),
            ("trees", f"{trained.trees.count} of {trained.trees.leaves} leaves"),
        ),
        utc_offset_ms=version.utc_offset_ms,
        elsewhere=(
            f"in a simulated country of another seed ({course.examine}) than those it learnt from "
            f"({_listed(course.learn)}), over the same weeks"
        ),
    )


def _span(name: str, some: Lesson) -> Span:
    return span(name, some.table.known_at_ms, some.table.truth)


def _listed(seeds: tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds))
