"""What banks say to recalls in ISO 20022, as acts: camt.029 is an answer, pacs.004 money returned.

In: the replies of a message (events/iso20022/replies.py) and the bank it came from. Out: the same
acts as by JSON, refused by the same names; or nothing, where the reply speaks of no recall of ours.
A reply finds its hold by the case that the camt.056 named, or by the payment that the bank got,
under the id that one of the participants gave it. Sent again it is done once and told the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from arasha.app.http import problems
from arasha.app.http.office import Office, refused
from arasha.app.http.problems import Problem, refused_of
from arasha.cases.acts import Actor, MoneyReturned, RecallAnswered, word_of
from arasha.cases.pots import Pots
from arasha.cases.projection import Done
from arasha.cases.records import Hold, Recall, RecallStatus
from arasha.cases.refusals import Refusal
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.client.messages import Refused, ReplyTaken
from arasha.events.iso20022.replies import Reply
from arasha.events.reference import digest16

_CASE: Final = re.compile(r"(r[0-9]{1,19})/(h[0-9]{1,19}(?:\.[0-9]{1,4})?)")

Act: TypeAlias = RecallAnswered | MoneyReturned
Places: TypeAlias = Mapping[int, str]
"""Where payments with the id that a reply names stand, and which participant sent each."""


@dataclass(frozen=True, slots=True)
class Again:
    """The act has been done, by the same reply."""

    act: Act


@dataclass(frozen=True, slots=True)
class Several:
    """Several recalls wait for money of the payment that the reply names."""

    count: int

    def problem(self) -> Problem:
        """As it is told."""
        return Problem(
            problems.ACT_REFUSED, "several recalls wait for money of this payment",
            reason="several_recalls", found=f"{self.count} of them",
            expected="the case that the camt.056 named, or POST /v1/recalls/{id}",
        )  # fmt: skip


Found: TypeAlias = Act | Again | Several | Refusal | None


async def take(
    office: Office, bank: str, replies: Iterable[Reply]
) -> list[ReplyTaken | Refused] | Problem:
    """Have the replies taken, one after the other; what came of each that was about a recall."""
    told: list[ReplyTaken | Refused] = []
    for reply in replies:
        found: Done | Again | Several | Refusal | Problem | None = await office.find_and_do(
            Actor("participant", bank), partial(_found, bank=bank, reply=reply)
        )
        if isinstance(found, Problem):
            return found
        if isinstance(found, Refusal):
            told.append(refused_of(refused(found)))
        elif isinstance(found, Several):
            told.append(refused_of(found.problem()))
        elif found is not None:
            act = found.act if isinstance(found, Again) else found.entry.act
            assert isinstance(act, Act)
            told.append(ReplyTaken(word_of(act), act.recall, act.hold, act.amount_minor))
    return told


def _found(writer: Writer, banks: Sequence[str], *, bank: str, reply: Reply) -> Found:
    places: dict[int, str] = {}
    if reply.case is None and reply.payment is not None:
        seqs = writer.log.seqs_of([digest16(name, reply.payment) for name in banks]).tolist()
        places = {seq: name for seq, name in zip(seqs, banks, strict=True) if seq >= 0}
    return act_of(writer.state, bank, reply, places)


def act_of(state: State, bank: str, reply: Reply, places: Places) -> Found:
    """The act that a bank's reply asks for, why it is none, or None where it is about no recall."""
    if reply.said == "pending":
        return None
    if reply.case is not None:
        named = _CASE.fullmatch(reply.case)
        if named is None:
            return None
        recall, hold = state.recalls.get(named[1]), state.holds.get(named[2])
        if recall is None or hold is None or hold.bank != bank:
            return Refusal.RECALL_NOT_FOUND  # another's is as what is not there
        if named[2] not in recall.asked:
            return Refusal.NOT_ON_THE_RECALL
        return _act(state, recall, hold, bank, reply)
    asked = [
        (state.recalls[asking], state.holds[name])
        for place in places
        for name in state.holds_by_payment.get(place, ())
        if (asking := state.recall_of.get(state.holds[name].report, "")) in state.recalls
        and name in state.recalls[asking].asked
    ]
    mine = [pair for pair in asked if pair[1].bank == bank]
    if not mine:
        own = bank in places.values()  # a bank tells of its own payment: a fact, and no more
        return Refusal.ANOTHER_PARTICIPANTS if asked and not own else None
    fitting = [pair for pair in mine if _fits(*pair, bank, reply)] or mine[:1]
    if len(fitting) > 1:
        return Several(len(fitting))
    return _act(state, *fitting[0], bank, reply)


def _fits(recall: Recall, hold: Hold, bank: str, reply: Reply) -> bool:
    """Whether this hold waits for such a reply, or has had this one."""
    if reply.said != "returned":
        return all(one.hold != hold.id for one in recall.answers) or bool(
            _answered_so(recall, hold, reply)
        )
    if reply.fact is not None and digest16(bank, reply.fact).hex() in hold.returned_by:
        return True
    left = (hold.to_return_minor or 0) - hold.returned_minor
    return recall.status is RecallStatus.RETURNING and 0 < (reply.amount_minor or 0) <= left


def _act(
    state: State, recall: Recall, hold: Hold, bank: str, reply: Reply
) -> Act | Again | Refusal:
    if reply.currency not in (None, hold.currency):
        return Refusal.OTHER_CURRENCY
    if reply.said == "returned":
        fact = None if reply.fact is None else digest16(bank, reply.fact).hex()
        back = MoneyReturned(recall.id, hold.id, reply.amount_minor or 0, fact)
        return Again(back) if fact in hold.returned_by and hold.bank == bank else back
    given = _answered_so(recall, hold, reply)
    if given is not None and hold.bank == bank:
        return Again(given)
    return _answer(state, recall, hold, reply)


def _answer(state: State, recall: Recall, hold: Hold, reply: Reply) -> RecallAnswered:
    if reply.said == "rejected":
        return RecallAnswered(recall.id, hold.id, "rejected", 0, reply.code)
    whole = Pots(state).most_back(hold, state.at_ms)
    amount = whole if reply.amount_minor is None else reply.amount_minor
    return RecallAnswered(
        recall.id, hold.id, "accepted" if amount >= whole else "partly", amount, reply.code
    )


def _answered_so(recall: Recall, hold: Hold, reply: Reply) -> RecallAnswered | None:
    """The answer that the bank gave before, if it was this one."""
    for one in recall.answers:
        if one.hold != hold.id:
            continue
        same = one.amount_minor == reply.amount_minor or (
            reply.amount_minor is None and one.answer == "accepted" == reply.said
        )
        if same and one.code == reply.code:
            return RecallAnswered(recall.id, hold.id, one.answer, one.amount_minor, one.code)
    return None
