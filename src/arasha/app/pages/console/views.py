"""Views of the queue: what an address says of which cases are wanted.

In: the query of an address, ``?typology=loan&kind=reports``. Out: a narrowing of the queue, and the
same query again, written in one way. What cannot be read is as if it were not there: an address
that somebody was sent always shows a queue. The view in force goes along in a cookie while one is
at a case, so that one comes back to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from litestar.datastructures import Cookie

from arasha.app.pages.console.seat import Seat
from arasha.cases.calendar import HOUR_MS
from arasha.cases.narrowing import SORTS, WORDS, Narrowing

BANDS: Final = (0, 100_000, 1_000_000, 10_000_000)
"""Where bands of what can be saved begin, whole units of a case's own currency."""

SOON_MS: Final = HOUR_MS
"""How little time left is "due soon", ms."""

MAX_PAGE: Final = 200
"""The last page of the queue that is shown: whoever is further down narrows it."""

COOKIE: Final = "view"

_YES: Final = "yes"
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class View:
    """What is wanted of the queue: ``band`` is a place in `BANDS`; ``mine`` are those I have."""

    typology: str | None = None
    bank: str | None = None
    kind: str | None = None
    soon: bool = False
    escalated: bool = False
    band: int | None = None
    mine: bool = False

    @property
    def narrowing(self) -> Narrowing:
        """The same as the queue knows it."""
        least = 0 if self.band is None else BANDS[self.band]
        last = self.band is None or self.band + 1 == len(BANDS)
        return Narrowing(
            typology=self.typology, bank=self.bank,
            sort=next((one for one in SORTS if one == self.kind), None),
            within_ms=SOON_MS if self.soon else None, escalated=self.escalated, least=least,
            below=None if last or self.band is None else BANDS[self.band + 1],
        )  # fmt: skip

    @property
    def pairs(self) -> dict[str, str]:
        """Its parameters, in one order; at least one, for an address without any is no view."""
        band = None if self.band is None else str(BANDS[self.band])
        said = {
            "typology": self.typology, "bank": self.bank, "kind": self.kind,
            "due": "soon" if self.soon else None, "escalated": _YES if self.escalated else None,
            "amount": band, "mine": _YES if self.mine else None,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value} or {"kind": _ALL}

    @property
    def query(self) -> str:
        """The same as an address has it behind its question mark."""
        return urlencode(self.pairs)

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == View()

    def but(self, **change: Any) -> View:
        """The same with something else in it."""
        return replace(self, **change)


def view_of(query: Mapping[str, str]) -> View:
    """The view of an address; what no view has is not read.

    >>> view_of({"typology": "loan", "amount": "7", "x": "y"}).query
    'typology=loan'
    >>> view_of({}).query
    'kind=all'
    """
    bank, amount = query.get("bank", ""), query.get("amount", "")
    bands = [str(one) for one in BANDS]
    return View(
        typology=_one_of(query.get("typology"), WORDS),
        bank=bank if 0 < len(bank) <= 16 and bank.isascii() and bank.isprintable() else None,
        kind=_one_of(query.get("kind"), SORTS),
        soon=query.get("due") == "soon",
        escalated=query.get("escalated") == _YES,
        band=bands.index(amount) if amount in bands else None,
        mine=query.get("mine") == _YES,
    )


def read(query: str) -> View:
    """The view that a query says, however it was written."""
    try:
        return view_of(dict(parse_qsl(query[:1_000], max_num_fields=20)))
    except ValueError:
        return View()


def page_of(query: Mapping[str, str]) -> int:
    """Which page of it is asked for, from 1."""
    text = query.get("page", "")
    known = text.isascii() and text.isdecimal() and len(text) <= 4
    return min(MAX_PAGE, max(1, int(text))) if known else 1


def address(seat: Seat, view: View, page: int = 1) -> str:
    """Where that page of the queue is."""
    more = f"&page={page}" if page > 1 else ""
    return f"{seat.view.address('console/queue')}?{view.query}{more}"


def in_force(seat: Seat) -> str:
    """Back to the queue as this person left it; where they come from no view, to their first."""
    kept = seat.view.cookie(COOKIE)
    return address(seat, read(kept)) if kept else seat.view.address("console/queue")


def going_along(seat: Seat, view: View) -> Cookie:
    """The view in force, for as long as the browser is open."""
    return seat.site.cookies.passing(COOKIE, view.query)


def _one_of(said: str | None, words: tuple[str, ...]) -> str | None:
    return next((one for one in words if one == said), None)
