"""An invitation lapses, and not everybody can be invited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arasha.errors import UsageError
from arasha.exchange.invitations import LASTS_MS, LONGEST_MS
from signin_samples import Door, door


def invited(at: Door, name: str = "aigul") -> str:
    secret, _ = at.enrolment.invitations.invite(at.person(name), by="root")
    return secret


@pytest.mark.parametrize("what", ["time", "newer", "role", "clock"])
def test_an_invitation_lapses(directory: Path, what: str) -> None:
    """By its time, a newer one, the person's going, and a clock from before it was made."""
    at = door(directory)
    invitation = invited(at)
    ends: dict[str, Callable[[], object]] = {
        "time": lambda: setattr(at.clock, "now_ms", at.clock.now_ms + LASTS_MS),
        "newer": lambda: at.enrolment.invitations.invite("aigul", by="root"),
        "role": lambda: at.persons.shut_out("aigul", by="root"),
        "clock": lambda: setattr(at.clock, "now_ms", at.clock.now_ms - LASTS_MS),
    }
    assert at.enrolment.offer(invitation)
    ends[what]()
    assert None is at.enrolment.offer(invitation)
    assert None is at.enrolment.offer(invitation + "A")
    assert None is at.enrolment.offer("\ud800\0")


def test_who_can_be_invited(directory: Path) -> None:
    """A person with a role, for a week at most."""
    at = door(directory)
    with pytest.raises(UsageError, match="no person of the name"):
        at.enrolment.invitations.invite("nobody", by="root")
    at.person("aigul")
    for lasts_ms in (0, -1, LONGEST_MS + 1):
        with pytest.raises(UsageError, match="does not stand that long"):
            at.enrolment.invitations.invite("aigul", by="root", lasts_ms=lasts_ms)
    at.persons.shut_out("aigul", by="root")
    with pytest.raises(UsageError, match="has no role"):
        at.enrolment.invitations.invite("aigul", by="root")
