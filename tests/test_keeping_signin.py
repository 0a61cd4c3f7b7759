"""Sign-in in backups: it comes back whole, and nobody who had gone comes back with it."""

from __future__ import annotations

from pathlib import Path

from arasha.exchange.persons import Persons
from arasha.exchange.sealed import KEY_FILE, Seal
from arasha.exchange.signin import Refused, SignedIn, Why
from arasha.keeping.backup import KeyringOrder, backup
from arasha.keeping.keyring import read
from arasha.keeping.restore import restore
from arasha.vault.keys import Master
from exchange_samples import NOW_MS, Clock, acts_of_log, close_all
from keeping_samples import centre
from signin_samples import KEY as SIGNIN_KEY
from signin_samples import PASSWORD, Authenticator, code, door
from vault_samples import KEY


def test_a_restored_centre_lets_its_people_in(tmp_path: Path) -> None:
    """By password and passkey, under the key of the keyring; sessions and invitations are over."""
    lived = centre(tmp_path / "c", tmp_path)
    (lived / KEY_FILE).touch(0o600)
    (lived / KEY_FILE).write_bytes(SIGNIN_KEY)
    at = door(lived)
    welcomed, secret = at.welcomed()
    mine = Authenticator()
    asked = at.enrolment.another_passkey("aigul")
    assert None is at.enrolment.add_passkey("aigul", asked.sealed, mine.create(asked.options))
    invitation, _ = at.enrolment.invitations.invite("aigul", by="root")
    order = KeyringOrder(tmp_path / "keyring", Master(KEY))
    made = backup(lived, tmp_path / "b", made_at_ms=NOW_MS, order=order)
    assert "signin.sqlite" in {part.file for part in made.parts}
    everything = b"".join(one.read_bytes() for one in (tmp_path / "b").iterdir())
    assert SIGNIN_KEY not in everything
    assert secret not in everything
    close_all()
    restore(tmp_path / "b", tmp_path / "again", read(tmp_path / "keyring", Master(KEY)),
            by="root", now_ms=NOW_MS)  # fmt: skip
    again = door(tmp_path / "again")
    assert SIGNIN_KEY == (tmp_path / "again" / KEY_FILE).read_bytes()
    assert None is again.signin.sessions.of(welcomed.signed.token)
    assert None is again.enrolment.invitations.of(invitation)
    again.clock.now_ms += 30_000
    shown = code(secret, again.clock.now_ms)
    assert isinstance(again.signin.by_password("aigul", PASSWORD, shown, ""), SignedIn)
    asked = again.signin.passkey_request()
    assert isinstance(again.signin.by_passkey(asked.sealed, mine.get(asked.options)), SignedIn)
    assert Refused(Why.WRONG) == again.signin.by_password("aigul", PASSWORD, shown, "")
    close_all()


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


def test_the_acts_of_sign_in_become_entries(tmp_path: Path) -> None:
    """With those of rights, numbered by their own file."""
    from arasha.exchange.acts import keep_if_free

    lived = centre(tmp_path / "c", tmp_path)
    at = door(lived, Clock(NOW_MS))
    at.welcomed()
    assert 5 == keep_if_free(lived, [at.persons.register.database, at.signin.tables], NOW_MS)
    said = [body["change"] for _, body in acts_of_log(lived) if body.get("file") == "signin"]
    assert ["person_invited", "password_set", "signed_in"] == said
    assert isinstance(at.persons, Persons)
    close_all()
