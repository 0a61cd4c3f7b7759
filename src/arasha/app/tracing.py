"""What ``arasha trace`` reads: a log or files of facts, and in them what is reported.

In: a path, ids of reports and payments. Out: an arena that holds every payment of it, and the
ordinals of those in dispute. A log's tokens are its centre's; of a file they are made with a key
of the moment, which is then forgotten.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from arasha.errors import Place, UsageError
from arasha.events.columns import Facts
from arasha.events.reference import digests_of
from arasha.events.schema import MISSING, Kind
from arasha.events.symbols import code_text
from arasha.flows.arena import Arena

if TYPE_CHECKING:
    from arasha.events.mapping import Mapping
    from arasha.flows.trace import Tracer

BATCH: Final = 65_536
"""Facts read at once from a file."""

KEY_BYTES: Final = 32

NAMED: Final = (Kind.PAYMENT, Kind.REPORT)

Batch = tuple[Facts, NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Named:
    """A payment or report that was asked for."""

    id: str
    sender: str | None
    kind: Kind
    digest: NDArray[np.uint64]
    disputed: int | None


@dataclass(slots=True)
class Read:
    """What was read: the arena, what was asked for by name, the number of facts."""

    arena: Arena
    named: list[Named] = field(default_factory=list)
    facts: int = 0


def read(
    path: Path,
    ids: Sequence[str],
    mapping: Mapping | None,
    keep_ms: int,
    on_progress: Callable[[int], None],
) -> Read:
    """Take in every payment of a log or of files of facts; note what has one of the ids.

    Raises UsageError or InputError where there is nothing to read.
    """
    found, wanted = Read(Arena(keep_ms=keep_ms)), set(ids)
    for facts, known_at, seqs in _batches(path, mapping):
        found.arena.observe(facts, known_at, seqs)
        found.facts += len(facts)
        if wanted.intersection(facts.ids):
            found.named += _named(facts, wanted)
        on_progress(len(facts))
    return found


def reported(found: Read, ids: Sequence[str], sender: str | None) -> dict[int, int | None]:
    """The ordinals of the payments that these ids report, with what is disputed of each.

    Raises UsageError when an id names nothing, or several facts of different senders.
    """
    disputes: dict[int, int | None] = {}
    for one in ids:
        of_id = [n for n in found.named if n.id == one and sender in (None, n.sender)]
        if not of_id:
            raise UsageError(
                f"no payment or report has the id {one!r}",
                expected="an id as its sender has it",
                found=f"{found.facts:,} facts were read",
            )
        if len({n.sender for n in of_id}) > 1:
            raise UsageError(
                f"several senders use the id {one!r}",
                expected="--sender with one of these",
                found=", ".join(sorted(str(n.sender) for n in of_id)),
            )
        for named in of_id:
            ordinal = found.arena.ordinal_of(named.digest)
            if ordinal is None:
                raise UsageError(
                    f"the payment that {one!r} reports is not held",
                    expected="a payment of the days held, named by the report",
                    hint="--keep-days holds more; or name the account and a time",
                )
            disputes[ordinal] = named.disputed
    return disputes


def paid_since(tracer: Tracer, token: str, since_ms: int) -> list[int]:
    """The payments of an account, named by its token, within a hop window from a time on.

    Raises UsageError when the token is none, or made no payments then.
    """
    try:
        symbol = np.frombuffer(bytes.fromhex(token), np.uint64)
    except ValueError:
        symbol = np.zeros(0, np.uint64)
    if len(symbol) != 2:
        raise UsageError("this is no token", expected="32 hexadecimal digits", found=token)
    held = tracer.arena.accounts_of(symbol)
    found = [ordinal for account in held for ordinal in tracer.paid_by(account, since_ms)]
    if not found:
        raise UsageError(
            "this account made no payment in the hop window from then on",
            expected="the account's token and the time of the theft",
            hint="tokens of a log stay; those of a file are new each time",
        )
    return found


def _named(facts: Facts, wanted: set[str]) -> list[Named]:
    rows = np.array(
        [at for at, one in enumerate(facts.ids) if one in wanted and facts.kinds[at] in NAMED],
        np.intp,
    )
    some = facts.take(rows)
    own, referred, amounts = digests_of(some), some.symbol("payment"), some.number("amount")
    named = []
    for at in range(len(some)):
        is_report = some.kinds[at] == Kind.REPORT
        amount = int(amounts[at])
        named.append(
            Named(
                some.ids[at],
                code_text(some.symbol("sender")[at].tobytes()),
                Kind(int(some.kinds[at])),
                referred[at] if is_report else own[at],
                amount if is_report and amount != MISSING else None,
            )
        )
    return named


def _batches(path: Path, mapping: Mapping | None) -> Iterator[Batch]:
    if is_log(path):
        return _of_log(path)
    if not path.exists():
        raise UsageError(
            "there is nothing here", expected="a log, or a file of facts", where=Place(str(path))
        )
    return _of_files(path, mapping)


def is_log(path: Path) -> bool:
    """Whether a path is the directory of a log."""
    from arasha.log.driver import has_log

    return path.is_dir() and has_log(path)


def _of_log(path: Path) -> Iterator[Batch]:
    from arasha.events.body import unpack_facts
    from arasha.log.keys import Retention
    from arasha.log.log import Log

    with Log.open(path, writable=False) as log:
        for frame in log.read(missing="skip", classes=(Retention.FACTS,)):
            rows = np.flatnonzero((frame.kinds < Kind.DECISION) & frame.readable)
            facts = unpack_facts(frame.kinds[rows], frame.bodies.take(rows))
            yield facts, frame.known_at[rows], frame.first_seq + rows.astype(np.int64)


def _of_files(path: Path, mapping: Mapping | None) -> Iterator[Batch]:
    from arasha.events.native import open_facts
    from arasha.vault.tokens import Tokens

    tokens = Tokens(secrets.token_bytes(KEY_BYTES))
    now, seq = 0, 0
    for batch in open_facts(path, mapping).batches(tokens, BATCH):
        facts = batch.facts
        happened = facts.number("happened_at")
        known_at = np.maximum.accumulate(np.maximum(happened, now))
        if len(known_at):
            now = int(known_at[-1])
        yield facts, known_at, np.arange(seq, seq + len(facts), dtype=np.int64)
        seq += len(facts)
