"""Participants: the banks and operators that send facts and ask for verdicts.

In: who may connect, as the centre says it. Out: at each request the participant whose key it
carries, with what it may send and read, how fast, and in what time it wants its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec

from arasha.errors import UsageError
from arasha.events.schema import CALL_FACTS, FACTS
from arasha.exchange.register import (
    OVERLAP_MS,
    Issued,
    Key,
    Register,
    check_words,
    settings_told,
)

Role = Literal["bank", "operator", "centre"]
Signing = Literal["none", "required"]

READABLE: Final = ("decisions", "stream", "metrics", "signals", "origination", "access_tokens")
"""What a participant may be allowed to read: its own decisions, their stream, the figures; at an
operator's, what it says of the payer of a payment (for banks alone), whether a call that came to
another operator is its own (for operators alone), and access tokens that let a bank ask about one
number (for the operator's own authorisation server alone)."""

MAX_RATE_PER_S: Final = 1_000_000.0
MAX_BURST: Final = 1_000_000
MAX_DEADLINE_MS: Final = 60_000

_SENDS: Final[dict[Role, frozenset[str]]] = {
    "bank": frozenset(
        {"payment", "outcome", "warning", "account_change", "report", "label", "signal"}
    ),
    "operator": frozenset(
        {"call", "call_change", "sim_change", "signal", "forwarding_change", "registration"}
    ),
    "centre": frozenset(FACTS),
}
_READS: Final[dict[Role, frozenset[str]]] = {
    "bank": frozenset({"decisions", "stream"}),
    "operator": frozenset(),
    "centre": frozenset(READABLE) - {"origination", "access_tokens"},
}


AT_CENTRE: Final = frozenset(FACTS) - CALL_FACTS
"""What an installation of a bank or of the centre takes: call facts never get there."""

AT_OPERATOR: Final = CALL_FACTS - {"announcement"} | {"sim_change", "report"}
"""What an operator's own takes as facts: payments never get there, and what it answers, it alone
says. Calls are announced at a route of its own, which looks whose number it is.
"""


@dataclass(frozen=True, slots=True)
class Participant:
    """One bank, operator or centre. ``name`` stands as ``sender`` with all that it sends.

    ``may_send`` are words of facts, ``may_read`` words of `READABLE`; ``rate_per_s`` facts a second
    in the long run, ``burst`` at once; ``deadline_ms`` is how long it waits for a verdict.
    """

    name: str
    role: Role
    may_send: frozenset[str]
    may_read: frozenset[str]
    signing: Signing
    rate_per_s: float
    burst: int
    deadline_ms: int


class _Settings(msgspec.Struct, frozen=True):
    """A participant as the register keeps it."""

    role: Role
    may_send: tuple[str, ...]
    may_read: tuple[str, ...]
    signing: Signing
    rate_per_s: float
    burst: int
    deadline_ms: int


class Participants:
    """The participants of one register. `authenticate` reads memory only."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._known: dict[str, Participant] = {}
        self._read()

    @staticmethod
    def open(directory: Path, clock: Callable[[], int], *, vfs: str | None = None) -> Participants:
        """Those of ``directory``/exchange.sqlite. Raises StoreError."""
        return Participants(Register.open(directory, clock, vfs=vfs))

    def close(self) -> None:
        """Close the register."""
        self.register.close()

    def refresh(self) -> bool:
        """Take up what another process changed; see `Register.refresh`."""
        changed = self.register.refresh()
        if changed:
            self._read()
        return changed

    def create(
        self,
        name: str,
        role: Role,
        *,
        by: str,
        may_send: Iterable[str] | None = None,
        may_read: Iterable[str] | None = None,
        signing: Signing = "none",
        public_key: bytes | None = None,
        rate_per_s: float = 1_000.0,
        burst: int = 2_000,
        deadline_ms: int = 1_000,
    ) -> tuple[Participant, str, str]:
        """A new participant, the id of its first key, and the secret, which is told once.

        What is not said of sending and reading goes by the role; but another operator that asks
        about calls sends none unless it is said: they would count as ours. ``public_key`` is
        Ed25519, 32 bytes. Raises UsageError for a name that is taken and for what cannot be.
        """
        asks = may_read is not None and "origination" in (may_read := tuple(may_read))
        sends: frozenset[str] = frozenset() if asks and role == "operator" else _SENDS[role]
        made = Participant(
            name,
            role,
            sends if may_send is None else check_words("a fact", may_send, FACTS),
            _READS[role] if may_read is None else check_words("reading", may_read, READABLE),
            signing, rate_per_s, burst, deadline_ms,
        )  # fmt: skip
        _check_limits(made)
        _check_public_key(public_key)
        issued = self.register.add(
            "participant", name, _settings_of(made), by=by, public=public_key
        )
        self._read()
        return made, issued.key_id, issued.secret

    def change(
        self,
        name: str,
        *,
        by: str,
        may_send: Iterable[str] | None = None,
        may_read: Iterable[str] | None = None,
        signing: Signing | None = None,
        rate_per_s: float | None = None,
        burst: int | None = None,
        deadline_ms: int | None = None,
    ) -> Participant:
        """Other rights and limits for a participant; what is not said stays. As `create` raises."""
        self.refresh()
        old = self._known.get(name)
        if old is None:
            raise self.register.unknown("participant", name)
        new = Participant(
            name,
            old.role,
            old.may_send if may_send is None else check_words("a fact", may_send, FACTS),
            old.may_read if may_read is None else check_words("reading", may_read, READABLE),
            old.signing if signing is None else signing,
            old.rate_per_s if rate_per_s is None else rate_per_s,
            old.burst if burst is None else burst,
            old.deadline_ms if deadline_ms is None else deadline_ms,
        )
        _check_limits(new)
        self.register.change("participant", name, _settings_of(new), by=by)
        self._read()
        return new

    def rotate(
        self, name: str, *, by: str, overlap_ms: int = OVERLAP_MS, public_key: bytes | None = None
    ) -> tuple[str, str]:
        """A new key and its secret; the keys before it end after ``overlap_ms``."""
        _check_public_key(public_key)
        issued: Issued = self.register.rotate(
            "participant", name, by=by, overlap_ms=overlap_ms, public=public_key
        )
        return issued.key_id, issued.secret

    def revoke(self, key_id: str, *, by: str) -> None:
        """The key opens nothing any more: here at once, in other processes when they refresh."""
        self.register.revoke("participant", key_id, by=by)

    def close_for_good(self, name: str, *, by: str) -> None:
        """Let it in no more: it may send and read nothing, no key opens, no webhook is left. The
        name stays its own, for what it sent is under it. Raises UsageError: no such participant.
        """
        self.change(name, by=by, may_send=(), may_read=())
        for key in self.register.keys_of("participant", name):
            self.revoke(key.key_id, by=by)
        if self.register.settings("webhook", name) is not None:
            self.register.remove_webhook(name, by=by)

    def list(self) -> list[tuple[Participant, list[Key]]]:
        """Every participant, by name, with its open keys."""
        return [
            (self._known[name], self.register.keys_of("participant", name))
            for name in sorted(self._known)
        ]

    def get(self, name: str) -> Participant | None:
        """The participant of that name."""
        return self._known.get(name)

    def authenticate(self, key_id: str, secret: str) -> Participant | None:
        """Whose key this is, or None. As quick for a wrong key as for a wrong secret."""
        key = self.register.owner_of(key_id, secret)
        if key is None or key.kind != "participant":
            return None
        return self._known.get(key.name)

    def _read(self) -> None:
        known = {}
        for name in self.register.names("participant"):
            settings = self.register.settings("participant", name)
            assert settings is not None
            known[name] = _participant(name, msgspec.json.decode(settings, type=_Settings))
        self._known = known


def _settings_of(made: Participant) -> _Settings:
    return _Settings(
        made.role, tuple(sorted(made.may_send)), tuple(sorted(made.may_read)), made.signing,
        made.rate_per_s, made.burst, made.deadline_ms,
    )  # fmt: skip


def _participant(name: str, settings: _Settings) -> Participant:
    return Participant(
        name, settings.role, frozenset(settings.may_send), frozenset(settings.may_read),
        settings.signing, settings.rate_per_s, settings.burst, settings.deadline_ms,
    )  # fmt: skip


def participant_told(made: Participant) -> dict[str, object]:
    """A participant as JSON shows it."""
    return {"name": made.name, **settings_told(_settings_of(made))}


def _check_limits(made: Participant) -> None:
    for what, value, most in (
        ("facts a second", made.rate_per_s, MAX_RATE_PER_S),
        ("facts at once", made.burst, MAX_BURST),
        ("milliseconds of a deadline", made.deadline_ms, MAX_DEADLINE_MS),
    ):
        if not 0 < value <= most:
            raise UsageError(f"that many {what} cannot be", expected=f"above 0, at most {most:g}",
                             found=f"{value:g}")  # fmt: skip


def _check_public_key(public_key: bytes | None) -> None:
    if public_key is not None and len(public_key) != 32:
        raise UsageError("this is no public key of Ed25519", expected="32 bytes",
                         found=f"{len(public_key)} bytes")  # fmt: skip
