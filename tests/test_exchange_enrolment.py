"""An invitation lets in once, whom it is for, and only with what was set up by it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest

from arasha.exchange.enrolment import OFFER_MS, Offer, Welcomed
from arasha.exchange.means import Means
from arasha.exchange.signin import Refused, Why
from signin_samples import PASSWORD, Door, code, door, secret_in


def invited(at: Door, name: str = "aigul") -> str:
    secret, _ = at.enrolment.invitations.invite(at.person(name), by="root")
    return secret


def offered(at: Door, invitation: str) -> tuple[Offer, str]:
    offer = at.enrolment.offer(invitation)
    assert offer is not None
    return offer, code(secret_in(offer.address), at.clock.now_ms)


def test_an_invitation_opens_once(directory: Path) -> None:
    """Looking at it any number of times changes nothing; coming in uses it up."""
    at = door(directory)
    invitation = invited(at)
    for _ in range(3):
        offer, shown = offered(at, invitation)
    found = at.enrolment.set_password(invitation, offer.sealed, PASSWORD, shown)
    assert isinstance(found, Welcomed)
    assert 10 == len(set(found.recovery))
    assert at.signin.sessions.of(found.signed.token)
    assert None is at.enrolment.offer(invitation)
    assert None is at.enrolment.passkey_creation(invitation)
    again = at.enrolment.set_password(invitation, offer.sealed, PASSWORD, shown)
    assert Refused(Why.LAPSED) == again


def test_two_who_hold_the_link(directory: Path) -> None:
    """One of them comes in, whoever is first by however little."""
    at = door(directory)
    invitation = invited(at)
    offer, shown = offered(at, invitation)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(
            lambda _: at.enrolment.set_password(invitation, offer.sealed, PASSWORD, shown),
            range(4),
        ))  # fmt: skip
    assert 1 == sum(isinstance(one, Welcomed) for one in found)
    assert 1 == len(at.signin.sessions.standing("aigul"))


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "too_short"), ("a" * 40, "too_plain"), ("x" * 129 + "abcdefg", "too_long"),
        ("aigulaigulaigul12", "holds_name"), ("ababababababab", "too_plain"),
    ],
)  # fmt: skip
def test_what_is_no_password(directory: Path, password: str, fault: str) -> None:
    """It is named, and the invitation still stands."""
    at = door(directory)
    invitation = invited(at)
    offer, shown = offered(at, invitation)
    assert fault == at.enrolment.set_password(invitation, offer.sealed, password, shown)
    assert at.enrolment.again(invitation, offer.sealed) == offer


def test_the_first_code_proves_the_authenticator(directory: Path) -> None:
    """Without it nothing is set up; nor by an offer to another, or one that is over."""
    at = door(directory)
    invitation, other = invited(at), invited(at, "bolat")
    offer, shown = offered(at, invitation)
    theirs, their_code = offered(at, other)
    set_up = at.enrolment.set_password
    assert Refused(Why.WRONG) == set_up(invitation, offer.sealed, PASSWORD, "12345")
    assert Refused(Why.LAPSED) == set_up(invitation, theirs.sealed, PASSWORD, their_code)
    at.clock.now_ms += OFFER_MS
    assert Refused(Why.LAPSED) == set_up(invitation, offer.sealed, PASSWORD, shown)
    assert None is at.enrolment.again(invitation, offer.sealed)
    means = Means(at.signin.tables, at.persons, at.clock)
    assert not means.has_password("aigul")


def test_a_new_invitation_replaces_the_password(directory: Path) -> None:
    """And the codes: of who has lost both nothing from before opens."""
    at = door(directory)
    welcomed, old = at.welcomed()
    invitation, _ = at.enrolment.invitations.invite("aigul", by="root")
    offer, shown = offered(at, invitation)
    found = at.enrolment.set_password(invitation, offer.sealed, "another long walk", shown)
    assert isinstance(found, Welcomed)
    at.clock.now_ms += 60_000
    now = code(old, at.clock.now_ms)
    for said in (now, welcomed.recovery[0]):
        for password in (PASSWORD, "another long walk"):
            got = at.signin.by_password("aigul", password, said, "192.0.2.7")
            assert isinstance(got, Refused)


def test_the_square_is_a_picture_alone(directory: Path) -> None:
    """An SVG without script, style or anything from elsewhere."""
    at = door(directory)
    offer, _ = offered(at, invited(at))
    picture = ElementTree.fromstring(offer.square)
    assert "svg" == picture.tag.rpartition("}")[2]
    assert {"path"} == {one.tag.rpartition("}")[2] for one in picture}
    assert "http" not in offer.square.replace("http://www.w3.org/2000/svg", "")
    assert offer.address.startswith("otpauth://totp/centre.example:aigul?")
    assert offer.address not in repr(offer)
