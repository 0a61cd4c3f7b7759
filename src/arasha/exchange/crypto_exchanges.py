"""Accounts of crypto exchanges: where followed money leaves the network.

In: an account's token, whose it is, and why the centre says so. Out: the tokens by which a trace
knows this way out (flows/ways_out.py). Nothing in a payment shows it, so people of the centre keep
the list, from the command line; nobody is put on it by a guess. It stands in the register; who put
an account on it or took it off, when and why, are entries of the log like any change of rights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from arasha.errors import StoreError, UsageError
from arasha.events.free_text import names_somebody
from arasha.exchange.register import Register

MAX_ACCOUNTS: Final = 1_000
"""Accounts on the list: each is looked up when money is followed."""

MAX_CHARS: Final = 200
"""Longest name of an exchange, and longest reason, characters."""


class _Settings(msgspec.Struct, frozen=True):
    exchange: str
    reason: str
    by: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class ExchangeAccount:
    """One account, by its token of 32 hexadecimal digits: whose, who said so, why, since when."""

    token: str
    exchange: str
    reason: str
    by: str
    since_ms: int


class CryptoExchanges:
    """The list of one register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def add(self, token: bytes, exchange: str, *, by: str, reason: str) -> None:
        """Put an account on the list. Raises UsageError where it is there, or words are missing."""
        for what, text in (("the exchange's name", exchange), ("a reason", reason)):
            if not 0 < len(text.strip()) <= MAX_CHARS or names_somebody(text):
                raise UsageError(
                    f"{what} is needed, which names no account and no number",
                    expected=f"1 to {MAX_CHARS} characters", found=f"{len(text)} characters",
                )  # fmt: skip
        if len(self.tokens()) >= MAX_ACCOUNTS:
            raise StoreError("there are as many accounts as there may be",
                             expected=f"{MAX_ACCOUNTS}",
                             hint="arasha exchange end TOKEN, where one is closed")  # fmt: skip
        settings = _Settings(exchange.strip(), reason.strip(), by, self._register.clock())
        self._register.put_exchange(token.hex(), settings, by=by)

    def end(self, token: bytes, *, by: str, reason: str) -> None:
        """Take it off the list. Raises UsageError where it is not there, or without a reason."""
        if not 0 < len(reason.strip()) <= MAX_CHARS or names_somebody(reason):
            raise UsageError("a reason is needed, which names no account and no number",
                             expected=f"1 to {MAX_CHARS} characters")  # fmt: skip
        self._register.remove_exchange(token.hex(), by=by, reason=reason.strip())

    def tokens(self) -> list[str]:
        """The tokens of all accounts on the list, in order."""
        return self._register.names("exchange")

    def list(self) -> list[ExchangeAccount]:
        """All of them, in order of their tokens."""
        found = []
        for token in self.tokens():
            said = self._register.settings("exchange", token)
            assert said is not None, "the names are those of the settings"
            one = msgspec.json.decode(said, type=_Settings)
            found.append(ExchangeAccount(token, one.exchange, one.reason, one.by, one.since_ms))
        return found
