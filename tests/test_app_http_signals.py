"""What a bank may ask an operator, and what it is told: classes, once a payment, on record."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from arasha.client import Kept, Refused
from arasha.engine.askings import MAX_ASKED_24H, MAX_OF_A_BANK
from arasha.engine.call_risk import ASKED
from arasha.errors import ServiceRefused
from arasha.events.body import unpack_facts
from arasha.events.records import CallChanged, CallMade, SimChanged
from arasha.events.schema import SIGNAL_CLASSES, SIGNALS, Kind
from arasha.events.symbols import code_text
from arasha.log.log import Log
from service_samples import Served, now, participant, paying, serving

POLICIES = Path(__file__).resolve().parents[1] / "policies"
PAYER, THIEF = "+77020000002", "+77010000001"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An operator with its switch, two banks, and a bank that may not ask."""
    directory = tmp_path_factory.mktemp("signals") / "operator"
    keys = {
        "SWITCH": participant(directory, "SWITCH", "operator", may_read=("decisions", "signals")),
        "BANKKZKA": participant(directory, "BANKKZKA", may_read=("signals", "decisions", "stream")),
        "OTHERBNK": participant(directory, "OTHERBNK", may_read=("signals",)),
        "SHUTBANK": participant(directory, "SHUTBANK"),
    }
    policy = POLICIES / "calls.toml"
    with serving(directory, policy, "--role", "operator", keys=keys) as service:
        yield service
        assert 0 == service.stop()


def talking(served: Served, name: str, caller: str, callee: str, *, ended: bool = False) -> None:
    """A call that was answered just now, and perhaps is over."""
    parties: dict[str, Any] = {"caller_number": caller, "callee_number": callee}
    changes = ["answered", "ended"] if ended else ["answered"]
    with served.client("SWITCH") as switch:
        switch.ring(CallMade(id=name, happened_at=now(), **parties))
        list(switch.send([
            CallChanged(
                id=f"{name}-{change}", happened_at=now(), call=name,
                change=change, **parties,  # type: ignore[arg-type]  # a literal
            )
            for change in changes
        ]))  # fmt: skip


def asked(served: Served, body: object, *, name: str | None = "BANKKZKA") -> httpx.Response:
    """One asking."""
    return served.request("POST", "/v1/signals/call-risk", json.dumps(body).encode(), name=name)


def told(served: Served, payment: str, number: str = PAYER, name: str = "BANKKZKA") -> list[str]:
    """The classes that were told, in the order of ASKED."""
    response = asked(served, {"payment": payment, "number": number}, name=name)
    assert 200 == response.status_code, response.content
    signals = json.loads(response.content)["signals"]
    assert list(ASKED) == [one["signal"] for one in signals]
    return [one["answer"] for one in signals]


def test_a_payer_on_the_phone_with_a_stranger_is_told(served: Served) -> None:
    """As long as the call lasts; and a SIM that was changed."""
    number = "+77050000001"
    assert ["not_known_here"] * 3 == told(served, "t-1", number)
    talking(served, "c-1", THIEF, number)
    assert ["on_call_under_10_min_unfamiliar", "none", "none"] == told(served, "t-2", number)
    with served.client("SWITCH") as switch:
        list(switch.send([SimChanged(id="s", happened_at=now(), number=number, change="swapped")]))
    assert ["on_call_under_10_min_unfamiliar", "changed_within_day", "none"] == told(
        served, "t-3", number
    )


def test_asked_twice_it_is_told_once(served: Served) -> None:
    """The first answer again, whatever happened since; another number is refused."""
    number = "+77050000002"
    first = asked(served, {"payment": "again", "number": number})
    talking(served, "c-2", THIEF, number)
    second = asked(served, {"payment": "again", "number": number})
    assert first.content == second.content
    assert (None, "true") == tuple(one.headers.get("idempotent-replay") for one in (first, second))
    other = asked(served, {"payment": "again", "number": PAYER})
    assert (409, "#/number") == (other.status_code, json.loads(other.content)["pointer"])
    elsewhere = told(served, "again", number, name="OTHERBNK")
    assert "on_call_under_10_min_unfamiliar" == elsewhere[0]


@pytest.mark.parametrize(
    ("body", "name", "status"),
    [
        ({"payment": "x", "number": PAYER}, None, 401),
        ({"payment": "x", "number": PAYER}, "SWITCH", 403),
        ({"payment": "x", "number": PAYER}, "SHUTBANK", 403),
        ({"payment": "x"}, "BANKKZKA", 422),
        ({"payment": "x", "number": "87020000002"}, "BANKKZKA", 422),
        ({"payment": "x", "number": "+7702"}, "BANKKZKA", 422),
        ({"payment": "x", "number": PAYER, "since": "2026-01-01"}, "BANKKZKA", 422),
        ({"payment": "a b", "number": PAYER}, "BANKKZKA", 422),
        ({"payment": "p" * 49, "number": PAYER}, "BANKKZKA", 422),
        ([], "BANKKZKA", 422),
    ],
)
def test_who_may_ask_what(served: Served, body: object, name: str | None, status: int) -> None:
    """Banks that were let, about a number as CAMARA writes it, and nothing more."""
    response = asked(served, body, name=name)
    assert status == response.status_code
    assert status == json.loads(response.content)["status"]
    assert b"7702" not in response.content.replace(b"+77010000001", b"")


def test_nobody_is_watched_by_asking(served: Served) -> None:
    """After so many askings about one number in a day nobody is told of it, whatever the bank."""
    number = "+77050000003"
    talking(served, "c-3", THIEF, number, ended=True)
    for turn in range(MAX_ASKED_24H):
        told(served, f"w-{turn}", number, name="BANKKZKA" if turn % 2 else "OTHERBNK")
    refused = asked(served, {"payment": "w-more", "number": number})
    assert (429, "3600") == (refused.status_code, refused.headers["retry-after"])
    assert ["none"] * 3 == told(served, "w-0", number, name="OTHERBNK")  # what was told before


def test_nobody_is_watched_by_asking_at_once(served: Served) -> None:
    """Answers that are not on record yet count like those that are."""
    number = "+77050000013"

    def one(turn: int) -> int:
        return asked(served, {"payment": f"at-once-{turn}", "number": number}).status_code

    with ThreadPoolExecutor(24) as pool:
        statuses = Counter(pool.map(one, range(4 * MAX_OF_A_BANK)))
    assert {200: MAX_OF_A_BANK, 429: 3 * MAX_OF_A_BANK} == statuses


def test_each_asking_is_an_entry(served: Served) -> None:
    """Who asked, about which payment, and what was told, durable before it was."""
    number = "+77050000004"
    response = asked(served, {"payment": "entry", "number": number})
    seq = json.loads(response.content)["seq"]
    with Log.open(served.directory, writable=False) as log:
        [frame] = list(log.read(seq, seq + len(ASKED)))
    facts = unpack_facts(frame.kinds, frame.bodies)
    assert [Kind.SIGNAL] * len(ASKED) == facts.kinds.tolist()
    assert [f"entry.{signal}" for signal in ASKED] == list(facts.ids)
    assert {"BANKKZKA"} == {code_text(one.tobytes()) for one in facts.symbol("sender")}
    assert list(ASKED) == [SIGNALS[one] for one in facts.number("signal").tolist()]
    assert {"not_known_here"} == {SIGNAL_CLASSES[one] for one in facts.number("answer").tolist()}
    assert facts.symbol("payment").any(axis=1).all()


def test_a_bank_puts_what_it_was_told_before_its_payment(served: Served, tmp_path: Path) -> None:
    """The client makes facts of the answer; at the bank's own Arasha they are kept, then the
    payment is judged. At the operator they are refused: nobody puts words into its mouth.
    """
    talking(served, "c-5", THIEF, "+77050000005")
    directory = tmp_path / "bank"
    keys = {"CORE": participant(directory, "CORE")}
    with serving(directory, POLICIES / "amlsim.toml", keys=keys) as bank:
        with served.client() as operator, bank.client("CORE") as own:
            signals = operator.ask("pay-5", "+77050000005")
            kept = list(own.send(signals))
            decided = own.judge(paying("pay-5", payer_number="+77050000005"))
        with served.client("BANKKZKA") as forger:
            forged = list(forger.send(signals))
        assert [Kept] * len(ASKED) == [type(one) for one in kept]
        assert [Refused] * len(ASKED) == [type(one) for one in forged]
        assert decided.seq > max(one.seq for one in kept if isinstance(one, Kept))
    assert "on_call_under_10_min_unfamiliar" == signals[0].answer
    assert {"pay-5"} == {one.payment for one in signals}


def test_a_refusal_names_itself_to_the_client(served: Served) -> None:
    """As everywhere: an exception with the problem."""
    with served.client("SHUTBANK") as bank, pytest.raises(ServiceRefused):
        bank.ask("x", PAYER)
