"""The live service: its routes, and its life.

In: a directory, a policy, an address. Out: a centre that answers over HTTP until it is told to stop
or its log fails. What goes on beside the routes is the upkeep's (upkeep.py).
"""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Final, Literal

from arasha.app import notify
from arasha.app.http import (
    camara,
    camara_calls,
    camara_questions,
    camara_signals,
    camara_tokens,
    camara_verification,
    decisions,
    events,
    iso,
    openapi,
    owner_asking,
    problems,
    signals,
)
from arasha.app.http.acting import Acting, Collection
from arasha.app.http.appeals import Appeals
from arasha.app.http.asgi import Mounted
from arasha.app.http.audit import Audits
from arasha.app.http.auditing import Auditing
from arasha.app.http.cases import Cases, Requests
from arasha.app.http.connection import Listener, Reply, Request
from arasha.app.http.decisions import Decisions
from arasha.app.http.desk import Desk
from arasha.app.http.drafts import Drafts
from arasha.app.http.events import Events
from arasha.app.http.holds import Holds
from arasha.app.http.iso import Iso
from arasha.app.http.listings import Laws, Listings
from arasha.app.http.metrics import Metrics
from arasha.app.http.office import Office
from arasha.app.http.outgoing import Outgoing
from arasha.app.http.owner_asking import OwnerAsking
from arasha.app.http.payments import Judging
from arasha.app.http.policies import Policies, RequestsAndPolicies
from arasha.app.http.problems import Problem
from arasha.app.http.publishing import Publishing
from arasha.app.http.recalls import Recalls
from arasha.app.http.receipts import Receipts
from arasha.app.http.recording import PREFIX as RECORD
from arasha.app.http.recording import Recording
from arasha.app.http.reports import Reports
from arasha.app.http.shadowing import Shadowing
from arasha.app.http.signals import CallRiskSignals
from arasha.app.http.stream import Reader, Stream
from arasha.app.http.suspensions import Suspensions
from arasha.app.http.trials import Trials
from arasha.app.http.upkeep import Upkeep
from arasha.app.http.visitors import Visitors
from arasha.app.http.workshop import Workshop
from arasha.app.notify import Notify
from arasha.app.pages import application as pages
from arasha.app.pages.entrance import Entrance
from arasha.app.pages.safety import Cookies
from arasha.app.pages.site import Site as Pages
from arasha.app.pages.site import WayIn
from arasha.cases.law import Law
from arasha.engine.call_risk import CallRisk
from arasha.engine.drift import Drift
from arasha.events.json import MAX_MESSAGE_BYTES
from arasha.events.schema import CALL, PAYMENT, Fact
from arasha.exchange import origination
from arasha.exchange.addresses import Network
from arasha.exchange.openid import Provider
from arasha.exchange.origination import Origination
from arasha.exchange.passkeys import Site
from arasha.log.trust import Trust
from arasha.policy import document
from arasha.policy.definition import Policy
from arasha.vault.tokens import Tokens

SNAPSHOT_ENTRIES: Final = 1_000_000
"""Entries after which a snapshot is taken: a start has no more than about these to read."""


RINGS_S: Final = 3_600.0
"""How often it is looked which accounts hang together, seconds."""


STOP_S: Final = 10.0
"""How long requests on their way are waited for when the service stops, seconds."""

AGAIN_S: Final = 1.0
"""After how long a task that was cancelled and goes on is cancelled again, seconds."""


BACKLOG: Final = 4_096
"""Connections that the system may hold for us before we take them."""

Role = Literal["centre", "operator"]
"""Whose installation a service is: the centre's or a bank's, or an operator's own."""

JUDGES: Final[dict[Role, Fact]] = {"centre": PAYMENT, "operator": CALL}
"""What the policy of a role judges."""

Answering = Callable[[Request], None] | Callable[[Request], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and how. ``policy`` is read again at SIGHUP; ``shadow`` is a second one, or None;
    ``tls`` None: plain, on a loopback address. ``master_key`` is the file of the vault's key, where
    it does not lie in the directory. ``standby``: follow the log while another process writes it.
    ``otlp``: where spans go.
    ``networks`` are private ones to which webhooks may lead, ``webhook_tls`` says whom they trust,
    by default whom this system does.
    ``role``: whose installation it is; an operator's judges calls, acts on nobody, sends nothing.
    ``law`` is the one to begin with, where the log has none yet. ``witnesses`` are asked to cosign.
    ``trusted_proxies``: how many each request passes whose X-Forwarded-For is believed.
    ``console`` is where people reach it, ``openid`` whose sign-in they may come in by.
    ``rings_s`` is how often rings are looked for, or by an operator gateways, seconds; 0 is never.
    ``origination``: whom an operator asks about calls that bear others' numbers, and answers.
    """

    directory: Path
    host: str
    port: int
    policy: Path | None = None
    shadow: Path | None = None
    tls: ssl.SSLContext | None = None
    master_key: Path | None = None
    snapshot_entries: int = SNAPSHOT_ENTRIES
    standby: bool = False
    role: Role = "centre"
    law: Law | None = None
    rings_s: float = RINGS_S
    otlp: str | None = None
    networks: Sequence[Network] = ()
    webhook_tls: ssl.SSLContext | None = None
    witnesses: Trust | None = None
    console: Site | None = None
    openid: Provider | None = None
    origination: Origination | None = None
    trusted_proxies: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """A path and a method: who answers, and how much they read."""

    name: str
    answer: Answering
    body_bytes: int = 0


class Service:
    """One running service."""

    def __init__(
        self,
        settings: Settings,
        desk: Desk,
        entrance: Entrance | None = None,
        *,
        snapshot_seq: int = 0,
        notify: Notify | None = None,
        way_in: WayIn | None = None,
    ) -> None:
        self.settings, self.desk, self._notify = settings, desk, notify or Notify()
        self._entrance, self._way_in = entrance, way_in
        self._reader = Reader(settings.directory, desk.live.reigns)
        self._stream = Stream(desk, self._reader)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._listener: Listener | None = None
        self._outgoing = Outgoing(
            desk, settings.directory, networks=settings.networks,
            tls=settings.webhook_tls or ssl.create_default_context(),
        )  # fmt: skip
        self._shadowing = Shadowing(desk, settings.directory)
        self._workshop: Workshop | None = None
        self._metrics = Metrics(desk, settings.directory, self._gauges)
        self._upkeep = Upkeep(
            settings, desk, self._metrics, self._notify, self._begin_sending,
            snapshot_seq=snapshot_seq,
        )  # fmt: skip
        self._routes: dict[str, dict[str, Route]] = {
            "/v1/events": {"POST": Route("events", Events(desk), events.MAX_BYTES)},
            "/v1/stream": {"GET": Route("stream", self._stream)},
            "/health/live": {"GET": Route("live", self._live)},
            "/health/ready": {"GET": Route("ready", self._ready)},
            "/metrics": {"GET": Route("metrics", self._metrics)},
            "/openapi.json": {"GET": Route("openapi", self._openapi)},
        }
        self._recording = Recording(
            desk, settings.directory, settings.witnesses, settings.trusted_proxies
        )
        self._record = {"GET": Route("record", self._recording)}
        self._decisions = {"GET": Route("decisions", Decisions(desk))}
        self._evaluate: dict[str, Route] | None = None
        self._office: Office | None = None
        self._pages: dict[str, Route] | None = None
        self._posting: Route | None = None
        self._site: Pages | None = None
        self._acting: dict[str, Collection] = {}
        self._cases: Cases | None = None
        self._asking: OwnerAsking | None = None
        if settings.role == "operator":
            self._of_calls()
        else:
            self._of_payments()

    def _of_calls(self) -> None:
        """The routes of calls, and of what banks may ask about them."""
        desk = self.desk
        risk = self._upkeep.risk = CallRisk(desk.live.log)
        risk.catch_up()
        desk.live.following.append(risk.growth.hand)
        self._routes["/v1/calls"] = {
            "POST": Route("calls", Judging(desk, CALL.word), MAX_MESSAGE_BYTES)
        }
        if self.settings.origination is not None:
            self._asking = OwnerAsking(desk, self.settings.directory, self.settings.origination)
            asked = Route("calls", self._asking.calls, owner_asking.MAX_CALL_BYTES)
            self._routes["/v1/calls"] = {"POST": asked}
            self._routes[origination.PATH] = {
                "POST": Route("origination", self._asking.questions, owner_asking.MAX_BYTES)
            }
        office = self._office = Office(
            desk, self.settings.directory, self.settings.law, takes_in=False
        )
        asking = Tokens.load_or_create(self.settings.directory)  # remembers nothing: for asking
        self._acting = self._collections(self._acting_in(office), asking, None)
        self._routes[signals.PATH] = {
            "POST": Route("signals", CallRiskSignals(desk, risk), signals.MAX_BYTES)
        }
        self._in_camaras_manner(risk)

    def _in_camaras_manner(self, risk: CallRisk) -> None:
        """The routes that banks know from CAMARA's documents; they refuse as those say."""
        desk = self.desk
        tokens = camara_tokens.AccessTokens(desk)
        self._routes[camara_tokens.PATH] = {
            "POST": Route("access_tokens", tokens, camara_tokens.MAX_BYTES)
        }
        answering: dict[str, Answering] = {
            one.path: camara_signals.LineSignals(desk, risk, tokens, one)
            for one in camara_questions.QUESTIONS
        }
        answering[camara_verification.VERIFY] = camara_verification.Verifying(desk, risk, tokens)
        answering[camara_calls.PATH] = camara_calls.Announcing(desk, risk)
        for path, answers in answering.items():
            self._routes[path] = {"POST": Route("camara", answers, camara_signals.MAX_BYTES)}
        share = camara_verification.SHARE
        self._routes[share] = {"GET": Route("camara", camara_verification.Sharing(desk, tokens))}
        desk.refusing |= dict.fromkeys((*answering, share), camara.reply_of)

    def _of_payments(self) -> None:
        """The routes of payments, and of what people do about them."""
        desk, settings = self.desk, self.settings
        office = Office(desk, settings.directory, settings.law)
        publishing = Publishing(
            desk, office, settings.directory, settings.policy, self._upkeep.judged_by
        )
        messages = Iso(desk, office)
        self._routes["/v1/payments"] = {
            "POST": Route("payments", Judging(desk, PAYMENT.word), MAX_MESSAGE_BYTES)
        }
        self._routes[iso.PATH] = {"POST": Route("iso20022", messages, iso.MAX_BYTES)}
        self._evaluate = {"POST": Route("evaluate", messages, iso.MAX_BYTES)}
        self._office, self._upkeep.publishing = office, publishing
        acting = self._acting_in(office)
        secure = settings.tls is not None
        asking = Tokens.load_or_create(settings.directory)  # remembers nothing: for asking
        self._acting = self._collections(acting, asking, publishing)
        self._workshop = self._workshop_of(office, publishing)
        assert self._cases is not None, "collections were made just now"
        self._site = Pages(
            acting, asking, Cookies(secure), settings.directory, self._cases, self._entrance,
            self._workshop, self._way_in,
        )  # fmt: skip
        desk.paging = partial(pages.page_of, self._site)
        site = Mounted(desk, pages.application(self._site), secure=secure)
        self._posting = Route("pages", site, pages.BODY_BYTES)
        reading = Route("pages", site)
        self._pages = {"GET": reading, "HEAD": reading, "POST": self._posting}

    def _workshop_of(self, office: Office, publishing: Publishing) -> Workshop:
        """Where policies are made here."""
        desk, settings = self.desk, self.settings
        drafts = Drafts(settings.directory)
        trials = Trials(
            settings.directory, drafts, publishing.lay_out, desk.journal,
            lambda: desk.clock().wall_ms,
        )  # fmt: skip
        return Workshop(
            office, publishing, drafts, trials, self._shadowing, lambda: self._metrics.drift,
            settings.policy,
        )  # fmt: skip

    def go_on_counting(self, drift: Drift) -> None:
        """Count on from there how far what is judged lies from what the model learnt. Before it
        runs: of the model that is in force.
        """
        self._metrics.go_on_counting(drift)

    @property
    def office(self) -> Office | None:
        """Where acts are taken."""
        return self._office

    @property
    def workshop(self) -> Workshop | None:
        """Where policies are made."""
        return self._workshop

    # What connections call.

    def body_limit(self, request: Request) -> int | Problem:
        """How much the route of this request reads; who asks for none is told at once."""
        route = self._route(request)
        if isinstance(route, Route):
            return pages.body_bytes(request) if route is self._posting else route.body_bytes
        return route if request.brings_body else 0

    def handle(self, request: Request) -> None:
        """Answer a request, now or later. No fault goes further than its own request."""
        desk = self.desk
        route = self._route(request)
        if isinstance(route, Problem):
            desk.welcome(request, "none")
            return desk.tell(request, route)
        desk.welcome(request, route.name)
        try:
            answering = route.answer(request)
        except Exception as error:  # noqa: BLE001 - one request must not end the others
            return self._failed(request, error)
        if answering is not None:
            self._beside(self._finished(request, answering))
        elif route.name in ("payments", "calls"):
            desk.figures.read(request.arrived_ns, perf_counter_ns)
        return None

    # The service's life.

    async def run(self, on_ready: Callable[[int], None]) -> None:
        """Serve until told to stop; ``on_ready`` is told the port. Raises what the disk's fault was
        under the log, the vault or the register: after one nothing goes on.
        """
        desk = self.desk
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        loop.set_exception_handler(self._unexpected)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._beside(self._upkeep.switch()))
        desk.live.start()
        try:
            await self._serve(stop, on_ready)
        finally:
            desk.stopped.set()
            await self._wound_up()
        fault = desk.live.fault or self._upkeep.fault
        if fault is not None:
            raise fault

    async def _serve(self, stop: asyncio.Event, on_ready: Callable[[int], None]) -> None:
        """Listen until told to stop, or until the log fails."""
        desk, settings = self.desk, self.settings
        await self._upkeep.before_all()
        self._listener = Listener(self, lambda: desk.clock().wall_ms / 1000, desk.worded)
        server = await asyncio.get_running_loop().create_server(
            self._listener.protocol, settings.host, settings.port, ssl=settings.tls,
            backlog=BACKLOG,
        )  # fmt: skip
        port = server.sockets[0].getsockname()[1]
        if self._entrance is not None:
            self._entrance.stands_at(port)
        for beside in (
            *self._upkeep.works(self._office), self._recording.run(),
            self._shadowing.run(self._shadow_to_begin_with),
        ):  # fmt: skip
            self._beside(beside)
        if self._office is not None:
            self._beside(self._office.run())
        if self._site is not None:
            self._beside(self._site.get_ready())
        for keeping_up in self._asking.beside() if self._asking is not None else ():
            self._beside(keeping_up)
        if not desk.live.standby:
            self._begin_sending()
        on_ready(port)
        self._notify.tell(notify.READY)
        begun = "standby" if desk.live.standby else "ready"
        desk.journal.say(begun, entries=desk.live.size, policy=desk.live.policy.hash)
        await _first_of(stop, desk.stopped)
        self._notify.tell(notify.STOPPING)
        server.close()

    async def _wound_up(self) -> None:
        """Let what is on its way be answered, then close everything."""
        loop = asyncio.get_running_loop()
        until = loop.time() + STOP_S
        if self._listener is not None:
            self._listener.close()
            while self._listener.connections and loop.time() < until:
                await asyncio.sleep(0.02)
        if self._site is not None:
            await self._site.settle()
        await ended(self._tasks)
        if self._workshop is not None:
            await self._workshop.trials.close()
        if self._asking is not None:
            await self._asking.close()
        await asyncio.to_thread(self._outgoing.stop)
        await asyncio.to_thread(self.desk.live.stop)
        self.desk.late.close()
        self._reader.close()
        self._recording.close()
        if self._site is not None:
            await self._site.close()
        if self._entrance is not None:
            await self._entrance.close()
        if self._cases is not None:
            self._cases.close()
        self._shadowing.close()
        self.desk.journal.say("stopped", entries=self.desk.live.size)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Routes that need no module.

    def _route(self, request: Request) -> Route | Problem:
        methods = self._routes.get(request.path)
        if methods is None and request.path.startswith(decisions.PREFIX):
            methods = self._decisions
        if methods is None and request.path.startswith(iso.EVALUATE):
            methods = self._evaluate
        if methods is None and request.path.startswith(RECORD):
            methods = self._record
        if methods is None and request.path.startswith("/v1/"):
            methods = self._act_routes(request.path)
        if methods is None and (pages.is_page(request.path) or request.accepts(b"text/html")):
            methods = self._pages
        if methods is None:
            return Problem(problems.NOT_FOUND, expected=", ".join([*self._routes, "…"]))
        route = methods.get(request.method)
        if route is None:
            return Problem(problems.WRONG_METHOD, expected=", ".join(methods),
                           allow=", ".join(methods))  # fmt: skip
        return route

    def _act_routes(self, path: str) -> dict[str, Route] | None:
        """The routes of acts at that path, by method; None where nothing is."""
        name, _, rest = path.removeprefix("/v1/").partition("/")
        one = self._acting.get(name)
        if one is None:
            return None
        sizes = {"GET": 0, "POST": one.most_bytes(rest.strip("/"))}
        return {m: Route(name, one, sizes[m]) for m in one.methods(rest.strip("/"))} or None

    def _acting_in(self, office: Office) -> Acting:
        """What all that acts needs."""
        visitors = Visitors(self.desk.door, self.settings.trusted_proxies)
        auditing = Auditing(self.desk, office, self.settings.directory)
        return Acting(self.desk, office, visitors, self._recording, auditing)

    def _collections(
        self, acting: Acting, asking: Tokens, publishing: Publishing | None
    ) -> dict[str, Collection]:
        """What answers acts, by the first word of their path. An operator's, which has nothing to
        publish, acts on numbers; every other one on payments and their money.
        """
        self._cases = self._upkeep.cases = Cases(acting, self.settings.directory)
        collections: list[Collection] = [
            self._cases, Appeals(acting), Listings(acting, asking), Laws(acting),
            Audits(acting), Receipts(acting),
        ]  # fmt: skip
        if publishing is None:
            collections += (Requests(acting), Suspensions(acting))
        else:
            collections += (
                RequestsAndPolicies(acting, publishing), Holds(acting), Recalls(acting),
                Reports(acting), Policies(acting, publishing),
            )  # fmt: skip
        return {one.name: one for one in collections}

    def _live(self, request: Request) -> None:
        """The event loop runs: it answers."""
        self.desk.answer(request, Reply(200, b'{"status":"live"}'))

    def _ready(self, request: Request) -> None:
        """Whether payments are taken."""
        live = self.desk.live
        ready = not live.stopping and not live.standby
        status = b"ready" if ready else b"stopping" if live.stopping else b"standby"
        body = b'{"status":"%b","entries":%d,"waiting":%d}' % (status, live.size, live.waiting)
        self.desk.answer(request, Reply(200 if ready else 503, body))

    def _gauges(self) -> dict[str, float]:
        """What is so at this moment."""
        live = self.desk.live
        assert self._listener is not None
        return {
            "waiting_facts": live.waiting,
            "entries": live.size,
            "events_held": live.events_held,
            "connections": len(self._listener.connections),
            "streams": self._stream.open,
            "snapshot_behind_entries": live.size - self._upkeep.snapshot_seq,
            "shadow_behind_entries": self._shadowing.behind,
        }

    def _openapi(self, request: Request) -> None:
        """What this service understands."""
        settings, asks = self.settings, self.settings.origination is not None
        self.desk.answer(request, Reply(200, openapi.document(settings.role, asks=asks)))

    def _unexpected(self, _loop: asyncio.AbstractEventLoop, said: dict[str, Any]) -> None:
        """What no route is to blame for."""
        error = said.get("exception")
        if isinstance(error, Exception):
            self.desk.journal.fault("internal", error)
        else:
            self.desk.journal.say("internal", said=str(said.get("message")))

    async def _finished(self, request: Request, answering: Awaitable[None]) -> None:
        try:
            await answering
        except Exception as error:  # noqa: BLE001 - one request must not end the others
            self._failed(request, error)

    def _failed(self, request: Request, error: Exception) -> None:
        self.desk.journal.fault("internal", error, route=request.route,
                                request_id=request.request_id)  # fmt: skip
        self.desk.tell(request, Problem(problems.INTERNAL))

    def _begin_sending(self) -> None:
        """Let the outbox go. An operator has none: what it knows goes to nobody unasked."""
        if self.settings.role != "operator":
            self._outgoing.start()

    async def _shadow_to_begin_with(self) -> tuple[Policy, str | None] | None:
        """The second policy that the command line names, or that people had put in the shadow."""
        if self.settings.shadow is not None:
            return await asyncio.to_thread(document.load, self.settings.shadow), None
        return None if self._workshop is None else await self._workshop.shadow_to_begin_with()


async def ended(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel tasks that leave the set when they are done, as often as it takes: before Python 3.12
    ``wait_for`` swallows a cancellation that comes together with what it waits for.
    """
    while left := list(tasks):
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=AGAIN_S)


async def _first_of(*some: asyncio.Event) -> None:
    """Until one of the events is set."""
    tasks = [asyncio.create_task(event.wait()) for event in some]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
