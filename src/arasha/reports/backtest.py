"""A judged file, measured: what was found, what it cost the honest.

Columns come in (engine/judgements.py), figures go out (reports/measures.py). Everything is counted
in bulk; nothing here looks at payments one by one except for the few examples. A payment whose
truth nobody has settled counts as a hit when hit, and for nothing else: never as good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.engine.judgements import FRAUD, GOOD, Action, Judgements
from arasha.events.kernels import kernel
from arasha.reports.comparison import compare
from arasha.reports.examples import example, largest
from arasha.reports.measures import Band, CurvePoint, Hits, Measures, Slice, Tally
from arasha.reports.tallying import Integers, Tallying, prepare

__all__ = ["compare", "measure"]

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

_POWERS_OF_TEN: Final = 10 ** np.arange(1, 17, dtype=np.int64)


def measure(
    judgements: Judgements,
    rule_names: Sequence[str],
    *,
    label: str = "policy",
    stop_at: Action = Action.HOLD,
    utc_offset_ms: int = 0,
) -> Measures:
    """All figures of one policy on one file.

    ``rule_names`` are the policy's rules in its order, at least as many as the judgements name;
    ``stop_at`` is the mildest action that stops a payment; ``utc_offset_ms`` shifts days and hours.
    Works for no payments, no frauds, nothing but frauds: a share of nothing is None.
    """
    assert len(set(rule_names)) == len(rule_names)
    counter = prepare(judgements)
    bothered = judgements.action > Action.ALLOW
    stopped = judgements.action >= stop_at
    assert stop_at > Action.ALLOW
    total = counter.tally(np.ones(len(judgements), np.bool_))
    fraud, good = judgements.truth == FRAUD, judgements.truth == GOOD
    local_ms = judgements.happened_at_ms + utc_offset_ms
    overlap = _overlap(judgements.rule_offsets, judgements.rules, len(rule_names))

    def shown(mask: NDArray[np.bool_]) -> tuple[int, ...]:
        return tuple(largest(judgements, counter.currency, mask))

    return Measures(
        label=label,
        stop_at=stop_at,
        utc_offset_ms=utc_offset_ms,
        total=total,
        late=int(judgements.late.sum()),
        first_at_ms=int(judgements.happened_at_ms.min()) if len(judgements) else None,
        last_at_ms=int(judgements.happened_at_ms.max()) if len(judgements) else None,
        currencies=counter.currencies,
        levels=tuple(
            Hits(
                f"at least {action.name.lower()}", counter.tally(judgements.action >= action), total
            )
            for action in (Action.WARN, Action.HOLD, Action.BLOCK)
        ),
        actions=_actions(judgements, counter, total),
        rules=_rules(judgements, counter, rule_names, total),
        overlap=tuple(map(tuple, overlap.tolist())),
        days=_days(local_ms // DAY_MS, judgements, bothered),
        hours=_slices(local_ms // HOUR_MS % 24, np.arange(24), judgements, bothered),
        bands=_bands(judgements, counter, bothered, stopped),
        curve=_curve(judgements, counter, total),
        missed=tuple(example(row, judgements, rule_names) for row in shown(fraud & ~bothered)),
        stopped_goods=tuple(example(row, judgements, rule_names) for row in shown(good & stopped)),
    )


def _actions(judgements: Judgements, counter: Tallying, total: Tally) -> tuple[Hits, ...]:
    rows = np.flatnonzero(judgements.action > Action.ALLOW)
    tallies = counter.tallies(rows, judgements.action[rows].astype(np.int64), len(Action))
    return tuple(
        Hits(action.name.lower(), tallies[action], total)
        for action in (Action.WARN, Action.HOLD, Action.BLOCK)
    )


def _rules(
    judgements: Judgements, counter: Tallying, names: Sequence[str], total: Tally
) -> tuple[Hits, ...]:
    rows, groups = judgements.fired_rows(), judgements.rules.astype(np.int64)
    assert len(groups) == 0 or int(groups.max()) < len(names)
    alone = np.diff(judgements.rule_offsets)[rows] == 1
    hits = counter.tallies(rows, groups, len(names))
    hits_alone = counter.tallies(rows[alone], groups[alone], len(names))
    return tuple(
        Hits(name, hit, total, only)
        for name, hit, only in zip(names, hits, hits_alone, strict=True)
    )


@kernel
def _overlap(
    rule_offsets: NDArray[np.int64], rules: NDArray[np.uint16], count: int
) -> NDArray[np.int64]:
    """How many payments each two rules both hit, int64[count, count]."""
    counts = np.zeros((count, count), np.int64)
    for row in range(len(rule_offsets) - 1):
        for one in range(rule_offsets[row], rule_offsets[row + 1]):
            for other in range(rule_offsets[row], rule_offsets[row + 1]):
                counts[rules[one], rules[other]] += 1
    return counts


def _days(day: Integers, judgements: Judgements, bothered: NDArray[np.bool_]) -> tuple[Slice, ...]:
    """The days that had payments; a stray date makes one more day, not a million."""
    days, group = np.unique(day, return_inverse=True)
    return _slices(group, days, judgements, bothered)


def _slices(
    group: Integers, at: Integers, judgements: Judgements, bothered: NDArray[np.bool_]
) -> tuple[Slice, ...]:
    fraud, good = judgements.truth == FRAUD, judgements.truth == GOOD
    masks = (bothered, fraud, fraud & bothered, good, good & bothered)
    columns = [np.bincount(group, minlength=len(at))]
    columns += [np.bincount(group[mask], minlength=len(at)) for mask in masks]
    return tuple(Slice(*row) for row in np.stack([at, *columns], axis=1).tolist())


def _bands(
    judgements: Judgements,
    counter: Tallying,
    bothered: NDArray[np.bool_],
    stopped: NDArray[np.bool_],
) -> tuple[Band, ...]:
    """By currency and power of ten; the bands in which there are payments."""
    width = len(_POWERS_OF_TEN) + 1
    power = np.searchsorted(_POWERS_OF_TEN, judgements.amount_minor, side="right")
    bands, group = np.unique(counter.currency.astype(np.int64) * width + power, return_inverse=True)
    count = len(bands)

    def tallies(mask: NDArray[np.bool_] | slice) -> list[Tally]:
        return counter.tallies(np.arange(len(judgements))[mask], group[mask], count)

    return tuple(
        Band(
            currency=counter.currencies[band // width],
            from_minor=10 ** (band % width) if band % width else 0,
            below_minor=10 ** (band % width + 1),
            bothered=Hits("bothered", hit, total),
            stopped=Hits("stopped", stop, total),
        )
        for band, total, hit, stop in zip(
            bands.tolist(), tallies(slice(None)), tallies(bothered), tallies(stopped), strict=True
        )
    )


def _curve(judgements: Judgements, counter: Tallying, total: Tally) -> tuple[CurvePoint, ...]:
    """What each score would hit as a threshold: tallies by score, added from the top.

    Distinct payers cannot be added; they are counted by the highest score of each.
    """
    scored = np.flatnonzero(judgements.score > 0)
    scores, group = np.unique(-judgements.score[scored].astype(np.int64), return_inverse=True)
    tallies = counter.tallies(scored, group, len(scores))
    goods = scored[judgements.truth[scored] == GOOD]
    highest = np.zeros(counter.payers, np.int64)
    np.maximum.at(highest, counter.payer[goods], judgements.score[goods].astype(np.int64))
    payers = np.cumsum(np.bincount(np.searchsorted(scores, -highest[highest > 0]),
                                   minlength=len(scores)))  # fmt: skip
    points = []
    so_far: Tally | None = None
    for score, tally, distinct in zip(scores.tolist(), tallies, payers.tolist(), strict=True):
        so_far = _add(so_far, tally, distinct)
        points.append(CurvePoint(-score, Hits(f"score {-score}", so_far, total)))
    return tuple(points)


def _add(so_far: Tally | None, more: Tally, payers: int) -> Tally:
    if so_far is None:
        return more
    return Tally(
        frauds=so_far.frauds + more.frauds,
        goods=so_far.goods + more.goods,
        unknown=so_far.unknown + more.unknown,
        fraud_money=_add_money(so_far.fraud_money, more.fraud_money),
        good_money=_add_money(so_far.good_money, more.good_money),
        unknown_money=_add_money(so_far.unknown_money, more.unknown_money),
        payers=payers,
    )


def _add_money(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    return {code: one.get(code, 0) + other.get(code, 0) for code in {**one, **other}}
