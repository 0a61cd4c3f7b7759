"""Money held and returned after it moved: how the world's banks answer a centre.

In: orders to hold an amount on an account. Out: each bank's answer after a delay of its own, for
what is still there and not protected; then held money goes back to the victim, or is released. Held
money stays in the country's sum: it stands on the account as reserved and cannot be spent. A bank
keeps one pot an account: how victims share it is for the law to say, not for the bank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, Protocol

from arasha.cases.acts import Short
from arasha.cases.holds import most_to_hold
from arasha.country.chance import Chance
from arasha.country.happenings import NONE
from arasha.country.memory import Memories
from arasha.country.parameters import Parameters
from arasha.country.script import MINUTE_MS
from arasha.country.society import NO_BANK, Society
from arasha.country.theatre import Row
from arasha.events.schema import OUTCOMES, Kind

_RETURNED: Final = OUTCOMES.index("returned")


@dataclass(frozen=True, slots=True)
class Held:
    """A bank's answer: so much of the account is held, in tiyn; 0 when nothing was left.

    ``at_ms`` is when the money was taken, ``short`` why it is less than was asked for.
    """

    order: int
    account: int
    amount: int
    short: Short
    at_ms: int


class Recovery(Protocol):
    """What a centre may ask of the banks on the money's way."""

    def hold(self, account: int, amount: int, at_ms: int) -> int:
        """Ask the account's bank to hold up to ``amount`` tiyn; the number of the order."""

    def answers(self) -> tuple[Held, ...]:
        """What banks answered since this was last asked, in order."""

    def return_(self, account: int, amount: int, to: int, at_ms: int, payment: int = NONE) -> None:
        """Send so much of what is held at an account back to the account it was stolen from."""

    def release(self, account: int, amount: int) -> None:
        """Let the account's owner have so much of what is held there."""


class Recalls:
    """The banks of a country as they answer (a ``Recovery``); ``put`` takes the facts of it.

    ``parameters`` are those of load_recovery. ``held`` is each account's pot, in tiyn.
    """

    def __init__(
        self,
        parameters: Parameters,
        society: Society,
        memories: Memories,
        put: Callable[[list[Row]], None],
    ) -> None:
        self._medians = parameters.numbers("holding.answer_minutes_median")
        self._spread = parameters["holding.answer_minutes_spread"]
        self._months = parameters["holding.protected_months"]
        self._society = society
        self._memories = memories
        self._put = put
        self._orders = 0
        self._asked: list[tuple[int, int, int, int]] = []
        self._answered: list[Held] = []
        self.held: dict[int, int] = {}

    def hold(self, account: int, amount: int, at_ms: int) -> int:
        """As ``Recovery.hold``. A bank abroad answers, too: with nothing."""
        assert amount > 0
        self._orders += 1
        bank = int(self._memories.accounts.bank[account])
        median = self._medians[bank] if bank != NO_BANK else max(self._medians)
        chance = Chance(self._society.seed, "holds", account, at_ms)
        due_ms = at_ms + int(chance.lognormal(median, self._spread) * MINUTE_MS)
        heappush(self._asked, (due_ms, self._orders, account, amount))
        return self._orders

    def answer(self, now_ms: int) -> None:
        """Let the banks answer what is due by now: each holds what it still finds."""
        accounts = self._memories.accounts
        while self._asked and self._asked[0][0] <= now_ms:
            _, order, account, amount = heappop(self._asked)
            balance = max(0, int(accounts.balance[account]))
            if int(accounts.bank[account]) == NO_BANK:
                balance = 0
            found = most_to_hold(balance, self._protected(account), amount)
            accounts.balance[account] -= found
            accounts.reserved[account] += found
            self.held[account] = self.held.get(account, 0) + found
            short: Short = "protected" if found < min(balance, amount) else "balance"
            if found == amount:
                short = "none"
            self._answered.append(Held(order, account, found, short, now_ms))

    def answers(self) -> tuple[Held, ...]:
        """As ``Recovery.answers``."""
        answered, self._answered = tuple(self._answered), []
        return answered

    def return_(self, account: int, amount: int, to: int, at_ms: int, payment: int = NONE) -> None:
        """As ``Recovery.return_``; the return of a known payment becomes a fact."""
        self._take(account, amount)
        self._memories.accounts.balance[to] += amount
        if amount and payment != NONE:
            self._put([(
                at_ms, int(Kind.OUTCOME), to, account, amount, NONE, NONE, _RETURNED,
                0, 0, 0, NONE, 0, 0, payment, NONE,
            )])  # fmt: skip

    def release(self, account: int, amount: int) -> None:
        """As ``Recovery.release``."""
        self._take(account, amount)
        self._memories.accounts.balance[account] += amount

    def _take(self, account: int, amount: int) -> None:
        assert 0 <= amount <= self.held.get(account, 0), "more than is held at the account"
        self.held[account] = self.held.get(account, 0) - amount
        self._memories.accounts.reserved[account] -= amount

    def _protected(self, account: int) -> int:
        """What is left free on an account to which pension, benefit or scholarship comes, tiyn."""
        accounts = self._society.accounts
        person = self._society.person_of_account(account)
        if person == NONE or not accounts.protected[account]:
            return 0
        return int(self._months * int(self._society.people.income[person]))
