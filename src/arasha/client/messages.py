"""What the service answers, as records: the service encodes these, a client decodes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """A rule that fired, and its text by language (kk, ru, en)."""

    rule: str
    text: Mapping[str, str]


class ForPayer(msgspec.Struct, frozen=True):
    """What to show the payer, what it is about, and what to ask, by language."""

    text: Mapping[str, str]
    about: Mapping[str, tuple[str, ...]]
    ask: Mapping[str, tuple[str, ...]]


class PolicyNamed(msgspec.Struct, frozen=True):
    """The policy that judged."""

    name: str
    hash: str


class Pause(msgspec.Struct, frozen=True):
    """The payment is held because somebody seems to press the payer: until when, at the latest.

    The basis is a ``figure`` of the ``law`` with that hash: its ``term``, the ``source`` it was
    read in, and how far that can be relied on (``mark``). ``text`` is for the payer, by language.
    """

    until: str
    law: str
    figure: str
    term: str
    source: str
    mark: str
    text: Mapping[str, str]


class Decided(msgspec.Struct, frozen=True, tag_field="outcome", tag="decided"):
    """A decision about a payment; ``seq`` is the payment's place in the log.

    ``action`` is allow, warn, hold or block; ``pause`` is there where the payer seems pressed, and
    ends by itself. ``late``: it had happened long before it was known to
    the service. ``degraded``: a part of the policy was missing. ``fallback``: there was no time to
    judge it.
    """

    payment: str
    seq: int
    known_at: str
    policy: PolicyNamed
    action: str
    score: int
    late: bool
    degraded: bool
    fallback: bool
    reasons: tuple[Reason, ...]
    warning: ForPayer | None
    pause: Pause | None = None


class CallJudged(msgspec.Struct, frozen=True, tag_field="outcome", tag="judged"):
    """A verdict about a call, before it rings; ``seq`` is the call's place in the log.

    ``verdict`` is allow, mark or refuse; all else is as in `Decided`. The reasons are for who
    explains it to the number's owner, not for the telephone that rings.
    """

    call: str
    seq: int
    known_at: str
    policy: PolicyNamed
    verdict: str
    score: int
    late: bool
    degraded: bool
    fallback: bool
    reasons: tuple[Reason, ...]


class Kept(msgspec.Struct, frozen=True, tag_field="outcome", tag="kept"):
    """A fact that is not judged was kept, at that place of the log."""

    fact: str
    seq: int
    known_at: str


class Refused(msgspec.Struct, frozen=True, tag_field="outcome", tag="refused", omit_defaults=True):
    """A fact, or a request, was not taken: problem details of RFC 9457.

    ``type`` is a stable name, ``line`` the line among many, ``pointer`` the place in the message.
    """

    type: str
    title: str
    status: int
    detail: str | None = None
    reason: str | None = None
    pointer: str | None = None
    expected: str | None = None
    found: str | None = None
    line: int | None = None
    request_id: str | None = None


class SignalTold(msgspec.Struct, frozen=True):
    """A signal and the class that an operator answers; words of events/schema.py."""

    signal: str
    answer: str


class SignalsTold(msgspec.Struct, frozen=True):
    """What an operator says of the payer of a payment; ``seq`` is the first entry that says so."""

    payment: str
    seq: int
    known_at: str
    signals: tuple[SignalTold, ...]


Answer: TypeAlias = Decided | CallJudged | Kept | Refused
"""What can be said of a fact."""


class ReplyTaken(msgspec.Struct, frozen=True, tag_field="outcome", tag="done"):
    """What a message said to a recall was taken as an act: ``recall_answered``, ``money_returned``.

    ``amount_minor`` is what goes back, or went back, of the hold's money.
    """

    act: str
    recall: str
    hold: str
    amount_minor: int


class MessageAnswered(msgspec.Struct, frozen=True):
    """What became of a message of ISO 20022: its kind, its own id, an answer to each fact, and to
    each word about a recall of this centre.
    """

    kind: str
    message: str
    answers: list[Answer]
    replies: list[ReplyTaken | Refused] = []
