"""Shadow: a second policy judges the same payments silently; only what it would change is kept.

In: each batch as the policy in force decided it. Out: how often the two agreed, and a row for each
payment they act on differently. The shadow has its own state and a log that forgets: nothing it
says reaches a payer, an entry of the log, or the policy in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arasha.engine.decide import Centre, Decided, decide
from arasha.engine.unkept import Unkept
from arasha.events.decisions import ACTIONS
from arasha.events.files import SourceBatch
from arasha.log.keys import cannot_write
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge

SHADOW_FILE: Final = "shadow.parquet"
"""The differences, in the directory of a replay or a backtest."""

_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "seq": pl.Int64, "id": pl.String, "happened_at": pl.Datetime("ms", "UTC"),
    "amount_minor": pl.Int64, "action": pl.String, "score": pl.Int32,
    "shadow_action": pl.String, "shadow_score": pl.Int32, "truth": pl.Int8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """Two policies over the same payments.

    ``counts`` int64[4, 4]: payments by the action in force (row) and the shadow's (column), allow
    first; ``frauds`` the same of those known to be fraud, ``goods`` of those known not to be.
    ``rows`` has one for each payment the two act on differently.
    """

    policy: str
    hash: str
    counts: NDArray[np.int64]
    frauds: NDArray[np.int64]
    goods: NDArray[np.int64]
    rows: pl.DataFrame

    @property
    def payments(self) -> int:
        """How many both judged."""
        return int(self.counts.sum())

    @property
    def milder(self) -> int:
        """Payments on which the shadow would act less strongly."""
        return int(np.tril(self.counts, -1).sum())

    @property
    def stronger(self) -> int:
        """Payments on which the shadow would act more strongly."""
        return int(np.triu(self.counts, 1).sum())

    def as_object(self) -> dict[str, object]:
        """The counts as plain data; the pairs of actions that occurred."""
        pairs = [
            {
                "action": ACTIONS[ours],
                "shadow_action": ACTIONS[theirs],
                "payments": int(self.counts[ours, theirs]),
                "frauds": int(self.frauds[ours, theirs]),
                "goods": int(self.goods[ours, theirs]),
            }
            for ours, theirs in np.argwhere(self.counts).tolist()
        ]
        return {
            "policy": self.policy, "hash": self.hash, "payments": self.payments,
            "milder": self.milder, "stronger": self.stronger, "actions": pairs,
        }  # fmt: skip

    def write(self, directory: Path) -> Path:
        """Write the differing payments; raises LogError when the disk refuses."""
        path = directory / SHADOW_FILE
        try:
            self.rows.write_parquet(path)
        except OSError as error:
            raise cannot_write(path, error) from error
        return path


class Shadow:
    """The second policy, over one file."""

    def __init__(self, policy: Policy) -> None:
        judge = Judge(policy)
        self.policy = policy
        self._centre = Centre(Unkept(), judge, judge.fresh_state())
        self._tables = np.zeros((3, len(ACTIONS), len(ACTIONS)), np.int64)
        self._parts: list[pl.DataFrame] = []

    def see(self, some: SourceBatch, decided: Decided) -> None:
        """Judge the facts of a batch that the policy in force has just decided."""
        silent = decide(self._centre, some.facts)
        ours, theirs = decided.decisions, silent.decisions
        assert len(ours) == len(theirs), "both see the same new payments"
        payments = decided.facts.take(decided.payments)
        truth = some.truth[np.flatnonzero(decided.admission.fresh)][decided.payments]
        for table, mask in zip(self._tables, (truth >= -1, truth == 1, truth == 0), strict=True):
            np.add.at(table, (ours.action[mask], theirs.action[mask]), 1)
        rows = np.flatnonzero(ours.action != theirs.action)
        if not len(rows):
            return
        names = np.array(ACTIONS)
        self._parts.append(
            pl.DataFrame(
                {
                    "seq": ours.subject_seq[rows],
                    "id": [payments.ids[row] for row in rows.tolist()],
                    "happened_at": payments.number("happened_at")[rows],
                    "amount_minor": payments.number("amount")[rows],
                    "action": names[ours.action[rows]],
                    "score": ours.score[rows],
                    "shadow_action": names[theirs.action[rows]],
                    "shadow_score": theirs.score[rows],
                    "truth": truth[rows],
                }
            ).cast(_SCHEMA)  # type: ignore[arg-type]  # a mapping of names to types is one
        )

    def difference(self) -> Difference:
        """What it found so far."""
        counts, frauds, goods = self._tables.copy()
        rows = pl.concat(self._parts) if self._parts else pl.DataFrame(schema=_SCHEMA)
        return Difference(self.policy.name, self.policy.hash, counts, frauds, goods, rows)
