"""Small facts and logs for the tests of the log room."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from arasha.events.body import Bodies, concatenate_bodies, offsets_of, pack_facts
from arasha.events.columns import Facts
from arasha.events.decisions import Decisions, pack_decisions
from arasha.events.schema import Kind
from arasha.log.log import Entries, Log
from arasha.log.postgresql_store import PostgresqlStore
from arasha.log.shared_keys import SharedKeys
from arasha.postgresql import address_of

APRIL_MS = 1_522_540_800_000  # 2018-04-01 00:00 UTC
DAY_MS = 86_400_000


class Scrambled:
    """In place of a master key, which is the vault's."""

    def seal(self, name: str, key: bytes) -> bytes:
        return name.encode() + bytes(255 - byte for byte in key)

    def unseal(self, name: str, sealed: bytes) -> bytes:
        return bytes(255 - byte for byte in sealed.removeprefix(name.encode()))


def shared_of(directory: Path) -> SharedKeys | None:
    """The shared keys, where the directory's log is in a database."""
    address = address_of(directory)
    return None if address is None else SharedKeys(address, Scrambled())


def created(directory: Path, created_at_ms: int = APRIL_MS) -> Log:
    """A new log in whichever database that directory names."""
    shared = shared_of(directory)
    return Log.create(directory, created_at_ms=created_at_ms, shared=shared)


def opened(directory: Path, *, writable: bool = True) -> Log:
    """The same, opened again."""
    return Log.open(directory, writable=writable, shared=shared_of(directory))


def store_of(log: Log) -> PostgresqlStore:
    """The driver of a log that is in a database."""
    assert isinstance(log._store, PostgresqlStore)
    return log._store


def code(text: str, n: int) -> np.ndarray:
    """The plain code as a symbol column of n rows."""
    return np.frombuffer(text.encode().ljust(16, b"\0") * n, np.uint64).reshape(n, 2).copy()


def payments(n: int, start: int = 0, *, sender: str = "BANKKZKA", amount: int = 100) -> Facts:
    """Payments with ids ``p-start`` and on; the same arguments give the same facts."""
    number = np.arange(start, start + n)
    party = np.stack([number + 1, number * 7 + 1], axis=1).astype(np.uint64)
    return Facts(
        np.full(n, Kind.PAYMENT, np.uint8),
        [f"p-{i}" for i in number.tolist()],
        {
            "happened_at": number + APRIL_MS,
            "amount": number % 5 + amount,
            "currency": np.full(n, 398),
        },
        {"sender": code(sender, n), "payer_account": party, "payee_account": party[:, ::-1].copy()},
    )


def decisions(subjects: np.ndarray) -> Decisions:
    """One decision a subject; every third has a rule and two values."""
    fired = (subjects % 3 == 0).astype(np.int64)
    rules, values = offsets_of(fired), offsets_of(2 * fired)
    return Decisions(
        subjects.astype(np.int64),
        (subjects % 4).astype(np.uint8),
        (subjects % 1001).astype(np.int32),
        np.zeros(len(subjects), np.uint8),
        rules,
        np.full(rules[-1], 7, np.uint16),
        values,
        np.linspace(0, 1, values[-1]),
    )


def judged(log: Log, facts: Facts, known_at_ms: int | np.ndarray) -> Entries:
    """Each payment followed at once by its decision, all known at that time."""
    n = len(facts)
    order = np.stack([np.arange(n), np.arange(n, 2 * n)], axis=1).reshape(-1)
    subjects = log.size + 2 * np.arange(n)
    bodies: Bodies = concatenate_bodies([pack_facts(facts), pack_decisions(decisions(subjects))])
    digests = np.zeros((2 * n, 2), np.uint64)
    digests[::2] = log.admit(facts).digests
    kinds = np.concatenate([facts.kinds, np.full(n, Kind.DECISION, np.uint8)])[order]
    times = np.broadcast_to(np.repeat(np.asarray(known_at_ms, np.int64), 2), (2 * n,)).copy() \
        if np.ndim(known_at_ms) else np.full(2 * n, known_at_ms, np.int64)  # fmt: skip
    return Entries(kinds, times, bodies.take(order), digests)


def keep(log: Log, n: int, start: int, known_at_ms: int | np.ndarray = APRIL_MS) -> int:
    """Append n judged payments; returns the first one's seq."""
    return log.append(judged(log, payments(n, start), known_at_ms))


def made(directory: Path, batches: int = 4, size: int = 6) -> Path:
    """A closed log of April to June 2018 with ``batches`` commits of ``size`` payments a month."""
    with created(directory) as log:
        for month in range(3):
            for batch in range(batches):
                start = (month * batches + batch) * size
                keep(log, size, start, APRIL_MS + month * 31 * DAY_MS + batch)
    return directory
