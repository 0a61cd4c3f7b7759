"""The money's way of a case, as a page shows it: a picture by hops, and the same as a table.

In: what was followed (app/http/following.py). Out: an SVG in the reader's language, and rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from arasha.app.http.following import Followed
from arasha.app.pages.site import View
from arasha.flows.traced import Trace
from arasha.flows.ways_out import WAYS_OUT
from arasha.reports.trace_chart import Words, drawn_in, way_of_money

RULE: Final = "lifo"
"""By which rule it is shown: the one that holds follow."""

MAX_ROWS: Final = 60
"""Accounts of the table, those nearest to the victim."""


@dataclass(frozen=True, slots=True)
class Stop:
    """An account on the way, by the beginning of its token."""

    token: str
    bank: str | None
    hop: int
    came_minor: int
    there_minor: int


@dataclass(frozen=True, slots=True)
class Way:
    """The way of the money of a case's standing reports. ``undrawn`` accounts stand in the table
    alone: by the rule of the picture nothing came to them.
    """

    picture: Markup
    undrawn: int
    stops: list[Stop]
    currency: int
    disputed_minor: int
    there_minor: int


def way_of(followed: Followed | None, view: View) -> Way | None:
    """The way; None where nothing was followed."""
    if followed is None or not followed.trace.payments:
        return None
    trace = followed.trace
    stops = [
        Stop(one.token, one.bank, one.hop, one.money.received.lifo, one.money.there.lifo)
        for one in sorted(trace.accounts, key=lambda one: (one.hop, -one.money.received.lifo))
    ]
    picture = way_of_money(trace, RULE, _words(trace, view))
    undrawn = len(trace.accounts) - len(drawn_in(trace, RULE))
    return Way(picture, undrawn, stops[:MAX_ROWS], trace.currency, trace.disputed.lifo,
               trace.total("there").lifo)  # fmt: skip


def _words(trace: Trace, view: View) -> Words:
    t = view.texts

    def money(minor: int, currency: int) -> str:
        return view.money(minor, currency or trace.currency, whole=True)

    return Words(
        title=str(t("way.title")),
        note=lambda accounts, layers: str(t("way.note", n=accounts, layers=layers)),
        reported_by=str(t("way.reported_by")),
        reported=str(t("way.reported")),
        out=str(t("way.out")),
        left=str(t("way.left")),
        ways={way: str(t(f"way.by_{way}")) for way in WAYS_OUT if way},
        hop=lambda number: str(t("way.hop", number=number)),
        accounts=lambda many: str(t("way.accounts", n=many)),
        there=lambda amount: str(t("way.there", amount=amount)),
        hover=lambda name, came, there: str(t("way.hover", account=name, came=came, there=there)),
        money=money,
    )
