"""The service as its participants meet it: a real process, real connections."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from arasha.app.http import openapi
from arasha.client import Decided, Kept, Refused
from arasha.engine.again import compare
from arasha.errors import ServiceRefused
from arasha.events.json import MAX_MESSAGE_BYTES, encode
from arasha.events.records import PaymentReceived, Record, SimChanged, WarningAnswered
from arasha.log.verify import verify
from live_samples import WITH_FALLBACK
from policy_samples import written
from service_samples import Served, now, participant, paying, serving

MISTYPED = "KZ75 125K ZT10 0130 0336"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A centre with two banks, an operator and the centre's own key."""
    folder = tmp_path_factory.mktemp("served")
    policy = written(folder, WITH_FALLBACK)
    directory = folder / "centre"
    keys = {
        "BANKKZKA": participant(directory, "BANKKZKA"),
        "OTHERBNK": participant(directory, "OTHERBNK"),
        "TELCO": participant(directory, "TELCO", "operator"),
        "CENTRE": participant(directory, "CENTRE", "centre"),
        "SLOW": participant(directory, "SLOW", rate_per_s=0.001, burst=2),
        "SLOWLINE": participant(directory, "SLOWLINE", rate_per_s=0.001, burst=2),
        "HASTY": participant(directory, "HASTY", deadline_ms=1),
        "SIGNS": participant(directory, "SIGNS", signing="required"),
    }
    with serving(directory, policy, keys=keys) as service:
        yield service
        assert 0 == service.stop()
    assert verify(directory).ok
    found = compare(directory)
    assert found.decisions > 0
    assert 0 == found.differing


def problem(response: object) -> dict[str, object]:
    told: dict[str, object] = json.loads(response.content)  # type: ignore[attr-defined]  # a Response
    assert str(told["type"]).startswith("urn:arasha:problem:")
    return told


def test_a_payment_is_judged_and_its_verdict_says_why(served: Served) -> None:
    """Action, score, reasons in three languages, and what to show and ask the payer."""
    with served.client() as client:
        held = client.judge(paying("h-1", amount="2000000.00", payee_account="KZ-stranger"))
        allowed = client.judge(paying("a-1", payer_account="KZ-quiet"))
    assert ("hold", 600, False, False) == (held.action, held.score, held.late, held.fallback)
    assert ["much_to_a_stranger"] == [reason.rule for reason in held.reasons]
    assert {"kk", "ru", "en"} == set(held.reasons[0].text)
    assert "A new payee. Sent in 24 hours: " in held.reasons[0].text["en"]
    assert held.warning is not None
    assert {"kk", "ru", "en"} == set(held.warning.text) == set(held.warning.ask)
    assert 3 == len(held.warning.ask["kk"])
    assert ("allow", (), None) == (allowed.action, allowed.reasons, allowed.warning)
    assert ("small", 64) == (held.policy.name, len(held.policy.hash))


def test_asked_twice_it_is_answered_once(served: Served) -> None:
    """The same bytes, also when it is read; other content is a conflict; others see nothing."""
    body = encode(paying("twice", amount="2000000.00"))
    json_type = {"content-type": "application/json"}
    first = served.request("POST", "/v1/payments", body, headers=json_type)
    second = served.request("POST", "/v1/payments", body, headers=json_type)
    read = served.request("GET", "/v1/decisions/twice")
    centre = served.request("GET", "/v1/decisions/twice?sender=BANKKZKA", name="CENTRE")
    assert first.content == second.content == read.content == centre.content
    assert (None, "true") == tuple(one.headers.get("idempotent-replay") for one in (first, second))
    other = served.request("POST", "/v1/payments", encode(paying("twice")))
    assert (409, "#/id") == (other.status_code, problem(other)["pointer"])
    assert 404 == served.request("GET", "/v1/decisions/twice", name="OTHERBNK").status_code
    foreign = served.request("GET", "/v1/decisions/twice?sender=BANKKZKA", name="OTHERBNK")
    assert 403 == foreign.status_code


@pytest.mark.parametrize(
    ("body", "status", "pointer", "reason"),
    [
        (b"", 400, "#", "bad_json"),
        (b"{", 400, "#", "bad_json"),
        (b'{"fact":"payment","id":"x"}', 422, "#/payer_account", "missing_value"),
        (b"[" * 5000, 400, "#", "bad_json"),
        (b"\xff\xfe{}", 400, "#", "bad_json"),
        (encode(paying("x")).replace(b"1000.00", b"-5"), 422, "#/amount", "not_positive"),
        (encode(paying("x")).replace(b"1000.00", b"1e99"), 422, "#/amount", "not_a_number"),
        (encode(paying("x")).replace(b'"KZT"', b'"XAU"'), 422, "#/currency", None),
        (encode(paying("x")).replace(b'"id"', b'"idd"'), 422, "#", "unknown_field"),
        (encode(paying("x", payee_account=MISTYPED)), 422, "#/payee_account", "bad_identifier"),
    ],
)
def test_what_cannot_be_taken_says_what_was_expected(
    served: Served, body: bytes, status: int, pointer: str, reason: str | None
) -> None:
    """Problem details name the field and the reason, and repeat nothing of what was sent."""
    response = served.request("POST", "/v1/payments", body)
    told = problem(response)
    assert (status, "application/problem+json") == (
        response.status_code, response.headers["content-type"],
    )  # fmt: skip
    assert pointer == told["pointer"]
    assert reason is None or reason == told["reason"]
    assert told["expected"]
    assert response.headers["x-request-id"] == told["request_id"]
    assert b"KZ75" not in response.content


def test_another_fact_is_no_payment(served: Served) -> None:
    """Here only payments are judged; the others go to the stream of events."""
    warning = WarningAnswered(id="w-0", happened_at=now(), payment="p", answer="stopped")
    response = served.request("POST", "/v1/payments", encode(warning))
    assert (422, "#/fact") == (response.status_code, problem(response)["pointer"])


@pytest.mark.parametrize(
    ("method", "path", "headers", "name", "status"),
    [
        ("POST", "/v1/payments", {}, None, 401),
        ("POST", "/v1/payments", {"authorization": "Bearer nobody.at-all"}, None, 401),
        ("POST", "/v1/payments", {"authorization": "Basic YTpi"}, None, 401),
        ("POST", "/v1/payments", {}, "TELCO", 403),
        ("POST", "/v1/payments", {"content-type": "text/xml"}, "BANKKZKA", 415),
        ("POST", "/v1/payments", {}, "SIGNS", 401),
        ("GET", "/v1/payments", {}, "BANKKZKA", 405),
        ("GET", "/nothing", {}, "BANKKZKA", 404),
        ("GET", "/v1/decisions/never-sent", {}, "BANKKZKA", 404),
        ("GET", "/v1/decisions/x", {}, "TELCO", 403),
        ("GET", "/v1/decisions/%00%ff", {}, "BANKKZKA", 404),
        ("GET", "/v1/stream", {}, "TELCO", 403),
        ("GET", "/v1/stream", {"last-event-id": "nonsense"}, "BANKKZKA", 400),
        ("GET", "/v1/stream", {"last-event-id": "999999999"}, "BANKKZKA", 400),
        ("GET", "/metrics", {}, "BANKKZKA", 403),
        ("GET", "/metrics", {}, None, 401),
        ("GET", "/health/live", {}, None, 200),
        ("GET", "/health/ready", {}, None, 200),
        ("GET", "/openapi.json", {}, None, 200),
        ("GET", "/metrics", {}, "CENTRE", 200),
    ],
)
def test_who_may_do_what(
    served: Served, method: str, path: str, headers: dict[str, str], name: str | None, status: int
) -> None:
    """Nobody without a key, a participant within its rights, and health for everyone."""
    body = encode(paying("rights")) if method == "POST" else None
    response = served.request(method, path, body, name=name, headers=headers)
    assert status == response.status_code
    if status >= 400:
        assert status == problem(response)["status"]
    assert ("www-authenticate" in response.headers) == (status == 401)
    assert ("allow" in response.headers) == (status == 405)


def test_a_rate_is_a_rate(served: Served) -> None:
    """Beyond it 429 says when to come again."""
    for number, status in enumerate((200, 200, 429)):
        response = served.request(
            "POST", "/v1/payments", encode(paying(f"slow-{number}")), name="SLOW"
        )
        assert status == response.status_code
    assert int(response.headers["retry-after"]) >= 1
    assert "0.001 facts a second, 2 at once" == problem(response)["expected"]


def test_lines_keep_to_the_rate_too(served: Served) -> None:
    """As many as may come at once are kept; each of the others hears that it is too many."""
    lines = b"\n".join(encode(paying(f"slow-line-{number}")) for number in range(5))
    response = served.request("POST", "/v1/events", lines, name="SLOWLINE")
    answers = [json.loads(line) for line in response.content.splitlines()]
    assert ["decided", "decided", *["refused"] * 3] == [one["outcome"] for one in answers]
    assert [(3, 429), (4, 429), (5, 429)] == [(one["line"], one["status"]) for one in answers[2:]]


def test_no_verdict_in_time_is_no_verdict(served: Served) -> None:
    """504 within the participant's limit; the same id then tells the one verdict there is. What
    waited too long to be judged at all has none.
    """
    statuses = set()
    for number in range(20):
        body = encode(paying(f"hasty-{number}"))
        begin = time.perf_counter()
        response = served.request("POST", "/v1/payments", body, name="HASTY")
        statuses.add(response.status_code)
        assert time.perf_counter() - begin < 20
        found = decided(served, f"hasty-{number}")
        if response.status_code == 504 and found.status_code == 200:
            break
    assert statuses <= {200, 504}
    told = msgspec.json.decode(found.content, type=Decided)
    assert told.fallback == (told.action == "hold" and told.score == 0)


def decided(served: Served, name: str) -> httpx.Response:
    """What is told of its verdict, waited for a little."""
    until = time.monotonic() + 5
    while True:
        found = served.request("GET", f"/v1/decisions/{name}", name="HASTY")
        if found.status_code != 404 or time.monotonic() > until:
            return found
        time.sleep(0.05)


def test_lines_are_answered_in_order(served: Served) -> None:
    """Kept, decided, refused: each line its own answer, and a bad one stops no other."""
    first = paying("n-1")
    facts: list[Record] = [
        first,
        WarningAnswered(id="w-1", happened_at=now(), payment="n-1", answer="stopped"),
        SimChanged(id="c-1", happened_at=now(), number="+7 701", change="swapped"),
        first,
        paying("n-1", amount="5.00"),
    ]
    lines = b"\n".join(
        [
            *(encode(fact) for fact in facts), b"", b"{nonsense", encode(paying("n-2")),
            encode(paying("n-3", payer_account=MISTYPED)),
        ]
    )  # fmt: skip
    response = served.request("POST", "/v1/events", lines)
    answers = [json.loads(line) for line in response.content.splitlines()]
    outcomes = [answer["outcome"] for answer in answers]
    assert [
        "decided",
        "kept",
        "refused",
        "decided",
        "refused",
        "refused",
        "decided",
        "refused",
    ] == (outcomes)
    assert answers[0] == answers[3]
    assert [(3, 403), (5, 409), (7, 400), (9, 422)] == [
        (answer["line"], answer["status"]) for answer in answers if answer["outcome"] == "refused"
    ]
    assert (
        415
        == served.request(
            "POST", "/v1/events", lines, headers={"content-type": "text/plain"}
        ).status_code
    )


def test_a_client_sends_thousands_and_gets_each_answer(served: Served) -> None:
    """In requests of a thousand lines, in order; sent again the answers are the same."""
    with served.client("OTHERBNK") as client:
        payments = [paying(f"many-{i}", payer_account=f"KZ{i % 50}") for i in range(2_500)]
        answers = list(client.send(payments))
        again = list(client.send(payments[::-1]))[::-1]
    assert [one.id for one in payments] == [a.payment for a in answers if isinstance(a, Decided)]
    assert answers == again
    seqs = [answer.seq for answer in answers if isinstance(answer, Decided)]
    assert sorted(seqs) == seqs


def test_the_stream_goes_on_where_it_was_left(served: Served) -> None:
    """A bank sees its own decisions in order, the centre everybody's; none is left out."""
    with served.client() as bank, served.client("OTHERBNK") as other:
        first = bank.judge(paying("s-0"))
        stream = bank.stream(after=first.seq)
        sent = []
        for number in range(1, 6):
            sent.append(bank.judge(paying(f"s-{number}")))
            other.judge(paying(f"s-{number}"))
        assert sent == [next(stream) for _ in range(5)]
        later = bank.judge(paying("s-6"))
        assert later == next(stream)
        stream.close()
    with served.client("CENTRE") as centre:
        everybody = centre.stream(after=first.seq)
        seen = [next(everybody) for _ in range(11)]
        everybody.close()
    assert sorted(one.seq for one in seen) == [one.seq for one in seen]
    assert 5 == len([one for one in seen if one in sent])
    with pytest.raises(ServiceRefused, match="cannot be read"), served.client() as bank:
        next(bank.stream(after=10**12))


def test_a_client_reads_and_is_refused(served: Served) -> None:
    """What is not known is None; what is not allowed is raised with its problem."""
    with served.client() as client:
        decided = client.judge(paying("r-1"))
        assert decided == client.decision("r-1")
        assert client.decision("r-never") is None
        warning = WarningAnswered(id="r-w", happened_at=now(), payment="r-1", answer="continued")
        [kept] = client.send([warning])
        assert isinstance(kept, Kept)
        assert kept == client.decision("r-w")
        with pytest.raises(ServiceRefused) as refused:
            client.judge(paying("r-2", currency="XAU"))
    assert (422, "#/currency") == (refused.value.status, refused.value.pointer)
    with served.client("TELCO") as operator:
        [answer] = operator.send([paying("r-3")])
    assert isinstance(answer, Refused)
    assert "urn:arasha:problem:forbidden" == answer.type


def test_correlation_ids_are_kept_and_nothing_else_is_told(served: Served) -> None:
    """A given id comes back and stands in the journal; identifiers stand nowhere (law 7)."""
    body = encode(paying("canary", payer_account="KZ00CANARY000000000")).replace(b"KZT", b"XAU")
    response = served.request("POST", "/v1/payments", body, headers={"x-request-id": "mine-7"})
    assert "mine-7" == response.headers["x-request-id"]
    served.request("POST", "/v1/payments", encode(paying("c-2", payer_account="KZ00CANARY")))
    hostile = served.request("GET", "/health/live", headers={"x-request-id": "KZ00 CANARY"})
    assert "CANARY" not in hostile.headers["x-request-id"]
    journal = served.journal.read_text()
    lines = [json.loads(line) for line in journal.splitlines()]
    assert ["refused"] == [line["event"] for line in lines if line.get("request_id") == "mine-7"]
    page = served.request("GET", "/metrics", name="CENTRE").text
    for text in (journal, page, response.text):
        assert "CANARY" not in text
        assert "KZ75125" not in text


def test_nothing_of_the_raw_identifiers_is_in_the_files_but_the_vault(served: Served) -> None:
    """The canary of law 7: neither as it came nor in capitals, in any file of the directory."""
    with served.client() as client:
        client.judge(
            paying("v-1", payer_account="kz-canaryvault-0001", payer_number="+77010009911")
        )
    for path in served.directory.rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            assert b"canaryvault" not in data, path
            assert b"77010009911" not in data, path


def test_the_figures_count_what_happened(served: Served) -> None:
    """Facts by fate, decisions by action, latencies by stage."""

    def read() -> dict[str, float]:
        page = served.request("GET", "/metrics", name="CENTRE").text
        rows = [line.rpartition(" ") for line in page.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in rows}

    before = read()
    with served.client() as client:
        client.judge(paying("f-1", payer_account="KZ-counted"))
        client.judge(paying("f-2", amount="3000000.00", payee_account="KZ-figures"))
    after = read()

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert 2 == more('arasha_facts_total{fate="kept"}')
    assert (1, 1) == (
        more('arasha_decisions_total{action="allow"}'),
        more('arasha_decisions_total{action="hold"}'),
    )
    assert 2 == more('arasha_replies_total{route="payments",status="200"}')
    assert 2 == more("arasha_verdict_seconds_count")
    assert 2 == more('arasha_stage_seconds_count{stage="commit"}')
    assert {2} == {
        more(f'arasha_stage_seconds_count{{stage="{one}"}}') for one in ("wait", "answer")
    }
    assert 4 == more("arasha_entries")


def test_the_description_fits_what_is_understood(served: Served) -> None:
    """OpenAPI 3.1, every reference leads somewhere, and its example is a payment."""
    described = json.loads(served.request("GET", "/openapi.json", name=None).content)
    assert "3.1.0" == described["openapi"]
    text = json.dumps(described)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert set() == names - set(described["components"]["schemas"])
    assert "PaymentReceived" in names
    msgspec.convert(openapi.PAYMENT, PaymentReceived)
    answer = served.request("POST", "/v1/payments", json.dumps(openapi.PAYMENT).encode())
    told = msgspec.json.decode(answer.content, type=Decided)
    assert told.late


def test_a_body_has_its_limit(served: Served) -> None:
    """Whether it is said or only comes: 413, and the connection is over."""
    body = b" " * (MAX_MESSAGE_BYTES + 1)
    assert 413 == served.request("POST", "/v1/payments", body).status_code

    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 1000

    connection = served.connect()
    head = b"POST /v1/payments HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    connection.sendall(head + b"".join(b"3e8\r\n%b\r\n" % piece for piece in pieces()))
    data = connection.recv(65536)
    connection.close()
    assert data.startswith(b"HTTP/1.1 413 ")


PACS_008 = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">
  <FIToFICstmrCdtTrf>
    <GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-01-05T09:30:00+05:00</CreDtTm><NbOfTxs>2</NbOfTxs></GrpHdr>
    <CdtTrfTxInf>
      <PmtId><EndToEndId>E-1</EndToEndId><TxId>T-1</TxId></PmtId>
      <IntrBkSttlmAmt Ccy="KZT">2500000.50</IntrBkSttlmAmt>
      <Dbtr><Nm>CANARY NAME</Nm></Dbtr>
      <DbtrAcct><Id><IBAN>KZ86125KZT5004100100</IBAN></Id></DbtrAcct>
      <CdtrAcct><Id><IBAN>KZ75125KZT2069100100</IBAN></Id></CdtrAcct>
      <RmtInf><Ustrd>CANARY REMITTANCE</Ustrd></RmtInf>
    </CdtTrfTxInf>
    <CdtTrfTxInf>
      <PmtId><EndToEndId>E-2</EndToEndId><TxId>T-2</TxId></PmtId>
      <IntrBkSttlmAmt Ccy="KZT">5.00</IntrBkSttlmAmt>
      <DbtrAcct><Id><IBAN>KZ86125KZT5004100100</IBAN></Id></DbtrAcct>
      <CdtrAcct><Id><IBAN>KZ75125KZT2069100100</IBAN></Id></CdtrAcct>
    </CdtTrfTxInf>
  </FIToFICstmrCdtTrf>
</Document>"""
TAZAMA = {
    "TxTp": "pacs.008.001.10",
    "FIToFICstmrCdtTrf": {
        "GrpHdr": {"MsgId": "M-2", "CreDtTm": "2026-01-05T09:30:00.000Z", "NbOfTxs": 1},
        "CdtTrfTxInf": {
            "PmtId": {"InstrId": "T-3", "EndToEndId": "E-3"},
            "IntrBkSttlmAmt": {"Amt": {"Amt": 100.5, "Ccy": "KZT"}},
            "DbtrAcct": {"Id": {"Othr": [{"Id": "account-1"}]}},
            "CdtrAcct": {"Id": {"Othr": [{"Id": "account-2"}]}},
        },
    },
}


BOMB = '<!DOCTYPE d [<!ENTITY e "x"><!ENTITY f "&e;&e;">]><Document>&f;&f;</Document>'


def test_a_message_of_iso_20022_is_answered_fact_by_fact(served: Served) -> None:
    """XML with its transactions in one commit; sent again the same; names go no further."""
    xml = {"content-type": "application/xml"}
    first = served.request("POST", "/v1/iso20022", PACS_008.encode(), headers=xml)
    again = served.request("POST", "/v1/iso20022", PACS_008.encode(), headers=xml)
    told = json.loads(first.content)
    assert ("pacs.008", "M-1") == (told["kind"], told["message"])
    assert [("T-1", "hold"), ("T-2", "allow")] == [
        (one["payment"], one["action"]) for one in told["answers"]
    ]
    assert told["answers"][0]["seq"] + 2 == told["answers"][1]["seq"]
    assert first.content == again.content
    for path in served.directory.rglob("*"):
        if path.is_file():
            assert b"CANARY" not in path.read_bytes(), path
    assert "CANARY" not in served.journal.read_text()


def test_those_who_come_from_tazama_find_their_routes(served: Served) -> None:
    """JSON, the type in the path; another type than the message's is refused."""
    typed = {"content-type": "application/json"}
    body = json.dumps(TAZAMA).encode()
    path = "/v1/evaluate/iso20022/"
    answer = served.request("POST", path + "pacs.008.001.10", body, headers=typed)
    assert ["T-3"] == [one["payment"] for one in json.loads(answer.content)["answers"]]
    for wrong, status in (("pacs.002.001.12", 422), ("pacs.008", 404), ("x", 404)):
        assert status == served.request("POST", path + wrong, body, headers=typed).status_code


@pytest.mark.parametrize(
    ("body", "media", "name", "status"),
    [
        ("<a", "application/xml", "BANKKZKA", 400),
        (BOMB, "application/xml", "BANKKZKA", 400),
        (PACS_008.replace("FIToFICstmrCdtTrf", "Another"), "text/xml", "BANKKZKA", 422),
        (PACS_008.replace("2500000.50", "0"), "application/xml", "BANKKZKA", 422),
        (PACS_008.replace("T-1", "T-9"), "application/xml", "TELCO", 403),
        (PACS_008, "text/plain", "BANKKZKA", 415),
        ("[]", "application/json", "BANKKZKA", 400),
        (PACS_008, "application/xml", None, 401),
    ],
)  # fmt: skip
def test_what_is_no_such_message_is_a_problem(
    served: Served, body: str, media: str, name: str | None, status: int
) -> None:
    """With the path of the element; entities are never looked up."""
    response = served.request(
        "POST", "/v1/iso20022", body.encode(), name=name, headers={"content-type": media}
    )
    assert status == problem(response)["status"] == response.status_code
    assert b"2500000" not in response.content
