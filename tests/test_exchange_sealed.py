"""What is sealed opens here, for its purpose, in its time."""

from __future__ import annotations

from pathlib import Path

from arasha.exchange.sealed import KEY_FILE, Seal
from exchange_samples import NOW_MS


def test_the_key_is_the_centres_own(tmp_path: Path) -> None:
    """Made once, readable by its owner alone; what another has sealed does not open."""
    seal = Seal.load_or_create(tmp_path)
    assert 0o600 == (tmp_path / KEY_FILE).stat().st_mode & 0o777
    text = seal.closed("a purpose", b"content", NOW_MS, NOW_MS + 1)
    assert b"content" == Seal.load_or_create(tmp_path).opened("a purpose", text, NOW_MS)
    assert None is Seal(b"o" * 32).opened("a purpose", text, NOW_MS)
    assert None is seal.opened("another purpose", text, NOW_MS)
    assert None is seal.opened("a purpose", text, NOW_MS + 1)
    changed = text[:-3] + ("A" if text[-3] != "A" else "B") + text[-2:]
    assert None is seal.opened("a purpose", changed, NOW_MS)
    assert "content" not in repr(seal)
