"""Policies: what is in force and what it does, drafts, their backtests, the shadow, the way to two
people.

In: a text. Out: what is wrong with it, line by line; or a draft under its hash, which is tried on
the last days, put in the shadow, and asked for. It judges when a publisher agrees (asks.py): the
same acts as over HTTP, by the same code (app/http/publishing.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from arasha.app.http.drafts import Draft, Written
from arasha.app.http.problems import Problem
from arasha.app.http.publishing import Checked
from arasha.app.http.workshop import Workshop
from arasha.app.pages.beside import MaskedPayment
from arasha.app.pages.console.backtest_charts import by_day, charts_of
from arasha.app.pages.console.comparing import differing
from arasha.app.pages.console.faults import placed
from arasha.app.pages.console.seat import Seat, seen_by, unless_problem
from arasha.app.pages.forms import MAX_TEXT_CHARS
from arasha.app.pages.site import Page
from arasha.cases.acts import PolicyChosen, Requested, RequestEdited
from arasha.cases.projection import Done
from arasha.cases.records import Published, Request
from arasha.cases.refusals import Refusal
from arasha.cases.roles import RIGHTS, VIEWS
from arasha.cases.state import State
from arasha.engine.drift import Drift, Index
from arasha.policy.texts import first_sentence
from arasha.reports.lookback import Figures

SEEN: Final = VIEWS["the policy in force"]
MADE: Final = VIEWS["drafts of policies, and backtests"]
ASKED: Final = RIGHTS["policy_chosen"]

DAYS: Final = (7, 30, 90)
"""Over how many days one may look back."""

DRIFTED: Final = 8
"""Features of the model whose drift is shown, the largest."""

TEXT: Final = "policies/check"
"""Where a whole text is sent to, below the console's own address."""


@dataclass(frozen=True, slots=True)
class Drifted:
    """How far what is judged lies from what the model learnt."""

    payments: int
    score: Index
    features: list[tuple[str, Index]]


def workshop_of(seat: Seat) -> Workshop:
    """Where policies are made. Raises NotFoundException in a service that makes none."""
    if seat.site.workshop is None:
        raise NotFoundException
    return seat.site.workshop


@get("/policies", opt=seen_by(SEEN))
async def policies(seat: Seat) -> Page:
    """What is in force, what it does, and what is being made."""
    return await _shown(seat)


async def _shown(
    seat: Seat, fault: str | None = None, *, refusal: Refusal | None = None, status: int = 200
) -> Page:
    shop, live = workshop_of(seat), seat.site.desk.live
    running = shop.trials.running  # before its figures: they are there when it has ended
    reigns = list(live.reigns)
    policy = reigns[-1].policy
    known = await seat.site.beside.known_at([one.first_seq for one in reigns])

    def look(state: State, _: int) -> tuple[Published | None, list[Request]]:
        return state.published, _open_requests(state)

    found = await seat.site.office.read(look)
    unless_problem(found)
    assert not isinstance(found, Problem)
    figures, drafts, backtested = await asyncio.to_thread(_kept, shop, policy.hash)
    published, waiting = found
    return await seat.page(
        "console/policies.html", status=status, fault=fault, refusal=refusal, policy=policy,
        reigns=reigns,
        known=known, published=published, waiting=waiting, figures=figures, drafts=drafts,
        backtested=backtested, running=running,
        failed=shop.trials.failed.get(policy.hash), shade=shop.shadowing.shade,
        drift=_drifted(shop.drift()), days=DAYS, may_make=seat.may(MADE), may_ask=seat.may(ASKED),
        may_answer=seat.may(VIEWS["a request for a second person"]),
        charts=[] if figures is None else charts_of(figures, seat.view),
        by_day=[] if figures is None else by_day(figures),
        says={one.name: first_sentence(one.texts[seat.view.language]) for one in policy.rules},
    )  # fmt: skip


def _kept(shop: Workshop, in_force: str) -> tuple[Figures | None, list[Draft], dict[str, Figures]]:
    drafts = shop.drafts.listed()
    found = {one.hash: shop.drafts.figures(one.hash) for one in drafts}
    counted = shop.drafts.figures(in_force)
    return (
        None if counted is None else counted.in_force(), drafts,
        {name: one for name, one in found.items() if one is not None},
    )  # fmt: skip


def _open_requests(state: State) -> list[Request]:
    every = (state.requests[name] for name in state.open_requests)
    return [one for one in every if isinstance(one.what, PolicyChosen)]


def _drifted(drift: Drift | None) -> Drifted | None:
    if drift is None or not drift.payments:
        return None
    features = sorted(drift.features().items(), key=lambda one: (-one[1].psi, one[0]))
    return Drifted(drift.payments, drift.score(), features[:DRIFTED])


@post("/policies/count", opt=seen_by(MADE))
async def count(seat: Seat) -> Page:
    """Count what the policy in force has done."""
    days = _days(seat)
    policy = seat.site.desk.live.policy
    if days is None or not workshop_of(seat).trials.begin(policy.hash, None, days, seat.actor.name):
        return await _shown(seat, "days" if days is None else "busy", status=409)
    return seat.view.go(seat.view.address("console/policies"))


def _days(seat: Seat) -> int | None:
    said = seat.view.fields.text("days")
    return next((days for days in DAYS if said == str(days)), None)


# A draft.


@get("/policies/new", opt=seen_by(MADE))
async def new(seat: Seat) -> Page:
    """The text in force, to begin from."""
    return await _edited(seat, await _text_in_force(seat))


async def _text_in_force(seat: Seat) -> str:
    live = seat.site.desk.live
    text = await seat.site.office.within(lambda _: live.policy_text())
    unless_problem(text)
    assert isinstance(text, str)
    return text


@post("/policies/check", opt=seen_by(MADE))
async def check(seat: Seat) -> Page:
    """Read a text: kept as a draft where it is a policy, shown with its faults where it is none."""
    toml = seat.view.fields.text("toml")
    if len(toml) > MAX_TEXT_CHARS:
        return await _edited(seat, toml, status=422)
    shop = workshop_of(seat)
    checked = await shop.publishing.checked(toml)
    policy = checked.policy
    if policy is None:
        return await _edited(seat, toml, checked, status=422)
    written = Written(
        policy.name,
        seat.actor.name,
        seat.site.now_ms(),
        len(policy.features),
        len(policy.rules),
        checked.found,
    )
    await asyncio.to_thread(shop.drafts.keep, policy.hash, toml, written, spared=_followed(shop))
    return seat.view.go(seat.view.address(f"console/policies/draft/{policy.hash}"))


async def _edited(
    seat: Seat, toml: str, checked: Checked | None = None, *, status: int = 200
) -> Page:
    faults = [] if checked is None else placed(toml, checked.found)
    return await seat.page(
        "console/draft_text.html", status=status, toml=toml, faults=faults, most=MAX_TEXT_CHARS
    )


@get("/policies/draft/{name:str}", opt=seen_by(MADE))
async def draft(seat: Seat, name: str) -> Page:
    """One draft: what differs, what a backtest says, what may be done with it."""
    return await _draft(seat, name)


async def _draft(
    seat: Seat, name: str, fault: str | None = None, *, status: int = 200, **values: Any
) -> Page:
    shop, live = workshop_of(seat), seat.site.desk.live
    running = shop.trials.running  # before its figures: they are there when it has ended
    found, figures = await asyncio.to_thread(
        lambda: (shop.drafts.one(name), shop.drafts.figures(name))
    )
    if found is None:
        raise NotFoundException
    one, toml = found
    before = await _text_in_force(seat)
    lines = await asyncio.to_thread(differing, before, toml)
    waiting = await seat.site.office.read(lambda state, _: _open_requests(state))
    unless_problem(waiting)
    assert isinstance(waiting, list)
    return await seat.page(
        "console/draft.html", status=status, fault=fault, draft=one, toml=toml, lines=lines,
        warnings=placed(toml, one.written.warnings), figures=figures, days=DAYS,
        charts=[] if figures is None else await asyncio.to_thread(charts_of, figures, seat.view),
        by_day=[] if figures is None else by_day(figures),
        payments=await _sampled(seat, figures), running=running,
        failed=shop.trials.failed.get(name), shade=shop.shadowing.shade,
        in_force=live.policy.hash == name, may_ask=seat.may(ASKED),
        mine=[request for request in waiting if request.by == seat.actor.name],
        asked=[request for request in waiting if _policy_of(request) == name], **values,
    )  # fmt: skip


def _policy_of(request: Request) -> str:
    assert isinstance(request.what, PolicyChosen)
    return request.what.policy


async def _sampled(seat: Seat, figures: Figures | None) -> dict[int, MaskedPayment]:
    """The samples' payments, as far as the log still has them."""
    if figures is None:
        return {}
    samples = (*figures.hit_samples, *figures.missed_samples)
    return await seat.site.beside.payments([one.seq for one in samples])


@post("/policies/draft/{name:str}/backtest", opt=seen_by(MADE))
async def backtest(seat: Seat, name: str) -> Page:
    """Look back with it, in a process of its own."""
    shop, days = workshop_of(seat), _days(seat)
    found = await asyncio.to_thread(shop.drafts.one, name)
    if found is None:
        raise NotFoundException
    if days is None or not shop.trials.begin(name, found[1], days, seat.actor.name):
        return await _draft(seat, name, "days" if days is None else "busy", status=409)
    return _back(seat, name)


@post("/policies/draft/{name:str}/shadow", opt=seen_by(RIGHTS["shadow_begun"]))
async def shadow(seat: Seat, name: str) -> Page:
    """Let it follow the log and count; it touches no decision."""
    shop = workshop_of(seat)
    found = await asyncio.to_thread(shop.drafts.one, name)
    if found is None:
        raise NotFoundException
    checked = await shop.publishing.checked(found[1])
    if checked.policy is None:
        return await _draft(seat, name, "broken", status=409)
    done = await shop.begin_shadow(seat.actor, checked.policy)
    unless_problem(done)
    if isinstance(done, Refusal):
        return await _draft(seat, name, refusal=done, status=409)
    return _back(seat, name)


@post("/policies/shadow/end", opt=seen_by(RIGHTS["shadow_ended"]))
async def end_shadow(seat: Seat) -> Page:
    """Let nothing follow any more."""
    done = await workshop_of(seat).end_shadow(seat.actor)
    unless_problem(done)
    if isinstance(done, Refusal):
        return await _shown(seat, refusal=done, status=409)
    return seat.view.go(seat.view.address("console/policies"))


@post("/policies/draft/{name:str}/drop", opt=seen_by(MADE))
async def drop(seat: Seat, name: str) -> Page:
    """Let a draft go, unless it follows: after a start nobody would find it."""
    shop = workshop_of(seat)
    if await asyncio.to_thread(shop.drafts.one, name) is None:
        raise NotFoundException
    if _followed(shop) == name:
        return await _draft(seat, name, "follows", status=409)
    await asyncio.to_thread(shop.drafts.drop, name)
    return seat.view.go(seat.view.address("console/policies"))


def _followed(shop: Workshop) -> str | None:
    """The hash of what is in the shadow."""
    shade = shop.shadowing.shade
    return None if shade is None else shade.policy.hash


@post("/policies/draft/{name:str}/ask", opt=seen_by(ASKED))
async def ask(seat: Seat, name: str) -> Page:
    """Ask a publisher for it; or for it in place of what I have asked for, which voids approvals.
    What was tried on no payment of this centre is not asked for here.
    """
    shop = workshop_of(seat)
    found, figures = await asyncio.to_thread(
        lambda: (shop.drafts.one(name), shop.drafts.figures(name))
    )
    if found is None:
        raise NotFoundException
    if figures is None:
        return await _draft(seat, name, "untried", status=409)
    chosen = await shop.publishing.compiled(found[1])
    if isinstance(chosen, Problem):
        return await _draft(seat, name, chosen.reason or "broken", status=409)
    instead = seat.view.fields.text("instead")
    act = RequestEdited(instead, chosen) if instead else Requested(chosen)
    done = await seat.site.office.do(seat.actor, act)
    unless_problem(done)
    if isinstance(done, Refusal):
        return await _draft(seat, name, refusal=done, status=409)
    assert isinstance(done, Done)
    [request] = [one for one in done.changes if isinstance(one, Request)]
    return seat.view.go(seat.view.address(f"console/request/{request.id}"))


def _back(seat: Seat, name: str) -> Page:
    return seat.view.go(seat.view.address(f"console/policies/draft/{name}"))


ROUTES: Final[Sequence[ControllerRouterHandler]] = [
    policies, count, new, check, draft, backtest, shadow, end_shadow, drop, ask,
]  # fmt: skip
