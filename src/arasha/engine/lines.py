"""Lines: what an operator's log says of the subscriptions behind its numbers now.

In: SIM changes, forwardings and registrations, in the order in which they became known. Out: a
`Line`: when its SIM, its device and its holder last changed, and where its calls go. Kept beside
the log, made anew from it, and forgotten with it: what became known more than MONITORED_MS ago is
not looked at any more, whether or not the month it stands in is still there::

    activated                 begins a subscription: a new holder, a new SIM, a new device
    ported_in                 the holder brought the number: a new SIM, and here since then
    swapped, device_changed   a new SIM; a new device
    deactivated, ported_out   the number is not served here any more

Times are those at which it happened, as far as that is not after it became known.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.events.columns import Facts
from arasha.events.schema import (
    FORWARDING_CHANGES,
    FORWARDINGS,
    REGISTRATION_CHANGES,
    SIM_CHANGES,
    Kind,
)
from arasha.events.symbols import code_text

MONITORED_MS: Final = 28 * 86_400_000
"""How far back anything is told, ms: as far as calls are looked at; facts are kept for longer."""

_CHANGED: Final = {
    "activated": ("holder", "sim", "device", "joined"),
    "ported_in": ("sim", "joined"),
    "swapped": ("sim",),
    "device_changed": ("device",),
    "deactivated": ("left",),
    "ported_out": ("left",),
}
"""What each change of a SIM changes."""

_ANEW: Final = frozenset({"activated", "ported_in", "deactivated", "ported_out"})
"""Changes before which nothing was of the subscription that is there now."""


class Line(NamedTuple):
    """What is known of the subscription behind a number; None: no such change within reach.

    ``sim_ms``, ``device_ms`` and ``holder_ms`` are when each last changed, ``joined_ms`` when its
    holder came to this operator; ``forwarded``, of FORWARDINGS, is how its calls are forwarded.
    """

    sim_ms: int | None
    device_ms: int | None
    holder_ms: int | None
    joined_ms: int | None
    forwarded: tuple[str, ...]


class _Change(NamedTuple):
    at_ms: int
    known_ms: int


class Lines:
    """What became known of numbers in MONITORED_MS. Used by one thread."""

    def __init__(self) -> None:
        self._changes: OrderedDict[bytes, dict[str, _Change]] = OrderedDict()  # lately heard: last
        self._banks: OrderedDict[bytes, tuple[str, int]] = OrderedDict()  # whose, known since

    def take(self, facts: Facts, known_at: NDArray[np.int64]) -> None:
        """Take in the facts that are of lines."""
        kinds = facts.kinds
        rows = np.flatnonzero(
            (kinds == Kind.SIM_CHANGE)
            | (kinds == Kind.FORWARDING_CHANGE)
            | (kinds == Kind.REGISTRATION)
        )
        if not len(rows):
            return
        numbers, changes = facts.symbol("number"), facts.number("change")
        happened_at, forwardings = facts.number("happened_at"), facts.number("forwarding")
        banks = facts.symbol("bank")
        for row in rows.tolist():
            number, change = numbers[row].tobytes(), int(changes[row])
            known_ms = int(known_at[row])
            now = _Change(min(int(happened_at[row]), known_ms), known_ms)
            if kinds[row] == Kind.REGISTRATION:
                self._register(number, change, code_text(banks[row].tobytes()) or "", known_ms)
            elif kinds[row] == Kind.FORWARDING_CHANGE:
                self._forward(number, FORWARDINGS[int(forwardings[row])], change, now)
            else:
                self._change_sim(number, SIM_CHANGES[change], now)
        self._forget(int(known_at[-1]))

    def line(self, number: bytes, now_ms: int, *, calling: bool) -> Line | None:
        """The line of a number (its token); None where it is not known to be this operator's.

        ``calling``: it has made calls from a device that this operator knows, within that time.
        """
        self._forget(now_ms)
        of = {
            what: change
            for what, change in self._changes.get(number, {}).items()
            if change.known_ms > now_ms - MONITORED_MS
        }
        if "left" in of or not (of or calling):
            return None
        at = {what: change.at_ms for what, change in of.items()}
        return Line(
            at.get("sim"), at.get("device"), at.get("holder"), at.get("joined"),
            tuple(one for one in FORWARDINGS if one in of),
        )  # fmt: skip

    def bank_of(self, number: bytes, now_ms: int) -> str | None:
        """The participant whose number it is, if it is one that announces its calls."""
        bank, known_ms = self._banks.get(number, ("", 0))
        return bank if bank and known_ms > now_ms - MONITORED_MS else None

    def _of(self, number: bytes) -> dict[str, _Change]:
        of = self._changes.setdefault(number, {})
        self._changes.move_to_end(number)
        return of

    def _change_sim(self, number: bytes, change: str, now: _Change) -> None:
        of = self._of(number)
        if change in _ANEW:
            of.clear()
        of.pop("left", None)
        for what in _CHANGED[change]:
            of[what] = max(of.get(what, now), now)  # one that is heard of late is not the latest

    def _forward(self, number: bytes, forwarding: str, change: int, now: _Change) -> None:
        of = self._of(number)
        of.pop("left", None)
        of["heard"] = now
        if FORWARDING_CHANGES[change] == "set":
            of[forwarding] = now
        else:
            of.pop(forwarding, None)

    def _register(self, number: bytes, change: int, bank: str, known_ms: int) -> None:
        self._banks.pop(number, None)
        if REGISTRATION_CHANGES[change] == "registered":
            self._banks[number] = (bank, known_ms)

    def _forget(self, now_ms: int) -> None:
        """Let go of what nothing was heard of for so long."""
        over_ms = now_ms - MONITORED_MS
        while self._changes:
            number, of = next(iter(self._changes.items()))
            if max((one.known_ms for one in of.values()), default=over_ms) > over_ms:
                break
            del self._changes[number]
        while self._banks:
            number, (_, known_ms) = next(iter(self._banks.items()))
            if known_ms > over_ms:
                break
            del self._banks[number]
