"""``arasha serve``: the centre, live.

In: a directory, a policy, an address. Out: a service over HTTP, until it is told to stop. Without a
certificate it listens on this machine alone.
"""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import os
import resource
import ssl
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.commands_vault import MasterKey, master_of
from arasha.app.database import join, shared_keys
from arasha.engine.clock import Clock
from arasha.errors import KeyDestroyed, LogBusy, Place, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from arasha.app.http.journal import Journal
    from arasha.app.http.service import Service, Settings
    from arasha.app.http.spans import Spans
    from arasha.app.pages.site import WayIn
    from arasha.engine.live_start import Started
    from arasha.policy.definition import Policy

OTLP_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Variables of the environment that name a collector (OpenTelemetry's own)."""

SWITCH_S = 0.001
"""How long the writing thread may go on while the event loop wants its turn, seconds."""

GARBAGE_OBJECTS = 50_000
"""Objects that come to be, and are not gone, before the collector looks for circles among them."""

Data = Annotated[Path, Parameter(help="The directory of the centre; made if it is not there.")]
LivePolicy = Annotated[
    Path | None,
    Parameter(
        help="The policy to judge by; by default the one in force. SIGHUP reads the file again."
    ),
]
Host = Annotated[str, Parameter(help="The address to listen on.")]
Port = Annotated[
    int, Parameter(help="The port; 0 takes a free one.", validator=Number(gte=0, lte=65_535))
]
Certificate = Annotated[
    Path | None, Parameter(help="The certificate of TLS and its chain, a PEM file; with --key.")
]
PrivateKey = Annotated[Path | None, Parameter(help="The key of the certificate, a PEM file.")]
Shadow = Annotated[
    Path | None, Parameter(help="A second policy, which follows silently; /metrics counts.")
]
LawFile = Annotated[
    Path | None,
    Parameter(help="The law to begin with, a file of law/; a log that has one keeps it."),
]
RingsEvery = Annotated[
    float,
    Parameter(
        help="Hours between two looks at which accounts hang together; 0 is never.",
        validator=Number(gte=0, lte=8_760),
    ),
]
WebhookNetwork = Annotated[
    list[str] | None,
    Parameter(
        negative=(),
        help="A private network that webhooks may lead to, such as 10.20.0.0/16; may be repeated.",
    ),
]
WebhookCa = Annotated[
    Path | None,
    Parameter(help="Who vouches for webhooks, a PEM file; by default whom this system trusts."),
]
Database = Annotated[
    str | None,
    Parameter(
        env_var="ARASHA_DATABASE", show_default=False,
        help="Keep the centre in this PostgreSQL database, postgresql://… or service=…; the "
        "directory remembers it, without a password.",
    ),
]  # fmt: skip
Standby = Annotated[
    bool,
    Parameter(
        negative=(), show_default=False,
        help="While another process writes the log: follow it, and take over when it is gone.",
    ),
]  # fmt: skip
Witnesses = Annotated[
    Path | None,
    Parameter(help="Who is asked to cosign the log's checkpoints: lines witness NAME KEY URL."),
]
TrustedProxies = Annotated[
    int,
    Parameter(
        help="Reverse proxies that every request passes: the client's address is then taken from "
        "X-Forwarded-For, so many from its right end. 0: it is the socket's.",
        validator=Number(gte=0, lte=16),
    ),
]
ServedRole = Annotated[
    Literal["centre", "operator"],
    Parameter(
        help="Whose installation it is: operator judges calls, keeps them, and sends nothing out."
    ),
]
ConsoleAddress = Annotated[
    str | None,
    Parameter(
        help="Where people reach the console, https://HOST; without it, on this machine alone."
    ),
]
OpenIdFile = Annotated[
    Path | None,
    Parameter(help="Whose sign-in (OpenID Connect) people may come in by, a TOML file."),
]
OriginationFile = Annotated[
    Path | None,
    Parameter(
        help="As an operator: whom to ask about calls from abroad that bear numbers of this "
        "country, and to answer; a TOML file."
    ),
]
Otlp = Annotated[
    str | None,
    Parameter(
        help="Send spans to this collector of OpenTelemetry, by OTLP over HTTP; "
        "OTEL_EXPORTER_OTLP_ENDPOINT does the same. Needs the extra arasha[telemetry]."
    ),
]


def serve(
    *,
    data: Data,
    policy: LivePolicy = None,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    cert: Certificate = None,
    key: PrivateKey = None,
    shadow: Shadow = None,
    master_key: MasterKey = None,
    law: LawFile = None,
    rings_every: RingsEvery = 1.0,
    webhook_network: WebhookNetwork = None,
    webhook_ca: WebhookCa = None,
    database: Database = None,
    standby: Standby = False,
    role: ServedRole = "centre",
    otlp: Otlp = None,
    witnesses: Witnesses = None,
    console: ConsoleAddress = None,
    openid: OpenIdFile = None,
    origination: OriginationFile = None,
    trusted_proxies: TrustedProxies = 0,
) -> None:
    """Judge payments (or, as an operator, calls) as they come, and answer when what was decided is
    durable.

    Without a certificate only an address of this machine is taken. What the service has to say goes
    to standard error, a JSON object a line. Ctrl-C or SIGTERM let it finish what it has begun.
    """
    from arasha.app.http.service import JUDGES, Settings
    from arasha.app.pages.entrance import load_provider
    from arasha.cases.law_document import load_law
    from arasha.exchange.addresses import network_of
    from arasha.exchange.origination import load_origination
    from arasha.exchange.passkeys import Site
    from arasha.log.trust import load_trust
    from arasha.policy.document import load
    from arasha.policy.kinds import demanded

    tls = tls_of(cert, key)
    if tls is None and not _is_loopback(host):
        raise UsageError(
            "without TLS the service listens on this machine alone",
            expected="--host 127.0.0.1, or --cert and --key",
            found=host,
        )
    if role == "operator" and (webhook_network or webhook_ca):
        raise UsageError(
            "an operator's service sends nothing",
            expected="--role operator without --webhook-network and --webhook-ca",
        )
    if role != "operator" and origination is not None:
        raise UsageError("only an operator has calls to be asked about",
                         expected="--origination with --role operator")  # fmt: skip
    judged_by = None if policy is None else demanded(load(policy), JUDGES[role])
    if shadow is not None:
        demanded(load(shadow), JUDGES[role])
    begun_with = None if law is None else load_law(law)
    if database is not None:
        join(data, database)
    if otlp is not None and not otlp.startswith(("http://", "https://")):
        raise UsageError("--otlp is no address of a collector", expected="such as "
                         "http://127.0.0.1:4318", found=otlp)  # fmt: skip
    settings = Settings(
        data, host, port, policy, shadow, tls, master_key, standby=standby, role=role,
        networks=[network_of(text) for text in webhook_network or ()],
        webhook_tls=_trusting(webhook_ca), otlp=otlp, law=begun_with, rings_s=rings_every * 3_600,
        witnesses=None if witnesses is None else load_trust(witnesses),
        console=None if console is None else Site.of(console),
        openid=None if openid is None else load_provider(openid),
        origination=None if origination is None else load_origination(origination),
        trusted_proxies=trusted_proxies,
    )  # fmt: skip
    _serve(settings, judged_by)


def _serve(settings: Settings, policy: Policy | None) -> None:
    import uvloop

    prepare_process()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(served(settings, policy, _announced(settings)))


async def served(
    settings: Settings,
    policy: Policy | None,
    on_ready: Callable[[int], None],
    *,
    journal: Journal | None = None,
    way_in: WayIn | None = None,
    with_service: Callable[[Service], None] = lambda _: None,
) -> None:
    """The whole service, from its log to its last answer. ``with_service`` is given it before it
    runs; ``way_in`` is a demonstration's alone.
    """
    from arasha.app.http.desk import Desk
    from arasha.app.http.door import Door
    from arasha.app.http.figures import Figures
    from arasha.app.http.journal import Journal
    from arasha.app.http.service import Service
    from arasha.app.notify import Notify
    from arasha.app.pages.entrance import Entrance
    from arasha.exchange.participants import AT_CENTRE, AT_OPERATOR, Participants
    from arasha.exchange.passkeys import Site
    from arasha.exchange.persons import Persons
    from arasha.vault.subjects import Vault
    from arasha.vault.tokens import Tokens

    directory, journal = settings.directory, journal or Journal()
    spans = _spans(settings.otlp, journal)
    if settings.role == "operator":
        _let_months_go(settings, policy, journal)
    if policy is not None and _others_publish(directory, policy):
        journal.say("switch", result="two people publish here: the policy in force stays")
        policy = None
    started = _started(settings, policy)
    _refuse_other_kind(settings, started)
    participants = Participants.open(directory, lambda: clock().wall_ms)
    master = master_of(directory, settings.master_key)
    vault = Vault.open(directory, master, lambda: clock().wall_ms)
    entrance = None
    if settings.role == "centre":
        site = settings.console or Site.at_home(settings.port)
        persons = Persons(participants.register)
        entrance = Entrance.open(directory, persons, site, settings.openid, clock)
    door = Door(
        participants, Tokens.load_or_create(directory, remember=True), vault,
        wall_s=time.time, steady_ns=time.perf_counter_ns, secure=settings.tls is not None,
        takes=AT_OPERATOR if settings.role == "operator" else AT_CENTRE,
        signin=None if entrance is None else entrance.signin.tables,
    )  # fmt: skip
    desk = Desk(started, door, Figures(), journal, clock, spans)
    telling = Notify.of(os.environ)
    service = Service(
        settings, desk, entrance, snapshot_seq=started.snapshot_seq, notify=telling, way_in=way_in
    )
    with_service(service)
    gc.collect()
    gc.freeze()  # what is here stays: the collector need not look at it again
    gc.set_threshold(GARBAGE_OBJECTS)  # and nothing on the way of a payment goes in circles
    try:
        await service.run(on_ready)
    finally:
        vault.close()
        participants.close()
        if spans is not None:
            await asyncio.to_thread(spans.close)


def _spans(address: str | None, journal: Journal) -> Spans | None:
    """Where spans go, if somebody wants them. Raises UsageError where the packages are missing."""
    if address is None and not any(os.environ.get(name) for name in OTLP_VARIABLES):
        return None
    try:
        from arasha.app.http.spans import Spans
    except ModuleNotFoundError as error:
        raise UsageError(
            "spans are wanted, and OpenTelemetry is not installed",
            expected="--otlp and OTEL_EXPORTER_OTLP_ENDPOINT unset, or the packages",
            found=f"no module {error.name}", hint='pip install "arasha[telemetry]"',
        ) from error  # fmt: skip
    return Spans(address, journal)


def _others_publish(directory: Path, policy: Policy) -> bool:
    """Whether this policy would be another one, and it takes two people to put one in force."""
    from arasha.app.http.publishing import has_publishers
    from arasha.engine.reigns import policy_of
    from arasha.events.schema import Kind
    from arasha.exchange.persons import Persons
    from arasha.log.driver import has_log
    from arasha.log.log import Log

    if not has_log(directory):
        return False
    with closing(Persons.open(directory, lambda: clock().wall_ms)) as persons:
        if not has_publishers(persons):
            return False
    with Log.open(directory, writable=False) as log:
        places = log.places(Kind.POLICY)
        if not places or not log.places(Kind.LAW):
            return False
        return policy_of(log, directory, places[-1]).hash != policy.hash


def _started(settings: Settings, policy: Policy | None) -> Started:
    """The log and its judge: as its writer or, for a standby, behind another."""
    from arasha.engine.live_follow import open_following
    from arasha.engine.live_start import open_live
    from arasha.log.driver import is_shared

    directory = settings.directory
    shared = None
    if is_shared(directory):
        shared = shared_keys(directory, master_of(directory, settings.master_key))
    try:
        return open_live(directory, policy, clock().wall_ms, shared=shared)
    except LogBusy:
        if not settings.standby:
            raise
    return open_following(directory, shared=shared)


def _let_months_go(settings: Settings, coming: Policy | None, journal: Journal) -> None:
    """Retire every month of call facts that no window of the policy reaches into any more."""
    from arasha.app.http.service import JUDGES
    from arasha.engine.retention import retire_due
    from arasha.log.driver import has_log

    if not has_log(settings.directory):
        return
    try:
        gone = retire_due(
            settings.directory, JUDGES[settings.role].kind, by="arasha serve",
            reason="no window reaches into it", coming=coming,
        )  # fmt: skip
    except (LogBusy, KeyDestroyed):  # its writer does so; or a machine that has yet to join has
        return  # none of the shared keys, and what is really lost the start itself says
    if gone.months:
        months = ", ".join(period.month for period in gone.months)
        journal.say("retired", months=months, subjects=gone.subjects)


def _refuse_other_kind(settings: Settings, started: Started) -> None:
    """Raise UsageError when the policy in force judges what this role does not."""
    from arasha.app.http.service import JUDGES

    judged, wanted = started.judge.policy.judges, JUDGES[settings.role]
    if judged is wanted:
        return
    started.log.close()
    raise UsageError(
        f"as {settings.role} the service judges a {wanted.word}, and the policy a {judged.word}",
        expected=f'a policy with judges = "{wanted.word}"',
        found=f'judges = "{judged.word}"',
        where=Place(file=str(settings.policy or settings.directory)),
        hint="an operator's own installation: --role operator",
    )


def clock() -> Clock:
    """The time of day, and one that never goes back."""
    return Clock(time.time_ns() // 1_000_000, time.perf_counter_ns())


def _announced(settings: Settings) -> Callable[[int], None]:
    scheme = "http" if settings.tls is None else "https"

    def announce(port: int) -> None:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        terminal.say(f"{scheme}://{host}:{port}")
        sys.stdout.flush()

    return announce


def tls_of(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """How TLS is spoken with that certificate; None without one. Raises UsageError."""
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise UsageError("TLS needs both", expected="--cert FILE --key FILE")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except ssl.SSLError as error:
        raise UsageError(
            "this certificate and key cannot be used", found=error.reason or "another format",
            expected="PEM files that belong together", where=Place(file=str(cert)),
        ) from error  # fmt: skip
    return context


def _trusting(ca: Path | None) -> ssl.SSLContext | None:
    if ca is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(ca))
    except ssl.SSLError as error:
        raise UsageError(
            "these are no certificates", expected="a PEM file", found=error.reason or "other text",
            where=Place(file=str(ca)),
        ) from error  # fmt: skip


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def prepare_process() -> None:
    """As many connections as the system lets us have; and the event loop soon gets its turn."""
    sys.setswitchinterval(SWITCH_S)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
