"""The card of the model in force, in short: how well it did on what, and what it is not for.

In: the ``card.json`` that a training wrote (reports/card.py), where it lies beside the service's
own policy and names the same model. Out: its figures with their intervals.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from litestar import get
from litestar.types import ControllerRouterHandler

from arasha.app.pages.console.policies import SEEN, workshop_of
from arasha.app.pages.console.seat import Seat, seen_by
from arasha.app.pages.site import Page

MAX_BYTES: Final = 4 << 20
"""Largest card that is read, bytes."""

MAX_CARDS: Final = 64
"""Cards beside a policy that are looked through."""


class Valued(msgspec.Struct, frozen=True):
    """A figure and its interval, 95 %."""

    value: float
    interval: tuple[float, float] | None = None


class Shared(msgspec.Struct, frozen=True):
    """A share of payments, with its interval."""

    part: int
    whole: int
    share: float | None
    interval_95: tuple[float, float] | None


class Span(msgspec.Struct, frozen=True):
    """Payments that something was learnt from, or tried on."""

    name: str
    first_ms: int
    last_ms: int
    payments: int
    frauds: int


class Subject(msgspec.Struct, frozen=True):
    """Which model."""

    name: str
    model_hash: str
    spans: tuple[Span, ...]
    facts: tuple[tuple[str, str], ...] = ()


class Ranked(msgspec.Struct, frozen=True):
    """How well it puts frauds ahead."""

    auc: Valued
    average_precision: Valued


class Uses(msgspec.Struct, frozen=True):
    """What it is for and not for, in one language."""

    heading: str
    purpose: str
    forbidden: tuple[str, ...]


class Card(msgspec.Struct, frozen=True):
    """What this page reads of a card."""

    subject: Subject
    payments: int
    frauds: int
    ranked: Ranked
    bothered: Shared
    missed: Shared
    precision: Shared
    uses: dict[str, Uses]
    notes: tuple[str, ...] = ()


def card_of(beside: Path | None, model: str) -> Card | None:
    """The card of that model; None where none lies beside the policy."""
    if beside is None:
        return None
    for path in sorted(beside.parent.glob("**/card.json"))[:MAX_CARDS]:
        try:
            content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
            found = msgspec.json.decode(content, type=Card)
        except (OSError, msgspec.ValidationError, msgspec.DecodeError):
            continue
        if found.subject.model_hash == model:
            return found
    return None


@get("/policies/card", opt=seen_by(SEEN))
async def card(seat: Seat) -> Page:
    """The card of the model in force."""
    shop, model = workshop_of(seat), seat.site.desk.live.policy.model
    found = None
    if model is not None:
        found = await asyncio.to_thread(card_of, shop.beside, model.hash)
    return await seat.page("console/card.html", card=found)


ROUTES: Final[Sequence[ControllerRouterHandler]] = [card]
