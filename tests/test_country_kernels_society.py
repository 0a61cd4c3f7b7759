"""Drawing and grouping in bulk."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.country import kernels_society as kernels

KEY = np.uint64(77)


@given(n=st.integers(1, 300), least=st.integers(1, 4), more=st.integers(0, 4))
def test_cuts_leave_nothing_out(n: int, least: int, more: int) -> None:
    """Groups follow each other from 0 to n and have the sizes asked for, the last maybe less."""
    starts = kernels.cuts(KEY, n, least, least + more)
    sizes = np.diff(starts)
    assert (0, n) == (starts[0], starts[-1])
    assert ((sizes[:-1] >= least) & (sizes[:-1] <= least + more)).all()
    assert 0 < sizes[-1] <= least + more


@given(n=st.integers(1, 300))
def test_households_leave_nobody_out(n: int) -> None:
    """Everyone lives in one household, none larger than there are shares."""
    sizes = np.diff(kernels.household_starts(KEY, n, np.array([0.3, 0.4, 0.3])))
    assert n == sizes.sum()
    assert 1 <= sizes.min() <= sizes.max() <= 3


def test_teams_are_of_one_employer() -> None:
    """A row of employees sorted by employer is cut where the employer changes or a team is full."""
    starts = kernels.team_cuts(np.array([3, 3, 3, 5, 9, 9], np.int32), 2)
    assert [0, 2, 3, 4, 6] == starts.tolist()
    assert [0] == kernels.team_cuts(np.array([], np.int32), 2).tolist()


def test_members_of_a_group_know_each_other_once() -> None:
    """Two groups with two members in common list nobody twice."""
    degree = np.zeros(4, np.int64)
    groups = [(np.array([0, 1, 2], np.int32), np.array([0, 3], np.int32)),
              (np.array([1, 2, 3, 1], np.int32), np.array([0, 4], np.int32))]  # fmt: skip
    for members, starts in groups:
        kernels.add_degrees(degree, members, starts)
    start = np.cumsum(degree) - degree
    end, contacts = start.copy(), np.empty(int(degree.sum()), np.int32)
    for members, starts in groups:
        kernels.add_contacts(contacts, start, end, members, starts)
    packed, known = kernels.compacted(contacts, start, end)
    found = [known[packed[i] : packed[i + 1]].tolist() for i in range(4)]
    assert [[1, 2], [0, 2, 3], [0, 1, 3], [1, 2]] == found


def test_joined_households_are_all_of_their_people() -> None:
    """People of the households of a group stand in a row."""
    starts = np.array([0, 2, 3, 5], np.int32)
    order = np.array([2, 0, 1], np.int32)
    members, bounds = kernels.households_joined(order, starts, np.array([0, 2, 3], np.int32))
    assert [3, 4, 0, 1, 2] == members.tolist()
    assert [0, 4, 5] == bounds.tolist()


def test_weighted_draws_follow_their_weights() -> None:
    """A weight of nought is never drawn, three times the weight three times as often."""
    drawn = np.bincount(kernels.weighted(KEY, 40_000, np.cumsum([1, 0, 3])), minlength=3)
    assert 0 == drawn[1]
    assert abs(drawn[2] / drawn[0] - 3) < 0.15


def test_sums_and_earners() -> None:
    """Values are added up by group; the largest income of a household is its earner's."""
    groups, values = np.array([1, -1, 1, 0]), np.array([5, 7, 6, 1])
    assert [1, 11] == kernels.sums(groups, values, 2).tolist()
    household, starts = np.array([0, 0, 1], np.int32), np.array([0, 2, 3], np.int32)
    assert [1, 1, 2] == kernels.earners(household, np.array([4, 9, 2]), starts).tolist()


def test_powers_of_incomes() -> None:
    """The usual income has the power 1; four times the usual has the root's 2."""
    assert np.allclose([1.0, 2.0, 0.1], kernels.powers(np.array([10, 40, 0]), 10.0, 0.5))


def test_columns_draw_what_they_promise() -> None:
    """Exponentials and Poissons have their mean; picks their shares; bits no two alike."""
    assert abs(float(kernels.exponentials(KEY, 50_000, 4.0).mean()) - 4.0) < 0.1
    assert abs(float(kernels.poissons(KEY, 50_000, 0.9).mean()) - 0.9) < 0.03
    assert abs(float(np.median(kernels.lognormals(KEY, 50_000, 6.0, 0.5))) - 6.0) < 0.1
    picked = np.bincount(kernels.picks(KEY, 50_000, np.array([0.2, 0.8]))) / 50_000
    assert abs(picked[0] - 0.2) < 0.01
    assert 1_000 == len(set(kernels.bits(KEY, 1_000).tolist()))
