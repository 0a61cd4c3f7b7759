"""Acts as entries: what is kept of each, and what no field takes."""

from __future__ import annotations

import msgspec
import pytest

from arasha.cases.acts import (
    CENTRE,
    KIND_OF,
    KINDS,
    Act,
    Entry,
    HoldConfirmed,
    HoldProlonged,
    content_of,
    pack,
    unpack,
    word_of,
)
from arasha.cases.roles import RIGHTS
from arasha.log.keys import Retention
from cases_driver import Driver
from cases_samples import OFFICER


def test_what_is_kept_is_what_was_asked() -> None:
    """To the byte, for every act that a long sequence makes."""
    for entry in Driver(3).run(80).entries:
        assert entry == unpack(pack(entry))


def test_acts_are_kept_as_long_as_acts_are() -> None:
    """Longer than facts; their kinds collide with nobody's."""
    assert {Retention.ACTS} == {Retention.of_kind(kind) for kind in KINDS}
    assert all(kind >= 64 for kind in KINDS)
    assert RIGHTS.keys() == {word_of(act) for act in KIND_OF}


ENDED = b'{"at_ms":1,"by":{"kind":"centre","name":"x"},"act":{"act":"hold_ended","hold":"h1.0"}}'
VIEWED = ENDED.partition(b'{"act"')[0] + b'{"act":"party_viewed","through":"c1","party":"'


@pytest.mark.parametrize(
    "body",
    [
        b'{"at_ms":1,"by":{"kind":"person","name":"x"},"act":{"act":"hold_confirmed","hold":"h1.0"}}',
        b'{"at_ms":1,"by":{"kind":"person","name":"x"},"act":{"act":"hold_seized","hold":"h1.0"}}',
        b'{"at_ms":1,"by":{"kind":"god","name":"x"},"act":{"act":"hold_ended","hold":"h1.0"}}',
        b'{"at_ms":1,"by":{"kind":"centre","name":"x"},"act":{"act":"hold_ended","hold":"1"}}',
        b'{"at_ms":-1,"by":{"kind":"centre","name":"x"},"act":{"act":"hold_ended","hold":"h1"}}',
        ENDED[:-2] + b',"name":"Aigul"}}',
        VIEWED + b"KZ75125KZT1001300335" + b'"}}',
    ],
)
def test_what_is_no_act_is_not_taken(body: bytes) -> None:
    """A field too few or too many, another word, an identifier where a token belongs."""
    with pytest.raises(msgspec.ValidationError):
        unpack(body)


def test_an_approval_is_bound_to_all_of_the_act() -> None:
    """Any other end is another content; who asks and when is not part of it."""
    contents = {content_of(HoldProlonged("h1.0", until)) for until in (1, 2, 3)}
    assert 3 == len(contents)
    assert content_of(HoldProlonged("h1.0", 1)) in contents
    assert content_of(HoldProlonged("h1.1", 1)) not in contents


def test_no_two_acts_share_a_word() -> None:
    """The word tells the act."""
    assert len(KIND_OF) == len({word_of(act) for act in KIND_OF})
    assert all(issubclass(act, Act) for act in KIND_OF)
    assert "hold_confirmed" == word_of(HoldConfirmed("h1.0", "kz:25-1"))
    assert b'"act":"hold_confirmed"' in pack(Entry(1, OFFICER, HoldConfirmed("h1.0", "kz:25-1")))
    assert "centre" == CENTRE.kind
