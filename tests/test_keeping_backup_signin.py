"""Sign-in in backups: it comes back whole, and nobody who had gone comes back with it."""

from __future__ import annotations

from pathlib import Path

from arasha.exchange.sealed import KEY_FILE
from arasha.exchange.signin import Refused, SignedIn, Why
from arasha.keeping.backup import KeyringOrder, backup
from arasha.keeping.keyring import read
from arasha.keeping.restore import restore
from arasha.vault.keys import Master
from exchange_samples import NOW_MS, close_all
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
