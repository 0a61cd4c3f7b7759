"""Two policies on one file: what changes if the one replaces the other.

The same payments come in twice, judged by each; out come the payments that only one of them hit,
as counts, as money and as examples, and how sure we are that the difference is not chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from arasha.engine.judgements import FRAUD, GOOD, Action, Judgements
from arasha.errors import UsageError
from arasha.reports.examples import example, largest
from arasha.reports.measures import (
    Comparison,
    Example,
    Examples,
    Measures,
    RuleChange,
    Transition,
)
from arasha.reports.proportions import Interval, paired_difference
from arasha.reports.tallying import Integers, Tallying, prepare

Mask = NDArray[np.bool_]


def compare(before: tuple[Judgements, Measures], after: tuple[Judgements, Measures]) -> Comparison:
    """What ``after`` does otherwise than ``before``, each judgements with their measures.

    Raises UsageError unless both judged the same payments, in the same order, with the same truth
    and measured with the same ``stop_at``.
    """
    (old, old_measures), (new, new_measures) = before, after
    _require_same_payments(old, new)
    if old_measures.stop_at != new_measures.stop_at:
        raise UsageError(
            "the two policies were measured differently",
            expected=f"stop_at {old_measures.stop_at.name}",
            found=f"stop_at {new_measures.stop_at.name}",
        )
    counter = prepare(new)
    old_bothered, bothered = old.action > Action.ALLOW, new.action > Action.ALLOW
    stop_at = new_measures.stop_at
    old_stopped, stopped = old.action >= stop_at, new.action >= stop_at
    return Comparison(
        before=old_measures,
        after=new_measures,
        newly_hit=counter.tally(bothered & ~old_bothered),
        newly_missed=counter.tally(old_bothered & ~bothered),
        newly_stopped=counter.tally(stopped & ~old_stopped),
        no_longer_stopped=counter.tally(old_stopped & ~stopped),
        recall_difference=_difference(old_bothered, bothered, new.truth == FRAUD),
        good_share_difference=_difference(old_bothered, bothered, new.truth == GOOD),
        transitions=_transitions(old, new),
        rules=_rule_changes(before, after, counter),
        examples=_examples(before, after, counter),
    )


def _require_same_payments(old: Judgements, new: Judgements) -> None:
    same = len(old) == len(new) and all(
        np.array_equal(getattr(old, column), getattr(new, column))
        for column in ("seq", "amount_minor", "currency", "payer", "payee", "truth")
    )
    if not same or any(a != b for a, b in zip(old.ids, new.ids, strict=True)):
        raise UsageError(
            "the two policies did not judge the same payments",
            expected=f"{len(old):,} payments with equal ids, amounts, parties and labels",
            found=f"{len(new):,} payments, of which not all are equal",
            hint="judge one and the same file with both policies",
        )


def _difference(old: Mask, new: Mask, among: Mask) -> Interval | None:
    both = int((old & new & among).sum())
    first = int((old & ~new & among).sum())
    second = int((new & ~old & among).sum())
    return paired_difference(both, first, second, int(among.sum()) - both - first - second)


def _transitions(old: Judgements, new: Judgements) -> tuple[Transition, ...]:
    width = len(Action)
    cells = old.action.astype(np.int64) * width + new.action
    columns = [
        np.bincount(chosen, minlength=width * width).tolist()
        for chosen in (cells, cells[new.truth == FRAUD], cells[new.truth == GOOD])
    ]
    return tuple(
        Transition(was, becomes, *row)
        for (was, becomes), row in zip(
            product(Action, Action), zip(*columns, strict=True), strict=True
        )
    )


def _rule_changes(
    before: tuple[Judgements, Measures], after: tuple[Judgements, Measures], counter: Tallying
) -> tuple[RuleChange, ...]:
    """Rules are the same if their names are; in the new policy's order, then those it lost."""
    old_rules = {hits.name: hits for hits in before[1].rules}
    new_rules = {hits.name: hits for hits in after[1].rules}
    names = list(new_rules) + [name for name in old_rules if name not in new_rules]
    index = {name: at for at, name in enumerate(names)}
    old_pairs = _pairs(before[0], list(old_rules), index)
    new_pairs = _pairs(after[0], list(new_rules), index)
    gained = new_pairs[~_in(new_pairs, old_pairs)]
    lost = old_pairs[~_in(old_pairs, new_pairs)]
    width = max(1, len(names))
    newly_hit = counter.tallies(gained // width, gained % width, len(names))
    newly_missed = counter.tallies(lost // width, lost % width, len(names))
    return tuple(
        RuleChange(name, old_rules.get(name), new_rules.get(name), hit, missed)
        for name, hit, missed in zip(names, newly_hit, newly_missed, strict=True)
    )


def _pairs(judgements: Judgements, own: Sequence[str], index: dict[str, int]) -> Integers:
    """Each (row, rule) that fired as one number, ascending; rules by their common index."""
    common = np.array([index[name] for name in own] or [0], np.int64)
    pairs: Integers = np.sort(
        judgements.fired_rows() * max(1, len(index)) + common[judgements.rules]
    )
    return pairs


def _in(some: Integers, others: Integers) -> Mask:
    """Which of the ascending numbers are also among the ascending others."""
    if len(others) == 0:
        return np.zeros(len(some), np.bool_)
    at = np.minimum(np.searchsorted(others, some), len(others) - 1)
    found: Mask = others[at] == some
    return found


def _examples(
    before: tuple[Judgements, Measures], after: tuple[Judgements, Measures], counter: Tallying
) -> Examples:
    (old, old_measures), (new, new_measures) = before, after
    old_names = [hits.name for hits in old_measures.rules]
    new_names = [hits.name for hits in new_measures.rules]
    old_bothered, bothered = old.action > Action.ALLOW, new.action > Action.ALLOW
    fraud, good = new.truth == FRAUD, new.truth == GOOD

    def shown(mask: Mask) -> tuple[Example, ...]:
        rows = largest(new, counter.currency, mask)
        return tuple(example(row, new, new_names, (old, old_names)) for row in rows)

    return Examples(
        newly_found=shown(bothered & ~old_bothered & fraud),
        newly_missed=shown(old_bothered & ~bothered & fraud),
        newly_bothered=shown(bothered & ~old_bothered & good),
        no_longer_bothered=shown(old_bothered & ~bothered & good),
    )
