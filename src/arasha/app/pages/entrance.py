"""Where the people of the centre come in: all of signing in (exchange/signin.py), as pages use it.

In: the directory of the centre, where the console is, the provider of an institution's own sign-in.
Out: one object with what is set up, shown and ended. What reads or writes its tables is slow
compared to a payment: pages have it done beside the event loop.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from arasha.engine.clock import Clock
from arasha.errors import InputError, Place
from arasha.exchange.enrolment import Enrolment
from arasha.exchange.means import Means
from arasha.exchange.openid import OpenId, Pending, Provider
from arasha.exchange.passkeys import Site
from arasha.exchange.persons import Persons
from arasha.exchange.preferences import Preference, Preferences
from arasha.exchange.sealed import Seal
from arasha.exchange.sessions import Session
from arasha.exchange.signin import SignIn
from arasha.exchange.signin_tables import open_signin

AWAY_MS: Final = 600_000
"""How long somebody may be at the provider of their institution, ms."""

OPENID_PATH: Final = "/console/openid"
"""Where browsers come back to from a provider; the provider must know this address."""

_AWAY: Final = "away at a provider"


@dataclass(slots=True)
class Entrance:
    """The entrance of one service. ``openid`` is None where nobody comes in by another's word."""

    signin: SignIn
    enrolment: Enrolment
    means: Means
    preferences: Preferences
    openid: OpenId | None
    _seal: Seal
    _now_ms: Callable[[], int]

    @staticmethod
    def open(
        directory: Path,
        persons: Persons,
        site: Site,
        provider: Provider | None,
        clock: Callable[[], Clock],
    ) -> Entrance:
        """That of the directory. Raises StoreError, InputError, UsageError."""

        def now_ms() -> int:
            return clock().wall_ms

        def steady_s() -> float:
            return clock().steady_ns / 1e9

        openid = None
        if provider is not None:
            openid = OpenId(
                provider, site.origin + OPENID_PATH, now_s=lambda: now_ms() / 1_000,
                steady_s=steady_s,
            )  # fmt: skip
        seal, tables = Seal.load_or_create(directory), open_signin(directory)
        signin = SignIn(tables, persons, seal, site, clock=now_ms, steady_s=steady_s)
        means = Means(tables, persons, now_ms)
        enrolment = Enrolment(signin, seal, now_ms)
        return Entrance(signin, enrolment, means, Preferences(tables), openid, seal, now_ms)

    def sits(self, token: str) -> tuple[Session, Preference] | None:
        """Whose session that is, and how they like the console; None where it is nobody's."""
        session = self.signin.sessions.of(token)
        return None if session is None else (session, self.preferences.of(session.person.name))

    def stands_at(self, port: int) -> None:
        """Where it is on this machine, now that the system has given it a port."""
        if self.signin.site.origin == Site.at_home(0).origin:
            self.signin.site = Site.at_home(port)

    def away(self, pending: Pending) -> str:
        """What a browser carries while it is at the provider, sealed."""
        now = self._now_ms()
        return self._seal.closed(_AWAY, msgspec.json.encode(pending), now, now + AWAY_MS)

    def back(self, carried: str) -> Pending | None:
        """The same, from a browser that has come back."""
        content = self._seal.opened(_AWAY, carried, self._now_ms())
        return None if content is None else msgspec.json.decode(content, type=Pending)

    async def close(self) -> None:
        """Let go of files and connections."""
        if self.openid is not None:
            await self.openid.close()
        self.signin.close()


def load_provider(path: Path) -> Provider:
    """The provider that a TOML file names, with our secret there. Raises InputError."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Provider)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise InputError(
            "this names no provider of a sign-in", found=str(error), where=Place(file=str(path)),
            expected='issuer = "https://…", client_id = "…", client_secret = "…"',
            hint="docs/guides/console.md has one to copy",
        ) from error  # fmt: skip
