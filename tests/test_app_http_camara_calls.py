"""A call that shows a bank's number: announced it rings, unannounced it is marked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from arasha.client import CallJudged
from arasha.events.records import CallAnnounced, CallerRegistered, CallMade
from service_samples import Served, now, participant, serving

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
DESK, PAYER, OTHER = "+77270000001", "+77020000002", "+77020000003"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An operator that knows whose number is a bank's."""
    directory = tmp_path_factory.mktemp("announced") / "operator"
    sends = ("call", "registration", "announcement")
    keys = {
        "SWITCH": participant(directory, "SWITCH", "operator", may_send=sends),
        "BANKKZKA": participant(directory, "BANKKZKA", may_read=("signals",)),
    }
    with serving(directory, POLICY, "--role", "operator", keys=keys) as service:
        registered(service, DESK, "registered")
        yield service
        assert 0 == service.stop()


def registered(served: Served, number: str, change: str) -> None:
    """The operator says that a number announces its calls, or no longer."""
    with served.client("SWITCH") as switch:
        [answer] = switch.send([
            CallerRegistered(
                id=f"{number}-{change}", happened_at=now(), number=number, bank="BANKKZKA",
                change=change,  # type: ignore[arg-type]  # a literal
            )
        ])  # fmt: skip
        assert "Kept" == type(answer).__name__


def announced(served: Served, callee: str, seconds: int = 60, number: str = DESK) -> int:
    """The bank announces a call; the status of the answer."""
    body = {"callingParticipant": number, "calledParticipant": callee, "timeToLive": seconds}
    return served.request(
        "POST", "/verified-caller/v0.1/pre-announce", json.dumps(body).encode()
    ).status_code


def rung(served: Served, name: str, callee: str, number: str = DESK) -> CallJudged:
    """The verdict on a call that shows the number."""
    with served.client("SWITCH") as switch:
        return switch.ring(
            CallMade(id=name, happened_at=now(), caller_number=number, callee_number=callee)
        )


def test_an_unannounced_call_of_a_bank_is_known_for_what_it_is(served: Served) -> None:
    """Marked, with a reason in three languages; announced to this person it rings."""
    marked = rung(served, "c-1", PAYER)
    assert ("mark", ["unannounced"]) == (marked.verdict, [one.rule for one in marked.reasons])
    assert {"kk", "ru", "en"} == set(marked.reasons[0].text)
    assert 201 == announced(served, PAYER)
    assert "allow" == rung(served, "c-2", PAYER).verdict
    assert "mark" == rung(served, "c-3", OTHER).verdict


def test_an_announcement_holds_for_as_long_as_it_says(served: Served) -> None:
    """A second later the call is not announced any more."""
    assert 201 == announced(served, OTHER, seconds=1)
    assert "allow" == rung(served, "c-4", OTHER).verdict
    time.sleep(1.1)
    assert "mark" == rung(served, "c-5", OTHER).verdict


def test_numbers_that_do_not_announce_are_left_alone(served: Served) -> None:
    """Before they are registered, and once it is withdrawn: then nobody announces for them."""
    number = "+77270000002"
    assert "allow" == rung(served, "c-6", PAYER, number).verdict
    registered(served, number, "registered")
    assert "mark" == rung(served, "c-7", PAYER, number).verdict
    registered(served, number, "withdrawn")
    assert 403 == announced(served, PAYER, number=number)
    assert "allow" == rung(served, "c-8", PAYER, number).verdict


def test_an_announcement_comes_by_its_own_route_alone(served: Served) -> None:
    """As a fact among others nobody would have looked whose number it is."""
    fact = CallAnnounced(id="a", happened_at=now(), caller_number=DESK, callee_number=PAYER,
                         duration=60_000)  # fmt: skip
    with served.client("SWITCH") as switch:
        [answer] = switch.send([fact])
    assert "unknown_category" == answer.reason  # type: ignore[union-attr]  # refused
