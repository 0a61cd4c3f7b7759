"""Rings found in a log: the flow of money ties, labels and attested reports confirm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from arasha.cases.acts import CENTRE, ReportTaken, RingFound
from arasha.cases.gathering import rings_of
from arasha.cases.state import State
from arasha.events.body import pack_facts
from arasha.events.columns import Facts
from arasha.events.reference import digests_of
from arasha.events.schema import Kind
from arasha.log.log import Entries, Log
from arasha.testing.naive_trace import Transfer
from cases_samples import KZT, VICTIMS_BANK, room
from flows_samples import facts_of, token

MINUTE = 60_000
MULES = [
    Transfer(10, 1, 0, 100_00),
    Transfer(1, 2, 5 * MINUTE, 95_00),
    Transfer(2, 3, 9 * MINUTE, 90_00),
    Transfer(3, 8, 20 * MINUTE, 85_00, 1),
]
RING = {token(number).tobytes().hex() for number in (1, 2, 3)}


def label(payments: Facts, name: str, *, fraud: bool) -> Facts:
    """What was settled of the first of these payments."""
    return Facts(
        np.array([Kind.LABEL], np.uint8), [name],
        {"happened_at": np.array([30 * MINUTE]), "fraud": np.array([int(fraud)])},
        {"sender": payments.symbol("sender")[:1], "payment": digests_of(payments)[:1]},
    )  # fmt: skip


def log_of(directory: Path, *facts: Facts) -> Path:
    """A log of these facts, in this order."""
    with Log.create(directory, created_at_ms=0) as log:
        for some in facts:
            known_at = np.maximum.accumulate(some.number("happened_at"))
            log.append(Entries(some.kinds, known_at, pack_facts(some), digests_of(some)))
    return directory


def found(directory: Path, state: State | None = None) -> Sequence[RingFound]:
    """The rings of a log."""
    with Log.open(directory, writable=False) as log:
        return rings_of(log, state or State(), least_amount_minor=50_00)


def test_a_ring_without_a_confirmed_account_is_a_question(tmp_path: Path) -> None:
    """Three mules tied by flow; the same log says the same."""
    directory = log_of(tmp_path / "log", facts_of(MULES))
    (ring,) = found(directory)
    assert ((), RING, KZT) == (ring.confirmed, set(ring.others), ring.currency)
    assert (2, 0, 0) == (ring.ties.flow, ring.ties.device, ring.ties.number)
    assert [ring] == found(directory)


@pytest.mark.parametrize(("words", "confirms"), [([True], 1), ([True, False], 0), ([False], 0)])
def test_the_latest_label_of_a_payment_counts(
    tmp_path: Path, words: list[bool], confirms: int
) -> None:
    """Settled as fraud it confirms its payee, until it is settled otherwise."""
    payments = facts_of(MULES)
    labels = [label(payments, f"l-{at}", fraud=fraud) for at, fraud in enumerate(words)]
    (ring,) = found(log_of(tmp_path / "log", payments, *labels))
    assert confirms == len(ring.confirmed) == len(ring.labelled)
    assert RING == {*ring.confirmed, *ring.others}


def test_an_attested_report_confirms_while_it_stands(tmp_path: Path) -> None:
    """One that its bank has not attested does not."""
    directory = log_of(tmp_path / "log", facts_of(MULES))
    mule = token(1).tobytes().hex()
    for attested in (True, False):
        here = room()
        here.do(
            CENTRE,
            ReportTaken("1" * 32, 5, VICTIMS_BANK, VICTIMS_BANK, 100_00, KZT, "2" * 32, mule, 0,
                        attested=attested),
        )  # fmt: skip
        (ring,) = found(directory, here.state)
        assert (mule,) * attested == ring.confirmed
        assert () == ring.labelled
