"""Which policy was in force when: a log names each policy in an entry of its own.

In: a log. Out: its reigns, in order. A log begins with a policy's entry; a live one has another
wherever the policy was changed, and from there on that one judges. The first entry of a replay's
log is its only one.
"""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from arasha.errors import LogError, Place
from arasha.events.body import bodies_from
from arasha.events.schema import Kind
from arasha.log.log import Entries, Log
from arasha.policy import document
from arasha.policy.definition import Policy


@dataclass(frozen=True, slots=True)
class Reign:
    """A policy and the seq of the entry that put it in force."""

    first_seq: int
    policy: Policy


def record_of(policy: Policy, known_at_ms: int) -> Entries:
    """The entry that puts a policy on record: its hash, its whole text, its model's text.

    A policy whose model was missing goes on record without it, and is judged again without it.
    """
    text = policy.source.read_text(encoding="utf-8")
    entry = {"name": policy.name, "hash": policy.hash, "toml": text}
    if policy.model is not None and policy.model.text is not None:
        entry["model"] = policy.model.text
    return Entries(
        np.array([Kind.POLICY], np.uint8),
        np.array([known_at_ms], np.int64),
        bodies_from([msgspec.json.encode(entry)]),
        np.zeros((1, 2), np.uint64),
    )


def policy_of(log: Log, directory: Path, seq: int = 0) -> Policy:
    """The policy that entry ``seq`` put in force, by default the log's first.

    Raises LogError if the entry is missing or altered.
    """
    frame = next(log.read(seq, seq + 1), None)
    if frame is None or frame.kinds[0] != Kind.POLICY:
        raise LogError(
            "the log does not begin with its policy",
            expected="a log that a replay or the service has written",
            where=Place(file=str(directory)),
        )
    entry = msgspec.json.decode(frame.bodies[0], type=dict[str, str])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.toml"
        path.write_text(entry["toml"], encoding="utf-8")
        # What went on record without its model was judged without it, whatever lies there now.
        policy = document.load(path, model=entry.get("model", "").encode())
    if policy.hash != entry["hash"]:
        raise LogError(
            "the policy of the log is read differently by this version of Arasha",
            expected=f"a policy with the hash {entry['hash'][:16]}…",
            found=f"{policy.hash[:16]}…",
            where=Place(file=str(directory)),
            hint="use the version that wrote the log",
        )
    return policy


def text_of(log: Log, seq: int) -> str:
    """The text of the policy that entry ``seq`` put in force."""
    frame = next(log.read(seq, seq + 1))
    return msgspec.json.decode(frame.bodies[0], type=dict[str, str])["toml"]


def reigns_of(log: Log) -> list[Reign]:
    """Every reign of a log, in order; a log without entries has none."""
    places = log.places(Kind.POLICY)
    if log.size and places[:1] != [0]:
        places.insert(0, 0)  # so that its absence is said
    return [Reign(seq, policy_of(log, log.directory, seq)) for seq in places]


def reign_at(reigns: Sequence[Reign], seq: int) -> Reign:
    """The reign that entry ``seq`` falls in."""
    at = bisect_right(reigns, seq, key=lambda reign: reign.first_seq)
    assert at > 0, "a log begins with a policy"
    return reigns[at - 1]
