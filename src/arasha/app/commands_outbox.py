"""``arasha participant webhook`` and ``arasha outbox …``: what participants are told, and where.

In: the directory of the centre, which may be in use. Out: a webhook with the key by which its
messages are known, or the messages that wait, died or were delivered. What is changed here is seen
by a running service within a second; it is an act for the log as every change of rights is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.commands_rights import (
    Name,
    instant,
    keep,
    now_ms,
    register,
    say_where,
)
from arasha.app.options import AsJson, By, DataDirectory, acting
from arasha.app.rights import milliseconds
from arasha.errors import Place, UsageError

if TYPE_CHECKING:
    from arasha.exchange.outbox import Outbox, Row, State
    from arasha.exchange.webhooks import Webhook

Ids = Annotated[list[str] | None, Parameter(negative=(), help="Ids of dead messages.")]
Whose = Annotated[str | None, Parameter(help="Of this participant alone.")]
Most = Annotated[int, Parameter(help="How many at most.", validator=Number(gte=1, lte=100_000))]


def webhook(
    name: Name,
    /,
    *,
    data: DataDirectory,
    url: Annotated[str | None, Parameter(help="Where: https, or http to this machine.")] = None,
    message: Annotated[
        list[str] | None,
        Parameter(negative=(), help="A type of message it wants; may be given again. Else all."),
    ] = None,
    rotate: Annotated[bool, Parameter(negative=(), help="Make the next key.")] = False,
    overlap: Annotated[
        float, Parameter(help="Hours until the next key signs; the one before it does till then.")
    ] = 24.0,
    remove: Annotated[bool, Parameter(negative=(), help="Tell it nothing any more.")] = False,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Tell a participant of what happens: set its webhook, change its key, remove it, or show it.

    Messages are signed by RFC 9421 with Ed25519; the participant needs the public key shown here.
    """
    from arasha.exchange.webhooks import Webhooks

    if sum((url is not None, rotate, remove)) > 1 or (message and url is None):
        raise UsageError("that is more than one thing", expected="--url (with --message), --rotate "
                         "or --remove; none of them shows the webhook")  # fmt: skip
    with register(data) as opened:
        webhooks = Webhooks(opened)
        if remove:
            webhooks.remove(name, by=acting(by))
        elif rotate:
            webhooks.rotate(name, by=acting(by), overlap_ms=milliseconds(overlap))
        elif url is not None:
            webhooks.set(name, url, by=acting(by), types=message or ())
        in_log = None if url is None and not (rotate or remove) else keep(data, [opened.database])
        found = webhooks.get(name)
    if json:
        terminal.say_json({"name": name, "webhook": found and _told(found), "in_log": in_log})
        return
    _say_webhook(name, found)
    if in_log is not None:
        say_where(in_log=in_log)


def list_messages(
    *,
    data: DataDirectory,
    state: Annotated[
        Literal["due", "behind", "dead", "delivered", "dropped"] | None,
        Parameter(help="Only those; by default what has not ended."),
    ] = None,
    participant: Whose = None,
    most: Most = 100,
    json: AsJson = False,
) -> None:
    """List messages, oldest first. Those that have ended stay listed for seven days."""
    from arasha.exchange.outbox import State

    waiting = [State.DUE, State.BEHIND, State.DEAD]
    states = waiting if state is None else [State[state.upper()]]
    _list(data, states, participant, most, json=json)


def list_dead(
    *, data: DataDirectory, participant: Whose = None, most: Most = 100, json: AsJson = False
) -> terminal.Exit:
    """List the messages that are tried no more; exit code 1 if there are any."""
    from arasha.exchange.outbox import State

    found = _list(data, [State.DEAD], participant, most, json=json)
    return terminal.Exit.FINDINGS if found else terminal.Exit.OK


def resend(
    ids: Ids = None,
    /,
    *,
    data: DataDirectory,
    participant: Whose = None,
    every: Annotated[bool, Parameter(name="--all", negative=(), help="All dead ones.")] = False,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Send dead messages again, with what waits behind them: by id, of a participant, or all."""
    if (bool(ids) + (participant is not None) + every) != 1:
        raise UsageError("which ones?", expected="ids, --participant or --all, and one of these")
    with _outbox(data) as outbox:
        sent = outbox.resend(ids or None, now_ms(), by=acting(by), participant=participant)
        in_log = keep(data, [outbox.database])
    if json:
        terminal.say_json({"resent": sent, "in_log": in_log})
        return
    terminal.say(f"{len(sent)} due again")
    say_where(in_log=in_log)


def drop(
    ids: Annotated[list[str], Parameter(negative=(), help="Ids of dead messages.")],
    /,
    *,
    data: DataDirectory,
    reason: Annotated[str, Parameter(help="Why, for the record; it must name no party.")],
    by: By = None,
    json: AsJson = False,
) -> None:
    """Give dead messages up; what waits behind them is sent."""
    with _outbox(data) as outbox:
        outbox.drop(ids, now_ms(), by=acting(by), reason=reason)
        in_log = keep(data, [outbox.database])
    if json:
        terminal.say_json({"dropped": ids, "in_log": in_log})
        return
    terminal.say(f"{len(ids)} dropped")
    say_where(in_log=in_log)


def rebuild(*, data: DataDirectory, json: AsJson = False) -> None:
    """Make the outbox again from the log. The service must not run.

    What had not reached the log when the old one was lost, half a second's worth, is sent again.
    """
    from arasha.exchange.acts import keep_waiting
    from arasha.exchange.following import Following
    from arasha.exchange.outbox import Outbox
    from arasha.log.driver import is_shared
    from arasha.log.log import Log

    if is_shared(data):
        raise UsageError(
            "this log is one that machines share", expected="a log in the directory itself",
            where=Place(str(data)), hint="stop the services, DROP SCHEMA arasha_outbox CASCADE; "
            "the next service makes it again",
        )  # fmt: skip
    with Log.open(data) as log:  # nobody else writes it: no service runs
        outbox = Outbox.open(data)
        keep_waiting(log, [outbox.database], now_ms())
        outbox.clear()
        try:
            following = Following(log, outbox, log.seqs_of)
            with terminal.progress("entries", log.size) as on_entries:
                while read := following.step():
                    on_entries(read)
            standing = outbox.standing()
        finally:
            outbox.close()
    told = {"due": standing.due, "behind": standing.behind, "dead": standing.dead}
    if json:
        terminal.say_json(told)
        return
    terminal.say(", ".join(f"{count} {state}" for state, count in told.items()))


@contextmanager
def _outbox(data: Path) -> Iterator[Outbox]:
    from arasha.exchange.outbox import OUTBOX_FILE, Outbox
    from arasha.vault.driver import has_tables

    if not has_tables(data / OUTBOX_FILE):
        raise UsageError("there is no outbox here", expected=OUTBOX_FILE, where=Place(str(data)),
                         hint="arasha serve makes one, and arasha outbox rebuild")  # fmt: skip
    outbox = Outbox.open(data)
    try:
        yield outbox
    finally:
        outbox.close()


def _list(
    data: Path, states: list[State], participant: str | None, most: int, *, json: bool
) -> int:
    with _outbox(data) as outbox:
        rows = outbox.listed(states, participant=participant, most=most)
    if json:
        terminal.say_json({"messages": [_row_told(row) for row in rows]})
        return len(rows)
    for row in rows:
        tried = f", {row.tries} tries" if row.tries else ""
        fault = f", {row.fault}" if row.fault else ""
        terminal.say(f"{row.id}  {row.state.name.lower()}  {row.participant}  {row.type}  "
                     f"{row.subject}  of {instant(row.made_ms)}{tried}{fault}")  # fmt: skip
    if not rows:
        terminal.say("none")
    return len(rows)


def _row_told(row: Row) -> dict[str, Any]:
    return {
        "id": row.id, "participant": row.participant, "type": row.type, "subject": row.subject,
        "state": row.state.name.lower(), "made_ms": row.made_ms, "tries": row.tries,
        "next_ms": row.next_ms, "fault": row.fault, "ended_ms": row.ended_ms,
    }  # fmt: skip


def _told(found: Webhook) -> dict[str, Any]:
    keys = [{"key_id": key.key_id, "public_key": key.public.hex(), "starts_ms": key.starts_ms}
            for key in found.keys]  # fmt: skip
    return {"url": found.url, "messages": sorted(found.types), "keys": keys}


def _say_webhook(name: str, found: Webhook | None) -> None:
    if found is None:
        terminal.say(f"{name} has no webhook")
        return
    terminal.say(f"{name}  {found.url}  {', '.join(sorted(found.types)) or 'all messages'}")
    for key in found.keys:
        start = "" if not key.starts_ms else f", signs from {instant(key.starts_ms)}"
        terminal.say(f"  key {key.key_id}, Ed25519, public {key.public.hex()}{start}")
