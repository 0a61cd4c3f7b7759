"""The steps of a recall with their clocks: when each was reached, and by when the next one is due.

In: a recall, the acts about it, the law in force. Out: the six steps in order, and where it ended
instead if it was cancelled. What is still ahead has the law's term, as its clock has not begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from arasha.cases.calendar import Term
from arasha.cases.law import Law
from arasha.cases.projection import ActPlace
from arasha.cases.records import OPEN_RECALL, Recall, RecallStatus

ORDER: Final = (
    RecallStatus.REQUESTED, RecallStatus.TRACKED, RecallStatus.AWAITING_ANSWER,
    RecallStatus.ANSWERED, RecallStatus.RETURNING, RecallStatus.COMPLETED,
)  # fmt: skip

Stands = Literal["done", "now", "ahead", "never"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``due_ms`` is the deadline of what is awaited now; ``term`` what the law gives the
    step that leads to this one, where that is ahead.
    """

    status: RecallStatus
    stands: Stands
    reached_ms: int | None = None
    due_ms: int | None = None
    term: Term | None = None


def clock_of(recall: Recall) -> int | None:
    """The deadline that runs; None where nothing is awaited of anybody: nothing is held yet, or
    the recall is over.
    """
    runs = recall.status in OPEN_RECALL and recall.status is not RecallStatus.REQUESTED
    return recall.due_ms if runs else None


def steps_of(
    recall: Recall, acts: Sequence[ActPlace], law: Law, held_since_ms: int | None
) -> list[Step]:
    """The steps in order; a cancelled recall's end comes last. ``held_since_ms``: when the first
    hold order for its report went out.
    """
    reached = _reached(recall, acts, held_since_ms)
    cancelled = recall.status is RecallStatus.CANCELLED
    found = []
    for status in ORDER:
        if status is recall.status:
            found.append(Step(status, "now", reached.get(status), clock_of(recall)))
        elif status in reached:
            found.append(Step(status, "done", reached[status]))
        else:
            stands: Stands = "never" if cancelled else "ahead"
            found.append(Step(status, stands, term=None if cancelled else _term(status, law)))
    if cancelled:
        found.append(Step(recall.status, "now", acts[-1].at_ms if acts else None))
    return found


def _reached(
    recall: Recall, acts: Sequence[ActPlace], held_since_ms: int | None
) -> dict[RecallStatus, int]:
    """When each step was reached, read from the acts; an approval did what was asked for: first the
    sending, then the order to return.
    """
    reached = {RecallStatus.REQUESTED: recall.opened_ms}
    if held_since_ms is not None and recall.status is not RecallStatus.REQUESTED:
        reached[RecallStatus.TRACKED] = max(recall.opened_ms, held_since_ms)
    answers = 0
    for act in acts:
        sent = RecallStatus.AWAITING_ANSWER in reached
        if act.word in ("recall_sent", "request_approved") and not sent:
            reached[RecallStatus.AWAITING_ANSWER] = act.at_ms
        elif act.word == "recall_answered":
            answers += 1
            if answers == len(recall.asked):
                reached[RecallStatus.ANSWERED] = act.at_ms
        elif act.word in ("return_ordered", "request_approved"):
            reached[RecallStatus.RETURNING] = act.at_ms
        elif act.word == "money_returned" and recall.status is RecallStatus.COMPLETED:
            reached[RecallStatus.COMPLETED] = act.at_ms
    return reached


def _term(status: RecallStatus, law: Law) -> Term | None:
    terms = {
        RecallStatus.ANSWERED: law.recall.answer,
        RecallStatus.RETURNING: law.recall.hearing,
        RecallStatus.COMPLETED: law.recall.returned,
    }
    return terms.get(status)
