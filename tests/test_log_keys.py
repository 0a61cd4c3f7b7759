"""Months, and the files their keys lie in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import KeyDestroyed, LogDamaged
from arasha.events.schema import FACTS, Kind
from arasha.log.keys import (
    KeyStore,
    Retention,
    month_name,
    period_named,
    period_of,
    period_starts_ms,
)

INSTANTS = st.integers(-2_208_988_800, 7_258_118_400).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


@given(INSTANTS)
def test_a_month_is_the_calendar_s_in_utc(at: datetime) -> None:
    """Its name, its number and its first instant agree with the calendar."""
    at_ms = int(at.replace(microsecond=0).timestamp()) * 1000
    period = period_of(at_ms)
    assert f"{at:%Y-%m}" == month_name(period)
    assert period == period_named(month_name(period))
    assert period_starts_ms(period) <= at_ms < period_starts_ms(period + 1)
    assert (
        period == period_of(period_starts_ms(period)) == period_of(period_starts_ms(period + 1) - 1)
    )


@pytest.mark.parametrize("text", ["2018", "2018-4", "2018-13", "2018-00", "18-04", "april", ""])
def test_other_spellings_of_a_month_are_refused(text: str) -> None:
    """ValueError names the text."""
    with pytest.raises(ValueError, match="month"):
        period_named(text)


def test_every_kind_has_its_class() -> None:
    """Facts are facts; what the centre decided and did are acts."""
    facts = {fact.kind for fact in FACTS.values()}
    assert facts == {kind for kind in Kind if Retention.of_kind(kind) is Retention.FACTS}


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    """32 random bytes, for its owner only; another month has another key."""
    period = period_named("2018-04")
    nonce = bytes(12)
    sealed = KeyStore(tmp_path).create(Retention.FACTS, period).encrypt(nonce, b"x", b"")
    again = KeyStore(tmp_path)
    assert b"x" == again.create(Retention.FACTS, period).decrypt(nonce, sealed, b"")
    assert sealed != again.create(Retention.ACTS, period).encrypt(nonce, b"x", b"")
    path = again.path(Retention.FACTS, period)
    assert (32, 0o600) == (path.stat().st_size, path.stat().st_mode & 0o777)
    assert ["acts-2018-04.key", "facts-2018-04.key"] == sorted(
        p.name for p in (tmp_path / "keys").iterdir()
    )


def test_a_missing_and_a_cut_key_are_told_apart(tmp_path: Path) -> None:
    """KeyDestroyed for the one, LogDamaged for the other, with the file's name."""
    keys, period = KeyStore(tmp_path), period_named("2018-04")
    with pytest.raises(KeyDestroyed, match=r"facts-2018-04\.key"):
        keys.cipher(Retention.FACTS, period)
    keys.create(Retention.FACTS, period)
    keys.path(Retention.FACTS, period).write_bytes(b"short")
    with pytest.raises(LogDamaged, match="key file is damaged"):
        KeyStore(tmp_path).cipher(Retention.FACTS, period)
