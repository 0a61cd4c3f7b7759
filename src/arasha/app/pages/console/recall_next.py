"""What is next in a recall, and whether it would be taken now: else why not, and from when.

In: the state, and who asks. Out: the act that the recall's step leads to, as the rule that takes it
(cases/recalls.py) would answer now; nothing of the trial is kept. Where it would be refused, what
stands before it: who can still answer, holds that end before that, an appeal, holds that are over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from arasha.cases.acts import Askable, RecallSent, Requested, ReturnOrdered, word_of
from arasha.cases.recalls import heard_from_ms
from arasha.cases.records import Appeal, Hold, Recall, RecallStatus
from arasha.cases.refusals import Refusal
from arasha.cases.requests import needed
from arasha.cases.state import State

Tried = Callable[[Askable | Requested, int], Refusal | None]
"""Why somebody's act would be refused at a time; nothing of the trial is kept."""

SOME_NOTICE: Final = "0"
"""The notice of a trial: which one it is makes no difference to whether money can go back."""


@dataclass(frozen=True, slots=True)
class Next:
    """The next act by its word, and why it would be refused now. Then ``from_ms`` is from when who
    is held has had time to answer, ``ends`` the holds that end before; ``appeals`` those that are
    open; ``over`` the holds of which nothing can be asked back any more, ``shared`` those whose
    money falls to others.
    """

    word: str
    refusal: Refusal | None = None
    from_ms: int | None = None
    ends: tuple[Hold, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    over: tuple[Hold, ...] = ()
    shared: tuple[Hold, ...] = ()


def next_of(state: State, tried: Tried, name: str, now_ms: int) -> Next | None:
    """What whoever tries could do next in that recall; None where it waits for somebody else."""
    recall = state.recalls.get(name)
    act = None if recall is None else _act(recall)
    if recall is None or act is None:
        return None
    asked = Requested(act) if needed(state, act) else act

    def refused_at(at_ms: int) -> Refusal | None:
        return tried(asked, at_ms)

    refusal, word = refused_at(now_ms), word_of(act)
    holds = _holds(state, recall)
    standing = tuple(one for one in holds if one.holds_at(now_ms))
    if refusal is Refusal.NOTHING_HELD:
        over = tuple(one for one in holds if not one.holds_at(now_ms))
        return Next(word, refusal, over=over, shared=standing)
    if refusal is Refusal.APPEAL_IS_OPEN:
        return Next(word, refusal, appeals=_appeals(state, standing))
    if refusal is not Refusal.RECEIVER_NOT_HEARD:
        return Next(word, refusal)
    law = state.law
    assert law is not None, "a recall was begun under a law"
    heard = {one.id: heard_from_ms(one, law) or now_ms for one in standing if not one.agreed}
    moments = sorted({*heard.values(), *(one.until_ms for one in standing)})
    ahead = (at_ms for at_ms in moments if at_ms > now_ms and refused_at(at_ms) is None)
    from_ms = next(ahead, max(heard.values()))
    ends = tuple(one for one in standing if one.until_ms <= heard.get(one.id, from_ms))
    return Next(word, refusal, from_ms, ends)


def _act(recall: Recall) -> Askable | None:
    if recall.status in (RecallStatus.REQUESTED, RecallStatus.TRACKED):
        return RecallSent(recall.id)
    if recall.status is RecallStatus.ANSWERED:
        return ReturnOrdered(recall.id, SOME_NOTICE)
    return None


def _holds(state: State, recall: Recall) -> list[Hold]:
    """What money could go back from: the holds whose banks agree or, before they were asked, all
    of the report.
    """
    if recall.status is RecallStatus.ANSWERED:
        return [state.holds[one.hold] for one in recall.answers if one.amount_minor]
    return list(state.holds_of_report(recall.report))


def _appeals(state: State, holds: tuple[Hold, ...]) -> tuple[Appeal, ...]:
    names = (state.appeal_about.get(one.id, "") for one in holds)
    found = (state.appeals[one] for one in names if one)
    return tuple(one for one in found if one.status == "open")
