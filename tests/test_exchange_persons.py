from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import UsageError
from arasha.exchange.participants import Participants
from arasha.exchange.persons import Person, Persons
from exchange_samples import Clock, told


def test_a_person_has_roles_and_a_token(tmp_path: Path) -> None:
    """The token is the person's; after a rotation only the new one is."""
    persons = Persons.open(tmp_path, Clock())
    made, key_id, secret = persons.create("aigul", ["officer", "analyst"], by="root")
    assert Person("aigul", frozenset({"officer", "analyst"})) == made
    assert made == persons.authenticate(key_id, secret)
    new_id, new = persons.rotate("aigul", by="root")
    assert None is persons.authenticate(key_id, secret)
    assert made == persons.authenticate(new_id, new)
    persons.revoke(new_id, by="root")
    assert None is persons.authenticate(new_id, new)
    assert [(made, [])] == persons.list()


def test_a_persons_token_opens_no_participants_door(tmp_path: Path) -> None:
    """The two kinds of keys lie in one file and are not mixed up, even under one name."""
    persons = Persons.open(tmp_path, Clock())
    participants = Participants(persons.register)
    _, key_id, secret = persons.create("BANK", ["officer"], by="root")
    made, bank_id, bank_secret = participants.create("BANK", "bank", by="root")
    assert None is participants.authenticate(key_id, secret)
    assert None is persons.authenticate(bank_id, bank_secret)
    assert made == participants.authenticate(bank_id, bank_secret)
    with pytest.raises(UsageError, match="no participant has this key"):
        participants.revoke(key_id, by="root")


@pytest.mark.parametrize(("roles", "says"), [([], "without a role"), (["king"], "has no 'king'")])
def test_roles_are_those_there_are(tmp_path: Path, roles: list[str], says: str) -> None:
    """A person has at least one role, and none that nobody knows."""
    persons = Persons.open(tmp_path, Clock())
    with pytest.raises(UsageError, match=says):
        persons.create("aigul", roles, by="root")
    with pytest.raises(UsageError, match="no person of the name"):
        persons.named("aigul")


def test_a_new_person_waits_for_the_log(tmp_path: Path) -> None:
    """The act tells the roles and who gave them."""
    persons = Persons.open(tmp_path, Clock())
    persons.create("aigul", ["officer"], by="root")
    act = told(persons.register.waiting())[0]
    assert ("person_created", "aigul", ["officer"], "root") == tuple(
        act[name] for name in ("change", "name", "roles", "by")
    )
