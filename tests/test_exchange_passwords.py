"""A password is known again, and what is kept of it says nothing."""

from __future__ import annotations

from arasha.exchange import passwords


def test_a_password_is_known_again_however_it_is_spelt() -> None:
    """A letter with its accent as one character or as two; nothing else is taken for it."""
    kept = passwords.kept("Жайлау кафе\u0301 2026")
    assert passwords.matches("Жайлау кафе\u0301 2026", kept)
    assert not passwords.matches("Жайлау кафе 2026", kept)
    assert not passwords.matches("", kept)
    assert not passwords.matches("x" * 10_000, kept)
    assert kept != passwords.kept("Жайлау кафе\u0301 2026")
    assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
