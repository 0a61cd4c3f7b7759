"""A recall between real banks and a real centre: camt.056 out, camt.029 and pacs.004 in."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jsonschema_rs

from arasha.app.http.openapi_webhooks import event_schema
from arasha.cases.projection import rebuilt
from arasha.client import Decided
from arasha.events.iso20022.messages import Message, decode_xml
from arasha.events.json import encode
from arasha.events.records import ReportFiled
from arasha.log.log import Log
from iso20022_samples import UETR
from live_samples import WITH_FALLBACK
from outbox_samples import Receiver, receiving
from policy_samples import written
from service_samples import Served, now, participant, paying, serving
from test_app_http_acting import LAW, call, people, until
from test_app_http_outgoing import listening


def test_a_recall_goes_out_as_camt_056_and_its_answers_come_back(tmp_path: Path) -> None:
    """From the theft over two banks to the money back, each bank speaking ISO 20022."""
    directory, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK", "OTHER-1")}
    keys |= people(directory)
    with (
        receiving() as mule,
        receiving() as other,
        serving(directory, policy, "--law", str(LAW), keys=keys) as served,
    ):
        for name, receiver in (("MULEBANK", mule), ("OTHER-1", other)):
            listening(directory, name, receiver.url)
            receiver.wait_for_data(change="webhook_set")
        steal(served)
        (first, first_case), (second, second_case) = (asked(one) for one in (mule, other))
        assert ("stolen-1", "100000.00", "KZT") == (first.payment, first.amount, first.currency)
        assert (UETR, "70000.00") == (second.payment, second.amount)
        for bank, case, at in (("MULEBANK", first_case, mule), ("OTHER-1", second_case, other)):
            hold = case.partition("/")[2]
            order = next(one for one in at.events() if one["type"] == "arasha.hold_order")
            minor = order["data"]["amount_minor"]
            call(served, bank, "POST", f"/v1/holds/{hold}/answer", held_minor=minor)
            call(served, "bolat", "POST", f"/v1/holds/{hold}/confirm", basis="kz:25-1")
        refused = post(served, "BANKKZKA", answer(first_case, "ACCR"))
        assert ([], "recall_not_found", 404) == (
            refused["answers"], refused["replies"][0]["reason"], refused["replies"][0]["status"],
        )  # fmt: skip
        large = post(served, "MULEBANK", answer(first_case, "PACR", "30000.01"))
        assert "more_than_disputed" == large["replies"][0]["reason"]
        for bank, case, minor in (
            ("MULEBANK", first_case, 3_000_000), ("OTHER-1", second_case, 7_000_000),
        ):  # fmt: skip
            recall, _, hold = case.partition("/")
            taken = {"outcome": "done", "act": "recall_answered", "recall": recall, "hold": hold,
                     "amount_minor": minor}  # fmt: skip
            for _ in range(2):
                assert [taken] == post(served, bank, answer(case, "ACCR"))["replies"]
        recall = first_case.partition("/")[0]
        ordered_back(served, recall)
        gone = post(served, "OTHER-1", returning(UETR, "70000.01", "r-0"))
        assert ("kept", "more_than_disputed") == (
            gone["answers"][0]["outcome"], gone["replies"][0]["reason"],
        )  # fmt: skip
        for bank, name, amount in (
            ("MULEBANK", "stolen-1", "30000"),
            ("OTHER-1", UETR, "70000.00"),
        ):
            told = [post(served, bank, returning(name, amount, f"r-{bank}")) for _ in range(2)]
            assert told[0] == told[1]
            assert ("kept", "money_returned") == (
                told[0]["answers"][0]["outcome"], told[0]["replies"][0]["act"],
            )  # fmt: skip
        shown = call(served, "MULEBANK", "GET", f"/v1/recalls/{recall}")
        assert ("completed", "100000.00") == (shown["status"], shown["returned"])
        assert 0 == served.stop()
    with Log.open(directory, writable=False) as log:
        state = rebuilt(log).state
    assert 10_000_000 == state.recalls[recall].returned_minor


def steal(served: Served) -> None:
    """100,000 go to the mule, 70,000 of them on to another bank; the bank attests it."""
    with served.client() as client:
        paid = paying("stolen-1", payer_account="KZ-victim", payee_account="KZ-mule",
                      payer_bank="BANKKZKA", payee_bank="MULEBANK", amount="100000.00")  # fmt: skip
        assert isinstance(client.judge(paid), Decided)
    with served.client("MULEBANK") as client:
        passed = paying(UETR, payer_account="KZ-mule", payee_account="KZ-second", amount="70000.00",
                        payer_bank="MULEBANK", payee_bank="OTHER-1", uetr=UETR)  # fmt: skip
        assert isinstance(client.judge(passed), Decided)
    report = ReportFiled(id="report-1", happened_at=now(), payment="stolen-1", attested=True)
    assert 200 == served.request("POST", "/v1/events", encode(report)).status_code


def asked(receiver: Receiver) -> tuple[ReportFiled, str]:
    """The camt.056 that a bank got, as our own reader reads it, and its case."""
    got = receiver.wait_for_data(message="camt.056.001.08")
    data = got.event["data"]
    jsonschema_rs.validate(event_schema("camt_056"), got.event)
    types = [event["type"] for event in receiver.events() if event["subject"] == data["hold"]]
    assert ["arasha.hold_order", "arasha.recall_asked", "arasha.camt_056"] == types
    found = decode_xml(data["document"].encode())
    assert isinstance(found, Message), found
    (report,) = found.records
    assert isinstance(report, ReportFiled)
    assert data["case"] == report.id == f"{data['recall']}/{data['hold']}"
    assert not [word for word in ("KZ-victim", "KZ-mule", "KZ-second") if word in data["document"]]
    return report, data["case"]


def ordered_back(served: Served, recall: str) -> None:
    """The held agree, and three people want it."""
    with Log.open(served.directory, writable=False) as log:
        references = list(rebuilt(log).state.by_reference)
    for reference in references:
        call(served, None, "POST", f"/v1/appeals/{reference}/agree")
    back = call(served, "bolat", "POST", f"/v1/recalls/{recall}/return", notice="n-1")
    request = next(one["id"] for one in back["changed"] if one["kind"] == "request")
    content = call(served, "dana", "GET", f"/v1/requests/{request}")["content"]
    for name in ("dana", "gulnara"):
        call(served, name, "POST", f"/v1/requests/{request}/approve", content=content)
    until(lambda: call(served, "MULEBANK", "GET", f"/v1/recalls/{recall}")["status"] == "returning")


def answer(case: str, status: str, amount: str | None = None) -> bytes:
    goes = "" if amount is None else (
        f'<RsltnRltdInf><IntrBkSttlmAmt Ccy="KZT">{amount}</IntrBkSttlmAmt></RsltnRltdInf>'
    )  # fmt: skip
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"><RsltnOfInvstgtn>
      <Assgnmt><Id>A-1</Id><CreDtTm>2026-03-02T09:00:00Z</CreDtTm></Assgnmt>
      <RslvdCase><Id>{case}</Id></RslvdCase><Sts><Conf>{status}</Conf></Sts>
      <CxlDtls><TxInfAndSts><TxCxlSts>{status}</TxCxlSts>{goes}</TxInfAndSts></CxlDtls>
      </RsltnOfInvstgtn></Document>""".encode()


def returning(payment: str, amount: str, fact: str) -> bytes:
    named = "OrgnlUETR" if payment == UETR else "OrgnlTxId"
    at = "2026-03-02T09:00:00Z"
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"><PmtRtr>
      <GrpHdr><MsgId>M-1</MsgId><CreDtTm>{at}</CreDtTm><NbOfTxs>1</NbOfTxs></GrpHdr>
      <TxInf><RtrId>{fact}</RtrId><{named}>{payment}</{named}>
      <RtrdIntrBkSttlmAmt Ccy="KZT">{amount}</RtrdIntrBkSttlmAmt>
      <RtrRsnInf><Rsn><Cd>FOCR</Cd></Rsn></RtrRsnInf></TxInf></PmtRtr></Document>""".encode()


def post(served: Served, name: str, message: bytes) -> Any:
    end = time.monotonic() + 90
    while True:
        response = served.request(
            "POST", "/v1/iso20022", message, name=name, headers={"content-type": "application/xml"}
        )
        if response.status_code != 503 or time.monotonic() > end:
            break
    assert 200 == response.status_code, response.text
    return json.loads(response.text)
