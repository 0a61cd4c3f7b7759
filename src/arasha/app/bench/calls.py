"""``arasha bench calls``: what an operator's service sustains, and how soon it answers.

In: sizes. Out: one result per promise of METRICS. The service is a process of its own, everything
on (authentication, tokens, vault, uniqueness, Merkle tree, encryption, durable commits), by the
shipped policy over calls; single calls and askings come from another process in an open loop
(load.py), lines of calls from this one.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from arasha.app.bench import call_peer
from arasha.app.bench.call_traffic import (
    answered,
    calls,
    finished_calls,
    first_calls,
    number,
)
from arasha.app.bench.load import Plan
from arasha.app.bench.machine import fsync_ns
from arasha.app.bench.results import Result, percentile
from arasha.app.bench.running import (
    LINES,
    Running,
    counts,
    loaded,
    participant,
    running,
    spread,
)
from arasha.app.bench.sizes import Sizes
from arasha.client import Client
from arasha.errors import ServiceUnavailable

POLICY: Final = "policies/calls.toml"

METRICS: Final = ("calls_stream", "finished_calls_stream", "call_p99", "signal_p99", "ask_in_vain")
"""The promises, in the order they are reported."""

RATE: Final = 2_000
"""Single calls, or askings, a second."""

STREAM_RATE: Final = 30_000
"""Calls a second that the stream is to take."""

WARM_UP_S: Final = 1.0
"""How long each kind of request is sent before it is measured, seconds."""

ASK_S: Final = 0.2
"""What a bank gives an operator to answer, seconds: the payment waits meanwhile."""

_SLACK_MS: Final = 50  # beyond which an asking has held up its payment
_ASKED_IN_VAIN: Final = 20
_SYNCS: Final = 300
_TALKS_SHARE: Final = 0.05  # of all numbers, those that somebody is talking to while banks ask


@dataclass
class Operator(Running):
    """A running service of an operator, with the keys of its switch and of a bank."""

    switch: str
    bank: str
    numbers: int
    runs: int = 0

    def load(self, asks: Literal["calls", "signals"], seconds: float) -> dict[str, Any]:
        """Let another process ring, or ask, RATE times a second; what came of it."""
        self.runs += 1
        key = self.switch if asks == "calls" else self.bank
        return loaded(
            Plan(self.port, key, RATE, seconds, f"{asks}{self.runs}", accounts=self.numbers,
                 asks=asks)
        )  # fmt: skip

    def stream(self, lines: list[bytes]) -> tuple[int, float]:
        """Send lines from the switch; how many calls were judged, and in how many seconds."""
        return self.lines(self.switch, lines)


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """The results, group by group, each with a service of its own."""
    for group in GROUPS:
        yield group(sizes)


@contextmanager
def operating(numbers: int) -> Iterator[Operator]:
    """An operator's service that has met so many numbers, each with its device."""
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder:
        directory = Path(folder)
        switch = participant(
            directory, "SWITCH", "operator", may_send=("call", "call_change", "sim_change"),
        )  # fmt: skip
        bank = participant(directory, "BENCHKZ", "bank", may_read=("signals",))
        with running(directory, POLICY, "--role", "operator") as one:
            operator = Operator(one.process, one.port, directory, switch, bank, numbers)
            operator.stream(first_calls(numbers, "first"))
            yield operator


def single(sizes: Sizes) -> list[Result]:
    """Calls about to ring, one by one; then banks that ask, while some of the numbers talk; then
    one that asks in vain.
    """
    syncs, numbers, seconds = fsync_ns(_SYNCS), sizes.service_accounts, sizes.service_seconds
    with operating(numbers) as operator:
        operator.load("calls", WARM_UP_S)
        used = operator.processor_s()
        ringing = operator.load("calls", seconds)
        ringing_us = _each_us(used, operator.processor_s(), ringing["sent"])
        operator.stream(answered(numbers, int(_TALKS_SHARE * numbers), "talk"))
        operator.load("signals", WARM_UP_S)
        used = operator.processor_s()
        asking = operator.load("signals", seconds)
        asking_us = _each_us(used, operator.processor_s(), asking["sent"])
        in_vain = _in_vain(operator)
    fsync = {"fsync_us_p50": percentile(syncs, 50), "fsync_us_p99": percentile(syncs, 99)}
    note = f"{RATE:,} {{}} a second for {seconds:g} s over 128 connections, {_among(numbers)}"
    return [
        Result("call_p99", ringing["ok_ms"].get("p99"), "ms", "at_most", 10,
               note=note.format("calls about to ring"),
               beside=counts(ringing) | spread(ringing) | {"processor_us": ringing_us} | fsync),
        Result("signal_p99", asking["ok_ms"].get("p99"), "ms", "at_most", 8,
               note=note.format("askings about a payer"),
               beside=counts(asking) | spread(asking) | {"processor_us": asking_us} | fsync),
        in_vain,
    ]  # fmt: skip


def stream(sizes: Sizes) -> list[Result]:
    """Lines of calls about to ring; then of calls that are over, with how they ended."""
    numbers, wanted = sizes.service_accounts, int(sizes.service_seconds * STREAM_RATE)
    with operating(numbers) as operator:
        operator.stream(calls(numbers, LINES, "warm"))
        ringing = _streamed(operator, calls(numbers, wanted, "rings"))
        ended = _streamed(operator, finished_calls(numbers, wanted // 2, "ended"))
    peer, rate = call_peer.rate(numbers, min(wanted, sizes.call_peer_calls))
    note = f"{{}}, {LINES:,} lines a request, one request behind the other, {_among(numbers)}"
    return [
        Result("calls_stream", ringing["calls_per_s"], "calls/s", "at_least", STREAM_RATE,
               peer=peer, ratio=ringing["calls_per_s"] / rate,
               note=note.format("a line a call"), beside=ringing),
        Result("finished_calls_stream", ended["calls_per_s"], "calls/s", "at_least", STREAM_RATE,
               peer=peer, ratio=ended["calls_per_s"] / rate,
               note=note.format("two lines a call, the call and its end"), beside=ended),
    ]  # fmt: skip


GROUPS: Final[tuple[Callable[[Sizes], list[Result]], ...]] = (single, stream)
"""What is measured together, each with a service of its own."""


def _in_vain(operator: Operator) -> Result:
    """What a bank's asking takes, at most, while the operator hangs; and after it was killed."""
    address = f"http://127.0.0.1:{operator.port}"
    with Client(address, key=operator.bank, timeout_s=ASK_S, attempts=1) as bank:
        operator.process.send_signal(signal.SIGSTOP)
        hanging = [_asked_ms(bank, f"hangs-{turn}") for turn in range(_ASKED_IN_VAIN)]
        operator.process.kill()
        gone = [_asked_ms(bank, f"gone-{turn}") for turn in range(_ASKED_IN_VAIN)]
    return Result(
        "ask_in_vain", max(hanging), "ms", "at_most", ASK_S * 1000 + _SLACK_MS,
        note=f"the longest of {_ASKED_IN_VAIN} askings, each given {ASK_S:g} s, of an operator "
        "that hangs (SIGSTOP)", beside={"killed_ms": max(gone)},
    )  # fmt: skip


def _asked_ms(bank: Client, payment: str) -> float:
    """How long one asking takes, answered or not, ms."""
    begin = time.perf_counter()
    with suppress(ServiceUnavailable):
        bank.ask(payment, number(0))
    return (time.perf_counter() - begin) * 1000


def _streamed(operator: Operator, lines: list[bytes]) -> dict[str, float]:
    used = operator.processor_s()
    judged, seconds = operator.stream(lines)
    each_us = _each_us(used, operator.processor_s(), judged)
    told = {"calls": float(judged), "lines": float(len(lines)), "calls_per_s": judged / seconds}
    return told if each_us is None else told | {"processor_us": each_us}


def _each_us(before: float | None, after: float | None, count: int) -> float | None:
    """Processor time of the service for each of them, microseconds."""
    return None if before is None or after is None else 1e6 * (after - before) / count


def _among(numbers: int) -> str:
    return f"among {numbers:,} known numbers, {POLICY}"
