"""Did you originate this call? Two operators in their processes, and all that can go wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import httpx
import numpy as np
import pytest

from arasha.app.http.origination import MAX_ABROAD_TOLD, Answering
from arasha.engine.again import stretches
from arasha.engine.originated import Originated
from arasha.events.schema import SIGNAL_CLASSES, Kind
from arasha.events.symbols import code_text
from arasha.exchange.breaker import FAILURES
from arasha.log.log import Log
from origination_samples import (
    RANGES,
    Operators,
    answer,
    answered,
    numbers,
    operators,
    until,
    verdict,
)
from service_samples import now


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operators]:
    """Two operators that know each other."""
    with operators(tmp_path_factory.mktemp("origination")) as made:
        yield made


def test_a_call_that_its_owner_made_rings(both: Operators) -> None:
    """It came from abroad, and is the owner's all the same."""
    both.makes("c-1", "+77010000001")
    assert "allow" == verdict(both.ring(both.two, "c-1", "+77010000001"))[0]
    assert "confirmed" == answer(both, "c-1")


def test_a_call_that_its_owner_did_not_make_is_refused(both: Operators) -> None:
    """Also where the owner's subscriber calls somebody else, or is nobody at all."""
    both.makes("d-0", "+77010000003", "+77020000009")
    for name, caller in (("d-1", "+77010000003"), ("d-2", "+77010000088")):
        said, rules = verdict(both.ring(both.two, name, caller))
        assert ("refuse", "not_the_owners_call") == (said, rules[0])
        assert "denied" == answer(both, name)


def test_a_subscriber_abroad_is_not_cut_off(both: Operators) -> None:
    """The owner's network has it registered abroad: a route from there is right."""
    assert "allow" == verdict(both.ring(both.two, "r-1", "+77010000199"))[0]
    assert "roaming" == answer(both, "r-1")


def test_what_the_network_cannot_say_is_no_denial(both: Operators) -> None:
    """The owner does not know whether its subscriber is abroad: it does not answer."""
    said, rules = verdict(both.ring(both.two, "n-1", "+77010000177"))
    assert ("mark", "owner_not_heard") == (said, rules[0])
    assert "not_answered" == answer(both, "n-1")


def test_a_network_at_a_wrong_address_denies_nobody(both: Operators) -> None:
    """A page that is not there is no word about a number: else a slip of a pen in the settings cuts
    off all who are abroad.
    """
    for name, ending in (("w-1", "66"), ("w-2", "55")):
        said, rules = verdict(both.ring(both.two, name, f"+770100001{ending}"))
        assert ("mark", "owner_not_heard") == (said, rules[0])
        assert "not_answered" == answer(both, name)


def test_a_call_that_was_forwarded_back_from_abroad_rings(both: Operators) -> None:
    """Its owner knows another call, to whom it was first; that came the usual way a moment ago."""
    both.ring(both.two, "b-0", "+77010000011", "+77020000041", route="domestic")
    said, rules = verdict(both.ring(both.two, "b-1", "+77010000011", "+77020000042"))
    assert ("mark", "may_be_forwarded_back") == (said, rules[0])
    assert "denied" == answer(both, "b-1")


def test_a_call_that_is_told_later_than_the_question_is_found(both: Operators) -> None:
    """The question may overtake the call: the owner waits for it, within the asker's time."""
    later = threading.Timer(0.06, both.makes, ("l-1", "+77010000005", "+77020000005"))
    later.start()
    assert "allow" == verdict(both.ring(both.two, "l-1", "+77010000005", "+77020000005"))[0]
    later.join()
    assert "confirmed" == answer(both, "l-1")


def test_of_its_own_numbers_an_operator_asks_itself(both: Operators) -> None:
    """And a forged call is not vouched for by the forged call before it."""
    for name in ("o-1", "o-2"):
        assert "refuse" == verdict(both.ring(both.two, name, "+77020000031", "+77020000032"))[0]
        assert "denied" == answer(both, name)
    both.ring(both.two, "o-3", "+77020000033", "+77020000034", route="domestic")
    assert "allow" == verdict(both.ring(both.two, "o-4", "+77020000033", "+77020000034"))[0]


@pytest.mark.parametrize(
    ("name", "caller", "route", "expected"),
    [
        ("a-1", "+77060000001", "foreign", "not_asked"),
        ("a-2", "+77090000001", "foreign", "no_owner"),
        ("a-3", "+447700900001", "foreign", None),
        ("a-4", "+77010000007", "domestic", None),
        ("a-5", "+77010000007", None, None),
        ("a-6", "+77010000007", "roaming", None),
        ("a-7", "MYBANK", "foreign", None),
    ],
)
def test_who_is_asked_about(
    both: Operators, name: str, caller: str, route: str | None, expected: str | None
) -> None:
    """Numbers of this country on calls from abroad; where there is nobody to ask it says so."""
    assert "refuse" != verdict(both.ring(both.two, name, caller, route=route))[0]
    assert expected == answer(both, name)


def test_an_operator_that_is_down_is_given_up_for_a_while(both: Operators) -> None:
    """Nobody answers at its address: each call is marked, never refused for that alone."""
    found = []
    for turn in range(FAILURES + 2):
        said, _ = verdict(both.ring(both.two, f"down-{turn}", f"+7705{turn:07}", f"+7702{turn:07}"))
        assert "mark" == said
        found.append(answer(both, f"down-{turn}"))
    assert ["not_answered"] * FAILURES == found[:FAILURES]
    assert "operator_down" in found[FAILURES:]


def test_an_operator_that_is_slow_does_not_hold_up_a_call(both: Operators) -> None:
    """Its answer comes when the time is over: it counts for nothing, and soon it is not asked."""
    for turn in range(FAILURES):
        said, _ = verdict(both.ring(both.two, f"slow-{turn}", f"+7703{turn:07}", f"+7702{turn:07}"))
        assert "mark" == said
        assert "not_answered" == answer(both, f"slow-{turn}")
    asked = len(both.slow.heard)
    verdict(both.ring(both.two, "slow-last", "+77030000001"))
    assert "operator_down" == answer(both, "slow-last")
    assert asked == len(both.slow.heard)


LIES = [
    (200, b""),
    (200, b"[]"),
    (200, b'{"id":"ID","answer":"yes"}'),
    (200, b'{"id":"another","answer":"originated"}'),
    (200, b'{"id":"ID"}'),
    (200, b'{"answer":"originated"}'),
    (204, b""),
    (302, b'{"id":"ID","answer":"originated"}'),
    (401, b'{"id":"ID","answer":"originated"}'),
    (503, b'{"id":"ID","answer":"not_originated"}'),
    (200, b'{"id":"ID","answer":"originated","more":"' + b"x" * 8_000 + b'"}'),
    (200, b'{"id":"ID","answer":"originated","more":' + b"[" * 1_900 + b"]" * 1_900 + b"}"),
]


def test_words_that_no_owner_says_count_for_nothing(both: Operators) -> None:
    """Neither do answers to other questions, with other statuses, or without an end."""
    for turn, lie in enumerate(LIES):
        both.lies[:] = [lie]
        said, _ = verdict(both.ring(both.two, f"lie-{turn}", f"+7704{turn:07}", f"+7702{turn:07}"))
        assert ("mark", "not_answered") == (said, answer(both, f"lie-{turn}")), lie


@pytest.mark.parametrize(
    ("word", "expected"),
    [("originated", "confirmed"), ("not_originated", "denied"), ("roaming", "roaming"),
     ("not_mine", "not_mine")],
)  # fmt: skip
def test_each_word_of_an_owner_has_its_class(both: Operators, word: str, expected: str) -> None:
    """Whoever owns a number is believed about its calls: they are its own to answer for."""
    both.lies[:] = [(200, b'{"id":"ID","answer":"' + word.encode() + b'"}')]
    both.ring(both.two, f"word-{word}", "+77040000002", "+77020000077")
    assert expected == answer(both, f"word-{word}")


def test_what_leaves_is_the_question_and_no_more(both: Operators) -> None:
    """Two numbers, the time, a name that is drawn anew: no call's id, no device, no verdict."""
    both.lies[:] = []
    both.ring(both.two, "CANARY-CALL", "+77040000003", "+77020000003", device="CANARY-DEVICE")
    asked = both.liar.heard[-1]
    assert {"id", "caller_number", "callee_number", "at", "within_ms", "path", "bytes"} == set(
        asked
    )
    assert ("/v1/origination", "+77040000003", "+77020000003") == (
        asked["path"], asked["caller_number"], asked["callee_number"],
    )  # fmt: skip
    assert b"CANARY" not in asked["bytes"]
    assert len({one["id"] for one in both.liar.heard}) == len(both.liar.heard)


def test_the_same_call_again_is_not_asked_about_again(both: Operators) -> None:
    """It gets the same verdict, though the owner would now say something else; and at once."""
    both.lies[:] = [(200, b'{"id":"ID","answer":"roaming"}')]
    at = now().isoformat()

    def once(_: int) -> httpx.Response:
        return both.ring(both.two, "again", "+77040000004", "+77020000004", happened_at=at)

    before = len(both.liar.heard)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(once, range(8)))
    both.lies[:] = [(200, b'{"id":"ID","answer":"not_originated"}')]
    replies.append(once(9))
    assert {200} == {one.status_code for one in replies}
    assert 1 == len({one.content for one in replies})
    assert "true" == replies[-1].headers["idempotent-replay"]
    assert 1 == len(both.liar.heard) - before
    assert "roaming" == answer(both, "again")


def test_what_the_switch_says_itself_stands(both: Operators) -> None:
    """It may have asked in its own way: then nobody else is asked."""
    before = len(both.liar.heard)
    said, rules = verdict(both.ring(both.two, "own-1", "+77040000005", owner_answer="denied"))
    assert ("refuse", "not_the_owners_call") == (said, rules[0])
    assert before == len(both.liar.heard)
    refused = both.ring(both.two, "own-2", "+77040000005", owner_answer="perhaps")
    assert 422 == refused.status_code


# The asked side.


@pytest.mark.parametrize(
    ("changes", "name", "status"),
    [
        ({}, None, 401),
        ({}, "BANKKZKA", 403),
        ({}, "SWITCH", 403),
        ({}, "OTHER", 403),
        ({"callee_number": "+77030000001"}, "OPERTWO", 403),
        ({"callee_number": "+77010000002"}, "OPERTWO", 403),
        ({"callee_number": None}, "OPERTWO", 422),
        ({"caller_number": "87010000001"}, "OPERTWO", 422),
        ({"within_ms": 0}, "OPERTWO", 422),
        ({"within_ms": 100_000}, "OPERTWO", 422),
        ({"id": "x" * 49}, "OPERTWO", 422),
        ({"more": 1}, "OPERTWO", 422),
        ({"at": (now() - timedelta(days=1)).isoformat()}, "OPERTWO", 422),
        ({"at": (now() + timedelta(days=1)).isoformat()}, "OPERTWO", 422),
        ({"at": "2026-03-02T09:00:00"}, "OPERTWO", 422),
    ],
)
def test_who_may_ask_what(
    both: Operators, changes: dict[str, object], name: str | None, status: int
) -> None:
    """An operator with the right, about a call to its own number, now; nobody learns anything."""
    if name is None:
        response = both.one.request("POST", "/v1/origination", b"{}", name=None)
    else:
        response = both.asks(name, **changes)
    assert status == response.status_code
    assert b"answer" not in response.content
    assert b"7701" not in response.content.replace(b"+77010000001", b"")


def test_a_number_of_nobody_looks_like_one_that_is_silent(both: Operators) -> None:
    """The same word in the same form; neither says whether there is such a subscriber."""
    told = [
        both.asks(id=f"n-{number}", caller_number=number)
        for number in ("+77010000011", "+77010000088")
    ]
    assert ["not_originated"] * 2 == [json.loads(one.content)["answer"] for one in told]
    assert {"not_mine"} == {
        json.loads(both.asks(id=f"m-{number}", caller_number=number).content)["answer"]
        for number in ("+77030000011", "+77990000011")
    }


def test_a_question_asked_twice_has_one_answer(both: Operators) -> None:
    """Though the call was made meanwhile; with another number its name is refused."""
    first = both.asks(id="twice", caller_number="+77010000021")
    both.makes("twice", "+77010000021")
    again = both.asks(id="twice", caller_number="+77010000021")
    assert first.content == again.content
    assert "true" == again.headers["idempotent-replay"]
    assert (
        "originated"
        == json.loads(both.asks(id="thrice", caller_number="+77010000021").content)["answer"]
    )
    assert 409 == both.asks(id="twice", caller_number="+77010000022").status_code


def test_nobody_is_watched_abroad_by_asking(both: Operators) -> None:
    """That a number is abroad is told so often a day, and then no more: 503, as when it cannot be
    told.
    """
    number = "+77010000299"
    for turn in range(MAX_ABROAD_TOLD):
        response = both.asks(id=f"abroad-{turn}", caller_number=number)
        assert "roaming" == json.loads(response.content)["answer"]
    assert 503 == both.asks(id="abroad-more", caller_number=number).status_code


def test_who_was_abroad_is_forgotten_after_a_day() -> None:
    """In memory, too: where people go is no record of ours."""
    clock = SimpleNamespace(steady_ns=0)
    answering = Answering(
        SimpleNamespace(clock=lambda: clock),  # type: ignore[arg-type]  # all that is used of a desk
        Originated.__new__(Originated), None,
    )  # fmt: skip
    for turn in range(5):
        assert answering._may_tell_abroad(bytes([turn]) * 16)
    clock.steady_ns = 86_401 * 10**9
    assert answering._may_tell_abroad(b"x" * 16)
    assert [b"x" * 16] == list(answering._told)


def test_each_answer_is_an_entry_without_the_other_number(both: Operators) -> None:
    """Who asked, about which of our numbers, and the word. The country is nowhere, nor whom the
    call was to: neither in the log nor in the vault.
    """
    both.asks(id="entry", caller_number="+77010000399", callee_number="+77029876543")
    with Log.open(both.one.directory, writable=False) as log:
        found = [
            facts.take(np.array([row]))
            for facts, _, _ in stretches(log, log.size)
            for row, name in enumerate(facts.ids)
            if name == "entry"
        ]
    [facts] = found
    assert [Kind.SIGNAL] == facts.kinds.tolist()
    assert ["OPERTWO"] == [code_text(one.tobytes()) for one in facts.symbol("sender")]
    assert "roaming" == SIGNAL_CLASSES[int(facts.number("answer")[0])]
    assert facts.symbol("number").any()
    assert not facts.symbol("callee_number").any()
    for path in both.one.directory.rglob("*"):
        if path.is_file():
            assert b"29876543" not in path.read_bytes(), path
            assert b"CANARY-COUNTRY" not in path.read_bytes(), path


def test_a_number_that_is_ported_is_its_new_operators(both: Operators) -> None:
    """While calls go on: as long as only one side knows, it is not_mine, and the call is marked;
    once both know, who has it now is asked.
    """
    number = "+77010000501"
    assert "refuse" == verdict(both.ring(both.two, "p-1", number))[0]
    numbers(both.one.directory, f"number,operator\n{number},LIAR\n", "--add")
    until(lambda turn: "not_mine" == answered(both, f"p-2-{turn}", number))
    numbers(both.two.directory, f"number,operator\n{number},LIAR\n", "--add")
    both.lies[:] = [(200, b'{"id":"ID","answer":"roaming"}')] * 50
    until(lambda turn: "roaming" == answered(both, f"p-3-{turn}", number))
    both.lies[:] = []
    numbers(both.two.directory, RANGES)
    numbers(both.one.directory, RANGES)
    until(lambda turn: "denied" == answered(both, f"p-4-{turn}", number))
