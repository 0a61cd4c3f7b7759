"""Passkeys, links and what is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import UsageError
from arasha.exchange.enrolment import MAX_PASSKEYS
from arasha.exchange.means import Means
from arasha.exchange.signin import Refused, SignedIn, Why
from exchange_samples import told
from signin_samples import PASSWORD, Authenticator, code, door


def test_passkeys_are_added_and_removed(directory: Path) -> None:
    """From a session; each once, of one person, and only so many."""
    at = door(directory)
    at.person("aigul")
    at.person("bolat")
    means = Means(at.signin.tables, at.persons, at.clock)
    mine = Authenticator()
    asked = at.enrolment.another_passkey("aigul")
    answer = mine.create(asked.options)
    assert Refused(Why.LAPSED) == at.enrolment.add_passkey("bolat", asked.sealed, answer)
    assert None is at.enrolment.add_passkey("aigul", asked.sealed, answer)
    assert Refused(Why.WRONG) == at.enrolment.add_passkey("aigul", asked.sealed, answer)
    more = at.enrolment.another_passkey("aigul")
    assert more.options["user"]["id"] == asked.options["user"]["id"]
    assert [mine.credential] == [
        bytes.fromhex(one.name) for one in means.passkeys("aigul")
    ]  # the browser is told of it, too, so as not to make a second one there
    assert 1 == len(more.options["excludeCredentials"])
    for _ in range(MAX_PASSKEYS - 1):
        asked = at.enrolment.another_passkey("aigul")
        made = Authenticator().create(asked.options)
        assert None is at.enrolment.add_passkey("aigul", asked.sealed, made)
    asked = at.enrolment.another_passkey("aigul")
    made = Authenticator().create(asked.options)
    assert Refused(Why.WRONG) == at.enrolment.add_passkey("aigul", asked.sealed, made)
    name = mine.credential.hex()
    assert not means.remove_passkey("bolat", name)
    assert not means.remove_passkey("aigul", "no hex")
    assert means.remove_passkey("aigul", name)
    asked = at.signin.passkey_request()
    assert Refused(Why.WRONG) == at.signin.by_passkey(asked.sealed, mine.get(asked.options))


def test_what_is_forgotten_opens_nothing(directory: Path) -> None:
    """Password, codes, passkeys, links and sessions; another person's stay."""
    at = door(directory)
    welcomed, secret = at.welcomed()
    theirs, _ = at.welcomed("bolat")
    means = Means(at.signin.tables, at.persons, at.clock)
    means.link("aigul", "https://id.example", "7f3a", by="root")
    with pytest.raises(UsageError, match="linked already"):
        means.link("bolat", "https://id.example", "7f3a", by="root")
    means.forget("aigul", by="root")
    assert None is at.signin.sessions.of(welcomed.signed.token)
    assert at.signin.sessions.of(theirs.signed.token)
    at.clock.now_ms += 30_000
    for said in (code(secret, at.clock.now_ms), welcomed.recovery[0]):
        found = at.signin.by_password("aigul", PASSWORD, said, "192.0.2.7")
        assert not isinstance(found, SignedIn)
    assert not isinstance(at.signin.by_subject("https://id.example", "7f3a"), SignedIn)
    assert "means_forgotten" == told(at.signin.tables.waiting())[-1]["change"]
