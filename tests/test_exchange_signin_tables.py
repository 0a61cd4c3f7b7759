"""Each change of sign-in is an entry of the log."""

from __future__ import annotations

from pathlib import Path

from arasha.exchange.acts import keep_if_free
from exchange_samples import NOW_MS, Clock, acts_of_log, close_all
from keeping_samples import centre
from signin_samples import door


def test_the_acts_of_sign_in_become_entries(tmp_path: Path) -> None:
    """With those of rights, numbered by their own file."""
    lived = centre(tmp_path / "c", tmp_path)
    at = door(lived, Clock(NOW_MS))
    at.welcomed()
    assert 5 == keep_if_free(lived, [at.persons.register.database, at.signin.tables], NOW_MS)
    said = [body["change"] for _, body in acts_of_log(lived) if body.get("file") == "signin"]
    assert ["person_invited", "password_set", "signed_in"] == said
    close_all()
