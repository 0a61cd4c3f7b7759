"""Law 4 for sign-in: whatever the disk does, an invitation opens once and no code opens twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from arasha.errors import StoreError
from arasha.exchange.enrolment import Welcomed
from arasha.exchange.persons import Persons
from arasha.exchange.signin import SignedIn
from arasha.testing.disk import Disk, Fault, layer
from exchange_samples import Clock, told
from signin_samples import Authenticator, door


@dataclass
class Ran:
    """What was told: the invitation, tokens that were given, answers of a passkey that opened."""

    invitation: str | None = None
    came_in: bool = False
    tokens: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    used: list[tuple[str, bytes]] = field(default_factory=list)
    failed: bool = False


def run(directory: Path, persons: Persons, disk: Disk) -> Ran:
    """Invite a person, who comes in with a passkey, again twice, and goes once."""
    ran, mine = Ran(), Authenticator(counts=False)
    with layer(disk) as vfs:
        at = None
        try:
            at = door(directory, persons=persons, vfs=vfs)
            ran.invitation, _ = at.enrolment.invitations.invite("aigul", by="root")
            asked = at.enrolment.passkey_creation(ran.invitation)
            assert asked is not None
            answer = mine.create(asked.options)
            found = at.enrolment.set_passkey(ran.invitation, asked.sealed, answer)
            assert isinstance(found, Welcomed)
            ran.came_in = True
            ran.tokens.append(found.signed.token)
            for _ in range(2):
                more = at.signin.passkey_request()
                answer = mine.get(more.options)
                signed = at.signin.by_passkey(more.sealed, answer)
                assert isinstance(signed, SignedIn)
                ran.tokens.append(signed.token)
                ran.used.append((more.sealed, answer))
            ran.ended = ran.tokens[:1]
            at.signin.sessions.end(ran.tokens[0])
            ran.tokens = ran.tokens[1:]
        except StoreError:
            ran.failed = True
        if at is not None:
            at.signin.close()
    return ran


def assert_law(directory: Path, persons: Persons, ran: Ran) -> None:
    at = door(directory, persons=persons)
    for token in ran.tokens:
        if not (ran.failed and token in ran.ended):
            assert at.signin.sessions.of(token), "a session that was told stands"
    for sealed, answer in ran.used:
        assert not isinstance(at.signin.by_passkey(sealed, answer), SignedIn), "used up for good"
    if ran.came_in:
        assert ran.invitation is not None
        assert None is at.enrolment.invitations.of(ran.invitation), "an invitation opens once"
    acts = told(at.signin.tables.waiting())
    assert list(range(1, len(acts) + 1)) == [act["number"] for act in acts]
    changes = [act["change"] for act in acts]
    [[standing]] = at.signin.tables.rows("SELECT count(*) FROM sessions")
    assert changes.count("signed_in") - changes.count("signed_out") == standing
    at.signin.close()


@pytest.mark.parametrize("fault", ["fail", "full", "cut", "torn"])
def test_at_each_operation_a_fault(tmp_path: Path, fault: Fault) -> None:
    """What was told holds; what was used up stays so; each session has its act."""
    persons, sound = Persons.open(tmp_path, Clock()), Disk()
    persons.create("aigul", ["officer"], by="root")
    ran = run(tmp_path / "sound", persons, sound)
    assert (2, False) == (len(ran.tokens), ran.failed)
    assert {"write", "sync"} <= set(sound.seen)
    assert_law(tmp_path / "sound", persons, ran)
    for n in range(0, len(sound.seen), 3):
        disk = Disk(n, fault)
        ran = run(tmp_path / str(n), persons, disk)
        if fault in ("cut", "torn"):
            disk.lose(Random(n))
        assert_law(tmp_path / str(n), persons, ran)
