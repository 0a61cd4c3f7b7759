from __future__ import annotations

import re

import numpy as np

from arasha.features.expressions import BOOL, COUNT, NUMBER
from arasha.policy.definition import GROUPS
from arasha.policy.reasons import (
    ABOUT,
    TOLD,
    Reason,
    for_analyst,
    for_person,
    reasons_of,
    told,
    told_texts,
)
from arasha.policy.texts import LANGUAGES, Value
from model_samples import Learnt

MOVES = np.array(
    [2.0, 0.5, 1.0, -0.7, 0.02, -4.0]
)  # times_habit payments_1d much frauds age, nobody


def test_features_are_added_up_by_what_people_understand(small_model: Learnt) -> None:
    """The group that moved most stands first; what the model says of nobody is no reason."""
    found = [(one.group, round(one.by, 2)) for one in reasons_of(small_model.after, MOVES)]
    expected = [("amount_habit", 3.0), ("payee_reports", -0.7), ("pace", 0.5), ("other", 0.02)]
    assert expected == found


def test_the_analyst_sees_values_and_weights(small_model: Learnt) -> None:
    """Each language writes the values by its own rules, features by their names for people."""
    values = {
        "times_habit": Value(2.5, NUMBER), "payments_1d": Value(3, COUNT),
        "much": Value(True, BOOL), "frauds_28d": Value(None, COUNT), "age": Value(1, COUNT),
    }  # fmt: skip
    habit, reports, *_ = reasons_of(small_model.after, MOVES)
    assert (
        "The amount is unlike this payer's habit: raises the risk (+3.00); times_habit = 2.5 "
        "(+2.00), much = yes (+1.00)."
    ) == for_analyst(habit, "en", small_model.after, values)
    assert "число мошенничеств = неизвестно (-0.70)" in for_analyst(
        reports, "ru", small_model.after, values
    )


def test_the_person_is_told_what_it_is_about_and_nothing_to_pass_by(small_model: Learnt) -> None:
    """Only what spoke against the payment, in an order that does not give the weights away."""
    reasons = reasons_of(small_model.after, MOVES)
    told = for_person(reasons, "en")
    assert (TOLD["amount_habit"]["en"], TOLD["pace"]["en"]) == told
    assert told == for_person(tuple(reversed(reasons)), "en")


def test_no_text_for_a_person_holds_a_number() -> None:
    """No value, threshold or weight: there is nothing in the texts to fill in."""
    for group in GROUPS:
        assert set(LANGUAGES) == set(TOLD[group]) == set(ABOUT[group])
        for text in TOLD[group].values():
            assert None is re.search(r"[\d{}<>%]", text)


def test_what_is_told_of_a_model_fits_into_bits_and_back() -> None:
    """The groups of ``for_person``, and the same texts in the same order."""
    chance = np.random.default_rng(5)
    moved = chance.normal(0, 0.5, (200, len(GROUPS)))
    moved[::7] = np.nan
    marks = told(moved)
    for row, mark in zip(moved, marks.tolist(), strict=True):
        reasons = [
            Reason(group, float(by), ())
            for group, by in sorted(zip(GROUPS, row, strict=True), key=lambda pair: -abs(pair[1]))
        ]
        expected = () if np.isnan(row).any() else for_person(reasons, "ru")
        assert expected == told_texts(mark, "ru")
