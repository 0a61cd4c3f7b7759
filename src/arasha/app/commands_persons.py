"""``arasha person …``: how a person of the centre comes in, and how that ends.

In: the directory of the centre, which may be in use. Out: the link of an invitation, told once, or
what was taken away. As in commands_rights.py each change is an act for the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_rights import (
    Name,
    Roles,
    instant,
    keep,
    now_ms,
    register,
    say_where,
)
from arasha.app.options import AsJson, By, DataDirectory, acting
from arasha.app.rights import invitation_link, let_go, milliseconds

if TYPE_CHECKING:
    from arasha.exchange.persons import Persons
    from arasha.exchange.register import Register
    from arasha.vault.driver import Tables

Hours = Annotated[float, Parameter(help="Hours until the link lapses.")]


def change(
    name: Name, /, *, data: DataDirectory, role: Roles, by: By = None, json: AsJson = False
) -> None:
    """Give a person other roles. Their tokens stay; their sessions end within a second."""
    from arasha.exchange.persons import Persons

    with register(data) as opened:
        changed = Persons(opened).change(name, role, by=acting(by))
        in_log = keep(data, [opened.database])
    roles = sorted(changed.roles)
    if json:
        terminal.say_json({"person": {"name": name, "roles": roles}, "in_log": in_log})
        return
    terminal.say(f"{name}  {', '.join(roles)}")
    say_where(in_log=in_log)


def invite(
    name: Name,
    /,
    *,
    data: DataDirectory,
    at: Annotated[str, Parameter(help="Where the console is: https://HOST.")],
    hours: Hours = 24.0,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Make a link by which a person sets up how they sign in: once, and until it lapses.

    Hand it over in a way that you trust; a new one ends the one before.
    """
    from arasha.exchange.invitations import Invitations
    from arasha.exchange.passkeys import Site

    site = Site.of(at)
    with _signin(data) as (opened, persons, tables):
        secret, ends_ms = Invitations(tables, persons, now_ms).invite(
            name, by=acting(by), lasts_ms=milliseconds(hours)
        )
        in_log = keep(data, [opened.database, tables])
    link = invitation_link(site.origin, secret)
    if json:
        terminal.say_json({"name": name, "link": link, "ends_ms": ends_ms, "in_log": in_log})
        return
    terminal.say(link)
    terminal.note(f"It opens once, until {instant(ends_ms)}: only its hash is kept here.")
    say_where(in_log=in_log)


def link(
    name: Name,
    /,
    *,
    data: DataDirectory,
    issuer: Annotated[str, Parameter(help="The provider's address, as its tokens write it.")],
    subject: Annotated[str, Parameter(help="The claim by which it names this person.")],
    by: By = None,
    json: AsJson = False,
) -> None:
    """Let a person come in by their institution's own sign-in (OpenID Connect)."""
    from arasha.exchange.means import Means

    with _signin(data) as (opened, persons, tables):
        Means(tables, persons, now_ms).link(name, issuer, subject, by=acting(by))
        in_log = keep(data, [opened.database, tables])
    _say_done(name, f"{name} comes in by {issuer} now", in_log=in_log, json=json)


def sign_out(name: Name, /, *, data: DataDirectory, by: By = None, json: AsJson = False) -> None:
    """End all sessions of a person; they may sign in again."""
    from arasha.exchange.sessions import Sessions

    with _signin(data) as (opened, persons, tables):
        persons.named(name)
        ended = Sessions(tables, persons, now_ms).end_all(name, by=acting(by))
        in_log = keep(data, [opened.database, tables])
    _say_done(name, f"{ended} sessions of {name} ended", in_log=in_log, json=json)


def forget(name: Name, /, *, data: DataDirectory, by: By = None, json: AsJson = False) -> None:
    """Let whatever a person signs in with open nothing any more; a new invitation lets them in."""
    from arasha.exchange.means import Means

    with _signin(data) as (opened, persons, tables):
        Means(tables, persons, now_ms).forget(name, by=acting(by))
        in_log = keep(data, [opened.database, tables])
    _say_done(name, f"{name} can sign in by nothing any more", in_log=in_log, json=json)


def close(name: Name, /, *, data: DataDirectory, by: By = None, json: AsJson = False) -> None:
    """Let a person who leaves in no more: no role, no token, no way to sign in is left.

    Their name stays theirs, for what they did is under it.
    """
    from arasha.exchange.means import Means

    who = acting(by)
    with _signin(data) as (opened, persons, tables):
        let_go(persons, Means(tables, persons, now_ms), name, by=who)
        in_log = keep(data, [opened.database, tables])
    _say_done(name, f"nothing opens for {name} any more", in_log=in_log, json=json)


@contextmanager
def _signin(data: Path) -> Iterator[tuple[Register, Persons, Tables]]:
    """The register, its persons, and the tables of sign-in, open."""
    from arasha.exchange.persons import Persons
    from arasha.exchange.signin_tables import open_signin

    with register(data) as opened:
        tables = open_signin(data)
        try:
            yield opened, Persons(opened), tables
        finally:
            tables.close()


def _say_done(name: str, words: str, *, in_log: bool, json: bool) -> None:
    if json:
        terminal.say_json({"name": name, "in_log": in_log})
        return
    terminal.say(words)
    say_where(in_log=in_log)
