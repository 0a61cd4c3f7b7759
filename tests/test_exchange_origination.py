"""``origination.toml``: read whole with what it names, or refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import ArashaError
from arasha.exchange.origination import load_origination

OWN = '[own]\noperator = "ONE"\ndomestic = ["+77"]\n'
PEER = '[peers.TWO]\nurl = "https://two.example/"\nkey_file = "two.key"\n'


def test_what_it_says(tmp_path: Path) -> None:
    """Who we are, whom we ask with which key, and which numbers are of this country."""
    (tmp_path / "two.key").write_text("id.secret\n")
    path = tmp_path / "origination.toml"
    path.write_text(OWN + PEER)
    found = load_origination(path)
    assert ("ONE", 300) == (found.operator, found.within_ms)
    peer = found.peers["TWO"]
    assert ("https://two.example", "id.secret") == (peer.url, peer.key)
    assert found.is_domestic("+77010000001")
    assert not found.is_domestic("+447010000001")
    assert "secret" not in repr(peer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        OWN + "more = 1\n",
        OWN.replace("+77", "none"),
        OWN + PEER.replace("TWO", "ONE"),
        OWN + PEER.replace("https://two.example/", "http://two.example/"),
        OWN + PEER.replace("two.key", "none.key"),
        OWN + PEER.replace("two.key", "empty.key"),
        OWN + "within_ms = 5000\n",
    ],
)
def test_what_it_cannot_say(tmp_path: Path, text: str) -> None:
    """No field that is not known, no way without TLS, no key that is not there."""
    (tmp_path / "two.key").write_text("id.secret\n")
    (tmp_path / "empty.key").write_text("\n")
    path = tmp_path / "origination.toml"
    path.write_text(text)
    with pytest.raises(ArashaError):
        load_origination(path)
