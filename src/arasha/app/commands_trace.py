"""``arasha trace``: follow the money of a report over accounts and banks.

In: a log or files of facts, ids of reports or payments, or an account and a time. Out: a table of
where the money is and which bounds cut the trace, an object with --json, a page with --page. The
work is flows/trace.py's; accounts are named by their tokens alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.options import AsJson, MappingFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from arasha.app.tracing import Read
    from arasha.flows.back import Arrivals
    from arasha.flows.trace import Tracer
    from arasha.flows.traced import Trace

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
MAX_LISTED: Final = 60
"""Accounts that the terminal lists; JSON and page have all."""

Reports = Annotated[
    list[str] | None,
    Parameter(help="Ids of reports or of payments, as their senders have them."),
]
FactsPath = Annotated[Path, Parameter(help="A log's directory, or files of facts.")]
Sender = Annotated[str | None, Parameter(help="Whose ids these are, where senders share them.")]
Account = Annotated[
    str | None, Parameter(help="An account's token: what it paid from --since on is in dispute.")
]
Since = Annotated[str | None, Parameter(help="The time of the theft, as 2026-01-05T14:30Z.")]
RuleOption = Annotated[
    Literal["fifo", "lifo", "haircut"], Parameter(help="The rule by which the page is drawn.")
]
Back = Annotated[
    bool,
    Parameter(
        negative=(),
        show_default=False,
        help="Ask, too, who else paid into these accounts and may be a victim.",
    ),
]
Page = Annotated[Path | None, Parameter(help="Where to write a page of the money's way.")]
Exchanges = Annotated[
    Path | None, Parameter(help="Accounts of crypto exchanges: a file with a token a line.")
]
KeepDays = Annotated[
    int, Parameter(help="Days of payments held.", validator=Number(gte=1, lte=3_660))
]
LeastMinor = Annotated[
    int, Parameter(help="Least amount followed, minor units.", validator=Number(gte=1))
]
Payments = Annotated[int, Parameter(help="Most payments.", validator=Number(gte=1, lte=10_000))]
Hours = Annotated[
    int, Parameter(help="Hours an account is watched.", validator=Number(gte=0, lte=8_760))
]
Hops = Annotated[int, Parameter(help="Most hops.", validator=Number(gte=1, lte=100))]


def trace(
    reports: Reports = None,
    /,
    *,
    facts: FactsPath,
    sender: Sender = None,
    account: Account = None,
    since: Since = None,
    exchanges: Exchanges = None,
    mapping: MappingFile = None,
    keep_days: KeepDays = 80,
    least_minor: LeastMinor = 200_00,
    payments: Payments = 500,
    hours: Hours = 24,
    hops: Hops = 10,
    rule: RuleOption = "fifo",
    back: Back = False,
    page: Page = None,
    json: AsJson = False,
) -> None:
    """Follow the money of reports: where it is, whom it passed, where it left the network.

    Several reports make one trace, in which no money counts twice. The bounds are those of Brazil's
    Pix MED 2.0 unless others are given; each that cuts the trace is named.
    """
    from arasha.app.tracing import read
    from arasha.errors import UsageError
    from arasha.events.mapping import load_mapping
    from arasha.flows.back import look_back
    from arasha.flows.bounds import Bounds
    from arasha.flows.trace import Tracer

    ids = reports or []
    if not ids and (account is None or since is None):
        raise UsageError(
            "nothing is reported",
            expected="the id of a report or payment, or --account and --since",
        )
    bounds = Bounds(least_minor, payments, hours * HOUR_MS, hops)
    used = None if mapping is None else load_mapping(mapping)
    with terminal.progress("Reading", None, quiet=json) as advance:
        found = read(facts, ids, used, keep_days * DAY_MS, advance)
    if exchanges is not None:
        found.arena.name_exchanges(tokens_in(exchanges))
    tracer = Tracer(found.arena, bounds)
    followed = tracer.trace(disputes(found, ids, sender, account, since, tracer))
    title = ", ".join(ids) or f"account {(account or '')[:8]}"
    if page is not None:
        from arasha.reports.trace_page import write_page

        write_page(page, followed, title, rule)
    others = look_back(found.arena, followed) if back else None
    if json:
        terminal.say_json(as_object(followed, others, page))
        return
    tell(followed, others, title)
    if page is not None:
        terminal.say()
        terminal.say(f"page  {page}")


def disputes(
    found: Read,
    ids: list[str],
    sender: str | None,
    account: str | None,
    since: str | None,
    tracer: Tracer,
) -> dict[int, int | None]:
    """What is in dispute: payments named by id, and those of an account from a time on."""
    from arasha.app.tracing import paid_since, reported

    named = reported(found, ids, sender)
    if account is not None and since is not None:
        named |= dict.fromkeys(paid_since(tracer, account, moment_of(since)))
    return named


def moment_of(text: str) -> int:
    """Milliseconds since 1970 of a time in ISO 8601. Raises UsageError when it is none."""
    from datetime import UTC, datetime

    from arasha.errors import UsageError

    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            "this is no time", expected="such as 2026-01-05T14:30Z", found=text
        ) from error
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return int(at.timestamp() * 1000)


def tokens_in(path: Path) -> NDArray[np.uint64]:
    """uint64[n, 2] of a file with a token of 32 hexadecimal digits a line. Raises UsageError."""
    import numpy as np

    from arasha.errors import Place, UsageError

    tokens = []
    for row, line in enumerate(path.read_text(encoding="ascii").split(), 1):
        try:
            token = bytes.fromhex(line)
        except ValueError:
            token = b""
        if len(token) != 16:
            raise UsageError(
                "this is no token", expected="32 hexadecimal digits", where=Place(str(path), row)
            )
        tokens.append(token)
    return np.frombuffer(b"".join(tokens), np.uint64).reshape(-1, 2)


def as_object(followed: Trace, others: Arrivals | None, page: Path | None) -> dict[str, Any]:
    """The trace as plain data; money in minor units."""
    from dataclasses import asdict

    from arasha.reports.figures import currency_code

    parts = ("there", "cash", "abroad", "crypto", "unfollowed")
    return {
        "currency": currency_code(followed.currency) if followed.currency else None,
        "reported_minor": followed.reported_minor,
        "disputed": followed.disputed.as_object(),
        **{part: followed.total(part).as_object() for part in parts},
        "accounts": [one.as_object() for one in followed.accounts],
        "payments": [one.as_object() for one in followed.payments],
        "bounds": asdict(followed.bounds),
        "cut_by": followed.cuts.as_object(),
        "payments_looked_at": followed.looked_at,
        "others": None if others is None else [one.as_object() for one in others.likely],
        "page": None if page is None else str(page),
    }


def tell(followed: Trace, others: Arrivals | None, title: str) -> None:
    """The trace on the terminal."""
    from arasha.reports import trace_tables
    from arasha.reports.trace_page import notes
    from arasha.reports.trace_text import as_rich

    terminal.say(
        f"trace of {title}: {len(followed.accounts)} accounts, {len(followed.payments)} payments, "
        f"{followed.looked_at:,} looked at"
    )
    terminal.show(
        as_rich(table, MAX_LISTED)
        for table in (trace_tables.totals(followed), trace_tables.accounts(followed))
    )
    for note in notes(followed):
        terminal.say(note)
    if others is not None:
        table = trace_tables.others(others, followed.currency)
        terminal.say()
        terminal.show([as_rich(table, MAX_LISTED)])
