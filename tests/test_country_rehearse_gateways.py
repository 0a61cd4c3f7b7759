"""A rehearsal of gateways in a small country, where boxes are many."""

from __future__ import annotations

import pytest

from arasha.country.planted import COMPANY, HONEST, STRAW
from arasha.country.rehearse import Size
from arasha.country.rehearse_gateways import rehearse
from arasha.reports.gateways import good_of, together


@pytest.mark.slow
def test_what_is_found_and_who_is_left_alone() -> None:
    """The person past the limit is found, honest buyers are told apart, and nobody of them is a
    subject; a run hangs on its seed alone.
    """
    size = Size(2_000, 5, 0)
    done = rehearse([101], size, sets=("standard",))
    again = rehearse([101], size, sets=("standard",))
    assert done.runs == again.runs
    assert [False, True] == [run.spread for run in done.runs]
    assert [4, 4] == [run.straw for run in done.runs]
    good = good_of(done.runs)
    assert set(HONEST) <= good.keys()
    assert STRAW not in good
    assert (400, 0) == (good[COMPANY].numbers, good[COMPANY].subjects)
    assert together([run.boxes for run in done.runs]).begun >= 0
