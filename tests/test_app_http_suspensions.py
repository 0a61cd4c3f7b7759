"""An operator's desk: a SIM box is found while it calls, checked, suspended, and appealed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from arasha.app.main import main
from arasha.events.records import CallChanged, CallMade, Record, SimChanged
from arasha.events.schema import PartyKind
from arasha.exchange.persons import Persons
from arasha.log.verify import verify
from arasha.vault.tokens import Tokens
from service_samples import Served, now, participant, serving

ROOT = Path(__file__).resolve().parents[1]
POLICY = ROOT / "policies" / "calls.toml"
BOX = [f"+7701555{turn:04}" for turn in range(5)]
EVERY_HOURS = "0.0004"


def person(directory: Path, name: str, *roles: str) -> str:
    """A person's own token."""
    persons = Persons.open(directory, lambda: 1)
    _, key_id, secret = persons.create(name, roles, by="tests")
    persons.close()
    return f"{key_id}.{secret}"


def box_calls() -> Iterator[Record]:
    """Five cards in one device call strangers; few take it, and nobody calls back."""
    for turn, number in enumerate(BOX):
        yield SimChanged(id=f"sim-{turn}", happened_at=now(), number=number, change="activated",
                         device="box", dealer="kiosk-7", block="+7701555")  # fmt: skip
    for turn in range(30):
        parties: dict[str, Any] = {"caller_number": BOX[turn % 5],
                                   "callee_number": f"+7702777{turn:04}"}  # fmt: skip
        yield CallMade(id=f"call-{turn}", happened_at=now(), device="box", **parties)
        yield CallChanged(
            id=f"call-{turn}-e", happened_at=now() + timedelta(milliseconds=1), call=f"call-{turn}",
            change="answered" if turn % 5 == 0 else "missed", **parties,
        )  # fmt: skip


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """An operator with a law, its switch, a bank, another operator, and its own people."""
    directory = tmp_path / "operator"
    sends = ("call", "call_change", "sim_change")
    keys = {
        "SWITCH": participant(directory, "SWITCH", "operator", may_send=sends),
        "OTHEROPR": participant(directory, "OTHEROPR", "operator", may_send=("call",)),
        "BANKKZKA": participant(directory, "BANKKZKA", may_read=("signals",)),
        **{
            name: person(directory, name, *roles)
            for name, roles in (
                ("aigul", ("analyst",)), ("bolat", ("officer",)), ("dana", ("officer",)),
                ("zhanar", ("auditor",)),
            )
        },
    }  # fmt: skip
    words = ("--role", "operator", "--law", str(ROOT / "law" / "kz.toml"),
             "--rings-every", EVERY_HOURS)  # fmt: skip
    with serving(directory, POLICY, *words, keys=keys) as service:
        with service.client("SWITCH") as switch:
            list(switch.send(box_calls()))
        yield service


def ask(served: Served, method: str, path: str, name: str | None, **body: Any) -> dict[str, Any]:
    """One request that must succeed."""
    content = json.dumps(body).encode() if method == "POST" else None
    response = served.request(method, path, content, name=name)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def case_of(served: Served) -> dict[str, Any]:
    """The case of the box, as soon as there is one, taken by the analyst."""
    for _ in range(150):
        cases = ask(served, "GET", "/v1/cases", "aigul")["cases"]
        if cases:
            break
        time.sleep(0.2)
    [found] = cases
    ask(served, "POST", f"/v1/cases/{found['id']}/take", "aigul")
    return ask(served, "GET", f"/v1/cases/{found['id']}", "aigul")


def suspend(served: Served, case: dict[str, Any], number: str) -> str:
    """One number suspended by two people; the suspension's id."""
    until_ms = int((now() + timedelta(days=10)).timestamp() * 1_000)
    asked = ask(served, "POST", "/v1/suspensions", "aigul", case=case["id"], number=number,
                basis="kz:numbers", until_ms=until_ms)  # fmt: skip
    [request] = asked["changed"]
    assert "request" == request["kind"]
    shown = ask(served, "GET", f"/v1/requests/{request['id']}", "bolat")
    assert number[:8] == shown["what"]["number"]
    assert "reference" not in shown["what"]
    done = ask(served, "POST", f"/v1/requests/{request['id']}/approve", "bolat",
               content=shown["content"])  # fmt: skip
    return next(str(one["id"]) for one in done["changed"] if one["kind"] == "suspension")


def a_box_becomes_a_case_with_what_was_seen_of_each_number(
    served: Served, case: dict[str, Any]
) -> None:
    """Its five numbers are subjects, with counts and no callee; the law's two business days run."""
    tokens = Tokens.load_or_create(served.directory)
    assert "sim_box" == case["pattern"]
    assert {tokens.of(PartyKind.NUMBER, one).hex() for one in BOX} == set(case["subjects"])
    for seen in case["numbers"]["seen"]:
        assert (6, 0, True) == (seen["calls"], seen["received"], seen["is_ours"])
        assert 4 <= seen["callees"] <= 6  # an estimate
    assert 5 == case["numbers"]["ties"]["device"]
    called = {tokens.of(PartyKind.NUMBER, f"+7702777{turn:04}").hex() for turn in range(30)}
    assert not [one for one in called if one in json.dumps(case)]


def two_people_suspend_a_number_whose_holder_is_told_and_appeals(
    served: Served, case: dict[str, Any]
) -> None:
    """Ground, author, end; the switch carries it out and tells; another officer rules."""
    tokens = Tokens.load_or_create(served.directory)
    name = suspend(served, case, tokens.of(PartyKind.NUMBER, BOX[0]).hex())
    [standing] = ask(served, "GET", "/v1/suspensions", "SWITCH")["suspensions"]
    assert (name, False) == (standing["id"], standing["told"])
    order = ask(served, "GET", f"/v1/suspensions/{name}", "SWITCH")
    assert (BOX[0], "kz:numbers", "suspended") == (
        order["number"], order["basis"], order["status"],
    )  # fmt: skip
    assert "author" not in order
    ask(served, "POST", f"/v1/suspensions/{name}/tell", "SWITCH")
    shown = ask(served, "GET", f"/v1/suspensions/{name}", "zhanar")
    assert ("aigul", "bolat") == (shown["author"], shown["second"])
    assert shown["told_at"] is not None
    assert "number" not in shown

    reference = order["reference"]
    told = ask(served, "GET", f"/v1/appeals/{reference}", None)
    assert ("suspension", "suspended") == (told["kind"], told["status"])
    appeal = ask(served, "POST", "/v1/appeals", None, reference=reference)["changed"][0]["id"]
    refused = served.request("POST", f"/v1/appeals/{appeal}/take", b"{}", name="bolat")
    assert b"same_person" in refused.content
    ask(served, "POST", f"/v1/appeals/{appeal}/take", "dana")
    ask(served, "POST", f"/v1/appeals/{appeal}/rule", "dana", upheld=True,
        why="It is an alarm system that reports.", erred=["person"])  # fmt: skip
    told = ask(served, "GET", f"/v1/appeals/{reference}", None)
    assert ("lifted", "upheld") == (told["status"], told["appeal"]["status"])
    assert [] == ask(served, "GET", "/v1/suspensions", "SWITCH")["suspensions"]


def nobody_else_reads_or_says_what_is_the_operators_own(
    served: Served, case: dict[str, Any]
) -> None:
    """A bank and another operator are told no suspension and say nothing of one."""
    tokens = Tokens.load_or_create(served.directory)
    name = suspend(served, case, tokens.of(PartyKind.NUMBER, BOX[1]).hex())
    for other in ("BANKKZKA", "OTHEROPR"):
        for method, path in (("GET", "/v1/suspensions"), ("GET", f"/v1/suspensions/{name}"),
                             ("POST", f"/v1/suspensions/{name}/tell"),
                             ("POST", f"/v1/suspensions/{name}/lift"),
                             ("GET", f"/v1/cases/{case['id']}")):  # fmt: skip
            body = b'{"why":"mistake"}' if path.endswith("lift") else b"{}"
            response = served.request(method, path, body if method == "POST" else None, name=other)
            assert 403 == response.status_code, (other, path)
    assert served.request("GET", f"/v1/suspensions/{name}", name="SWITCH").status_code == 200
    lifted = ask(served, "POST", f"/v1/suspensions/{name}/lift", "aigul", why="mistake")
    assert [{"kind": "suspension", "id": name, "status": "lifted"}] == lifted["changed"]


def a_listed_number_is_told_with_its_pattern_and_nothing_else(
    served: Served, case: dict[str, Any]
) -> None:
    """Closed as fraud, a number goes on the shared list by two people; a bank is told a class."""
    tokens = Tokens.load_or_create(served.directory)
    number = tokens.of(PartyKind.NUMBER, BOX[2]).hex()
    ask(served, "POST", f"/v1/cases/{case['id']}/close", "aigul", outcome="fraud", worth_it=True)
    until_ms = int((now() + timedelta(days=100)).timestamp() * 1_000)
    asked = ask(served, "POST", "/v1/listings", "aigul", party=number, party_kind="number",
                case=case["id"], until_ms=until_ms)  # fmt: skip
    request = asked["changed"][0]["id"]
    content = ask(served, "GET", f"/v1/requests/{request}", "dana")["content"]
    ask(served, "POST", f"/v1/requests/{request}/approve", "dana", content=content)
    told = ask(served, "POST", "/v1/listings/look-up", "BANKKZKA", number=BOX[2])
    assert {"listing", "counters", "pattern"} == set(told)
    assert "sim_box" == told["pattern"]
    assert told["listing"].startswith("l")
    other = ask(served, "POST", "/v1/listings/look-up", "BANKKZKA", number="+77029999999")
    assert other["listing"] is None
    assert "pattern" not in other


def the_audit_answers_for_each_suspension(
    served: Served, case: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Who suspended which number for how long on what ground, and no law was broken."""
    told = ask(served, "GET", "/v1/audit", "zhanar")
    assert [] == told["findings"]
    assert ["aigul", "aigul"] == [one["author"] for one in told["suspensions"]]
    served.stop()
    assert main(["audit", str(served.directory), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {"kz:numbers"} == {one["basis"] for one in said["suspensions"]}
    assert verify(served.directory).ok
    assert case["id"] == said["suspensions"][0]["case"]


def test_from_a_box_that_calls_to_a_number_on_the_list(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    """One operator's day: each step rests on the one before it."""
    case = case_of(served)
    a_box_becomes_a_case_with_what_was_seen_of_each_number(served, case)
    two_people_suspend_a_number_whose_holder_is_told_and_appeals(served, case)
    nobody_else_reads_or_says_what_is_the_operators_own(served, case)
    a_listed_number_is_told_with_its_pattern_and_nothing_else(served, case)
    the_audit_answers_for_each_suspension(served, case, capsys)
