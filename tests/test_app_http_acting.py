"""The acting part of the service as banks, people of the centre and held persons meet it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from arasha.app.http.openapi_acts import COLLECTIONS
from arasha.cases.messages import HoldOrder
from arasha.cases.projection import Projection, rebuilt
from arasha.client import Decided
from arasha.events.json import encode
from arasha.events.records import ReportFiled
from arasha.exchange.persons import Persons
from arasha.log.log import Log
from live_samples import WITH_FALLBACK
from policy_samples import written
from service_samples import Served, now, participant, paying, serving

LAW = Path(__file__).resolve().parents[1] / "law" / "kz.toml"
PEOPLE = {
    "aigul": ("analyst",), "bolat": ("officer",), "dana": ("officer",), "erlan": ("officer",),
    "gulnara": ("authority",), "ivan": ("administrator",), "zhanar": ("auditor",),
    "kairat": ("policy_author",), "leila": ("policy_publisher",),
}  # fmt: skip
MULE = "KZ03125KZT2001300336"
PARTIES = {digit * 32 for digit in "12345de"}


def people(directory: Path) -> dict[str, str]:
    """Everybody's key."""
    persons = Persons.open(directory, lambda: int(time.time() * 1000))
    keys = {}
    for name, roles in PEOPLE.items():
        _, key_id, secret = persons.create(name, roles, by="tests")
        keys[name] = f"{key_id}.{secret}"
    persons.close()
    return keys


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A centre with three banks, its people, and the law of Kazakhstan."""
    folder = tmp_path_factory.mktemp("acting")
    policy = written(folder, WITH_FALLBACK)
    directory = folder / "centre"
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK", "OTHERBNK")}
    keys |= people(directory)
    with serving(directory, policy, "--law", str(LAW), keys=keys) as service:
        yield service
        assert 0 == service.stop()
    with Log.open(directory, writable=False) as log:
        state = rebuilt(log).state
        assert state.holds
        assert all(state.reports[hold.report].attested for hold in state.holds.values())


def call(
    served: Served, name: str | None, method: str, path: str, status: int = 200, **body: Any
) -> Any:
    """One call as somebody; its answer as JSON."""
    content = json.dumps(body).encode() if method == "POST" else None
    response: httpx.Response = served.request(method, path, content, name=name)
    assert status == response.status_code, response.text
    return response.json()


def until(look: Callable[[], Any]) -> Any:
    """What it is in the end. It is looked at less and less often: a person may ask 20 times a
    second, 100 times at once.
    """
    end, pause_s = time.monotonic() + 90, 0.02
    while not (found := look()):
        assert time.monotonic() < end
        time.sleep(pause_s)
        pause_s = min(1.1 * pause_s, 0.25)
    return found


def stolen(served: Served, name: str, payee: str = MULE, bank: str = "MULEBANK") -> str:
    """A payment is made and reported, and the bank stands for the report; the report's hold."""
    with served.client() as client:
        paid = paying(
            name, payer_account=f"KZ-victim-{name}", payee_account=payee, payer_bank="BANKKZKA",
            payee_bank=bank,
        )  # fmt: skip
        assert isinstance(client.judge(paid), Decided)
    report = ReportFiled(id=f"report-{name}", happened_at=now(), payment=name, attested=True)
    assert 200 == served.request("POST", "/v1/events", encode(report)).status_code
    return str(until(lambda: hold_of(served, name)))


def hold_of(served: Served, name: str) -> str | None:
    """The hold that a payment's report has led to, as an officer finds it: through its case."""
    for case in call(served, "erlan", "GET", "/v1/cases")["cases"]:
        shown = call(served, "erlan", "GET", f"/v1/cases/{case['id']}")
        for report in shown["reported"]:
            if report["amount"] == "1000.00" and report["id"] == digest(name):
                held = [hold for hold in shown["holds"] if hold["report"] == report["id"]]
                return held[0]["id"] if held else None
    return None


def digest(name: str) -> str:
    from arasha.events.reference import digest16

    return digest16("BANKKZKA", f"report-{name}").hex()


def reference_of(served: Served, hold: str) -> str:
    """What the bank tells its customer: it has it from its order."""
    with Log.open(served.directory, writable=False) as log:
        return rebuilt(log).state.holds[hold].reference


def test_from_a_report_to_the_money_ordered_back(served: Served) -> None:
    """Report, hold, answer, confirmation, recall, agreement, an order by three people."""
    hold = stolen(served, "p-1")
    call(served, "MULEBANK", "POST", f"/v1/holds/{hold}/answer", held_minor=100_000)
    call(served, "bolat", "POST", f"/v1/holds/{hold}/confirm", basis="kz:25-1")
    shown = call(served, "MULEBANK", "GET", f"/v1/holds/{hold}")
    assert ("confirmed", "1000.00", "kz:25-1") == (shown["status"], shown["held"], shown["basis"])
    assert "hands" not in shown
    looked_at = call(served, "bolat", "GET", f"/v1/holds/{hold}")
    assert "account" in looked_at
    assert "reference" not in looked_at, "who has it speaks for the person who is held"
    assert (MULE, reference_of(served, hold)) == (shown["account"], shown["reference"])
    recall = recall_of(served, "p-1")
    assert "awaiting_answer" == call(served, "MULEBANK", "GET", f"/v1/recalls/{recall}")["status"]
    call(served, "MULEBANK", "POST", f"/v1/recalls/{recall}/answer", hold=hold, answer="accepted",
         amount_minor=100_000)  # fmt: skip
    early = call(served, "bolat", "POST", f"/v1/recalls/{recall}/return", 409, notice="n-1")
    assert "receiver_not_heard" == early["reason"]
    call(served, None, "POST", f"/v1/appeals/{reference_of(served, hold)}/agree")
    asked = call(served, "bolat", "POST", f"/v1/recalls/{recall}/return", notice="n-1")
    request = next(one["id"] for one in asked["changed"] if one["kind"] == "request")
    wanted = call(served, "dana", "GET", f"/v1/requests/{request}")
    assert "return_ordered" == wanted["what"]["act"]
    stale = call(served, "dana", "POST", f"/v1/requests/{request}/approve", 409, content="0" * 64)
    assert "content_has_changed" == stale["reason"]
    for name in ("dana", "gulnara"):
        call(served, name, "POST", f"/v1/requests/{request}/approve", content=wanted["content"])
    done = call(served, "MULEBANK", "POST", f"/v1/recalls/{recall}/returned", hold=hold,
                amount_minor=100_000)  # fmt: skip
    assert {"hold": "ended", "recall": "completed"} == {
        one["kind"]: one["status"] for one in done["changed"]
    }


def recall_of(served: Served, name: str) -> str:
    with Log.open(served.directory, writable=False) as log:
        return rebuilt(log).state.recall_of[digest(name)]


def test_a_held_person_appeals_without_an_account(served: Served) -> None:
    """With the reference alone; the clock is open; upheld is released, labelled, and told why."""
    hold = stolen(served, "p-2", "KZ-rent", "OTHERBNK")
    reference = reference_of(served, hold)
    before = call(served, None, "GET", f"/v1/appeals/{reference}")
    assert ("hold", "provisional", "1000.00", None) == (
        before["kind"], before["status"], before["amount"], before["appeal"],
    )  # fmt: skip
    opened = call(served, None, "POST", "/v1/appeals", reference=reference)
    appeal = opened["changed"][0]["id"]
    assert call(served, None, "GET", f"/v1/appeals/{reference}")["appeal"]["ruling_by"]
    assert 401 == served.request("GET", "/v1/cases", name=None, headers={
        "authorization": "Bearer x.y"}).status_code  # fmt: skip
    call(served, None, "POST", f"/v1/appeals/{appeal}/take", 401)
    call(served, "dana", "POST", f"/v1/appeals/{appeal}/take")
    call(served, "dana", "POST", f"/v1/appeals/{appeal}/rule", upheld=True, why="It was rent.",
         erred=["report", "model"])  # fmt: skip
    after = call(served, None, "GET", f"/v1/appeals/{reference}")
    assert ("released", "upheld", "It was rent.") == (
        after["status"], after["appeal"]["status"], after["appeal"]["why"],
    )  # fmt: skip
    assert {"kk", "ru", "en"} == set(after["appeal"]["damages"])
    until(lambda: ("p-2", False) in labels(served))


def labels(served: Served) -> set[tuple[str, bool]]:
    """Payments with what was settled about them, in the log."""
    from arasha.events.body import unpack_facts
    from arasha.events.reference import digest16
    from arasha.events.schema import Kind

    names = {digest16("BANKKZKA", f"p-{n}"): f"p-{n}" for n in range(9)}
    found = set()
    with Log.open(served.directory, writable=False) as log:
        for frame in log.read():
            at = [row for row, kind in enumerate(frame.kinds.tolist()) if kind == Kind.LABEL]
            for row in at:
                facts = unpack_facts(frame.kinds[row : row + 1], frame.bodies.slice(row, row + 1))
                payment = facts.symbol("payment").tobytes()
                found.add((names[payment], bool(facts.number("fraud")[0])))
    return found


def test_a_case_is_worked_on_and_its_account_listed(served: Served) -> None:
    """Taken, noted, closed; two people list it; who asks is told, and that it is over, too."""
    hold = stolen(served, "p-3", "KZ-ring", "OTHERBNK")
    case = next(
        one["id"]
        for one in call(served, "aigul", "GET", "/v1/cases")["cases"]
        if hold
        in [h["id"] for h in call(served, "aigul", "GET", f"/v1/cases/{one['id']}")["holds"]]
    )
    shown = call(served, "aigul", "GET", f"/v1/cases/{case}")
    (subject,) = shown["subjects"]
    call(served, "aigul", "POST", f"/v1/cases/{case}/take")
    assert (
        "held_by_another" == call(served, "bolat", "POST", f"/v1/cases/{case}/take", 409)["reason"]
    )
    named = call(served, "aigul", "POST", f"/v1/cases/{case}/note", 409,
                 note="It is KZ03125KZT2001300336.")  # fmt: skip
    assert "names_somebody" == named["reason"]
    call(served, "aigul", "POST", f"/v1/cases/{case}/note", note="Three victims in a day.")
    call(served, "aigul", "POST", f"/v1/cases/{case}/close", outcome="fraud", worth_it=True,
         typology="mule")  # fmt: skip
    until(lambda: ("p-3", True) in labels(served))
    closed = call(served, "aigul", "GET", f"/v1/cases/{case}")
    assert "subjects" not in closed
    assert "fraud" == closed["outcome"]
    until_ms = int((now() + timedelta(days=30)).timestamp() * 1000)
    asked = call(served, "aigul", "POST", "/v1/listings", party=subject, party_kind="account",
                 case=case, until_ms=until_ms)  # fmt: skip
    request = asked["changed"][0]["id"]
    shown = call(served, "bolat", "GET", f"/v1/requests/{request}")
    assert (subject[:8], None) == (shown["what"]["party"], shown["what"].get("reference"))
    content = shown["content"]
    call(served, "bolat", "POST", f"/v1/requests/{request}/approve", content=content)
    found = call(served, "MULEBANK", "POST", "/v1/listings/look-up", account="kz-ring")
    assert found["listing"] is None, "an account is its bank's own writing"
    found = call(served, "MULEBANK", "POST", "/v1/listings/look-up", account="KZ-ring")
    assert found["listing"]
    assert {"reported": 1, "confirmed": 1, "cleared": 0} == found["counters"]["3 days"]
    assert {"3 days", "30 days", "180 days"} == set(found["counters"])
    call(served, "aigul", "POST", f"/v1/listings/{found['listing']}/withdraw", why="mistake")
    gone = call(served, "MULEBANK", "POST", "/v1/listings/look-up", account="KZ-ring")
    assert gone["listing"] is None


def test_an_auditor_audits_the_running_centre(served: Served) -> None:
    """Every hold with its ground and author; no party is named; no law was broken."""
    hold = stolen(served, "p-6", "KZ-six", "OTHERBNK")
    with Log.open(served.directory, writable=False) as log:
        account = rebuilt(log).state.holds[hold].account
    told = call(served, "zhanar", "GET", "/v1/audit")
    assert [] == told["findings"]
    assert hold in {one["hold"] for one in told["holds"]}
    assert account not in json.dumps(told)
    assert told["views"]


def test_guessing_empties_the_bucket(served: Served) -> None:
    """After some thirty accounts that nobody has named: 429, and when to come again."""
    for number in range(40):
        body = json.dumps({"account": f"KZ-guess-{number}"}).encode()
        response = served.request("POST", "/v1/listings/look-up", body, name="OTHERBNK")
        if response.status_code == 429:
            break
    assert 429 == response.status_code
    assert 30 <= number < 40
    assert int(response.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("name", "method", "path", "status"),
    [
        ("ivan", "GET", "/v1/cases", 403),
        ("ivan", "GET", "/v1/cases/c1", 403),
        ("zhanar", "GET", "/v1/cases", 403),
        ("MULEBANK", "GET", "/v1/cases", 403),
        (None, "GET", "/v1/cases", 401),
        ("aigul", "GET", "/v1/cases/c99999", 404),
        ("aigul", "GET", "/v1/holds", 405),
        ("OTHERBNK", "GET", "/v1/holds/h1.0", 404),
        ("aigul", "POST", "/v1/cases/c1/freeze", 404),
        ("aigul", "DELETE", "/v1/cases/c1", 405),
        (None, "GET", "/v1/appeals/0123456789ABCDEFGHJK", 404),
        (None, "GET", "/v1/appeals/a1", 403),
        ("ivan", "GET", "/v1/requests", 403),
        ("aigul", "POST", "/v1/listings/look-up", 403),
        ("aigul", "POST", "/v1/holds/h1.0/confirm", 422),
        ("BANKKZKA", "GET", "/v1/reports/report-p-1", 404),
        ("aigul", "GET", "/v1/audit", 403),
        ("ivan", "GET", "/v1/audit", 403),
        ("MULEBANK", "GET", "/v1/audit", 403),
        (None, "GET", "/v1/audit", 401),
        ("kairat", "GET", "/v1/law", 200),
        (None, "GET", "/v1/law", 200),
    ],
)
def test_who_may_do_what(
    served: Served, name: str | None, method: str, path: str, status: int
) -> None:
    """The table of roles at the door; a problem says its kind."""
    response = served.request(method, path, b"{}" if method == "POST" else None, name=name)
    assert status == response.status_code, response.text
    if status >= 400:
        assert status == response.json()["status"]


def test_a_bank_attests_and_withdraws_its_customers_report(served: Served) -> None:
    """Unattested it holds nothing; attested at once; withdrawn, everything is free."""
    with served.client() as client:
        client.judge(paying("p-4", payee_account="KZ-four", payee_bank="MULEBANK",
                            payer_bank="BANKKZKA"))  # fmt: skip
    report = ReportFiled(id="report-p-4", happened_at=now(), payment="p-4")
    assert 200 == served.request("POST", "/v1/events", encode(report)).status_code
    until(lambda: served.request("POST", "/v1/reports/report-p-4/attest").status_code == 200)
    hold = until(lambda: hold_of(served, "p-4"))
    call(served, "OTHERBNK", "POST", f"/v1/reports/{digest('p-4')}/withdraw", 404)
    call(served, "BANKKZKA", "POST", "/v1/reports/report-p-4/withdraw")
    shown = call(served, "MULEBANK", "GET", f"/v1/holds/{hold}")
    assert ("released", "withdrawn") == (shown["status"], shown["why"])


def test_a_bank_cannot_tell_what_is_anothers_from_what_is_not_there(served: Served) -> None:
    """Holds, recalls and reports have ids that can be guessed: whatever is sent, another's is
    answered as one that nobody has, in the same words.
    """
    hold, recall = stolen(served, "p-8", "KZ-eight"), recall_of(served, "p-8")

    def answers(path: str, body: bytes) -> dict[str, Any]:
        found = served.request("POST", path, body, name="OTHERBNK").json()
        return {key: value for key, value in found.items() if "request" not in key}

    own = {"held_minor": 1}
    for theirs, nobodys in (
        (f"/v1/holds/{hold}/answer", "/v1/holds/h99999.0/answer"),
        (f"/v1/recalls/{recall}/answer", "/v1/recalls/r99999/answer"),
        (f"/v1/recalls/{recall}/returned", "/v1/recalls/r99999/returned"),
        (f"/v1/recalls/{recall}/cancel", "/v1/recalls/r99999/cancel"),
        (f"/v1/reports/{digest('p-8')}/attest", f"/v1/reports/{'0' * 32}/attest"),
        (f"/v1/reports/{digest('p-8')}/withdraw", f"/v1/reports/{'0' * 32}/withdraw"),
    ):
        for body in (json.dumps(own).encode(), b"{}", b"no JSON"):
            told = answers(theirs, body)
            assert (404, told) == (told["status"], answers(nobodys, body)), theirs
    opened = [answers("/v1/recalls", json.dumps({"report": name}).encode())
              for name in (digest("p-8"), "0" * 32)]  # fmt: skip
    assert (404, opened[0]) == (opened[0]["status"], opened[1])
    assert 403 == answers(f"/v1/holds/{hold}/confirm", b"{}")["status"], "no bank may, ever"


def test_what_is_no_act_says_what_is_expected(served: Served) -> None:
    """The place in the message, and the fields that the act has."""
    wrong = call(served, "bolat", "POST", "/v1/holds/h1.0/confirm", 422, basis=5)
    assert ("bad_act", "#/basis", "basis") == (wrong["reason"], wrong["pointer"], wrong["expected"])
    assert 400 == served.request("POST", "/v1/holds/h1.0/confirm", b"[", name="bolat").status_code
    assert 400 == served.request("POST", "/v1/holds/h1.0/confirm", b"[]", name="bolat").status_code


def test_another_law_needs_its_author_and_its_publisher(served: Served) -> None:
    """With the text of the file."""
    text = LAW.read_text("utf-8").replace('lease = { is = "30', 'lease = { is = "40')
    asked = call(served, "kairat", "POST", "/v1/law", toml=text)
    request = asked["changed"][0]["id"]
    before = call(served, None, "GET", "/v1/law")["hash"]
    content = call(served, "leila", "GET", f"/v1/requests/{request}")["content"]
    call(served, "leila", "POST", f"/v1/requests/{request}/approve", content=content)
    assert before != call(served, None, "GET", "/v1/law")["hash"]


def test_each_view_of_a_party_is_an_entry(served: Served) -> None:
    """Who looked at what; a queue names nobody."""
    stolen(served, "p-5", "KZ-five", "OTHERBNK")
    listed = call(served, "aigul", "GET", "/v1/cases")["cases"]
    assert not [one for one in listed if "subjects" in one]
    with Log.open(served.directory, writable=False) as log:
        before = rebuilt(log).state.views
    call(served, "aigul", "GET", f"/v1/cases/{listed[0]['id']}")
    with Log.open(served.directory, writable=False) as log:
        assert before + 1 == rebuilt(log).state.views


def test_the_description_has_every_route_of_acts(served: Served) -> None:
    """Each path answers, each act is there once, and nobody is told to send what we draw."""
    described = call(served, None, "GET", "/openapi.json")["paths"]
    for kind in COLLECTIONS:
        words = {
            path.rpartition("/")[2] for path in described if path.startswith(f"/v1/{kind.name}/")
        }
        assert set(kind.verbs) <= words
    names = [one["operationId"] for path in described.values() for one in path.values()]
    assert len(names) == len(set(names))
    listing = described["/v1/listings"]["post"]["requestBody"]["content"]["application/json"]
    assert {"party", "party_kind", "case", "until_ms"} == set(listing["schema"]["required"])
    confirm = described["/v1/holds/{id}/confirm"]["post"]["requestBody"]["content"]
    assert ["basis"] == confirm["application/json"]["schema"]["required"]


def test_what_a_killed_service_had_not_taken_in_is_taken_in_by_the_next(tmp_path: Path) -> None:
    """A report that was answered is in the log: after kill -9 its hold is placed, and once."""
    policy = written(tmp_path, WITH_FALLBACK)
    directory = tmp_path / "centre"
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK")}
    with serving(directory, policy, "--law", str(LAW), keys=keys) as service:
        for number in range(5):
            paid = paying(f"k-{number}", payer_account=f"KZ-k-{number}", payer_bank="BANKKZKA",
                          payee_bank="MULEBANK")  # fmt: skip
            report = ReportFiled(id=f"report-k-{number}", happened_at=now(),
                                 payment=f"k-{number}", attested=True)  # fmt: skip
            lines = encode(paid) + b"\n" + encode(report)
            assert 200 == service.request("POST", "/v1/events", lines).status_code
        service.kill()
    with serving(directory, None, keys=keys) as service:

        def holds() -> int:
            with Log.open(directory, writable=False) as log:
                return len(rebuilt(log).state.holds)

        until(lambda: holds() == 5)
        assert 0 == service.stop()
    with Log.open(directory, writable=False) as log:
        state = rebuilt(log).state
    assert 5 == len(state.holds) == len(state.recalls) == len(state.reports)


def test_money_is_held_at_every_bank_that_it_has_reached(served: Served) -> None:
    """850 of 1,000 thousand were passed on, 800 to a bank that is no participant: two orders."""
    with served.client() as client:
        for name, payer, payee, amount, banks in (
            ("t-0", "KZ-other-victim", "KZ-first", "800000.00", ("BANKKZKA", "MULEBANK")),
            ("t-9", "KZ-first", "KZ-gone", "800000.00", ("MULEBANK", "ABROAD00")),
            ("t-1", "KZ-victim-t", "KZ-first", "1000000.00", ("BANKKZKA", "MULEBANK")),
            ("t-2", "KZ-first", "KZ-second", "850000.00", ("MULEBANK", "OTHERBNK")),
            ("t-3", "KZ-second", "KZ-third", "800000.00", ("OTHERBNK", "ABROAD00")),
        ):
            client.judge(paying(name, payer_account=payer, payee_account=payee, amount=amount,
                                payer_bank=banks[0], payee_bank=banks[1]))  # fmt: skip
    report = ReportFiled(id="report-t-1", happened_at=now(), payment="t-1", attested=True)
    assert 200 == served.request("POST", "/v1/events", encode(report)).status_code

    def held() -> list[tuple[str, int]]:
        with Log.open(served.directory, writable=False) as log:
            state = rebuilt(log).state
        holds = [one for one in state.holds.values() if one.report == digest("t-1")]
        return sorted((one.bank, one.amount_minor) for one in holds)

    until(held)
    assert [("MULEBANK", 15_000_000), ("OTHERBNK", 5_000_000)] == held()
    _money_is_told(served)


def _money_is_told(served: Served) -> None:
    """In the case for each account, in a hold for its own; of another victim the bank alone."""
    for listed in call(served, "erlan", "GET", "/v1/cases")["cases"]:
        shown = call(served, "erlan", "GET", f"/v1/cases/{listed['id']}")
        if digest("t-1") in [one["id"] for one in shown["reported"]]:
            break
    money = shown["money"]
    assert {"least": "1000000.00", "most": "1000000.00", "lifo": "1000000.00"} == money["disputed"]
    first, second, third = money["accounts"]
    assert ("150000.00", "1000000.00", "150000.00") == tuple(first["there"][one] for one in SPAN)
    assert ("0.00", "850000.00", "50000.00") == tuple(second["there"][one] for one in SPAN)
    assert ("0.00", "800000.00", "800000.00") == tuple(third["came"][one] for one in SPAN)
    assert {"least": "150000.00", "most": "1000000.00", "lifo": "1000000.00"} == money["there"]
    assert {} == money["cut_by"]
    assert [("BANKKZKA", "800000.00")] == [(one["bank"], one["amount"]) for one in money["others"]]
    with Log.open(served.directory, writable=False) as log:
        state = rebuilt(log).state
    (own,) = [one for one in shown["holds"] if one["bank"] == "OTHERBNK"]
    told = call(served, "bolat", "GET", f"/v1/holds/{own['id']}")["money"]
    assert [state.holds[own["id"]].account] == [one["account"] for one in told["accounts"]]
    assert "others" not in told
    assert "money" not in call(served, "zhanar", "GET", f"/v1/holds/{own['id']}")


SPAN = ("least", "most", "lifo")


def test_every_message_of_an_act_is_one_the_outbox_knows_and_holds_no_token() -> None:
    """After any sequence of acts, read from the start or from the middle."""
    from arasha.app.http.openapi_webhooks import event_schema
    from arasha.app.http.telling import Telling, type_of
    from arasha.cases.acts import KIND_OF, pack
    from arasha.exchange.messages import OF_CASES, Entry
    from cases_driver import Driver

    seen = set()
    for seed in (*range(240), 1225):  # the last comes as far as money ordered back
        here = Driver(seed).run(60)
        telling = Telling(None)  # type: ignore[arg-type]  # no log: it is read from the start
        telling._read = Projection()
        for seq, entry in enumerate(here.entries):
            kept = Entry(seq, KIND_OF[type(entry.act)], entry.at_ms, pack(entry))
            for message in telling(kept, None):  # type: ignore[arg-type]  # nothing is looked up
                seen.add(message.type)
                assert not [v for v in message.data.values() if str(v) in PARTIES]
                schema = event_schema(message.type)["properties"]["data"]
                jsonschema_rs.validate(schema, dict(message.data))
    assert seen == set(OF_CASES)
    assert "hold_order" == type_of(HoldOrder)


def test_orders_and_ends_are_due_in_the_outbox_in_their_order(tmp_path: Path) -> None:
    """Read from the log alone; made anew from the middle of it the outbox has the same."""
    from arasha.app.http.telling import Telling
    from arasha.cases import acts as a
    from arasha.cases.acts import CENTRE
    from arasha.cases.law_document import load_law
    from arasha.cases.writer import Writer
    from arasha.exchange.following import Following
    from arasha.exchange.messages import MAPPERS
    from arasha.exchange.outbox import Outbox
    from cases_samples import BANK, KZT, MULE, OFFICER, VICTIM, VICTIMS_BANK, reference
    from followed_samples import data, rows, webhook
    from log_samples import APRIL_MS

    with Log.create(tmp_path, created_at_ms=APRIL_MS) as log:
        webhook(log, BANK)
        writer = Writer.open(log)
        writer.begin(load_law(LAW), APRIL_MS)
        writer.do(CENTRE, a.ReportTaken("f" * 32, 1, VICTIMS_BANK, VICTIMS_BANK, 500, KZT, VICTIM,
                                        MULE, 0, BANK, attested=True), APRIL_MS)  # fmt: skip
        target = a.Target(MULE, BANK, 500, reference(1))
        writer.do(CENTRE, a.HoldsPlaced("f" * 32, (target,)), APRIL_MS)
        hold = next(iter(writer.state.holds))
        outbox = Outbox.open(tmp_path)
        for act in (a.HoldConfirmed(hold, "kz:25-1"), a.HoldReleased(hold, "mistake")):
            following = Following(
                log, outbox, log.seqs_of, mappers={**MAPPERS, **Telling(log).mappers()}
            )
            while following.cursor < log.size:
                following.step()
            writer.do(OFFICER, act, APRIL_MS + 1)
        while following.cursor < log.size:
            following.step()
        due = rows(outbox)[1:]
        outbox.database.close()
    assert ["hold_order", "hold_lasts", "hold_over"] == [row.type for row in due]
    assert {BANK} == {row.participant for row in due}
    assert {hold} == {row.subject for row in due}
    order = data(due[0])
    assert (500, reference(1)) == (order["amount_minor"], order["reference"])
    assert MULE not in str(order)


def test_cases_of_a_ring_become_one(tmp_path: Path) -> None:
    """Two mules pass stolen money on; one report is attested: their case is one, and says why."""
    policy = written(tmp_path, WITH_FALLBACK)
    directory = tmp_path / "centre"
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK")}
    keys |= people(directory)
    words = ("--law", str(LAW), "--rings-every", "0.0005")
    with serving(directory, policy, *words, keys=keys) as service:
        with service.client() as client:
            for name, payer, payee in (
                ("r-1", "KZ-victim", "KZ-mule-1"), ("r-2", "KZ-mule-1", "KZ-mule-2"),
                ("r-3", "KZ-mule-2", "KZ-mule-3"), ("r-4", "KZ-mule-3", "KZ-shop"),
            ):  # fmt: skip
                client.judge(paying(name, payer_account=payer, payee_account=payee,
                                    amount="90000.00", payer_bank="BANKKZKA",
                                    payee_bank="MULEBANK"))  # fmt: skip
        report = ReportFiled(id="report-r-1", happened_at=now(), payment="r-1", attested=True)
        assert 200 == service.request("POST", "/v1/events", encode(report)).status_code

        def ring() -> Any:
            for case in call(service, "aigul", "GET", "/v1/cases")["cases"]:
                shown = call(service, "aigul", "GET", f"/v1/cases/{case['id']}")
                if shown["ring"]:
                    return shown
            return None

        shown = until(ring)
        assert not shown["question"]
        assert shown["ring"]["confirmed"] == shown["subjects"]
        assert 3 <= len(shown["ring"]["accounts"])
        assert 2 <= shown["ring"]["ties"]["flow"]
        assert 0 == service.stop()
