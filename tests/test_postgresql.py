"""Addresses of databases, and what they keep to themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import UsageError
from arasha.postgresql import Address, address_of, remember


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:s3cret@db:5433/centre", "dbname=centre host=db port=5433 user=me"),
        ("service=arasha", "service=arasha"),
        ("host=/run dbname=c password=s3cret sslpassword=s3cret", "dbname=c host=/run"),
    ],
)
def test_an_address_keeps_its_password_to_itself(text: str, shown: str) -> None:
    """It is in no text of it, and still used."""
    address = Address.of(text)
    assert shown == str(address)
    assert "s3cret" not in repr(address)


@pytest.mark.parametrize("text", ["", "postgresql://me:s3cret@[db/x", "s3cret", "a=s3cret"])
def test_what_is_no_address_is_not_repeated(text: str) -> None:
    """It may hold a password."""
    with pytest.raises(UsageError, match="no address") as error:
        Address.of(text)
    assert "s3cret" not in str(error.value)


def test_a_directory_says_in_which_database_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a password, which comes from the environment where that names the same; for good."""
    place = tmp_path / "centre"
    assert None is address_of(place)
    remember(place, Address.of("postgresql://me:s3cret@db/centre"))
    assert "s3cret" not in (place / "database").read_text()
    remember(place, Address.of("postgresql://me:other@db/centre"))
    found = address_of(place)
    assert found is not None
    assert {} == found.secrets
    monkeypatch.setenv("ARASHA_DATABASE", "postgresql://me:s3cret@db/centre")
    found = address_of(place)
    assert found is not None
    assert {"password": "s3cret"} == found.secrets
    monkeypatch.setenv("ARASHA_DATABASE", "postgresql://me:s3cret@db/another")
    found = address_of(place)
    assert found is not None
    assert {} == found.secrets
    with pytest.raises(UsageError, match="another database's"):
        remember(place, Address.of("postgresql://db/another"))
