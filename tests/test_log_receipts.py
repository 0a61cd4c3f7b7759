"""Receipts: what they prove, and everything that makes one worthless."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.errors import InputError
from arasha.events.schema import Kind
from arasha.log.checkpoint import Checkpoint
from arasha.log.frames import Sealed
from arasha.log.receipts import Receipt, check, hashes_of
from arasha.log.signing import signed
from log_samples import APRIL_MS, created, keep
from record_samples import LOG_KEYS, ORIGIN, WITNESS, WITNESS_KEYS, tiles_of_log, verifiers


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> list[Receipt]:
    """One of each entry of a log of 14 entries, payments and their decisions."""
    with created(tmp_path_factory.mktemp("log") / "log") as log:
        keep(log, 4, 0)
        keep(log, 3, 4, APRIL_MS + 5)
        tiles = tiles_of_log(log)
        head = Checkpoint(ORIGIN, log.size, log.root())
        note = signed(head, [*LOG_KEYS, *WITNESS_KEYS], 1_700_000_000)
        return [
            Receipt(log.sealed_entry(seq), seq, tiles.inclusion_proof(seq, log.size), note)
            for seq in range(log.size)
        ]


def test_it_proves_place_time_and_kind_without_the_log(receipts: list[Receipt]) -> None:
    """Of every entry, from its text alone; and who saw the log that it is in."""
    assert 14 == len(receipts)
    for seq, receipt in enumerate(receipts):
        proven = check(
            Receipt.parse(receipt.text.encode()), verifiers(LOG_KEYS), verifiers(WITNESS_KEYS)
        )
        assert (seq, APRIL_MS + (5 if seq >= 8 else 0)) == (proven.seq, proven.known_at_ms)
        assert proven.kind in (Kind.PAYMENT, Kind.DECISION)
        assert proven.kind_word == Kind(proven.kind).name.lower()
        assert (14, (WITNESS,)) == (
            proven.opened.checkpoint.size, proven.opened.witnessed_by,
        )  # fmt: skip
        assert proven.ciphertext_bytes == len(receipt.entry.ciphertext) > 0


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_no_changed_receipt_proves_anything_else(
    receipts: list[Receipt], data: st.DataObject
) -> None:
    """Any byte of entry, proof or checkpoint: a changed text is refused, or proves the same."""
    receipt = data.draw(st.sampled_from(receipts))
    text = receipt.text.encode()
    at = data.draw(st.integers(0, len(text) - 1))
    broken = text[:at] + bytes([text[at] ^ data.draw(st.integers(1, 255))]) + text[at + 1 :]
    try:
        proven = check(Receipt.parse(broken), verifiers(LOG_KEYS))
    except InputError:
        return
    # What a receipt rests on is whole: only a name, an id or a signature nobody asked for changed.
    assert receipt.index == proven.seq
    assert Receipt.parse(broken).entry == receipt.entry


def test_another_entrys_proof_is_none(receipts: list[Receipt]) -> None:
    """An entry does not stand at another place, nor with another time in its header."""
    first, second = receipts[0], receipts[1]
    mixed = [
        Receipt(first.entry, 1, second.proof, first.note),
        Receipt(second.entry, 0, first.proof, first.note),
        Receipt(first.entry, 0, first.proof[:-1], first.note),
        Receipt(Sealed(second.entry.header, first.entry.ciphertext), 0, first.proof, first.note),
    ]
    for receipt in mixed:
        with pytest.raises(InputError, match="does not prove"):
            check(receipt, verifiers(LOG_KEYS))


def test_a_header_must_say_its_own_place() -> None:
    """A log that signs an entry whose header lies about its place is found out."""
    entry = Sealed(bytes(32), b"body")
    note = signed(Checkpoint(ORIGIN, 1, entry.leaf), LOG_KEYS, 0)
    with pytest.raises(InputError, match="header does not say"):
        check(Receipt(entry, 0, (), note), verifiers(LOG_KEYS))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"), ("extra ", "extra  "),
        ("index 3", "index 03"), ("index 3", "index -3"), ("index 3\n", ""), ("index 3", "at 3"),
        ("\n\n", "\n"),
    ],
)  # fmt: skip
def test_other_texts_are_no_receipts(receipts: list[Receipt], old: str, new: str) -> None:
    """Each line has one spelling."""
    text = receipts[3].text
    assert old in text
    with pytest.raises(InputError, match=r"no receipt|no signed note"):
        Receipt.parse(text.replace(old, new).encode())


def test_a_proof_is_bounded() -> None:
    """63 hashes of 32 bytes and no more."""
    line = base64.b64encode(bytes(32)).decode()
    assert 63 == len(hashes_of([line] * 63))
    for lines in ([line] * 64, ["AAAA"], ["?"]):
        with pytest.raises(ValueError):
            hashes_of(lines)


def test_an_entry_needs_no_key(directory: Path) -> None:
    """It is closed: header and ciphertext make the leaf, also of one that has no body left."""
    with created(directory) as log:
        keep(log, 3, 0)
        for seq in range(log.size):
            assert log.leaf(seq) == log.sealed_entry(seq).leaf
