"""Decisions as columns, and the body of the entry that keeps one.

Where on the path: *judged* becomes *decided*. In: what the policy said of each payment of a batch.
Out: the plaintext bodies of the decision entries; and back. One body::

    u8 version | u8 action | u16 marks | i32 score | i64 subject_seq |
    u16 rules | u16 values | rules, u16 each | values, f64 each

All little-endian; a missing value is the one quiet NaN, so equal decisions have equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.errors import LogDamaged, LogVersionError
from arasha.events.body import Bodies, offsets_of
from arasha.events.kernels import brief, kernel

DECISION_VERSION: Final = 1
"""Version of the layout above, the first byte of every decision's body."""

ACTIONS: Final = ("allow", "warn", "hold", "block")
"""The actions, weakest first; a decision stores the index."""

LATE: Final = 1
"""Mark: the payment had happened before the log's time."""

DEGRADED: Final = 2
"""Mark: a part was missing and the policy's declared fallback was followed."""

FALLBACK: Final = 4
"""Mark: there was no time to judge; the action is the one the policy declares for that."""

TOLD: Final = 8
"""Mark: what moved the model is on record, a mark for each group from ``TOLD_SHIFT`` on."""

TOLD_SHIFT: Final = 7
"""Place of the first group's mark: groups stand in the order of policy/definition.py's GROUPS."""

_FIXED: Final = 20  # bytes before the rules
_LARGEST_COUNT: Final = 2**16 - 1  # rules, and values, of one decision


@dataclass(frozen=True, slots=True)
class Decisions:
    """n decisions in order.

    ``subject_seq`` int64[n], the payment's place in the log; ``action`` uint8[n], index into
    ``ACTIONS``; ``score`` int32[n], 0..1000; ``marks`` uint16[n], LATE | DEGRADED | FALLBACK | TOLD
    and the groups told. The rules fired for decision i are
    ``rules[rule_offsets[i]:rule_offsets[i + 1]]`` (uint16), and the values of the features their
    texts name ``values[value_offsets[i]:value_offsets[i + 1]]`` (float64, NaN where missing).
    """

    subject_seq: NDArray[np.int64]
    action: NDArray[np.uint8]
    score: NDArray[np.int32]
    marks: NDArray[np.uint16]
    rule_offsets: NDArray[np.int64]
    rules: NDArray[np.uint16]
    value_offsets: NDArray[np.int64]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        n = len(self.subject_seq)
        assert len(self.action) == len(self.score) == len(self.marks) == n
        for offsets, parts in (
            (self.rule_offsets, len(self.rules)),
            (self.value_offsets, len(self.values)),
        ):
            assert len(offsets) == n + 1
            assert offsets[0] == 0
            assert offsets[-1] == parts

    def __len__(self) -> int:
        return len(self.subject_seq)


def pack_decisions(decisions: Decisions) -> Bodies:
    """The bodies of the decisions, in order."""
    rule_counts = decisions.rule_offsets[1:] - decisions.rule_offsets[:-1]
    value_counts = decisions.value_offsets[1:] - decisions.value_offsets[:-1]
    assert rule_counts.max(initial=0) <= _LARGEST_COUNT
    assert value_counts.max(initial=0) <= _LARGEST_COUNT
    offsets = offsets_of(_FIXED + 2 * rule_counts + 8 * value_counts)
    fixed = np.zeros(len(decisions), _HEAD)
    fixed["version"] = DECISION_VERSION
    fixed["action"] = decisions.action
    fixed["marks"] = decisions.marks
    fixed["score"] = decisions.score
    fixed["subject_seq"] = decisions.subject_seq
    fixed["rules"] = rule_counts
    fixed["values"] = value_counts
    values = np.where(np.isnan(decisions.values), np.nan, decisions.values)  # one NaN, no payloads
    data = np.empty(int(offsets[-1]), np.uint8)
    _pack(
        fixed.view(np.uint8),
        decisions.rule_offsets,
        decisions.rules.astype("<u2", copy=False).view(np.uint8),
        decisions.value_offsets,
        values.astype("<f8", copy=False).view(np.uint8),
        offsets,
        data,
    )
    return Bodies(offsets, data)


def unpack_decisions(bodies: Bodies) -> Decisions:
    """The decisions of those bodies.

    Raises LogVersionError for a body of another version and LogDamaged for one of a wrong length.
    """
    n = len(bodies)
    fixed = np.zeros(n, _HEAD)
    rule_offsets = np.zeros(n + 1, np.int64)
    value_offsets = np.zeros(n + 1, np.int64)
    bad = _inspect(bodies.offsets, bodies.data, fixed.view(np.uint8), rule_offsets, value_offsets)
    if bad >= 0:
        raise _unreadable(bodies[bad])
    rules = np.empty(int(rule_offsets[-1]), "<u2")
    values = np.empty(int(value_offsets[-1]), "<f8")
    _unpack(bodies.offsets, bodies.data, rule_offsets, rules.view(np.uint8), value_offsets,
            values.view(np.uint8))  # fmt: skip
    return Decisions(
        fixed["subject_seq"].astype(np.int64),
        fixed["action"].copy(),
        fixed["score"].astype(np.int32),
        fixed["marks"].astype(np.uint16),
        rule_offsets,
        rules.astype(np.uint16, copy=False),
        value_offsets,
        values.astype(np.float64, copy=False),
    )


_HEAD: Final = np.dtype(
    [
        ("version", "u1"), ("action", "u1"), ("marks", "<u2"), ("score", "<i4"),
        ("subject_seq", "<i8"), ("rules", "<u2"), ("values", "<u2"),
    ]
)  # fmt: skip
assert _HEAD.itemsize == _FIXED


def _unreadable(body: bytes) -> LogVersionError | LogDamaged:
    if body and body[0] != DECISION_VERSION:
        return LogVersionError(
            "a decision's body is in another version of the format",
            expected=f"version {DECISION_VERSION}",
            found=f"version {body[0]}",
            hint="open this log with the release of Arasha that wrote it",
        )
    return LogDamaged(
        "a decision's body contradicts itself",
        expected="a body as events/decisions.py draws it",
        found=f"{len(body)} bytes starting {body[:8].hex()}",
        hint="arasha log verify DIR names the entry",
    )


@brief
def _pack(
    fixed: NDArray[np.uint8],
    rule_offsets: NDArray[np.int64],
    rules: NDArray[np.uint8],
    value_offsets: NDArray[np.int64],
    values: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    out: NDArray[np.uint8],
) -> None:
    for i in range(len(offsets) - 1):
        at = offsets[i]
        for k in range(_FIXED):
            out[at + k] = fixed[i * _FIXED + k]
        at += _FIXED
        for k in range(2 * rule_offsets[i], 2 * rule_offsets[i + 1]):
            out[at] = rules[k]
            at += 1
        for k in range(8 * value_offsets[i], 8 * value_offsets[i + 1]):
            out[at] = values[k]
            at += 1


@kernel
def _inspect(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    fixed: NDArray[np.uint8],
    rule_offsets: NDArray[np.int64],
    value_offsets: NDArray[np.int64],
) -> int:
    """The first row whose body cannot be read, or -1; copies the fixed parts, sums the counts."""
    for i in range(len(offsets) - 1):
        at, length = offsets[i], offsets[i + 1] - offsets[i]
        if length < _FIXED or data[at] != DECISION_VERSION:
            return i
        rules = np.int64(data[at + 16]) | np.int64(data[at + 17]) << 8
        values = np.int64(data[at + 18]) | np.int64(data[at + 19]) << 8
        if length != _FIXED + 2 * rules + 8 * values:
            return i
        for k in range(_FIXED):
            fixed[i * _FIXED + k] = data[at + k]
        rule_offsets[i + 1] = rule_offsets[i] + rules
        value_offsets[i + 1] = value_offsets[i] + values
    return -1


@kernel
def _unpack(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    rule_offsets: NDArray[np.int64],
    rules: NDArray[np.uint8],
    value_offsets: NDArray[np.int64],
    values: NDArray[np.uint8],
) -> None:
    for i in range(len(offsets) - 1):
        at = offsets[i] + _FIXED
        for k in range(2 * rule_offsets[i], 2 * rule_offsets[i + 1]):
            rules[k] = data[at]
            at += 1
        for k in range(8 * value_offsets[i], 8 * value_offsets[i + 1]):
            values[k] = data[at]
            at += 1
