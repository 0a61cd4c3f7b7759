"""An operator's own service: calls judged before they ring, and nothing of payments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from arasha.app.main import main
from arasha.client import CallJudged, Kept, Refused
from arasha.engine.again import compare
from arasha.events.json import encode
from arasha.events.records import CallChanged, CallMade, Record, ReportFiled, SimChanged
from arasha.log.verify import verify
from service_samples import Served, now, participant, paying, serving

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"


def calling(name: str, **values: Any) -> CallMade:
    """A call between two numbers, about to ring."""
    defaults: dict[str, Any] = {
        "id": name, "happened_at": now(), "caller_number": "+77010000001",
        "callee_number": "+77020000002", "route": "domestic",
    }  # fmt: skip
    return CallMade(**(defaults | values))


def ringing(caller: str, count: int, *, prefix: str) -> list[Record]:
    """That many calls from one number to as many strangers, none of them answered."""
    facts: list[Record] = []
    for turn in range(count):
        call = calling(
            f"{prefix}-{turn}", caller_number=caller, callee_number=f"+7705{turn:07}",
            route="foreign",
        )  # fmt: skip
        facts += [
            call,
            CallChanged(
                id=f"{prefix}-{turn}-m", happened_at=now() + timedelta(milliseconds=1),
                call=call.id, change="missed", caller_number=caller,
                callee_number=call.callee_number,
            ),
        ]  # fmt: skip
    return facts


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An operator with its switch, a bank and its own officer's key."""
    directory = tmp_path_factory.mktemp("operator") / "operator"
    keys = {
        "SWITCH": participant(
            directory, "SWITCH", "operator", may_read=("decisions", "stream"),
            may_send=("call", "call_change", "sim_change", "report"),
        ),
        "BANKKZKA": participant(directory, "BANKKZKA"),
        "CENTRE": participant(directory, "CENTRE", "centre"),
    }  # fmt: skip
    with serving(directory, POLICY, "--role", "operator", keys=keys) as service:
        yield service
        assert 0 == service.stop()
    assert verify(directory).ok
    found = compare(directory)
    assert found.decisions > 0
    assert 0 == found.differing


def test_a_call_is_judged_before_it_rings(served: Served) -> None:
    """An ordinary one is allowed; asked again, the bytes are the same; it can be read again."""
    body = encode(calling("quiet"))
    first = served.request("POST", "/v1/calls", body, name="SWITCH")
    second = served.request("POST", "/v1/calls", body, name="SWITCH")
    read = served.request("GET", "/v1/decisions/quiet", name="SWITCH")
    assert first.content == second.content == read.content
    told = json.loads(first.content)
    assert ("judged", "quiet", "allow", 0) == tuple(
        told[name] for name in ("outcome", "call", "verdict", "score")
    )
    assert "warning" not in told


def test_one_ring_from_abroad_is_marked_and_then_refused(served: Served) -> None:
    """The verdict grows with what is known; the reasons are told in three languages."""
    with served.client("SWITCH") as switch:
        answers = list(switch.send(ringing("+998900000009", 14, prefix="w")))
        last = switch.ring(
            calling("w-last", caller_number="+998900000009", callee_number="+77060000001",
                    route="foreign")
        )  # fmt: skip
    judged = [one for one in answers if isinstance(one, CallJudged)]
    assert 14 == len(judged) == sum(isinstance(one, Kept) for one in answers)
    assert "allow" == judged[0].verdict
    assert "refuse" == last.verdict
    assert {"allow", "mark", "refuse"} >= {one.verdict for one in judged}
    assert "mark" in [one.verdict for one in judged]
    assert "one_ring" in [reason.rule for reason in last.reasons]
    assert all({"kk", "ru", "en"} == set(reason.text) for reason in last.reasons)


def test_payments_never_come_here(served: Served) -> None:
    """There is no route for one, and no line of it is taken; whoever sends it."""
    assert 404 == served.request("POST", "/v1/payments", encode(paying("p"))).status_code
    for path in ("/v1/iso20022", "/v1/holds", "/v1/reports", "/v1/recalls"):
        assert 404 == served.request("POST", path, b"{}").status_code
    with served.client("CENTRE") as centre:
        [answer] = centre.send([paying("p")])
    assert isinstance(answer, Refused)
    assert "#/fact" == answer.pointer


def test_what_is_sent_is_what_may_be_sent(served: Served) -> None:
    """A bank sends no calls; a route for calls takes nothing else; what is malformed says why."""
    refused = served.request("POST", "/v1/calls", encode(calling("b")), name="BANKKZKA")
    assert 403 == refused.status_code
    change = SimChanged(id="s", happened_at=now(), number="+77018888888", change="activated")
    wrong = served.request("POST", "/v1/calls", encode(change), name="SWITCH")
    assert (422, "#/fact") == (wrong.status_code, json.loads(wrong.content)["pointer"])
    with served.client("SWITCH") as switch:
        kept = list(switch.send([
            change, ReportFiled(id="r", happened_at=now(), number="+77018888888"),
        ]))  # fmt: skip
    assert [Kept, Kept] == [type(one) for one in kept]


def test_a_reported_number_is_marked(served: Served) -> None:
    """Reports are no call facts: they come from whoever the operator lets report."""
    with served.client("SWITCH") as switch:
        list(switch.send([ReportFiled(id="r-2", happened_at=now(), number="+77079999999")]))
        judged = switch.ring(calling("r-call", caller_number="+77079999999"))
    assert ("mark", ["reported"]) == (judged.verdict, [one.rule for one in judged.reasons])


def test_the_document_is_that_of_an_operator(served: Served) -> None:
    """It has the routes of calls and none of payments."""
    told = json.loads(served.request("GET", "/openapi.json", name=None).content)
    assert "/v1/calls" in told["paths"]
    assert not [path for path in told["paths"] if "payments" in path or "iso20022" in path]
    assert {} == told["webhooks"]


def test_a_role_a_policy_and_a_log_go_together(tmp_path: Path) -> None:
    """A policy over payments serves no operator, one over calls no centre, and a log that was begun
    with the one never judges the other; each message says so.
    """
    payments, directory = POLICY.with_name("amlsim.toml"), tmp_path / "operator"
    with serving(directory, POLICY, "--role", "operator") as service:
        assert 0 == service.stop()
    for policy, words, said in (
        (payments, ("--role", "operator"), "this policy judges a payment"),
        (POLICY, (), "this policy judges a call"),
        (payments, (), "settled by its first policy"),
        (None, (), "as centre the service judges a payment"),
    ):
        refused = pytest.raises(AssertionError, match=said)
        with refused, serving(directory, policy, *words):
            pass


def test_an_operator_sends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Options that would be ignored are refused."""
    words = ["serve", "--role", "operator", "--data", str(tmp_path), "--policy", str(POLICY)]
    assert 2 == main([*words, "--webhook-network", "10.0.0.0/8"])
    assert "an operator's service sends nothing" in capsys.readouterr().err


def test_call_facts_never_come_to_a_centre(tmp_path: Path) -> None:
    """Not even from somebody who may send all there is."""
    directory = tmp_path / "centre"
    keys = {"CENTRE": participant(directory, "CENTRE", "centre")}
    with serving(directory, POLICY.with_name("amlsim.toml"), keys=keys) as service:
        with service.client("CENTRE") as centre:
            answers = list(centre.send(ringing("+998900000009", 1, prefix="c")))
        assert [Refused, Refused] == [type(one) for one in answers]
        assert 404 == service.request("POST", "/v1/calls", b"{}", name="CENTRE").status_code
