"""Identifiers that must not be seen, and vaults to hide them in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from arasha.events.schema import PartyKind
from arasha.vault.keys import Master
from arasha.vault.subjects import Vault
from arasha.vault.tokens import Hidden, Tokens
from exchange_samples import OPENED, Clock

CANARIES = (
    (PartyKind.ACCOUNT, "KZ86125KZT5004100100"),
    (PartyKind.NUMBER, "+77015550142"),
    (PartyKind.DEVICE, "canary-device-7f3a"),
)
REASON = "case 17: the payee is heard"
OFFICER = frozenset({"officer"})
KEY = b"m" * 32


def opened(directory: Path, clock: Clock | None = None, *, key: bytes = KEY) -> Vault:
    """The vault of the directory under that master key."""
    vault = Vault.open(directory, Master(key), clock or Clock())
    OPENED.append(vault.close)
    return vault


def tokens() -> Tokens:
    """Tokens under a key of the tests, which remember what they made."""
    return Tokens(b"t" * 32, remember=True)


def hidden(identifiers: Iterable[tuple[PartyKind, str]]) -> list[Hidden]:
    """The identifiers with their tokens."""
    made = tokens()
    return [Hidden(made.of(kind, text), kind, text) for kind, text in identifiers]


def accounts(n: int, start: int = 0) -> list[Hidden]:
    """N accounts, numbered from ``start``."""
    return hidden((PartyKind.ACCOUNT, f"account-{i}") for i in range(start, start + n))


def held(vault: Vault, subjects: Sequence[Hidden]) -> list[str]:
    """What the vault reveals of them, each to an officer of its own."""
    return [
        vault.reveal(one.token, by=f"o{i}", roles=OFFICER, reason=REASON)
        for i, one in enumerate(subjects)
    ]
