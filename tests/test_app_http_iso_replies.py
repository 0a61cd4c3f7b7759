"""Replies of banks in ISO 20022 and acts in JSON lead to the same state."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from arasha.app.http.iso_replies import Again, Several, act_of
from arasha.app.http.telling import case_id
from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, Act, Actor, Target
from arasha.cases.projection import Done
from arasha.cases.records import Hold, Recall, RecallStatus
from arasha.cases.refusals import Refusal
from arasha.events.iso20022.messages import Message, decode_xml
from arasha.events.iso20022.replies import Reply
from arasha.events.money import CURRENCY_OF_NUMERIC, format_minor
from arasha.events.reference import digest16
from cases_samples import (
    BANK,
    HELD,
    KZT,
    MULE,
    OFFICER,
    OTHER_BANK,
    PAYMENT,
    PROSECUTOR,
    SECOND,
    SECOND_OFFICER,
    VICTIMS_BANK,
    Room,
    bank,
    room,
)

SENDERS = {100: VICTIMS_BANK, 200: BANK}
"""The payments by which the money came: to the mule, and on to the second account."""
IDS = {100: "paid-1", 200: "paid-2"}


def asked_back() -> tuple[Room, Recall, list[Hold]]:
    """Two holds at two banks, answered, and a recall that is sent."""
    here = room()
    report = here.report()
    targets = (
        Target(MULE, BANK, 60_000, here.reference(), 100),
        Target(SECOND, OTHER_BANK, 40_000, here.reference(), 200),
    )
    here.do(CENTRE, a.HoldsPlaced(report.id, targets))
    holds = list(here.state.holds.values())
    for hold in holds:
        here.do(bank(hold.bank), a.HoldAnswered(hold.id, hold.amount_minor))
        here.do(OFFICER, a.HoldConfirmed(hold.id, "kz:25-1"))
        here.do(HELD, a.ReceiverAgreed(hold.reference))
    here.do(CENTRE, a.RecallOpened(report.id))
    (recall,) = here.state.recalls.values()
    here.do(CENTRE, a.RecallSent(recall.id))
    return here, here.recall_now(recall), [here.hold_now(hold) for hold in holds]


def order_return(here: Room, recall: Recall) -> None:
    here.do(SECOND_OFFICER, a.Requested(a.ReturnOrdered(recall.id, "notice-1")))
    request = list(here.state.requests.values())[-1]
    here.do(OFFICER, a.RequestApproved(request.id, request.content))
    here.do(PROSECUTOR, a.RequestApproved(request.id, request.content))


def camt_029(
    hold: Hold, recall: Recall, status: str, amount: int | None, *, by_case: bool
) -> bytes:
    named = f"<RslvdCase><Id>{case_id(recall.id, hold.id)}</Id></RslvdCase>" if by_case else ""
    assert hold.came is not None
    related = (
        ""
        if amount is None
        else f"<RsltnRltdInf>{_amount('IntrBkSttlmAmt', amount)}</RsltnRltdInf>"
    )
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"><RsltnOfInvstgtn>
      <Assgnmt><Id>ANSWER-1</Id><CreDtTm>2026-03-02T09:00:00Z</CreDtTm></Assgnmt>
      <Sts><Conf>{status}</Conf></Sts><CxlDtls><TxInfAndSts>{named}
        <OrgnlTxId>{IDS[hold.came]}</OrgnlTxId><TxCxlSts>{status}</TxCxlSts>
        <CxlStsRsnInf><Rsn><Cd>CUST</Cd></Rsn></CxlStsRsnInf>{related}
      </TxInfAndSts></CxlDtls></RsltnOfInvstgtn></Document>""".encode()


def pacs_004(hold: Hold, amount: int, fact: str, reason: str = "FOCR") -> bytes:
    assert hold.came is not None
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"><PmtRtr>
      <GrpHdr><MsgId>RETURN-1</MsgId><CreDtTm>2026-03-02T09:00:00Z</CreDtTm>
        <NbOfTxs>1</NbOfTxs></GrpHdr>
      <TxInf><RtrId>{fact}</RtrId><OrgnlTxId>{IDS[hold.came]}</OrgnlTxId>
        {_amount("RtrdIntrBkSttlmAmt", amount)}
        <RtrRsnInf><Rsn><Cd>{reason}</Cd></Rsn></RtrRsnInf></TxInf></PmtRtr></Document>""".encode()


def _amount(name: str, minor: int) -> str:
    return f'<{name} Ccy="KZT">{format_minor(minor, CURRENCY_OF_NUMERIC[KZT])}</{name}>'


def said(message: bytes) -> Reply:
    found = decode_xml(message)
    assert isinstance(found, Message), found
    (reply,) = found.replies
    return reply


def places(reply: Reply) -> dict[int, str]:
    """As the log would find them."""
    return {place: SENDERS[place] for place, name in IDS.items() if name == reply.payment}


def heard(here: Room, by: str, reply: Reply) -> Done | Again | Several | Refusal | None:
    """A reply as the service takes it."""
    found = act_of(here.state, by, reply, places(reply))
    return here.ask(bank(by), found) if isinstance(found, Act) else found


def test_messages_and_acts_lead_to_the_same_state() -> None:
    """Random walks: the same replies as messages in one room and as JSON in another, out of turn,
    twice, too large and from the wrong bank. Both rooms refuse the same and end alike.
    """
    seen: Counter[str] = Counter()
    for seed in range(150):
        chance = random.Random(seed)
        one, recall, holds = asked_back()
        other, _, _ = asked_back()
        for step in range(14):
            hold = chance.choice(holds)
            by = hold.bank if chance.random() < 0.85 else VICTIMS_BANK
            now = one.recall_now(recall)
            assert now == other.recall_now(recall)
            if now.status is RecallStatus.ANSWERED and chance.random() < 0.7:
                order_return(one, now)
                order_return(other, now)
                continue
            amount = chance.choice((hold.amount_minor, hold.amount_minor // 2, 1, 70_000))
            if chance.random() < 0.5:
                status = chance.choice(("ACCR", "ACCR", "PACR", "RJCR"))
                given = amount if status == "PACR" else None
                reply = said(camt_029(hold, recall, status, given, by_case=True))
                act: Act = answered(one, recall, hold, status, given)
            else:
                fact = f"back-{step}" if chance.random() < 0.8 else "back-0"
                reply = said(pacs_004(hold, amount, fact))
                act = a.MoneyReturned(recall.id, hold.id, amount, digest16(by, fact).hex())
            result, plain = heard(one, by, reply), other.ask(bank(by), act)
            assert one.state.holds == other.state.holds, seed
            assert one.state.recalls == other.state.recalls, seed
            if isinstance(plain, Done):
                assert isinstance(result, Done)
                assert result.entry.act == plain.entry.act
            else:
                assert not isinstance(result, Done)
            seen[type(result).__name__ if not isinstance(result, Refusal) else result.name] += 1
        assert one.state == other.state
    assert {"Done", "Again", "MORE_THAN_DISPUTED", "ANOTHER_PARTICIPANTS", "ALREADY_ANSWERED"} <= (
        seen.keys()
    )
    assert seen["Done"] > 300


def answered(here: Room, recall: Recall, hold: Hold, status: str, given: int | None) -> Act:
    """The act that a bank would post."""
    if status == "RJCR":
        return a.RecallAnswered(recall.id, hold.id, "rejected", 0, "CUST")
    whole = here.hold_now(hold).weight_minor
    amount = whole if given is None else given
    word: a.RecallAnswer = "accepted" if amount >= whole else "partly"
    return a.RecallAnswered(recall.id, hold.id, word, amount, "CUST")


def test_the_whole_way_by_messages_alone() -> None:
    """By the case or by the payment; sent twice, done once; the recall is complete."""
    here, recall, holds = asked_back()
    for hold, by_case in zip(holds, (True, False), strict=True):
        reply = said(camt_029(hold, recall, "ACCR", None, by_case=by_case))
        assert isinstance(heard(here, hold.bank, reply), Done)
        assert isinstance(heard(here, hold.bank, reply), Again)
    order_return(here, recall)
    for hold in holds:
        for part in (1, 2):
            reply = said(pacs_004(hold, hold.amount_minor // 2, f"back-{part}"))
            assert isinstance(heard(here, hold.bank, reply), Done)
            assert isinstance(heard(here, hold.bank, reply), Again)
    now = here.recall_now(recall)
    assert (RecallStatus.COMPLETED, 100_000) == (now.status, now.returned_minor)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"case": "OTHER-CASE"}, None),
        ({"case": "r999/h1.0"}, Refusal.RECALL_NOT_FOUND),
        ({"case": "CASE/h999.0"}, Refusal.RECALL_NOT_FOUND),
        ({"currency": 840, "amount_minor": 5}, Refusal.OTHER_CURRENCY),
        ({"said": "pending"}, None),
        ({"case": None, "payment": "unknown"}, None),
        ({"case": None, "payment": None}, None),
    ],
)
def test_what_is_about_no_recall_of_ours_is_no_act(
    change: dict[str, object], expected: Refusal | None
) -> None:
    """Another centre's case, or a payment that nobody sent here, is a message like any other."""
    here, recall, holds = asked_back()
    reply = said(camt_029(holds[0], recall, "ACCR", None, by_case=True))
    if isinstance(change.get("case"), str):
        change = {**change, "case": str(change["case"]).replace("CASE/", f"{recall.id}/")}
    changed = replace(reply, **change)  # type: ignore[arg-type]  # fields of a reply
    assert expected is heard(here, holds[0].bank, changed)


def test_a_bank_that_was_not_asked_is_refused_and_the_payments_own_bank_tells_a_fact() -> None:
    """Who sent the payment may tell that it came back: for it that is an outcome, and no more."""
    here, recall, holds = asked_back()
    reply = said(pacs_004(holds[1], 40_000, "back-1"))
    assert Refusal.ANOTHER_PARTICIPANTS is heard(here, VICTIMS_BANK, reply)
    assert None is heard(here, SENDERS[200], reply)
    by_case = said(camt_029(holds[0], recall, "ACCR", None, by_case=True))
    assert Refusal.RECALL_NOT_FOUND is heard(here, OTHER_BANK, by_case)  # as one that is none
    assert () == decode(pacs_004(holds[1], 40_000, "back-1", "AC04")).replies


def decode(message: bytes) -> Message:
    found = decode_xml(message)
    assert isinstance(found, Message)
    return found


def test_two_recalls_that_wait_for_one_payment_are_told_apart_by_their_case() -> None:
    """A mule passed on what two victims paid: by the payment alone nobody knows whose it is."""
    here = room()
    for number in (1, 2):
        report = here.report(payment=f"{number}" + PAYMENT[1:], payer=f"{number + 5}" * 32)
        target = Target(SECOND, OTHER_BANK, 10_000, here.reference(), 200)
        here.do(CENTRE, a.HoldsPlaced(report.id, (target,)))
        here.do(CENTRE, a.RecallOpened(report.id))
        recall = list(here.state.recalls.values())[-1]
        by: Actor = CENTRE
        if here.state.recalls[recall.id].score < 500:
            here.do(by, a.RecallSent(recall.id))
    one, two = here.state.recalls.values()
    first, second = here.state.holds.values()
    for hold in (first, second):
        here.do(bank(OTHER_BANK), a.HoldAnswered(hold.id, hold.amount_minor))
    unclear = said(camt_029(first, one, "ACCR", None, by_case=False))
    found = heard(here, OTHER_BANK, unclear)
    assert isinstance(found, Several)
    assert "2 of them" == found.problem().found
    named = said(camt_029(first, one, "ACCR", None, by_case=True))
    assert isinstance(heard(here, OTHER_BANK, named), Done)
    assert isinstance(heard(here, OTHER_BANK, unclear), Done | Again | Several)
    assert two.id == here.state.recall_of[second.report]
