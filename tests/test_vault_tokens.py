from __future__ import annotations

import hashlib
import hmac
import pickle
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import InputError, UsageError
from arasha.events.schema import PartyKind
from arasha.vault import tokens as module
from arasha.vault.tokens import Tokens, canonical
from events_samples import TOKENS_KEY, tokens

ACCOUNT, NUMBER, DEVICE = PartyKind.ACCOUNT, PartyKind.NUMBER, PartyKind.DEVICE


def test_a_token_is_an_hmac_of_kind_and_identifier() -> None:
    """HMAC-SHA256 of the kind, 0x1f and the identifier, cut to 128 bits."""
    expected = hmac.digest(TOKENS_KEY, b"account\x1fKZ75125KZT1001300335", hashlib.sha256)[:16]
    assert expected == tokens().of(ACCOUNT, "KZ75125KZT1001300335")


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        (ACCOUNT, ["KZ75125KZT1001300335", "kz75 125k zt10 0130 0335", " KZ75125kzt1001300335 "]),
        (NUMBER, ["+77011234567", "+7 (701) 123-45-67", "77011234567", "0077011234567"]),
        (DEVICE, ["abC-1", " abC-1 "]),
    ],
)
def test_one_identifier_written_differently_has_one_token(
    kind: PartyKind, spellings: list[str]
) -> None:
    """Spaces, small letters of an IBAN and the punctuation of a number do not matter."""
    assert 1 == len({tokens().of(kind, spelling) for spelling in spellings})


def test_different_identifiers_have_different_tokens() -> None:
    """Kinds, prefixes, keys and the capitals of what is no IBAN keep tokens apart."""
    made = tokens()
    assert made.of(ACCOUNT, "7701") != made.of(NUMBER, "7701")
    assert made.of(ACCOUNT, "7", "customer:") != made.of(ACCOUNT, "7", "terminal:")
    assert made.of(ACCOUNT, "7", "customer:") == made.of(ACCOUNT, "customer:7")
    assert made.of(ACCOUNT, "abc") != made.of(ACCOUNT, "ABC")
    assert made.of(ACCOUNT, "7") != Tokens(bytes(32)).of(ACCOUNT, "7")


@given(st.lists(st.one_of(st.none(), st.text("ab 7+", max_size=4))), st.sampled_from(["", "p:"]))
def test_a_column_is_tokenised_like_each_alone(values: list[str | None], prefix: str) -> None:
    """Null and empty are all zero, the rest is what the scalar gives."""
    column = tokens().of_column(ACCOUNT, pl.Series(values, dtype=pl.String), prefix)
    alone = [tokens().of(ACCOUNT, v, prefix) if v else bytes(16) for v in values]
    assert b"".join(alone) == column.tobytes()


def test_a_column_of_ints_is_one_of_their_digits() -> None:
    """Customer 7 is the same in a file that holds numbers and in one that holds text."""
    ints = tokens().of_column(ACCOUNT, pl.Series([7, None, 7], dtype=pl.Int16))
    texts = tokens().of_column(ACCOUNT, pl.Series(["7", None, "7"]))
    assert ints.tolist() == texts.tolist()


def test_the_cache_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """More identifiers than are remembered get the same tokens as ever."""
    column = pl.Series([f"a{i}" for i in range(50)])
    expected = tokens().of_column(ACCOUNT, column)
    monkeypatch.setattr(module, "CACHE_TOKENS", 8)
    made = tokens()
    assert expected.tolist() == made.of_column(ACCOUNT, column).tolist()
    assert sum(len(known) for known in made._known.values()) <= 8


def test_no_token_is_all_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """All zero means "unknown": an HMAC that gave it would be made again."""
    answers = iter([bytes(32), bytes(16) + b"x" * 16, b"y" * 32])
    monkeypatch.setattr(hmac, "digest", lambda *_: next(answers))
    assert b"y" * 16 == tokens().of(ACCOUNT, "1")


def test_the_key_is_made_once_durably_and_for_its_owner_only(tmp_path: Path) -> None:
    """32 bytes, mode 0600 in a directory of mode 0700; the second time it is read."""
    made = Tokens.load_or_create(tmp_path)
    path = tmp_path / "keys" / "tokens.key"
    modes = (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777)
    assert (0o600, 0o700, 32) == (*modes, len(path.read_bytes()))
    assert ["tokens.key"] == [entry.name for entry in path.parent.iterdir()]
    assert made.of(ACCOUNT, "1") == Tokens.load_or_create(tmp_path).of(ACCOUNT, "1")


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    """The error names the file and the command that mends it."""
    Tokens.load_or_create(tmp_path)
    (tmp_path / "keys" / "tokens.key").chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        Tokens.load_or_create(tmp_path)


def test_a_file_that_is_no_key_is_not_used(tmp_path: Path) -> None:
    """A cut key would silently make strangers of all parties."""
    Tokens.load_or_create(tmp_path)
    (tmp_path / "keys" / "tokens.key").write_bytes(b"short")
    with pytest.raises(InputError, match="5 bytes"):
        Tokens.load_or_create(tmp_path)


def test_the_key_is_not_shown_or_pickled() -> None:
    """Neither a repr nor a pickle holds it."""
    assert "<Tokens>" == repr(tokens()) == str(tokens())
    with pytest.raises(TypeError, match="not copied"):
        pickle.dumps(tokens())


@given(st.text(max_size=40))
def test_a_canonical_spelling_is_its_own(text: str) -> None:
    """Writing an identifier canonically twice changes nothing more."""
    for kind in (ACCOUNT, DEVICE):
        once = canonical(kind, text)
        assert once == canonical(kind, once)
