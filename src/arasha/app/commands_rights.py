"""``arasha participant …`` and ``arasha person …``: who may do what at this centre.

In: the directory of the centre, which may be in use. Out: a new key, told once, or what there is.
The register is the exchange's (exchange/register.py). Each change is an act for the log: it goes in
at once when nobody writes the log, else the running service takes it in with the change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.options import AsJson, By, DataDirectory, acting
from arasha.app.rights import milliseconds, public_key_of

if TYPE_CHECKING:
    from arasha.exchange.register import Key, Register
    from arasha.vault.driver import Tables

Name = Annotated[str, Parameter(help="1 to 16 ASCII characters: a bank's code, a person's login.")]
KeyId = Annotated[str, Parameter(help="The key's id, the part before the dot.")]
Sends = Annotated[
    list[str] | None,
    Parameter(
        negative=(),
        help="A kind of fact it may send; may be given again. By default as its role does.",
    ),
]
Reads = Annotated[
    list[str] | None,
    Parameter(
        negative=(),
        help="decisions, stream, metrics, signals or origination; may be given again. By default "
        "as its role does.",
    ),
]
PublicKey = Annotated[
    Path | None, Parameter(help="Its public key of Ed25519, a PEM file; else it signs by HMAC.")
]
Roles = Annotated[
    list[str],
    Parameter(
        name="--role",
        negative=(),
        help="analyst, officer, auditor, administrator; may be given again.",
    ),
]
Overlap = Annotated[float, Parameter(help="Hours for which the keys before it still open.")]


def create_participant(
    name: Name,
    /,
    *,
    data: DataDirectory,
    role: Annotated[Literal["bank", "operator", "centre"], Parameter(help="What it is.")],
    send: Sends = None,
    read: Reads = None,
    signing: Annotated[
        Literal["none", "required"], Parameter(help="Whether each request must be signed.")
    ] = "none",
    public_key: PublicKey = None,
    rate: Annotated[float, Parameter(help="Facts a second in the long run.")] = 1_000.0,
    burst: Annotated[int, Parameter(help="Facts at once.")] = 2_000,
    deadline: Annotated[int, Parameter(help="How long it waits for a verdict, ms.")] = 1_000,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Make a participant and its first key. The secret is shown here and never again."""
    from arasha.exchange.participants import Participants, participant_told

    who, public = acting(by), _public_key(public_key)
    with register(data) as opened:
        made, key_id, secret = Participants(opened).create(
            name, role, by=who, may_send=send, may_read=read, signing=signing, public_key=public,
            rate_per_s=rate, burst=burst, deadline_ms=deadline,
        )  # fmt: skip
        in_log = keep(data, [opened.database])
    _say_key({"participant": participant_told(made)}, key_id, secret, in_log=in_log, json=json)


def change_participant(
    name: Name,
    /,
    *,
    data: DataDirectory,
    send: Sends = None,
    read: Reads = None,
    signing: Annotated[
        Literal["none", "required"] | None, Parameter(help="Whether each request must be signed.")
    ] = None,
    rate: Annotated[float | None, Parameter(help="Facts a second in the long run.")] = None,
    burst: Annotated[int | None, Parameter(help="Facts at once.")] = None,
    deadline: Annotated[int | None, Parameter(help="How long it waits for a verdict, ms.")] = None,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Give a participant other rights or limits; what is not said stays, and so do its keys."""
    from arasha.exchange.participants import Participants, participant_told

    with register(data) as opened:
        changed = Participants(opened).change(
            name, by=acting(by), may_send=send, may_read=read, signing=signing, rate_per_s=rate,
            burst=burst, deadline_ms=deadline,
        )  # fmt: skip
        in_log = keep(data, [opened.database])
    if json:
        terminal.say_json({"participant": participant_told(changed), "in_log": in_log})
        return
    _say_participant(participant_told(changed))
    say_where(in_log=in_log)


def rotate_participant(
    name: Name,
    /,
    *,
    data: DataDirectory,
    overlap: Overlap = 24.0,
    public_key: PublicKey = None,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Make a new key; those before it still open for a while, so that nobody is locked out."""
    from arasha.exchange.participants import Participants

    who, public = acting(by), _public_key(public_key)
    with register(data) as opened:
        key_id, secret = Participants(opened).rotate(
            name, by=who, overlap_ms=milliseconds(overlap), public_key=public
        )
        in_log = keep(data, [opened.database])
    _say_key({"name": name}, key_id, secret, in_log=in_log, json=json)


def revoke_participant(
    key_id: KeyId, /, *, data: DataDirectory, by: By = None, json: AsJson = False
) -> None:
    """Let a key open nothing any more; a running service sees it within a second."""
    from arasha.exchange.participants import Participants

    _revoke(lambda register: Participants(register).revoke(key_id, by=acting(by)),
            key_id, data, json=json)  # fmt: skip


def close_participant(
    name: Name, /, *, data: DataDirectory, by: By = None, json: AsJson = False
) -> None:
    """Let a participant in no more: no key opens, and it is told nothing. Its name stays."""
    from arasha.exchange.participants import Participants

    with register(data) as opened:
        Participants(opened).close_for_good(name, by=acting(by))
        in_log = keep(data, [opened.database])
    if json:
        terminal.say_json({"name": name, "in_log": in_log})
        return
    terminal.say(f"nothing opens for {name} any more")
    say_where(in_log=in_log)


def list_participants(*, data: DataDirectory, json: AsJson = False) -> None:
    """List the participants with their rights and the ids of their keys."""
    from arasha.exchange.participants import Participants, participant_told

    with register(data) as opened:
        listed = [(participant_told(p), keys) for p, keys in Participants(opened).list()]
    if json:
        told = [{**about, "keys": [_key_told(key) for key in keys]} for about, keys in listed]
        terminal.say_json({"participants": told})
        return
    for about, keys in listed:
        _say_participant(about)
        _say_keys(keys)


def create_person(
    name: Name, /, *, data: DataDirectory, role: Roles, by: By = None, json: AsJson = False
) -> None:
    """Make a person and their token. The secret is shown here and never again."""
    from arasha.exchange.persons import Persons

    with register(data) as opened:
        made, key_id, secret = Persons(opened).create(name, role, by=acting(by))
        in_log = keep(data, [opened.database])
    about = {"person": {"name": made.name, "roles": sorted(made.roles)}}
    _say_key(about, key_id, secret, in_log=in_log, json=json)


def rotate_person(
    name: Name,
    /,
    *,
    data: DataDirectory,
    overlap: Overlap = 0.0,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Make a new token; the one before it ends, by default at once."""
    from arasha.exchange.persons import Persons

    with register(data) as opened:
        key_id, secret = Persons(opened).rotate(
            name, by=acting(by), overlap_ms=milliseconds(overlap)
        )
        in_log = keep(data, [opened.database])
    _say_key({"name": name}, key_id, secret, in_log=in_log, json=json)


def revoke_person(
    key_id: KeyId, /, *, data: DataDirectory, by: By = None, json: AsJson = False
) -> None:
    """Let a token open nothing any more; a running service sees it within a second."""
    from arasha.exchange.persons import Persons

    _revoke(lambda register: Persons(register).revoke(key_id, by=acting(by)),
            key_id, data, json=json)  # fmt: skip


def list_persons(*, data: DataDirectory, json: AsJson = False) -> None:
    """List the persons with their roles and the ids of their tokens."""
    from arasha.exchange.persons import Persons

    with register(data) as opened:
        listed = Persons(opened).list()
    if json:
        told = [
            {"name": p.name, "roles": sorted(p.roles), "keys": [_key_told(key) for key in keys]}
            for p, keys in listed
        ]
        terminal.say_json({"persons": told})
        return
    for one, keys in listed:
        terminal.say(f"{one.name}  {', '.join(sorted(one.roles))}")
        _say_keys(keys)


def now_ms() -> int:
    """The time by the machine's clock, ms since 1970 UTC."""
    return time.time_ns() // 1_000_000


def keep(data: Path, databases: list[Tables]) -> bool:
    """Take the acts that wait into the log if nobody else writes it; whether that was done."""
    from arasha.exchange.acts import keep_if_free

    return keep_if_free(data, databases, now_ms()) is not None


def say_where(*, in_log: bool) -> None:
    """Where the record of a change is now."""
    terminal.note(
        "The log has the record."
        if in_log
        else "The record is durable and waits for the log: the service, or the next such command, "
        "takes it in."
    )


@contextmanager
def register(data: Path) -> Iterator[Register]:
    """The register of a centre, open."""
    from arasha.exchange.register import Register

    opened = Register.open(data, now_ms)
    try:
        yield opened
    finally:
        opened.close()


def _revoke(revoke: Callable[[Register], None], key_id: str, data: Path, *, json: bool) -> None:
    with register(data) as opened:
        revoke(opened)
        in_log = keep(data, [opened.database])
    if json:
        terminal.say_json({"revoked": key_id, "in_log": in_log})
        return
    terminal.say(f"{key_id} opens nothing any more")
    say_where(in_log=in_log)


def _say_key(about: dict[str, Any], key_id: str, secret: str, *, in_log: bool, json: bool) -> None:
    if json:
        terminal.say_json({**about, "key_id": key_id, "secret": secret, "in_log": in_log})
        return
    terminal.say(f"key     {key_id}")
    terminal.say(f"secret  {secret}")
    terminal.say(f"header  Authorization: Bearer {key_id}.{secret}")
    terminal.note("Keep the secret now: only its hash is kept here.")
    say_where(in_log=in_log)


def _say_participant(about: dict[str, Any]) -> None:
    terminal.say(f"{about['name']}  {about['role']}, {about['rate_per_s']:g} facts/s, "
                 f"{about['deadline_ms']} ms, signing {about['signing']}")  # fmt: skip
    terminal.say(f"  sends {_words(about['may_send'])}; reads {_words(about['may_read'])}")


def _say_keys(keys: list[Key]) -> None:
    for key in keys:
        end = "" if key.ends_ms is None else f", ends {instant(key.ends_ms)}"
        how = "" if key.public_key is None else ", Ed25519"
        terminal.say(f"  key {key.key_id} of {instant(key.created_ms)}{how}{end}")
    if not keys:
        terminal.say("  no key")


def _key_told(key: Key) -> dict[str, Any]:
    public = None if key.public_key is None else key.public_key.hex()
    return {"key_id": key.key_id, "created_ms": key.created_ms, "ends_ms": key.ends_ms,
            "public_key": public}  # fmt: skip


def _words(words: Any) -> str:
    return ", ".join(words) or "nothing"


def instant(at_ms: int) -> str:
    """A time as people read it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_ms // 1000))


def _public_key(path: Path | None) -> bytes | None:
    return None if path is None else public_key_of(path.read_bytes(), str(path))
