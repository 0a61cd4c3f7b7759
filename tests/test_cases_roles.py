"""The table of roles and acts: the domain, the documents and the doors have it from one place."""

from __future__ import annotations

from collections import defaultdict

import pytest

from arasha.cases.acts import Actor, word_of
from arasha.cases.roles import ALONE, OTHERS, RIGHTS, ROLES, SECONDS, VIEWS, may, roles_of
from arasha.exchange import persons
from cases_driver import Driver


def test_every_role_of_the_table_can_be_given_to_a_person() -> None:
    """And no other."""
    assert set(ROLES) == set(persons.ROLES)
    assert ALONE == persons.ALONE


def test_rights_name_known_roles_and_seconds_known_acts() -> None:
    """No act hangs on a word that is a role nowhere."""
    words = ROLES.keys() | OTHERS.keys()
    assert all(allowed and allowed <= words for allowed in RIGHTS.values())
    assert all(allowed <= words for allowed in VIEWS.values())
    assert SECONDS.keys() <= RIGHTS.keys()


def test_an_administrator_sees_no_case_and_does_nothing_here() -> None:
    """Nor does who reads what others did."""
    assert not any("administrator" in allowed for allowed in RIGHTS.values())
    assert not any("auditor" in allowed for allowed in RIGHTS.values())
    seen = {"the law in force", "participants and persons"}
    assert seen == {v for v, who in VIEWS.items() if "administrator" in who}
    assert not may(Actor("person", "x", ("administrator", "officer")), ROLES)


@pytest.mark.parametrize("role", sorted(ALONE))
def test_what_stands_alone_goes_with_no_other_role(role: str) -> None:
    """Whoever has it beside another is nobody."""
    assert frozenset() == roles_of(Actor("person", "x", (role, "analyst")))
    assert {role} == roles_of(Actor("person", "x", (role,)))


def test_nobody_is_what_they_only_say_they_are() -> None:
    """A person's role of another kind, or an unknown one, is none."""
    assert frozenset() == roles_of(Actor("person", "x", ("centre", "participant", "king")))
    assert {"participant"} == roles_of(Actor("participant", "x", ("officer",)))


def test_what_was_taken_was_within_the_table() -> None:
    """In a few hundred sequences of acts, each author had the right."""
    authors: dict[str, set[str]] = defaultdict(set)
    for seed in range(300):
        for entry in Driver(20_000 + seed).run(40).entries:
            authors[word_of(entry.act)].update(roles_of(entry.by))
    for act, roles in authors.items():
        assert roles & RIGHTS[act]
