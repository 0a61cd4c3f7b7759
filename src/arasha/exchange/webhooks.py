"""Webhooks: where a participant wants to be told, of what, and how it knows that it is us.

In: an address that an operator gives on the command line. Out: the same with a key of Ed25519, made
here, by which each message is signed (exchange/signatures.py). The participant gets the public half
and can sign nothing in our name; ours stands in the register, beside the keys of HMAC there, and
opens no door. A new key is told a while before it is used, so that nobody has to hurry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_bytes, token_hex
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from arasha.errors import UsageError
from arasha.exchange.addresses import target_of
from arasha.exchange.messages import TYPES
from arasha.exchange.register import OVERLAP_MS, Register, check_words

MAX_KEYS: Final = 4
"""Keys of one webhook, the one in use and those that are to follow it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key from ``starts_ms`` on. ``private`` is Ed25519's seed, 32 bytes."""

    key_id: str
    private: bytes
    starts_ms: int

    def __repr__(self) -> str:
        return f"<SigningKey {self.key_id}>"

    @property
    def public(self) -> bytes:
        """What the participant checks with, 32 bytes."""
        return self.signer().public_key().public_bytes_raw()

    def signer(self) -> Ed25519PrivateKey:
        """What signs."""
        return Ed25519PrivateKey.from_private_bytes(self.private)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where messages to one participant go; ``types`` are those it wants, none named: all."""

    participant: str
    url: str
    types: frozenset[str]
    keys: tuple[SigningKey, ...]

    def key_at(self, now_ms: int) -> SigningKey:
        """The key to sign with at that time."""
        begun = [key for key in self.keys if key.starts_ms <= now_ms]
        return max(begun or self.keys[:1], key=lambda key: key.starts_ms)


class _Key(msgspec.Struct, frozen=True):
    key_id: str
    private: bytes
    starts_ms: int


class _Settings(msgspec.Struct, frozen=True):
    """A webhook as the register keeps it."""

    url: str
    types: tuple[str, ...]
    keys: tuple[_Key, ...]


class Webhooks:
    """The webhooks of one register, which is refreshed by whoever holds it."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def names(self) -> list[str]:
        """Every participant that has a webhook, in order."""
        return self._register.names("webhook")

    def get(self, participant: str) -> Webhook | None:
        """The webhook of that participant."""
        settings = self._register.settings("webhook", participant)
        if settings is None:
            return None
        read = msgspec.json.decode(settings, type=_Settings)
        keys = tuple(SigningKey(key.key_id, key.private, key.starts_ms) for key in read.keys)
        return Webhook(participant, read.url, frozenset(read.types), keys)

    def set(self, participant: str, url: str, *, by: str, types: Iterable[str] = ()) -> Webhook:
        """Let messages go there: those types, or all. A webhook that there is keeps its keys.

        Raises UsageError for an address that cannot be one, an unknown type or participant.
        """
        wanted = check_words("a message", types, TYPES)
        target_of(url)
        old = self.get(participant)
        keys = (self._key(0),) if old is None else old.keys
        return self._put(Webhook(participant, url, wanted, keys), "webhook_set", by)

    def rotate(self, participant: str, *, by: str, overlap_ms: int = OVERLAP_MS) -> Webhook:
        """A new key, the last of the webhook's, which signs after ``overlap_ms``; till then the
        one before it does. Raises UsageError when there is no webhook or too many keys wait.
        """
        old = self.get(participant)
        if old is None:
            raise self._register.unknown("webhook", participant)
        now_ms = self._register.clock()
        kept = [key for key in old.keys if key.starts_ms > now_ms]
        if len(kept) + 2 > MAX_KEYS:
            raise UsageError("as many keys of this webhook wait for their time as may",
                             expected=f"{MAX_KEYS - 2}", hint="--overlap 0 is at once")  # fmt: skip
        new = self._key(now_ms + overlap_ms)
        kept = [key for key in (old.key_at(now_ms), *kept) if key.starts_ms < new.starts_ms]
        kept = kept if overlap_ms else []
        made = Webhook(participant, old.url, old.types, (*kept, new))
        return self._put(made, "webhook_key_rotated", by)

    def remove(self, participant: str, *, by: str) -> None:
        """Let nothing go there any more. Raises UsageError when there is no webhook."""
        self._register.remove_webhook(participant, by=by)

    def _key(self, starts_ms: int) -> SigningKey:
        return SigningKey(token_hex(8), token_bytes(32), starts_ms)

    def _put(self, made: Webhook, change: str, by: str) -> Webhook:
        keys = tuple(_Key(key.key_id, key.private, key.starts_ms) for key in made.keys)
        types = tuple(sorted(made.types))
        new = made.keys[-1]
        told: dict[str, object] = {
            "url": made.url, "messages": types, "public_key": new.public.hex(),
            "starts_ms": new.starts_ms,
        }  # fmt: skip
        self._register.put_webhook(
            made.participant, _Settings(made.url, types, keys), change=change, by=by,
            key_id=new.key_id, told=told,
        )  # fmt: skip
        return made
