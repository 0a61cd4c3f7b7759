"""What all pages share, and one page as one reader sees it.

In: a request, and the service's own parts. Out: a page in the reader's language and theme, rendered
beside the event loop, so that no payment waits for it; or the way to another page.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.types import ControllerRouterHandler

from arasha.app.http.connection import Request as Arrived
from arasha.app.http.releases import Releases
from arasha.app.pages import assets, formats
from arasha.app.pages.beside import LogBeside
from arasha.app.pages.board import Board
from arasha.app.pages.forms import Fields
from arasha.app.pages.languages import LANGUAGES, NAMES, address_in, chosen, language_of
from arasha.app.pages.later import Later
from arasha.app.pages.looks import Looks
from arasha.app.pages.safety import FIELD, Cookies, is_token, masked, new_token
from arasha.app.pages.stopped import StoppedPayments
from arasha.app.pages.texts import Texts, texts_of
from arasha.app.practice.shifts import Shifts
from arasha.cases.calendar import Term
from arasha.cases.team import Draw
from arasha.cases.waiting import Waiting
from arasha.events.money import CURRENCY_OF_NUMERIC
from arasha.policy.texts import Language

if TYPE_CHECKING:
    from arasha.app.http.acting import Acting
    from arasha.app.http.cases import Cases
    from arasha.app.http.desk import Desk
    from arasha.app.http.office import Office
    from arasha.app.http.problems import Problem
    from arasha.app.http.visitors import Visitors
    from arasha.app.http.workshop import Workshop
    from arasha.app.pages.entrance import Entrance
    from arasha.vault.tokens import Tokens

Theme = Literal["system", "light", "dark"]
THEMES: Final[tuple[Theme, ...]] = get_args(Theme)

GZIP_LEVEL: Final = 5

_TOLD: Final = {400, 403, 404, 405, 413, 429, 503}
"""Statuses with a text of their own; others are told as the first of their hundred."""

A_LITTLE: Final = 200
"""Cases of the queue that are taken up at once after a start; they take a few milliseconds."""

REST_S: Final = 0.02
"""How long everybody else has a turn in between, seconds."""

Page = Response[bytes]
"""What a handler of a page gives back."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """Pages by which whoever is at this machine comes in with no more ado: a demonstration's alone.
    ``path`` is where they begin, below the language.
    """

    path: str
    routes: Sequence[ControllerRouterHandler]


class Site:
    """The pages' part of one service. ``acting`` is what the routes of acts have, too: the desk
    with its clock and journal, the office in which things are done and read, who may how often.
    ``entrance`` is where the people of the centre come in; without one there is no console.
    ``waiting`` is the queue, for the writing thread alone; ``board`` says how long it is, ``later``
    has what can still be taken back; ``looks`` is who looked at whom; ``workshop`` is where
    policies are made, ``beside`` reads the log; ``draws`` are the lots of second looks, by week.
    """

    def __init__(
        self,
        acting: Acting,
        asking: Tokens,
        cookies: Cookies,
        directory: Path,
        cases: Cases,
        entrance: Entrance | None = None,
        workshop: Workshop | None = None,
        way_in: WayIn | None = None,
    ) -> None:
        """``asking`` makes tokens of what is only asked about, and remembers nothing; ``cases`` has
        the documents of cases and their packs of evidence. ``way_in`` is None in every service but
        a demonstration.
        """
        self.documents, self.packs = cases.documents, cases.packs
        self.acting, self.asking, self.cookies = acting, asking, cookies
        self.directory = directory
        self.entrance, self.way_in, self.waiting = entrance, way_in, Waiting()
        self.later = Later(acting.office)
        self.board = Board(acting.office, self.waiting)
        self.workshop, self.beside = workshop, LogBeside(directory)
        self.draws: dict[int, Draw] = {}
        self.stopped = StoppedPayments(acting.desk, acting.office, directory)
        self.releases = Releases(acting.desk, acting.office)
        self.looks = Looks()
        self.shifts = Shifts(lambda: acting.desk.clock().steady_ns / 1e9)
        self.templates = templates()

    @property
    def desk(self) -> Desk:
        """The clock, the journal, the door."""
        return self.acting.desk

    @property
    def office(self) -> Office:
        """Where acts are taken, and what the state says is read."""
        return self.acting.office

    @property
    def visitors(self) -> Visitors:
        """Who may how often."""
        return self.acting.visitors

    async def get_ready(self) -> None:
        """Take up the queue of a log that was there before, a little at a time: else whoever looks
        first would hold up the writing thread for all of it.
        """
        more: bool | Problem = True
        while more is not False:
            more = await self.office.read(lambda state, _: self.waiting.take_up(state, A_LITTLE))
            await asyncio.sleep(REST_S)

    async def settle(self) -> None:
        """Have everything taken that waits: the service is about to stop."""
        await self.later.close()

    async def close(self) -> None:
        """Let go of what pages read and make."""
        await self.shifts.close()
        self.stopped.close()
        self.beside.close()

    @property
    def utc_offset_ms(self) -> int:
        """How far the country's clocks are ahead of UTC, by the law in force."""
        return self.desk.pauses.utc_offset_ms

    def now_ms(self) -> int:
        """The time of day."""
        return self.desk.clock().wall_ms


class View:
    """One request for a page: who reads it, in which language and theme, and from where."""

    def __init__(self, site: Site, request: Request[Any, Any, Any], language: Language) -> None:
        self.site, self.request, self.language = site, request, language
        self.path: str = request.url.path.rstrip("/")
        self.cookies = site.cookies.read(request.headers.get("cookie"))
        found = self.cookies.get("form")
        self._has_token = is_token(found)
        self.token: str = found if found is not None and self._has_token else new_token()

    def __repr__(self) -> str:
        """Nothing of what was sent."""
        return "<View>"

    @property
    def arrived(self) -> Arrived:
        """The request as it arrived: by it is known how often its caller comes."""
        return cast(Arrived, self.request.state.request)

    def too_often(self) -> Problem | None:
        """Why nobody without a key is answered there now."""
        return self.site.visitors.without_key(self.arrived, self.site.desk.clock().steady_ns / 1e9)

    @property
    def texts(self) -> Texts:
        """What pages say, in the reader's language."""
        return texts_of(self.language)

    @property
    def theme(self) -> Theme:
        """The theme that the reader has chosen."""
        found = self.cookies.get("theme")
        return next((theme for theme in THEMES if theme == found), "system")

    @property
    def fields(self) -> Fields:
        """What the form brought; its token has been looked at (application.py)."""
        return cast(Fields, self.request.state.fields)

    @cached_property
    def form_token(self) -> str:
        """The token as the forms of this page carry it."""
        return masked(self.token)

    # What templates call.

    def address(self, path: str = "") -> str:
        """A page's address in the reader's language: ``view.address("report")``."""
        return f"/{self.language}/{path}"

    def here_in(self, language: Language) -> str:
        """The same page's address in another language."""
        query = self.request.url.query
        return address_in(language, self.path) + (f"?{query}" if query else "")

    def is_at(self, path: str) -> bool:
        """Whether this page is that one, or below it."""
        one = self.address(path).rstrip("/")
        return self.path == one or (bool(path) and self.path.startswith(f"{one}/"))

    def money(self, minor: int, currency: int, *, whole: bool = False, signed: bool = True) -> str:
        """An amount, as the reader writes it."""
        return formats.money(minor, currency, self.language, whole=whole, signed=signed)

    def currency(self, numeric: int) -> str:
        """How a currency is written, where amounts stand without it."""
        return formats.sign_of(CURRENCY_OF_NUMERIC[numeric].code, self.language)

    def reason(self, texts: Mapping[Language, str]) -> str:
        """A decision's reason, its money written as on the rest of the page."""
        return formats.with_money(texts[self.language], self.language)

    def country(self, code: str) -> str:
        """A country by its ISO 3166 code."""
        return formats.country(code, self.language)

    def number(self, value: float) -> str:
        """A number."""
        return formats.number(value, self.language)

    def moment(self, at_ms: int) -> str:
        """An instant by the country's clocks."""
        return formats.moment(at_ms, self.site.utc_offset_ms, self.language)

    def month(self, year: int, number: int) -> str:
        """A month and its year."""
        return formats.month(year, number, self.language)

    def day(self, at_ms: int) -> str:
        """A date by the country's calendar."""
        return formats.day(at_ms, self.site.utc_offset_ms, self.language)

    def term(self, term: Term) -> str:
        """A term of the law: "2 business days"."""
        return self.texts(f"term.{term.unit}", n=term.count)

    def percent(self, share: float) -> str:
        """A share, to a whole hundredth."""
        return formats.percent(share, self.language)

    def share(self, share: float | None) -> str:
        """A share to the digits that it has; of nothing, nothing."""
        return formats.NOTHING if share is None else formats.fine_percent(share, self.language)

    def share_range(self, bounds: tuple[float, float] | None) -> str:
        """An interval of a share."""
        return formats.NOTHING if bounds is None else "–".join(map(self.share, bounds))

    def calendar_day(self, day: int) -> str:
        """A day that is counted from 1970-01-01 by the country's calendar."""
        return formats.day(day * 86_400_000, 0, self.language)

    def span(self, span_ms: int) -> str:
        """A span of time."""
        return formats.span(span_ms, self.language)

    # What handlers call.

    async def page(self, template: str, *, status: int = 200, **values: object) -> Page:
        """The page of a template, rendered in another thread."""
        return await asyncio.to_thread(self.rendered, template, status, values)

    def rendered(self, template: str, status: int, values: Mapping[str, object]) -> Page:
        """The same, here and now."""
        found = self.site.templates.get_template(template)
        text = found.render(view=self, t=self.texts, **values).encode()
        headers = {"cache-control": "no-store", "vary": "accept-encoding, cookie",
                   "content-language": self.language}  # fmt: skip
        if "gzip" in self.request.headers.get("accept-encoding", ""):
            text = gzip.compress(text, GZIP_LEVEL, mtime=0)
            headers["content-encoding"] = "gzip"
        return Response(
            text, status_code=status, media_type=MediaType.HTML, headers=headers,
            cookies=self._new_cookies(),
        )  # fmt: skip

    def go(self, path: str, *cookies: Cookie) -> Page:
        """To another page of ours, by GET; ``path`` is an address that we have made."""
        return Response(b"", status_code=303, media_type=MediaType.HTML, cookies=cookies,
                        headers={"location": path, "cache-control": "no-store"})  # fmt: skip

    def cookie(self, word: str) -> str:
        """What the browser keeps under that word; empty where there is nothing."""
        return self.cookies.get(word, "")

    def sorry(self, problem: Problem) -> Page:
        """Why there is nothing to show now, and when to come again."""
        status = problem.kind.status
        page = self.rendered("error.html", status, {"word": word_of(status)})
        page.headers.update({name.decode(): value.decode() for name, value in problem.headers()})
        return page

    def _new_cookies(self) -> list[Cookie]:
        cookies = self.site.cookies
        found = [] if self._has_token else [cookies.passing("form", self.token)]
        if self.cookies.get("language") != self.language:
            found.append(cookies.kept("language", self.language))
        return found


def word_of(status: int) -> str:
    """The word of the texts that tell of a status.

    >>> word_of(413), word_of(415)
    ('413', '400')
    """
    return str(status if status in _TOLD else status // 100 * 100)


def reader_of(request: Request[Any, Any, Any], cookies: Cookies) -> Language:
    """The language of a request's address or, where it names none, of its reader."""
    first = request.url.path.split("/")[1] if "/" in request.url.path else ""
    named = language_of(first)
    if named is not None:
        return named
    found = cookies.read(request.headers.get("cookie")).get("language")
    return chosen(found, request.headers.get("accept-language"))


def templates() -> Environment:
    """The templates: everything is escaped, and what is not there is a fault."""
    environment = Environment(
        loader=PackageLoader("arasha.app.pages"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    environment.globals.update(
        asset=assets.address_of, languages=LANGUAGES, language_names=NAMES, themes=THEMES,
        form_field=FIELD,
    )  # fmt: skip
    return environment
