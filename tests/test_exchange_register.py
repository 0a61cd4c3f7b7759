from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from arasha.errors import StoreError, UsageError
from arasha.exchange import register
from arasha.exchange.register import Issued, Register, check_words, signing_key
from exchange_samples import Clock, opened


def test_an_issued_key_does_not_show_its_secret() -> None:
    """Not in its repr, which a traceback prints; in the header that it is for."""
    issued = Issued("0123456789abcdef", "c2VjcmV0")
    assert "c2VjcmV0" not in repr(issued)
    assert "0123456789abcdef.c2VjcmV0" == issued.bearer


def test_the_key_of_hmac_is_derived_and_only_where_it_is_needed(directory: Path) -> None:
    """A participant without a public key signs by a key that its secret gives; no other does."""
    participants = opened(directory)
    _, key_id, secret = participants.create("BANK", "bank", by="duty")
    _, other, _ = participants.create("BONK", "bank", by="duty", public_key=b"\1" * 32)
    expected = sha256(b"arasha signature " + secret.encode()).digest()
    found = participants.register.signer(key_id)
    assert found is not None
    assert (expected, None) == (found[1], found[0].public_key)
    assert expected == signing_key(secret)
    found = participants.register.signer(other)
    assert found is not None
    assert (b"", b"\1" * 32) == (found[1], found[0].public_key)
    assert None is participants.register.signer("ffff")


def test_keys_are_bounded(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One key more than there may be is refused and changes nothing."""
    monkeypatch.setattr(register, "MAX_KEYS", 2)
    participants = opened(directory)
    participants.create("BANK", "bank", by="duty")
    participants.rotate("BANK", by="duty")
    with pytest.raises(StoreError, match="as many keys"):
        participants.rotate("BANK", by="duty")
    assert 2 == len(participants.list()[0][1])
    participants.rotate("BANK", by="duty", overlap_ms=0)
    assert 1 == len(participants.list()[0][1])


def test_words_are_checked() -> None:
    """The first unknown word is named beside those there are."""
    assert frozenset({"a"}) == check_words("it", ["a", "a"], ["a", "b"])
    with pytest.raises(UsageError, match="one of a, b"):
        check_words("it", ["c"], ["a", "b"])


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    """A register is not looked for in another database, nor in garbage."""
    (tmp_path / "exchange.sqlite").write_bytes(
        b"no database at all, but long enough to be one" * 99
    )
    with pytest.raises(StoreError):
        Register.open(tmp_path, Clock())
