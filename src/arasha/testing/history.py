"""What clients of a service were told, held against what its log says.

In: each message that was sent and each answer that came, by the fact's id. Out: what does not fit.
Every answer must be in the log, once, and be given again to the byte; the log must hold nothing
that nobody sent, verify, and be judged again as it was.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from arasha.engine.again import compare
from arasha.engine.recall import Recalled, recall
from arasha.engine.reigns import reigns_of
from arasha.log.log import Log
from arasha.log.verify import verify


@dataclass(frozen=True, slots=True)
class Findings:
    """``acknowledged`` answers were checked. All else are ids, and must be none: those whose answer
    is not in the log, whose answers differ, that stand in the log twice, that nobody sent; and
    whether the log is whole and judged again alike.
    """

    acknowledged: int
    lost: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    damage: str | None = None

    @property
    def faults(self) -> int:
        """How many there are."""
        ids = (self.lost, self.changed, self.doubled, self.unasked)
        return sum(len(some) for some in ids) + (self.damage is not None)


@dataclass
class History:
    """What was sent and what was answered. Threads may share it."""

    sent: dict[str, bytes] = field(default_factory=dict)
    told: dict[str, bytes] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sends(self, name: str, body: bytes) -> bytes:
        """A fact is sent: what was sent under this id before, else ``body``."""
        with self.lock:
            return self.sent.setdefault(name, body)

    def answered(self, name: str, answer: bytes) -> None:
        """An answer came; if there was one before it must be the same."""
        with self.lock:
            if self.told.setdefault(name, answer) != answer:
                self.changed.add(name)

    def check(self, directory: Path, told_of: Callable[[Recalled], bytes]) -> Findings:
        """Hold it against the log of a directory; ``told_of`` makes a fact's answer."""
        with Log.open(directory, writable=False) as log:
            facts = recall(log, reigns_of(log), 0, log.size)
        kept = {fact.id: told_of(fact) for fact in facts}
        lost = [name for name in self.told if name not in kept]
        differing = [name for name, answer in self.told.items() if kept.get(name, answer) != answer]
        return Findings(
            len(self.told),
            tuple(lost),
            tuple(sorted({*differing, *self.changed})),
            tuple(_twice(fact.id for fact in facts)),
            tuple(name for name in kept if name not in self.sent),
            _damage(directory),
        )


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _damage(directory: Path) -> str | None:
    found = verify(directory)
    if not found.ok:
        return found.sentence
    differing = compare(directory).differing
    return f"{differing} payments are judged otherwise" if differing else None
