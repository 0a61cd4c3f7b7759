"""What operators of a country answer banks: by their own calls, and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from arasha.country.answering import Answering
from arasha.country.happenings import Happenings, merged
from arasha.country.parameters import load
from arasha.country.society import Society
from arasha.engine.askings import MAX_ASKED_24H
from arasha.engine.call_risk import ASKED
from arasha.events.schema import SIGNAL_CLASSES, SIGNALS, Kind
from telecom_samples import MINUTE_MS, called, numbers_of

TRUTH = SIGNAL_CLASSES.index("on_call_over_30_min_unfamiliar")
"""What the country knew; an operator never sees it."""


@pytest.fixture(scope="module")
def society() -> Society:
    """Three hundred people and three operators."""
    return Society.make(5, 300, load("standard"))


def asked(society: Society, number: int, at_ms: int) -> Happenings:
    """A bank asks about that number."""
    return called(society, *({
        "time_ms": at_ms, "kind": Kind.SIGNAL, "code": TRUTH, "number": number, "first": 0,
        "second": 1, "purpose": SIGNALS.index(signal),
    } for signal in ASKED))  # fmt: skip


def told(rows: Happenings) -> list[str]:
    """The classes among those rows."""
    return [SIGNAL_CLASSES[code] for code in rows.code[rows.kind == Kind.SIGNAL].tolist()]


def test_each_operator_answers_by_its_own_calls(society: Society) -> None:
    """On a call with a stranger; and of a number nobody has called, that nothing is known."""
    caller, callee = numbers_of(society, 0, 1)[0], numbers_of(society, 1, 1)[0]
    other = numbers_of(society, 2, 1)[0]
    answering = Answering(society)
    call = {"time_ms": 0, "first": caller, "second": callee, "duration_ms": 40 * MINUTE_MS}
    rows = merged([
        called(society, call), asked(society, callee, 12 * MINUTE_MS),
        asked(society, other, 13 * MINUTE_MS), asked(society, callee, 50 * MINUTE_MS),
    ])  # fmt: skip
    answered = answering.answered(rows)
    assert len(answered) == len(rows)
    assert [
        "on_call_10_30_min_unfamiliar", "none", "none", *(["not_known_here"] * 3), *(["none"] * 3),
    ] == told(answered)  # fmt: skip


def test_the_next_rows_are_answered_by_what_came_before(society: Society) -> None:
    """Cut anywhere, the answers are the same; familiar is who has called the other before."""
    caller, callee = numbers_of(society, 0, 2)
    parts = [
        called(society, {"time_ms": at, "first": caller, "second": callee, "duration_ms": 60_000})
        for at in (0, 10 * MINUTE_MS)
    ]
    parts.append(asked(society, callee, 10 * MINUTE_MS + 30_000))
    whole = told(Answering(society).answered(merged(parts)))
    cut = Answering(society)
    assert whole == [answer for part in parts for answer in told(cut.answered(part))]
    assert "on_call_under_10_min_familiar" == whole[0]


def test_who_is_asked_too_often_answers_no_more(society: Society) -> None:
    """As the service does; the rows of that asking are gone."""
    number = numbers_of(society, 0, 1)[0]
    some = [asked(society, number, at) for at in range(MAX_ASKED_24H + 2)]
    answered = Answering(society).answered(merged(some))
    assert MAX_ASKED_24H * len(ASKED) == int((answered.kind == Kind.SIGNAL).sum())


def test_what_is_no_call_is_left_as_it_is(society: Society) -> None:
    """A payment passes through."""
    rows = called(society, {"time_ms": 0, "kind": Kind.PAYMENT, "code": 0, "first": 0, "second": 1})
    assert np.array_equal(rows.code, Answering(society).answered(rows).code)
