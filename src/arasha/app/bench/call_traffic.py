"""Calls as an operator's switch sends them, and what a bank asks: made up, the same each time.

In: how many numbers there are, how many calls. Out: JSON messages. A number calls its circle four
times in five, and else anybody; it keeps one device. Three calls in four are answered.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

CIRCLE: Final = 16
"""Numbers that a number knows: those next to it."""

_SEED: Final = 20_261_128
_STRANGER_SHARE: Final = 0.2
_ANSWERED_SHARE: Final = 0.75
_MEAN_TALK_MS: Final = 90_000


def number(place: int) -> str:
    """The telephone number of that subscriber, at most 7 digits."""
    return f"+7701{place:07d}"


def parties(numbers: int, count: int, run: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(callers, callees) of so many calls, as places of subscribers; the same for the same run."""
    chance = _chance(run)
    callers = chance.integers(0, numbers, count)
    near = (callers + chance.integers(1, CIRCLE + 1, count)) % numbers
    far = (callers + chance.integers(1, numbers, count)) % numbers
    return callers, np.where(chance.random(count) < _STRANGER_SHARE, far, near)


def calls(numbers: int, count: int, run: str) -> list[bytes]:
    """So many calls about to ring; their ids begin with ``run``."""
    callers, callees = parties(numbers, count, run)
    return _ringing(callers, callees, run)


def first_calls(numbers: int, run: str) -> list[bytes]:
    """One call of each number to the next: after it each number and device is known."""
    callers = np.arange(numbers)
    return _ringing(callers, (callers + 1) % numbers, run)


def finished_calls(numbers: int, count: int, run: str) -> list[bytes]:
    """So many calls that are over, two lines each: the call, and how it ended."""
    callers, callees = parties(numbers, count, run)
    answered = (_chance(f"{run} answered").random(count) < _ANSWERED_SHARE).tolist()
    talks = (1 + _chance(f"{run} talks").exponential(_MEAN_TALK_MS, count)).astype(int).tolist()
    lines: list[bytes] = []
    for place, call in enumerate(_ringing(callers, callees, run)):
        change = "ended" if answered[place] else "missed"
        more = f',"duration":{talks[place]}' if answered[place] else ""
        lines += (call, _changed(run, place, change, callers[place], callees[place], more))
    return lines


def answered(numbers: int, count: int, run: str) -> list[bytes]:
    """So many calls that somebody has taken and nobody has ended, two lines each."""
    callers, callees = parties(numbers, count, run)
    lines: list[bytes] = []
    for place, call in enumerate(_ringing(callers, callees, run)):
        lines += (call, _changed(run, place, "answered", callers[place], callees[place]))
    return lines


def askings(numbers: int, count: int, run: str) -> list[bytes]:
    """So many banks' askings, each about a payment of its own and the number of anybody."""
    asked = _chance(run).integers(0, numbers, count).tolist()
    return [
        f'{{"payment":"{run}-{place}","number":"{number(payer)}"}}'.encode()
        for place, payer in enumerate(asked)
    ]


def _ringing(callers: NDArray[np.int64], callees: NDArray[np.int64], run: str) -> list[bytes]:
    now = _now()
    return [
        (
            f'{{"fact":"call","id":"{run}-{place}","happened_at":"{now}",'
            f'"caller_number":"{number(caller)}","callee_number":"{number(callee)}",'
            f'"route":"domestic","device":"imei-{caller}"}}'
        ).encode()
        for place, (caller, callee) in enumerate(
            zip(callers.tolist(), callees.tolist(), strict=True)
        )
    ]


def _changed(run: str, place: int, change: str, caller: int, callee: int, more: str = "") -> bytes:
    return (
        f'{{"fact":"call_change","id":"{run}-{place}.{change}","happened_at":"{_now()}",'
        f'"call":"{run}-{place}","change":"{change}","caller_number":"{number(caller)}",'
        f'"callee_number":"{number(callee)}"{more}}}'
    ).encode()


def _chance(run: str) -> np.random.Generator:
    return np.random.default_rng((_SEED, *run.encode()))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
