"""What a country's offices come to, against the truth: found, held, returned, and who was held.

In: the offices of one life (offices.py), the payments that were noted, the days that are measured.
Out: a `Recovered` for the tables (reports/recovered.py). Thefts count that moved in those days;
holds and claims count that rest on a payment made in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from arasha.cases.targets import RULES
from arasha.country.arms import Notes
from arasha.country.happenings import FRAUD
from arasha.country.kernels_life import MOVED, RELEASED
from arasha.country.offices import Followed, HoldNote, Offices
from arasha.country.script import HOUR_MS, MINUTE_MS
from arasha.country.society import Society
from arasha.reports.recovered import CLASSES, Asked, Class, Recovered, class_of, summed


def outcome(offices: Offices, notes: Notes, society: Society) -> Recovered:
    """What it all comes to. ``notes`` are the payments of the days that are measured."""
    offices.close()
    measured = set(notes.payment.tolist())
    holds = [one for one in offices.notes.values() if one.payment in measured and one.held]
    orders = [one for one in offices.notes.values() if one.payment in measured]
    truth = (notes.truth & FRAUD) != 0
    stolen = truth & ((notes.became == MOVED) | (notes.became == RELEASED))
    thefts = {
        int(notes.payment[at]): (int(notes.time_ms[at]), int(notes.amount[at]))
        for at in np.flatnonzero(stolen).tolist()
    }
    wrong = [one for one in holds if not one.has_part]
    right = [one for one in holds if one.has_part and one.payment in thefts]
    asked_back, came_back = _recalls(offices, measured)
    return Recovered(
        classes=_classes(offices, thefts, orders),
        rules=_rules(one for one in offices.followed if one.payment in measured),
        held=len(_owners(holds, society)),
        no_part=len(_owners(wrong, society)),
        no_part_claimed=len(
            _owners([one for one in wrong if not offices.is_true(one.payment)], society)
            - _owners([one for one in wrong if offices.is_true(one.payment)], society)
        ),
        no_part_money=sum(one.held for one in wrong),
        release_hours=tuple(
            (one.over_ms - one.held_ms) / HOUR_MS
            for one in wrong
            if one.over_ms is not None and one.held_ms is not None and not one.returned
        ),
        for_good=sum(one.returned > 0 for one in wrong),
        appeals=sum(one.appealed for one in holds),
        upheld=sum(one.upheld for one in holds),
        no_part_appeals=sum(one.appealed for one in wrong),
        no_part_upheld=sum(one.upheld for one in wrong),
        asked_back=asked_back,
        came_back=came_back,
        hold_minutes=tuple(
            (one.held_ms - offices.reported[one.payment][0]) / MINUTE_MS
            for one in right
            if one.held_ms is not None
        ),
        ground_minutes=tuple(
            (one.held_ms - one.placed_ms) / MINUTE_MS for one in right if one.held_ms is not None
        ),
    )


def _classes(
    offices: Offices, thefts: dict[int, tuple[int, int]], orders: Iterable[HoldNote]
) -> tuple[Class, ...]:
    of_theft: dict[int, list[HoldNote]] = defaultdict(list)
    for one in orders:
        if one.has_part:
            of_theft[one.payment].append(one)
    classes: list[list[Class]] = [[] for _ in CLASSES]
    for payment, (time_ms, amount) in thefts.items():
        report = offices.reported.get(payment)
        minutes = None if report is None else (report[0] - time_ms) / MINUTE_MS
        some = of_theft[payment]
        classes[class_of(minutes)].append(Class(
            1, amount, min(amount, sum(one.ordered for one in some)),
            sum(one.held for one in some), sum(one.returned for one in some),
            sum(one.returned_other for one in some),
        ))  # fmt: skip
    return tuple(summed(one) for one in classes)


def _rules(followed: Iterable[Followed]) -> dict[str, Asked]:
    sums: dict[str, list[int]] = {rule: [0, 0, 0, 0] for rule in RULES}
    for one in followed:
        for rule, targets in one.by_rule.items():
            for _, has_part, _, there in targets:
                sums[rule][0] += 1
                sums[rule][1] += not has_part
                sums[rule][2 if has_part else 3] += there
    return {rule: Asked(*some) for rule, some in sums.items()}


def _recalls(offices: Offices, measured: set[int]) -> tuple[int, int]:
    """(asked back, came back) over all recalls of payments in those days."""
    asked = back = 0
    for work in offices.works:
        for recall in work.state.recalls.values():
            if offices.payment_of(recall.report) in measured:
                asked += work.state.reports[recall.report].amount_minor
                back += recall.returned_minor
    return asked, back


def _owners(holds: Iterable[HoldNote], society: Society) -> set[tuple[int, int]]:
    """Whose accounts they are: a person's or a firm's, by kind and place."""
    accounts = society.accounts
    return {(int(accounts.kind[one.account]), int(accounts.owner[one.account])) for one in holds}
