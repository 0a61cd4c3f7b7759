"""Hostile files of payments, a policy that says something of each, and what a replay leaves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import RLock
from typing import Any

import apsw
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from arasha.engine.replay import Progress
from arasha.events.body import unpack_facts
from arasha.events.mapping import Mapping
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.log.verify import verify
from arasha.policy import document
from arasha.policy.definition import Policy
from events_samples import GOOD, MAPPING, mapping
from policy_samples import written

START = datetime(2026, 1, 27, tzinfo=UTC)

POLICY = """
[policy]
name = "watchful"

[features]
pair = 'count(payment, by=(payer_account, payee_account), window="20d")'
paid = 'sum(payment.amount, by=(payer_account, currency), window="24h")'
spread = 'std(payment.amount, by=(payer_account, currency), window="10d")'
payers = 'distinct(payment.payer_account, by=payee_account, window="7d")'
largest = 'max(payment.amount, by=(payee_account, currency), window="7d", delay="2d")'
frauds = 'count(label, by=payee_account, window="10d", where=fraud)'
trouble_age = 'first(label, by=payee_account, window="10d", where=fraud)'

[thresholds]
warn = 200
hold = 500
"""

RULES = (
    ("stranger", "pair == 0", "points = 150", ("pair", "payers")),
    ("spends_much", 'paid + amount > "3000 KZT"', "points = 250", ("paid", "spread")),
    ("above_largest", "amount > largest", "points = 200", ("largest",)),
    ("fraud_before", 'frauds >= 1 and trouble_age <= "8d"', 'action = "block"', ("frauds",)),
    ("odd_way", 'channel == "web" and payers >= 3', 'action = "warn"', ("payers", "trouble_age")),
)


def policy_text(rules: tuple[tuple[str, str, str, tuple[str, ...]], ...] = RULES) -> str:
    """The watchful policy with those rules: name, condition, what it does, what its text names."""
    parts = [POLICY]
    for name, when, does, named in rules:
        text = "Why: " + ", ".join(f"{{{one}}}" for one in named)
        texts = "".join(f'text.{language} = "{text}"\n' for language in ("kk", "ru", "en"))
        parts.append(f"[rules.{name}]\nwhen = '{when}'\n{does}\n{texts}")
    return "\n".join(parts)


def policy(folder: Path, text: str | None = None) -> Policy:
    """A policy of that text, by default the watchful one."""
    return document.load(written(folder, text or policy_text()))


def sample_mapping() -> Mapping:
    """How the sample columns are read; labels come two days after a fraud."""
    return mapping(MAPPING)


def hostile(n: int, seed: int = 0, *, minutes: int = 60, parties: int = 12) -> pl.DataFrame:
    """About n rows: equal times, times that run back, frauds, repeated ids with the same content
    and with another, rows that are refused, three of them at the end.
    """
    chance = Random(seed)
    rows: list[dict[str, str]] = []
    now = START
    for i in range(n):
        now += timedelta(minutes=chance.choice((0, 0, 1, minutes, 2 * minutes)))
        back = timedelta(hours=chance.randrange(1, 60)) if chance.random() < 0.06 else timedelta()
        row = {
            **GOOD,
            "ref": f"p-{i}",
            "when": (now - back).isoformat(),
            "from": f"KZ{chance.randrange(parties)}",
            "to": f"KZ{chance.randrange(parties)}",
            "sum": f"{chance.randrange(1, 150_000) / 100:.2f}",
            "way": chance.choice(("APP", "NET")),
            "bad": "1" if chance.random() < 0.05 else "0",
        }
        rows.append(row)
        match chance.randrange(25):
            case 0:
                rows.append(row | {"ref": f"bad-{i}", "sum": chance.choice(("-1", "0", "much"))})
            case 1:
                rows.append(row)
            case 2:
                rows.append(rows[chance.randrange(len(rows))] | {"sum": "77.77"})
            case 3:
                rows.append(rows[chance.randrange(len(rows))])
    rows += [GOOD | {"ref": f"end-{i}", "when": "never"} for i in range(3)]
    return pl.DataFrame(rows, schema=dict.fromkeys(GOOD, pl.String))


def write_hostile(folder: Path, n: int, seed: int = 0, **options: int) -> Path:
    """The hostile rows as a CSV file."""
    path = folder / "payments.csv"
    hostile(n, seed, **options).write_csv(path)
    return path


def files(directory: Path) -> dict[str, bytes]:
    """The bytes of the decisions files and the rejects, by name."""
    found = [*directory.glob("decisions-*"), *directory.glob("rejects.csv")]
    return {path.name: path.read_bytes() for path in sorted(found)}


def history(directory: Path) -> tuple[list[int], list[int], list[str], list[bytes]]:
    """All a log says that does not depend on its keys: kinds, times, ids, acts."""
    kinds, times, ids, acts = list[int](), list[int](), list[str](), list[bytes]()
    with Log.open(directory, writable=False) as log:
        for frame in log.read():
            kinds += frame.kinds.tolist()
            times += frame.known_at.tolist()
            facts = np.flatnonzero(frame.kinds < Kind.DECISION)
            ids += unpack_facts(frame.kinds[facts], frame.bodies.take(facts)).ids
            acts += [frame.bodies[i] for i in np.flatnonzero(frame.kinds >= Kind.DECISION).tolist()]
    return kinds, times, ids, acts


def progress(directory: Path) -> Progress | None:
    """How far the log says its replay came."""
    import msgspec

    with Log.open(directory, writable=False) as log:
        noted = log.progress()
    return None if noted is None else msgspec.json.decode(noted, type=Progress)


def assert_same(directory: Path, whole: Path) -> None:
    """What a stopped and taken-up replay left is what an uninterrupted one leaves."""
    assert verify(directory).ok
    assert files(whole) == files(directory)
    assert history(whole) == history(directory)
    kinds, _, ids, _ = history(directory)
    assert len(set(ids)) == len(ids)
    assert kinds.count(Kind.PAYMENT) == kinds.count(Kind.DECISION)
    table = pq.ParquetDataset(sorted(map(str, directory.glob("decisions-*.parquet")))).read()
    assert kinds.count(Kind.PAYMENT) == len(table)


# --- a disk that can be stopped at any operation --------------------------------------------------

Before = Callable[[str], None]
"""Called before each change of the disk with its name; what it raises is the disk's fault."""

_OF_SYSTEM = (
    "fsync", "replace", "rename", "unlink", "link", "write", "ftruncate", "mkdir",
)  # fmt: skip


class _Layer(apsw.VFS):
    """SQLite's files, as the default layer while it stands."""

    def __init__(self, before: Before) -> None:
        self.before, self.below = before, apsw.vfs_names()[0]
        super().__init__("watched", self.below, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return _File(self.below, name, flags, self.before)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: FBT001, N802 - SQLite's
        self.before("sqlite delete")
        super().xDelete(name, syncdir)


class _File(apsw.VFSFile):
    def __init__(self, below: str, name: Any, flags: list[int], before: Before) -> None:
        self.before = before
        super().__init__(below, name, flags)

    def xLock(self, level: int) -> None:  # noqa: N802 - SQLite's name
        try:
            super().xLock(level)
        except apsw.IOError as error:  # a reader tries to lock for writing as it closes
            raise apsw.BusyError("opened for reading") from error

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self.before("sqlite write")
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        self.before("sqlite truncate")
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self.before("sqlite sync")
        super().xSync(flags)


@contextmanager
def watched_disk(before: Before) -> Iterator[None]:
    """``before`` is called ahead of every change of a file by SQLite or through the system's calls.

    One change at a time: a call lasts until its change is made.
    """
    lock = RLock()

    def one_at_a_time(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*arguments: Any, **options: Any) -> Any:
            with lock:
                before(name)
                return call(*arguments, **options)

        return made

    def locked(name: str) -> None:
        with lock:
            before(name)

    layer = _Layer(locked)
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in _OF_SYSTEM:
                patch.setattr(os, name, one_at_a_time(name, getattr(os, name)))
            yield
    finally:
        layer.unregister()


@dataclass
class Copies:
    """Copies of a directory as kill -9 would leave it just before every ``step``-th operation."""

    directory: Path
    into: Path
    step: int = 1
    seen: list[str] = field(default_factory=list)
    made: list[tuple[Path, int]] = field(default_factory=list)
    acknowledged: int = 0

    def before(self, name: str) -> None:
        """Copy the directory, if it is the operation's turn."""
        self.seen.append(name)
        if len(self.seen) % self.step == 0 and self.directory.exists():
            copy = self.into / f"{len(self.seen):05d}"
            # What the copying itself does is no operation of ours.
            seen, self.seen = self.seen, []
            step, self.step = self.step, 1 << 62
            shutil.copytree(self.directory, copy)
            self.seen, self.step = seen, step
            self.made.append((copy, self.acknowledged))

    def told(self, facts: int) -> None:
        """So many more facts were acknowledged."""
        self.acknowledged += facts
