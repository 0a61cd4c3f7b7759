from __future__ import annotations

import pytest

from arasha.app.rights import invitation_link, milliseconds, public_key_of
from arasha.errors import InputError, UsageError


def test_hours_of_an_overlap() -> None:
    """In milliseconds, from none to a year."""
    assert [0, 5_400_000] == [milliseconds(0), milliseconds(1.5)]
    for hours in (-1.0, 9_000.0, float("nan"), float("inf")):
        with pytest.raises(UsageError, match="no overlap"):
            milliseconds(hours)


def test_what_is_no_public_key_is_said() -> None:
    """With how to make one."""
    with pytest.raises(InputError, match="no public key of Ed25519"):
        public_key_of(b"no PEM", "the form")


def test_a_link_leads_to_the_console() -> None:
    """Its secret is the last part."""
    assert "https://c.example/console/invitation/s" == invitation_link("https://c.example", "s")
