"""Who may sign for which numbers: chains to a root that is trusted, and TNAuthLists."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import InputError
from arasha.exchange.sti_certificates import Roots, Tag
from passport_samples import (
    NOW_S,
    Signer,
    block,
    der,
    one,
    signer,
    spc,
    text,
    tn_auth_list,
)

ROOT = signer("root", authority=True)
BETWEEN = signer("between", ROOT, authority=True)
STRANGER = signer("root", authority=True)
ROOTS = Roots(ROOT.pem)


def chain(*signers: Signer) -> bytes:
    """A file of them."""
    return b"".join(one.pem for one in signers)


def test_a_chain_to_a_root_is_trusted() -> None:
    """With or without one between; until the first of it ends."""
    leaf = signer("leaf", BETWEEN, ends=timedelta(days=3))
    found = ROOTS.trusted(chain(leaf, BETWEEN), NOW_S)
    assert found is not None
    assert NOW_S + 3 * 86_400 == found.ends_s
    assert ROOTS.trusted(signer("leaf", ROOT).pem, NOW_S) is not None


UNTRUSTED = {
    "of another root of the same name": chain(signer("leaf", STRANGER)),
    "without what stands between": chain(signer("leaf", BETWEEN)),
    "signed by itself": chain(signer("leaf")),
    "not valid any more": chain(signer("leaf", ROOT, ends=timedelta(seconds=-1))),
    "not valid yet": chain(signer("leaf", ROOT, begins=timedelta(seconds=1))),
    "an authority": chain(signer("leaf", ROOT, authority=True)),
    "a root": ROOT.pem,
    "signed by one that is no authority": chain(
        signer("leaf", nobody := signer("nobody", ROOT)), nobody
    ),
    "between is over": chain(
        signer("leaf", over := signer("over", ROOT, authority=True, ends=timedelta(seconds=-1))),
        over,
    ),
    "on another curve": chain(signer("leaf", ROOT, curve=ec.SECP384R1())),
    "a list that is cut short": chain(
        signer("leaf", ROOT, numbers=tn_auth_list(one("77010000001"))[:-1])
    ),
    "a list of something else": chain(signer("leaf", ROOT, numbers=tn_auth_list(text("1")))),
    "a number that is none": chain(signer("leaf", ROOT, numbers=tn_auth_list(one("+7701")))),
    "no certificate": b"nothing",
    "nothing": b"",
}


@pytest.mark.parametrize("why", UNTRUSTED)
def test_what_is_not_trusted(why: str) -> None:
    """Each for one reason alone."""
    assert ROOTS.trusted(UNTRUSTED[why], NOW_S) is None


@pytest.mark.parametrize(
    ("numbers", "number", "may"),
    [
        (None, "+77010000001", True),
        (tn_auth_list(spc("709J")), "+77010000001", True),
        (tn_auth_list(), "+77010000001", False),
        (tn_auth_list(one("77010000001")), "+77010000001", True),
        (tn_auth_list(one("77010000001")), "+77010000002", False),
        (tn_auth_list(spc("709J"), one("77010000001")), "+77010000002", False),
        (tn_auth_list(block("77010000000", 1_000)), "+77010000999", True),
        (tn_auth_list(block("77010000000", 1_000)), "+77010001000", False),
        (tn_auth_list(block("77010000000", 1_000)), "+7701000000", False),
        (tn_auth_list(block("77010000000", 10), one("77020000000")), "+77020000000", True),
    ],
)
def test_which_numbers_a_certificate_speaks_for(
    numbers: bytes | None, number: str, *, may: bool
) -> None:
    """Those of its list; a code of a network alone, or no list at all, is any number."""
    found = ROOTS.trusted(signer("leaf", ROOT, numbers=numbers).pem, NOW_S)
    assert found is not None
    assert may == found.speaks_for(number)


def test_roots_that_are_none() -> None:
    """An empty file is no list of roots."""
    with pytest.raises(InputError, match="roots"):
        Roots(b"")


@given(st.binary(max_size=60))
def test_no_list_whatever_makes_it_fail(junk: bytes) -> None:
    """Bytes that are no list are not trusted, and nothing is raised."""
    found = ROOTS.trusted(signer("leaf", ROOT, numbers=der(Tag.SEQUENCE, junk)).pem, NOW_S)
    assert found is None or not found.speaks_for("+77010000001") or found.ranges is None
