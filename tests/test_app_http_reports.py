"""A citizen's own report at a real service: without a key, heard, and followed by a code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from arasha.app.http.visitors import COMPLAINTS
from arasha.cases.projection import rebuilt
from arasha.client import Decided
from arasha.events.schema import Kind
from arasha.log.log import Log
from live_samples import WITH_FALLBACK
from outbox_samples import Receiver, receiving
from policy_samples import written
from service_samples import Served, now, participant, paying, serving
from test_app_http_acting import LAW, call, people, until
from test_app_http_outgoing import listening

VICTIM, MULE = "KZ75125KZT1001300335", "KZ03125KZT2001300336"


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """The victim's bank, which listens."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, heard: Receiver) -> Iterator[Served]:
    """A centre with two banks and its people."""
    folder = tmp_path_factory.mktemp("citizens")
    directory, policy = folder / "centre", written(folder, WITH_FALLBACK)
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK")}
    keys |= people(directory)
    with serving(directory, policy, "--law", str(LAW), keys=keys) as service:
        listening(directory, "BANKKZKA", heard.url)
        heard.wait_for_data(change="webhook_set")
        yield service
        assert 0 == service.stop()


def complaint(**values: Any) -> dict[str, Any]:
    """What a citizen says."""
    said = {
        "bank": "BANKKZKA", "payer_account": VICTIM, "payee_account": MULE, "amount": "900.00",
        "currency": "KZT", "paid_at": now().isoformat(), "payee_bank": "MULEBANK",
        "typology": "safe_account",
    }  # fmt: skip
    return {name: value for name, value in (said | values).items() if value is not None}


def complain(served: Served, status: int = 200, **values: Any) -> dict[str, Any]:
    """Say so without a key."""
    response = _posted(served, complaint(**values))
    assert status == response.status_code, response.text
    found: dict[str, Any] = response.json()
    return found


def _posted(served: Served, said: object) -> httpx.Response:
    return served.request("POST", "/v1/reports", json.dumps(said).encode(), name=None)


def holds(served: Served) -> int:
    with Log.open(served.directory, writable=False) as log:
        return len(rebuilt(log).state.holds)


def test_from_a_citizens_word_to_the_money_held(served: Served, heard: Receiver) -> None:
    """The bank is asked at once; nothing is held until it stands for it; the citizen follows."""
    with served.client() as client:
        paid = paying("p-1", payer_account=VICTIM, payee_account=MULE, payer_bank="BANKKZKA",
                      payee_bank="MULEBANK")  # fmt: skip
        assert isinstance(client.judge(paid), Decided)
    before = holds(served)
    got = complain(served)
    reference = got["reference"]
    assert ("waiting", "BANKKZKA") == (got["status"], got["bank"])
    asked = heard.wait_for_data(source="citizen", amount_minor=90_000).event
    assert "arasha.attestation_asked" == asked["type"]
    assert (90_000, 398, None) == tuple(
        asked["data"][name] for name in ("amount_minor", "currency", "payment")
    )
    assert reference not in json.dumps(asked)
    report = asked["data"]["report"]
    seen = call(served, "BANKKZKA", "GET", f"/v1/reports/{report}")
    assert (VICTIM, "900.00", "waiting") == (
        seen["payer_account"], seen["amount"], seen["status"],
    )  # fmt: skip
    assert MULE not in json.dumps(seen)
    assert 404 == served.request("GET", f"/v1/reports/{report}", name="MULEBANK").status_code
    assert 404 == served.request("GET", f"/v1/reports/{report}", name=None).status_code
    assert 404 == served.request("GET", f"/v1/reports/{reference}", name="aigul").status_code
    followed = call(served, None, "GET", f"/v1/reports/{reference}")
    assert ("waiting", None, None) == (followed["status"], followed["held"], followed["recall"])
    assert VICTIM not in json.dumps(followed)
    assert before == holds(served)

    wrong = call(served, "BANKKZKA", "POST", f"/v1/reports/{report}/attest", 409, payment="p-9")
    assert "another_payment" == wrong["reason"]
    call(served, "MULEBANK", "POST", f"/v1/reports/{report}/attest", 404)
    call(served, "BANKKZKA", "POST", f"/v1/reports/{report}/attest", payment="p-1")
    until(lambda: holds(served) == before + 1)
    hold = until(lambda: _hold_of(served, report))
    call(served, "MULEBANK", "POST", f"/v1/holds/{hold}/answer", held_minor=50_000, short="balance")
    after = call(served, None, "GET", f"/v1/reports/{reference}")
    assert ("attested", "500.00", "0.00", "awaiting_answer") == tuple(
        after[name] for name in ("status", "held", "returned", "recall")
    )


def test_money_sent_to_a_number_is_held_at_the_account_that_the_bank_names(
    served: Served, heard: Receiver
) -> None:
    """The victim knows a telephone number; their bank's payment says whose account that is."""
    payee = "KZ91125KZT5004100107"
    with served.client() as client:
        for name, payer in (("p-5", VICTIM), ("p-6", MULE)):
            paid = paying(name, payer_account=payer, payee_account=payee, payer_bank="BANKKZKA",
                          payee_bank="MULEBANK", amount="950.00")  # fmt: skip
            assert isinstance(client.judge(paid), Decided)
    complain(served, amount="950.00", payee_account="+77015550142", payment="p-6")
    report = heard.wait_for_data(source="citizen", amount_minor=95_000).event["data"]["report"]
    assert call(served, "BANKKZKA", "GET", f"/v1/reports/{report}")["to_number"] is True
    wrong = call(served, "BANKKZKA", "POST", f"/v1/reports/{report}/attest", 409, payment="p-6")
    assert "another_payment" == wrong["reason"], "it is another payer's"
    call(served, "BANKKZKA", "POST", f"/v1/reports/{report}/attest", payment="p-5")
    hold = until(lambda: _hold_of(served, report))
    assert payee == call(served, "MULEBANK", "GET", f"/v1/holds/{hold}")["account"]

    complain(served, amount="949.00", payee_account="+77015550142", payment="p-5")
    asked = heard.wait_for_data(source="citizen", amount_minor=94_900).event["data"]
    assert asked["payment"] is not None, "the receipt names it, and the payer is the same"
    call(served, "BANKKZKA", "POST", f"/v1/reports/{asked['report']}/attest")
    with Log.open(served.directory, writable=False) as log:
        reports = rebuilt(log).state.reports
    assert reports[report].payee == reports[asked["report"]].payee


def _hold_of(served: Served, report: str) -> str | None:
    with Log.open(served.directory, writable=False) as log:
        return next((one.id for one in rebuilt(log).state.holds_of_report(report)), None)


def test_a_bank_declines_and_the_citizen_reads_it(served: Served, heard: Receiver) -> None:
    """By the same word with which it withdraws a report."""
    reference = complain(served, amount="901.00")["reference"]
    asked = heard.wait_for_data(amount_minor=90_100).event["data"]["report"]
    call(served, "BANKKZKA", "POST", f"/v1/reports/{asked}/withdraw")
    assert "declined" == call(served, None, "GET", f"/v1/reports/{reference}")["status"]


def test_a_payment_is_believed_where_the_log_has_it_so(served: Served, heard: Receiver) -> None:
    """Its id goes to the bank with the complaint; one of other accounts, or smaller, does not."""
    with served.client() as client:
        client.judge(paying("p-2", payer_account="KZ-b", payee_account="KZ-c"))
    named: dict[str, Any] = {"payment": "p-2", "payer_account": "KZ-b", "payee_account": "KZ-c"}
    for amount, values, known in (
        ("902.00", named, True),
        ("9020.00", named, False),
        ("903.00", named | {"payee_account": "KZ-d"}, False),
        ("904.00", named | {"payment": "p-unknown"}, False),
    ):
        complain(served, amount=amount, **values)
        minor = int(amount.replace(".", ""))
        assert known is bool(heard.wait_for_data(amount_minor=minor).event["data"]["payment"])
        with Log.open(served.directory, writable=False) as log:
            waiting = [one.id for one in rebuilt(log).state.complaints.values()
                       if one.amount_minor == minor]  # fmt: skip
        call(served, "BANKKZKA", "POST", f"/v1/reports/{waiting[0]}/withdraw")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bank": "NOBANK"}, "bank_not_found"),
        ({"amount": "0"}, "not_positive"),
        ({"amount": "1.234"}, "too_many_decimals"),
        ({"currency": "KZZ"}, "unknown_currency"),
        ({"payer_account": "KZ75125KZT1001300336"}, "bad_identifier"),
        ({"payee_account": "4111 1111 1111 1111"}, "card"),
        ({"paid_at": (now() + timedelta(days=2)).isoformat()}, "time_out_of_range"),
        ({"paid_at": "1950-01-01T00:00:00Z"}, "time_out_of_range"),
        ({"paid_at": "yesterday"}, "bad_complaint"),
        ({"typology": "witchcraft"}, "bad_complaint"),
        ({"attested": True}, "bad_complaint"),
        ({"name": "somebody"}, "bad_complaint"),
        ({"payee_account": None}, "bad_complaint"),
    ],
)
def test_what_is_no_complaint_is_refused_with_the_place(
    served: Served, change: dict[str, Any], reason: str
) -> None:
    """And repeats nothing of it."""
    found = complain(served, 422, **change)
    assert (reason, 422) == (found["reason"], found["status"])
    assert VICTIM not in json.dumps(found)
    assert "KZ75125KZT1001300336" not in json.dumps(found)


def test_who_has_a_key_does_not_complain_as_nobody(served: Served) -> None:
    """A bank has reports of its own, a person of the centre none."""
    for name in ("BANKKZKA", "aigul"):
        body = json.dumps(complaint()).encode()
        assert 403 == served.request("POST", "/v1/reports", body, name=name).status_code
    assert 400 == served.request("POST", "/v1/reports", b"{", name=None).status_code


def test_bytes_that_are_no_text_are_refused_everywhere(served: Served) -> None:
    """With and without a key: it is said what is wrong, or that there is no such report, and no
    fault of ours.
    """
    for path, name in (
        ("/v1/reports", None), ("/v1/appeals", None), ("/v1/listings/look-up", "MULEBANK"),
        (f"/v1/reports/{'0' * 32}/attest", "BANKKZKA"), ("/v1/cases/c1/note", "aigul"),
    ):  # fmt: skip
        answer = served.request("POST", path, b'{"a":"\xff"}', name=name)
        assert answer.status_code in (400, 404, 422), (path, answer.text)


def test_no_complaint_is_a_fact_that_features_count(served: Served) -> None:
    """Else anybody could have an account warned of, or blocked."""
    complain(served, amount="905.00")
    with Log.open(served.directory, writable=False) as log:
        assert [] == log.places(Kind.REPORT)


def test_a_complaint_outlives_a_crash_and_a_flood_is_slowed_down(tmp_path: Path) -> None:
    """What was answered is in the log; the vault knows the account that the bank is told. All
    complaints share one bucket.
    """
    directory, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK")}
    with serving(directory, policy, "--law", str(LAW), keys=keys) as service:
        reference = complain(service)["reference"]
        service.kill()
    with serving(directory, None, keys=keys) as service:
        assert "waiting" == call(service, None, "GET", f"/v1/reports/{reference}")["status"]
        with Log.open(directory, writable=False) as log:
            (name,) = rebuilt(log).state.complaints
        seen = call(service, "BANKKZKA", "GET", f"/v1/reports/{name}")
        assert VICTIM == seen["payer_account"]
        for number in range(COMPLAINTS.each.burst + 40):
            last = _posted(service, complaint(payer_account=f"KZ-flood-{number}"))
            if last.status_code == 429:
                break
        assert 429 == last.status_code
        assert int(last.headers["retry-after"]) >= 1
        assert 0 == service.stop()
