"""An audit: who held whom for how long on what ground, what outlived it, and who looked at whom.

In: a log, and the holds that the centre works with. Out: what a second reading of every act says
(audit_reading.py), and each law that was broken, so that it can be said that none was. The log is
read twice at once: by the domain, which refuses what it would not have done, and plainly; where the
two do not agree, one of them is wrong, and that is a finding.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from arasha.cases.acts import KINDS, unpack
from arasha.cases.messages import HoldLasts, HoldOrder, HoldOver
from arasha.cases.projection import Projection, acts_in
from arasha.cases.records import HOLDING, Hold
from arasha.cases.state import State
from arasha.errors import LogError
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.reports.audit_reading import Reading
from arasha.reports.audit_records import Broken, Ended, Finding, HoldRead, Reveal
from arasha.reports.audit_taking import take
from arasha.vault.subjects import REVEALS_PER_DAY

DAY_MS: Final = 86_400_000
STEP: Final = 1_024
"""Acts between two words about how far an audit is."""

_AUDITED: Final = sorted({*KINDS, Kind.REVEAL, Kind.RIGHTS})
_ENDED: Final[Mapping[str, frozenset[Ended]]] = {
    "lapsed": frozenset({"lapsed"}),
    "released": frozenset({"released"}),
    "ended": frozenset({"ended", "nothing there", "returned"}),
}
"""What the domain's word for an end can be, read plainly."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found in the first ``size`` entries of a log, as of their last instant."""

    size: int
    root: bytes
    at_ms: int
    utc_offset_ms: int
    reading: Reading
    reveals: tuple[Reveal, ...]
    findings: tuple[Finding, ...]
    acts: int

    @property
    def holds(self) -> list[HoldRead]:
        """Every hold, the first placed first."""
        return list(self.reading.holds.values())


def audit(
    log: Log,
    *,
    stop: int | None = None,
    live: Mapping[str, Hold] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Audit:
    """Audit a log up to ``stop``, by default all of it. ``live`` are the holds that a running
    centre works with as of ``stop``; else those that the domain makes of the log.

    Raises KeyDestroyed where a month of acts is gone, LogDamaged.
    """
    stop = log.size if stop is None else stop
    reading, domain, reveals = Reading(), _Domain(), Reveals()
    acts = 0
    for seq, kind, body in acts_in(log, 0, stop, _AUDITED):
        acts += 1
        if kind == Kind.REVEAL:
            reveals.take(seq, body)
        elif kind == Kind.RIGHTS:
            reveals.hear(body)
        else:
            _take(reading, seq, body)
            domain.take(seq, body)
        if on_progress is not None and acts % STEP == 0:
            on_progress(STEP)
    at_ms = log.last_known_at_ms if stop == log.size else reading.at_ms
    at_ms = max(at_ms, reading.at_ms)
    known = domain.state.holds if live is None else live
    if domain.refused is None or live is not None:
        compare(reading, known, at_ms, stop)
    if domain.refused is None:
        _compare_suspensions(reading, domain.state, at_ms, stop)
        _compare_shadow(reading, domain.state, stop)
        _untold(reading, domain.believed, at_ms, stop)
    findings = [*reading.findings, *reveals.findings]
    if domain.refused is not None:
        findings.append(domain.refused)
    offset_ms = 0 if reading.law is None else reading.law.calendar.utc_offset_ms
    return Audit(
        stop, log.root(stop), at_ms, offset_ms, reading, tuple(reveals.found),
        tuple(sorted(findings, key=lambda one: (one.seq, one.law, one.about))), acts,
    )  # fmt: skip


def compare(reading: Reading, known: Mapping[str, Hold], at_ms: int, seq: int) -> None:
    """Hold the centre's holds against the reading; what differs is a finding at ``seq``."""
    for name, hold in known.items():
        read = reading.holds.get(name)
        if read is None:
            _find(reading, "ground", seq, name, "the centre holds it, and no entry placed it")
            continue
        if hold.holds_at(at_ms) and not read.stands(at_ms):
            report = reading.reports[read.report]
            what = "its ground has fallen" if report.fell_ms is not None else "its end has come"
            _find(reading, "outlived", seq, name, f"the centre still holds it, though {what}")
        if difference := _difference(hold, read):
            _find(reading, "differs", seq, name, difference)
    for name in reading.holds.keys() - known.keys():
        _find(reading, "differs", seq, name, "the entries place it, and the centre has lost it")


def _compare_suspensions(reading: Reading, state: State, at_ms: int, seq: int) -> None:
    """The same for an operator's suspensions: which stand, until when, and who had a hand in it."""
    for name in state.suspensions.keys() | reading.suspensions.keys():
        one, read = state.suspensions.get(name), reading.suspensions.get(name)
        if one is None or read is None:
            _find(reading, "differs", seq, name, "only one of the two readings has it")
        elif one.stands_at(at_ms) and not read.stands(at_ms):
            _find(reading, "outlived", seq, name, "it still stands, though it is over")
        elif (one.stands_at(at_ms), one.until_ms, one.hands) != (
            read.stands(at_ms), read.until_ms, frozenset(read.hands),
        ):  # fmt: skip
            _find(reading, "differs", seq, name, "its end or its hands differ")


def _compare_shadow(reading: Reading, state: State, seq: int) -> None:
    """The same for what follows in the shadow."""
    known = None if state.shadowed is None else state.shadowed.policy
    read = None if reading.follows is None else reading.follows.policy
    if known != read:
        _find(reading, "differs", seq, "shadow", f"the centre has {known}, the entries say {read}")


def _untold(reading: Reading, believed: Mapping[str, int], at_ms: int, seq: int) -> None:
    """Holds that are over, at banks that were told otherwise; what all went back they know of."""
    for name, until_ms in believed.items():
        read = reading.holds.get(name)
        known = read is None or read.ended in ("returned", "nothing there")
        if at_ms < until_ms and not known and not reading.holds[name].stands(at_ms):
            bank = reading.holds[name].bank
            _find(reading, "told", seq, name, f"{bank} was never told that it is over")


def _difference(hold: Hold, read: HoldRead) -> str:
    """The first thing that the two readings say differently of a hold."""
    pairs: tuple[tuple[str, Any, Any], ...] = (
        ("report", hold.report, read.report),
        ("account", hold.account, read.account),
        ("bank", hold.bank, read.bank),
        ("amount", hold.amount_minor, read.amount_minor),
        ("end", hold.until_ms, read.until_ms),
        ("held", hold.held_minor, read.held_minor),
        ("returned", hold.returned_minor, read.returned_minor),
        ("to go back", hold.to_return_minor, read.to_return_minor),
        ("set free early", hold.let_go_minor, read.let_go_minor),
        ("taken over", _taken(hold), dict(sorted(read.others.items()))),
        ("over at", hold.over_ms, read.over_ms),
        ("law", hold.law, read.law),
        ("hands", sorted(hold.hands), sorted(read.hands)),
    )
    for what, one, other in pairs:
        if one != other:
            return f"{what}: the centre has {one}, the entries say {other}"
    over = hold.status not in HOLDING
    if over != (read.ended is not None) or (
        over and read.ended not in _ENDED.get(hold.status.value, frozenset())
    ):
        return f"the centre has it {hold.status.value}, the entries say {read.ended or 'held'}"
    return ""


def _taken(hold: Hold) -> dict[tuple[str, int], int]:
    """What a hold took over, as the second reading has it."""
    taken: Counter[tuple[str, int]] = Counter()
    for one in hold.taken:
        taken[one.first, one.last_ms] += one.amount_minor
    return dict(sorted(taken.items()))


def _find(reading: Reading, law: Broken, seq: int, about: str, found: str) -> None:
    reading.findings.append(Finding(law, seq, about, found))


def _take(reading: Reading, seq: int, body: bytes) -> None:
    try:
        entry = unpack(body)
    except msgspec.ValidationError as error:
        return _find(reading, "order", seq, "entry", f"this is no act: {error}")
    return take(reading, seq, entry)


@dataclass(slots=True)
class _Domain:
    """The domain's own reading, until it refuses an entry: what comes after has no meaning then."""

    projection: Projection = field(default_factory=Projection)
    refused: Finding | None = None
    believed: dict[str, int] = field(default_factory=dict)
    """Until when each bank holds what it was told to hold, by the hold's id."""

    @property
    def state(self) -> State:
        return self.projection.state

    def take(self, seq: int, body: bytes) -> None:
        if self.refused is not None:
            return
        try:
            done = self.projection.take(seq, body)
        except LogError as error:
            found = f"the domain would not have done this: {error.found}"
            self.refused = Finding("differs", seq, "entry", found)
            return
        for message in done.messages:
            if isinstance(message, HoldOrder | HoldLasts):
                self.believed[message.hold] = message.until_ms
            elif isinstance(message, HoldOver):
                self.believed.pop(message.hold, None)


@dataclass(slots=True)
class Reveals:
    """Reveals, and how many one person had within 24 hours."""

    found: list[Reveal] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    participants: set[str] = field(default_factory=set)
    told: set[tuple[str, int]] = field(default_factory=set)
    lately: dict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))

    def hear(self, body: bytes) -> None:
        """Who is a participant: it is told of its own customers, and has no budget."""
        said = msgspec.json.decode(body)
        if said.get("kind") == "participant":
            self.participants.add(said["name"])

    def take(self, seq: int, body: bytes) -> None:
        """One reveal; told twice after a crash, it is one."""
        said = msgspec.json.decode(body)
        name = (said.get("file", ""), said.get("number", seq))
        if name in self.told:
            return
        self.told.add(name)
        by, at_ms = said["by"], said["at_ms"]
        in_day = None
        if by not in self.participants:
            lately = self.lately[by]
            lately.append(at_ms)
            while lately[0] <= at_ms - DAY_MS:
                lately.popleft()
            in_day = len(lately)
            if in_day > REVEALS_PER_DAY:
                self.findings.append(
                    Finding("reveal", seq, by, f"the {in_day}th token within a day")
                )
        self.found.append(Reveal(seq, at_ms, by, said["reason"], said["token"], in_day))
