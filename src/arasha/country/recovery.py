"""Money held and returned after it moved: how the world answers a recall.

In: requests to hold an amount on an account. Out: each bank's answer after a delay of its own, for
what is still there; then the held money goes back to the victim, or is released. Held money stays
in the country's sum: it stands on the account as reserved and cannot be spent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, Protocol

from arasha.country.chance import Chance
from arasha.country.happenings import NONE
from arasha.country.memory import Memories
from arasha.country.parameters import Parameters
from arasha.country.script import MINUTE_MS
from arasha.country.society import NO_BANK
from arasha.country.theatre import Row
from arasha.events.schema import OUTCOMES, Kind

_RETURNED: Final = OUTCOMES.index("returned")


@dataclass(frozen=True, slots=True)
class Held:
    """A bank's answer: so much of the account is held, in tiyn; 0 when nothing was left."""

    request: int
    account: int
    amount: int
    at_ms: int


class Recovery(Protocol):
    """What a centre may ask of the banks on the money's way."""

    def hold(self, account: int, amount: int, at_ms: int) -> int:
        """Ask the account's bank to hold up to ``amount`` tiyn; the number of the request."""

    def answers(self) -> tuple[Held, ...]:
        """What banks answered since this was last asked, in order."""

    def return_(self, request: int, to: int, at_ms: int, *, payment: int = NONE) -> int:
        """Give what a request holds back to the account it was stolen from; how much that was."""

    def release(self, request: int) -> int:
        """Let the account's owner have what a request holds; how much that was."""


class Recalls:
    """The banks of a country as they answer (a ``Recovery``); ``put`` takes the facts of it."""

    def __init__(
        self,
        parameters: Parameters,
        seed: int,
        memories: Memories,
        put: Callable[[list[Row]], None],
    ) -> None:
        self._medians = parameters.numbers("recalls.answer_minutes_median")
        self._spread = parameters["recalls.answer_minutes_spread"]
        self._seed = seed
        self._memories = memories
        self._put = put
        self._requests = 0
        self._asked: list[tuple[int, int, int, int]] = []
        self._answered: list[Held] = []
        self._held: dict[int, Held] = {}

    def hold(self, account: int, amount: int, at_ms: int) -> int:
        """As ``Recovery.hold``. A bank abroad answers, too: with nothing."""
        assert amount > 0
        self._requests += 1
        bank = int(self._memories.accounts.bank[account])
        median = self._medians[bank] if bank != NO_BANK else max(self._medians)
        chance = Chance(self._seed, "recalls", self._requests)
        due_ms = at_ms + int(chance.lognormal(median, self._spread) * MINUTE_MS)
        heappush(self._asked, (due_ms, self._requests, account, amount))
        return self._requests

    def answer(self, now_ms: int) -> None:
        """Let the banks answer what is due by now: each holds what it still finds."""
        accounts = self._memories.accounts
        while self._asked and self._asked[0][0] <= now_ms:
            due_ms, request, account, amount = heappop(self._asked)
            abroad = int(accounts.bank[account]) == NO_BANK
            found = 0 if abroad else max(0, min(amount, int(accounts.balance[account])))
            accounts.balance[account] -= found
            accounts.reserved[account] += found
            self._held[request] = Held(request, account, found, due_ms)
            self._answered.append(self._held[request])

    def answers(self) -> tuple[Held, ...]:
        """As ``Recovery.answers``."""
        answered, self._answered = tuple(self._answered), []
        return answered

    def return_(self, request: int, to: int, at_ms: int, *, payment: int = NONE) -> int:
        """As ``Recovery.return_``; the return of a known payment becomes a fact."""
        held = self._taken(request)
        self._memories.accounts.balance[to] += held.amount
        if held.amount and payment != NONE:
            self._put([(
                at_ms, int(Kind.OUTCOME), to, held.account, held.amount, NONE, NONE, _RETURNED,
                0, 0, 0, NONE, 0, 0, payment, NONE,
            )])  # fmt: skip
        return held.amount

    def release(self, request: int) -> int:
        """As ``Recovery.release``."""
        held = self._taken(request)
        self._memories.accounts.balance[held.account] += held.amount
        return held.amount

    def _taken(self, request: int) -> Held:
        held = self._held.pop(request)
        self._memories.accounts.reserved[held.account] -= held.amount
        return held
