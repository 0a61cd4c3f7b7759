"""A course in very small countries full of frauds, taken once for all tests of a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from arasha.country import course
from arasha.country.course import Course, Taught, teach
from arasha.country.parameters import Parameters, SetName, load
from arasha.policy import document
from arasha.policy.definition import Policy
from rehearsal_samples import wary

SMALL = Course(
    learn=(1, 2), calibrate=3, examine=4, people=150, examined_people=150, warm_up_days=1, days=10,
    thinned=2,
)  # fmt: skip


def full_of_frauds(name: SetName) -> Parameters:
    """A set of the country's parameters, with far more stories."""
    parameters = load(name)
    rates = {f"stories__{story}__rate": 3_000.0 for story in parameters.names("stories")}
    return parameters.changed(**rates)


@cache
def small_policy() -> Policy:
    """The wary policy, in a folder that lasts."""
    return document.load(wary(Path(mkdtemp(prefix="arasha-course-"))))


@cache
def taught() -> Taught:
    """What the small course gives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course, "load", full_of_frauds)
        return teach(small_policy(), SMALL)
