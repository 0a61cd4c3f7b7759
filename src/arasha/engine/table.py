"""The point-in-time table: what a model's features were just before each payment.

In: a file, its mapping, a policy. Out: a row for each judged payment, filled by the very judge and
state of the live path (policy/judge.py), so that a model learns from nothing that it will not see.
Nothing is kept; what the rules say and the truth stand beside the rows, for those who may look.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.ahead import ahead
from arasha.engine.decide import times_of
from arasha.engine.labels import Labels
from arasha.engine.replay import BATCH, OnProgress
from arasha.engine.unkept import Unkept
from arasha.events.body import Bodies
from arasha.events.columns import Facts
from arasha.events.files import SourceBatch, open_source
from arasha.events.mapping import Mapping
from arasha.events.schema import MISSING, Kind
from arasha.features.state import State
from arasha.log.log import Admission, Entries
from arasha.policy.definition import Policy, Thresholds
from arasha.policy.judge import Judge
from arasha.vault.tokens import Tokens

_KEY = bytes(32)  # tokens of a table meet nothing outside it and are never written

BEGINNING_MS: Final = MISSING + 1
"""Before every payment."""

END_MS: Final = 2**62
"""After every payment."""


@dataclass(frozen=True, slots=True)
class PaymentTable:
    """n payments in the order of the log.

    ``features`` float64[n, len(names)], NaN where missing; ``truth`` int8[n], 1 fraud, 0 not, -1
    unknown; ``happened_at_ms``, ``known_at_ms``, ``amount_minor``, ``currency``, ``channel``
    int64[n]; ``payer``, ``payee``, ``payer_bank`` uint64[n, 2]; ``ids`` n strings. ``rule_points``
    int32[n] and ``rule_action`` uint8[n] (0 allow … 3 block) are what the policy's rules say, its
    thresholds and model left aside.
    """

    names: tuple[str, ...]
    features: NDArray[np.float64]
    truth: NDArray[np.int8]
    happened_at_ms: NDArray[np.int64]
    known_at_ms: NDArray[np.int64]
    amount_minor: NDArray[np.int64]
    currency: NDArray[np.int64]
    channel: NDArray[np.int64]
    payer: NDArray[np.uint64]
    payee: NDArray[np.uint64]
    payer_bank: NDArray[np.uint64]
    rule_points: NDArray[np.int32]
    rule_action: NDArray[np.uint8]
    ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.truth)

    def between(self, from_ms: int, until_ms: int) -> PaymentTable:
        """The payments that happened in ``[from_ms, until_ms)``."""
        mask = (self.happened_at_ms >= from_ms) & (self.happened_at_ms < until_ms)
        return self.take(np.flatnonzero(mask))

    def take(self, rows: NDArray[np.intp]) -> PaymentTable:
        """The payments at those rows, in that order."""
        return PaymentTable(
            self.names, self.features[rows], self.truth[rows], self.happened_at_ms[rows],
            self.known_at_ms[rows], self.amount_minor[rows], self.currency[rows],
            self.channel[rows], self.payer[rows], self.payee[rows], self.payer_bank[rows],
            self.rule_points[rows], self.rule_action[rows],
            [self.ids[row] for row in rows.tolist()],
        )  # fmt: skip

    def column(self, name: str) -> NDArray[np.float64]:
        """One feature, float64[n]."""
        column: NDArray[np.float64] = self.features[:, self.names.index(name)]
        return column


def payment_table(
    file: Path,
    policy: Policy,
    mapping: Mapping,
    names: Sequence[str],
    *,
    from_ms: int = BEGINNING_MS,
    until_ms: int = END_MS,
    on_progress: OnProgress | None = None,
) -> PaymentTable:
    """The table of a file: the named features of the payments that happened in that time.

    All facts before ``until_ms`` pass through the windows; the file is read no further. Raises
    InputError or MappingError for a file that cannot be read. Refused rows are passed over.
    """
    source, judge, log = open_source(file, mapping), Judge(of_rules_alone(policy)), Unkept()
    state, labels = judge.fresh_state(), Labels(settles_all=source.settles_all)
    parts: list[PaymentTable] = []
    batches = ahead(source.batches(Tokens(_KEY), BATCH))
    with closing(batches):
        for some in batches:
            facts, known_at, truth = _admitted(log, *labels.taken(log, some))
            parts += watched(judge, state, facts, known_at, truth, names, from_ms, until_ms)
            if on_progress is not None:
                on_progress(len(some.facts))
            if len(known_at) and known_at[-1] >= until_ms:
                break
    return joined(parts, names)


def main_currency(table: PaymentTable) -> int:
    """The currency of most payments, ISO 4217 numeric; of equals the first by number; 0 of none."""
    found, counts = np.unique(table.currency, return_counts=True)
    return int(found[np.argmax(counts)]) if len(found) else 0


def of_rules_alone(policy: Policy) -> Policy:
    """The policy whose verdicts are its rules' points and actions, and nothing else."""
    return replace(policy, thresholds=Thresholds(), model=None)


def time_of(file: Path, mapping: Mapping) -> tuple[int, int]:
    """When the first and the last payment of a file happened, ms; (0, 0) of no payments. The file
    is read once for it.
    """
    first, last = END_MS, BEGINNING_MS
    for some in open_source(file, mapping).batches(Tokens(_KEY), BATCH):
        payments = some.facts.kinds == Kind.PAYMENT
        happened = some.facts.number("happened_at")[payments]
        first, last = int(happened.min(initial=first)), int(happened.max(initial=last))
    return (first, last) if first <= last else (0, 0)


def watched(
    judge: Judge,
    state: State,
    facts: Facts,
    known_at: NDArray[np.int64],
    truth: NDArray[np.int8],
    names: Sequence[str],
    from_ms: int = BEGINNING_MS,
    until_ms: int = END_MS,
) -> list[PaymentTable]:
    """The rows of a batch, a stretch at a time; the state takes in all its facts."""
    judged = facts.kinds == np.uint8(judge.policy.judges.kind)
    known_at_of, truth_of = known_at[judged], truth[judged]
    parts, at = [], 0
    for payments, registers in judge.watch(state, facts, known_at):
        rows = slice(at, at + len(payments))
        at += len(payments)
        happened = payments.number("happened_at")
        wanted = np.flatnonzero((happened >= from_ms) & (happened < until_ms))
        if len(wanted):
            some = payments.take(wanted)
            rules = judge.verdicts(registers)
            parts.append(
                PaymentTable(
                    tuple(names), judge.matrix(registers, names)[wanted], truth_of[rows][wanted],
                    happened[wanted], known_at_of[rows][wanted], some.number("amount"),
                    some.number("currency"), some.number("channel"), some.symbol("payer_account"),
                    some.symbol("payee_account"), some.symbol("payer_bank"),
                    rules.score[wanted], rules.action[wanted], some.ids,
                )
            )  # fmt: skip
    return parts


def joined(parts: Sequence[PaymentTable], names: Sequence[str]) -> PaymentTable:
    """All parts, in order; of no parts, a table without rows."""
    if not parts:
        none, tokens = np.zeros(0, np.int64), np.zeros((0, 2), np.uint64)
        return PaymentTable(
            tuple(names), np.zeros((0, len(names))), none.astype(np.int8), none, none, none, none,
            none, tokens, tokens, tokens, none.astype(np.int32), none.astype(np.uint8), [],
        )  # fmt: skip

    def column(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    return PaymentTable(
        tuple(names), column("features"), column("truth"), column("happened_at_ms"),
        column("known_at_ms"), column("amount_minor"), column("currency"), column("channel"),
        column("payer"), column("payee"), column("payer_bank"), column("rule_points"),
        column("rule_action"),
        [one for part in parts for one in part.ids],
    )  # fmt: skip


def _admitted(
    log: Unkept, some: SourceBatch, admission: Admission
) -> tuple[Facts, NDArray[np.int64], NDArray[np.int8]]:
    """The batch's new facts, when each was known, and the truth, as ``decide`` takes them."""
    fresh = np.flatnonzero(admission.fresh)
    facts, truth = some.facts, some.truth
    if len(fresh) < len(facts):
        facts, truth = facts.take(fresh), truth[fresh]
    known_at, _ = times_of(facts, log.last_known_at_ms, None)
    nothing = Bodies(np.zeros(len(facts) + 1, np.int64), np.zeros(0, np.uint8))
    log.append(Entries(facts.kinds, known_at, nothing, admission.digests[fresh]))
    return facts, known_at, truth
