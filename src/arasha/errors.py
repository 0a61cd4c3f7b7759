"""Every operating fault of Arasha, as one tree.

A *refusal* of a single fact (a negative amount, a second id) is a value with a name and goes to
the rejects; it is not here. An exception is for what stops the work at hand. Each says what was
expected, what was found, where, and what to do::

    ArashaError
    ├── InputError         a file or message cannot be read at all (missing column, truncated)
    │   └── MappingError   the mapping file itself is wrong
    ├── PolicyError        a policy does not compile; carries its diagnostics
    ├── LogError           the event log cannot be used
    │   ├── LogVersionError    written by another version of the format
    │   ├── LogDamaged         an entry was changed, removed or reordered
    │   ├── LogBusy            another writer holds the log
    │   ├── LogFull            the disk refused the commit; nothing of the batch was kept
    │   ├── LogTaken           another writer has taken over; this one can keep nothing more
    │   ├── LogUnreachable     the database of a log that is only read gives no answer now
    │   └── KeyDestroyed       the entry's retention period is over and its key is gone
    ├── StoreError         a file beside the log cannot be used: the vault, the participants
    │   ├── StoreFull          the disk refused the change; nothing of it was kept
    │   ├── StoreVersionError  written in another version of the format
    │   └── SubjectErased      what the vault held of this token was destroyed, or never there
    ├── SnapshotError      a snapshot cannot be restored (other policy, other version, damaged)
    ├── ServiceRefused     a service does not take a request; carries its problem
    ├── ServiceUnavailable a service gave no answer, however often it was asked
    ├── StateFull          a bounded structure is at its stated limit
    ├── WorkerLost         a process that did a part of the work was ended from outside
    └── UsageError         a command was asked for something it cannot do
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault was found. Rows count from 1, as an editor or a spreadsheet counts them."""

    file: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [] if self.file is None else [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column!r}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault of a policy document, as a compiler states it.

    ``name`` is the stable name of the kind of fault; ``line`` and ``column`` count from 1 and
    ``length`` is in characters (the caret's run); ``source`` is the whole line of the file. A fault
    of the file as a whole has line 0. Rendered by policy/diagnostics.py.
    """

    severity: Literal["error", "warning"]
    name: str
    what: str
    file: str
    line: int = 0
    column: int = 0
    length: int = 1
    source: str = ""
    expected: str | None = None
    found: str | None = None
    hint: str | None = None


@dataclass
class ArashaError(Exception):
    """What went wrong, what was expected, what was found, where, and what to do about it."""

    what: str
    expected: str | None = None
    found: str | None = None
    where: Place = field(default_factory=Place)
    hint: str | None = None

    def __str__(self) -> str:
        place = str(self.where)
        lines = [f"{place}: {self.what}" if place else self.what]
        for name, text in (
            ("expected", self.expected),
            ("found", self.found),
            ("hint", self.hint),
        ):
            if text is not None:
                lines.append(f"  {name}: {text}")
        return "\n".join(lines)


class InputError(ArashaError):
    """A file or message cannot be read at all."""


class MappingError(InputError):
    """The mapping file is wrong, or does not fit the data it is used on."""


@dataclass
class PolicyError(ArashaError):
    """A policy does not compile. ``diagnostics`` holds every fault found, warnings too."""

    diagnostics: tuple[Diagnostic, ...] = ()


class LogError(ArashaError):
    """The event log cannot be used."""


class LogVersionError(LogError):
    """The log was written in another version of the format."""


class LogDamaged(LogError):
    """An entry was changed, removed or reordered."""


class LogBusy(LogError):
    """Another process is writing this log."""


class LogFull(LogError):
    """The disk refused the commit. Nothing of the batch was kept, all before it was."""


class LogTaken(LogError):
    """Another process is the writer now. Nothing of the batch was kept, all before it was."""


class LogUnreachable(LogError):
    """The database of a log that is only read gives no answer; it may later."""


class KeyDestroyed(LogError):
    """The retention period of the entry is over and its key was destroyed."""


class StoreError(ArashaError):
    """A file beside the log, the vault or the register of participants, cannot be used."""


class StoreFull(StoreError):
    """The disk refused the change. Nothing of it was kept, all before it was."""


class StoreVersionError(StoreError):
    """The file beside the log was written in another version of the format."""


class SubjectErased(StoreError):
    """The vault holds nothing, or nothing any more, under this token."""


class SnapshotError(ArashaError):
    """A snapshot cannot be restored."""


@dataclass
class ServiceRefused(ArashaError):
    """A service does not take a request: asked again it would say the same.

    ``problem`` is the problem's type and ``status`` HTTP's; ``pointer`` the place in the message.
    """

    problem: str = "about:blank"
    status: int = 0
    pointer: str | None = None
    request_id: str | None = None


class ServiceUnavailable(ArashaError):
    """A service gave no answer, however often it was asked."""


class StateFull(ArashaError):
    """A bounded structure is at its stated limit."""


class WorkerLost(ArashaError):
    """A process that did a part of the work was ended from outside: nothing of it is there."""


class UsageError(ArashaError):
    """A command was asked for something it cannot do."""
