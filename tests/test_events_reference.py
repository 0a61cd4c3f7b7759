"""The name of a fact among all senders."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arasha.events.columns import Facts
from arasha.events.reference import digest16, digests_of

TEXT = st.text("abcXYZ019.-", max_size=16)


@given(st.lists(st.tuples(TEXT, TEXT.filter(len)), max_size=6))
def test_a_batch_says_what_one_says(names: list[tuple[str, str]]) -> None:
    """Row by row, BLAKE2b-128 of the sender, a zero byte and the id."""
    n = len(names)
    senders = b"".join(sender.encode().ljust(16, b"\0") for sender, _ in names)
    facts = Facts(
        np.ones(n, np.uint8),
        [fact_id for _, fact_id in names],
        {},
        {"sender": np.frombuffer(senders, np.uint64).reshape(n, 2)},
    )
    found = [row.tobytes() for row in digests_of(facts)]
    assert [digest16(*name) for name in names] == found
    assert found == [
        blake2b(f"{sender}\0{fact_id}".encode(), digest_size=16).digest()
        for sender, fact_id in names
    ]


def test_sender_and_id_do_not_run_together() -> None:
    """AB + C is not A + BC."""
    assert digest16("AB", "C") != digest16("A", "BC")


def test_it_never_changes() -> None:
    """Logs and labels hold it."""
    assert "d6213e8b12f0e9040c30227fb2a270c8" == digest16("BANKKZKA", "p-1").hex()
