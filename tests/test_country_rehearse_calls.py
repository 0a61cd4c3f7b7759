"""Policies over calls rehearsed in whole countries: who is who, and what is counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arasha.country.operators import CallNotes
from arasha.country.parameters import load
from arasha.country.rehearse import Size
from arasha.country.rehearse_calls import Callers, CallJob, nth_by_caller, rehearse, run, tally
from arasha.country.script import found
from arasha.country.society import BusinessKind, NumberKind, Society
from arasha.errors import UsageError
from arasha.reports.calls import BOXES, COACHED, FOUND_WITHIN_MS, NEW_NUMBERS, Group

ROOT = Path(__file__).resolve().parents[1]
POLICY = ROOT / "policies" / "calls.toml"


def notes(rows: list[tuple[int, int, int, int]]) -> CallNotes:
    """Calls (time, caller, script, action) to number 0."""
    time, caller, script, action = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    return CallNotes(
        np.arange(n), time.astype(np.int64), caller.astype(np.int32), np.zeros(n, np.int32),
        np.zeros(n, np.int64), script.astype(np.int32), action.astype(np.uint8),
        np.zeros(n, np.int32),
    )  # fmt: skip


def callers(*belongs: bool) -> Callers:
    """Numbers 0, 1, ... and whether each belongs to somebody."""
    return Callers(np.zeros(len(belongs), np.uint8), ("people",), ~np.array(belongs, np.bool_))


def test_calls_are_told_apart_by_whose_number_calls() -> None:
    """A box before and after its number's first 20 calls, a victim's own call, an honest one."""
    casts = [told for told in found() if told.cast.name in ("call_centre", "safe_account")]
    box, safe = (
        next(i for i, told in enumerate(casts) if told.cast.name == name)
        for name in ("call_centre", "safe_account")
    )
    rows = [(1_000 + i, 1, box, 1 if i >= 20 else 0) for i in range(25)]
    rows += [(2_000, 2, safe, 0), (2_001, 3, safe, 0), (2_002, 3, -1, 3), (2_003, 3, -1, 0)]
    job = CallJob(POLICY, "standard", 1, Size(100, 1, 0))
    told = tally(job, notes(rows), casts, callers(True, False, False, True), 0)
    assert {
        BOXES: Group(5, 5, 0), NEW_NUMBERS: Group(20, 0, 0), COACHED: Group(1, 0, 0),
        "people": Group(3, 0, 1),
    } == told.groups  # fmt: skip
    assert (1, 1) == (told.boxes, told.found)
    assert (1, 1) == (told.cut_off, told.numbers)
    assert (3, 1) == (told.good().calls, told.good().touched)


@pytest.mark.parametrize(("after_ms", "is_found"), [(FOUND_WITHIN_MS, 1), (FOUND_WITHIN_MS + 1, 0)])
def test_a_box_is_found_within_the_hour_or_not(after_ms: int, is_found: int) -> None:
    """Counted from its first call, of whichever of its numbers."""
    casts = [told for told in found() if told.cast.name == "call_centre"]
    job = CallJob(POLICY, "standard", 1, Size(100, 1, 0))
    rows = [(5_000, 1, 0, 0), (5_000 + after_ms, 2, 0, 1)]
    told = tally(job, notes(rows), casts, callers(True, False, False), 0)
    assert (1, is_found) == (told.boxes, told.found)
    begun_before = tally(job, notes(rows), casts, callers(True, False, False), 5_001)
    assert 0 == begun_before.boxes


def test_a_callers_calls_are_counted_in_order() -> None:
    """Each caller's own, from 1; of nobody, none."""
    caller = np.array([4, 4, 2, 4, 2], np.int32)
    assert [1, 2, 1, 3, 2] == nth_by_caller(caller).tolist()
    assert [] == nth_by_caller(np.zeros(0, np.int32)).tolist()


def test_numbers_belong_to_whom_they_belong() -> None:
    """Firms by what they do, couriers and drivers by their work, new numbers to nobody."""
    society = Society.make(3, 2_000, load("standard"))
    new = society.new_number(-1, 0, society.start_ms)
    abroad = society.new_number(-1, 255, society.start_ms, NumberKind.ABROAD)
    told = Callers.of(society)

    def whose(number: int) -> str:
        return told.names[int(told.class_of_number[number])]

    bank = society.businesses.of(BusinessKind.BANK)[0]
    shop = society.businesses.of(BusinessKind.SHOP)[0]
    assert ("banks", "other firms") == tuple(
        whose(int(society.businesses.number[one])) for one in (bank, shop)
    )
    courier = int(society.people.number[society.couriers[0]])
    assert ("couriers", "nobody's yet", "from abroad") == (
        whose(courier),
        whose(new),
        whose(abroad),
    )
    assert (False, True) == (bool(told.nobody[courier]), bool(told.nobody[new]))


def test_a_country_is_rehearsed_the_same_twice() -> None:
    """What comes out hangs on policy, parameters and seed alone; ordinary people are left alone."""
    size = Size(400, 1, 1)
    one, two = (rehearse(run, POLICY, [4], size, sets=["standard"]) for _ in range(2))
    assert one == two
    [told] = one.runs
    assert told.groups["people"].calls > 300
    assert 0 == told.groups["people"].refused


def test_a_policy_over_payments_is_refused() -> None:
    """It would judge nothing here."""
    with pytest.raises(UsageError, match="judges a payment"):
        rehearse(run, ROOT / "policies" / "amlsim.toml", [1], Size(100, 1, 0))
