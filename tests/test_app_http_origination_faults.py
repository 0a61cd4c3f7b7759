"""Operators that are killed and come back, and a log that is judged again."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from arasha.engine.again import compare
from origination_samples import (
    POLICY,
    RANGES,
    Operators,
    abroad,
    answer,
    answered,
    classes,
    numbers,
    operators,
    played,
    settings,
    switch,
    until,
    verdict,
)
from service_samples import participant, serving


def test_an_owner_that_is_killed_denies_nothing_until_it_sees_all_again(tmp_path: Path) -> None:
    """Down, its calls are marked; back, it has missed some and says so (503) instead of denying
    what it cannot know. What was answered before stands in its log. Judged again each call gets
    the same verdict, and nobody is asked: what was answered is in the log with it.
    """
    with operators(tmp_path) as both:
        first = both.asks(id="before", caller_number="+77010000600")
        assert "refuse" == verdict(both.ring(both.two, "k-0", "+77010000601"))[0]
        both.one.kill()
        assert "mark" == verdict(both.ring(both.two, "k-1", "+77010000601"))[0]
        assert "not_answered" == answer(both, "k-1")
        told_how = both.one.directory.parent / "ones" / "origination.toml"
        words = ("--role", "operator", "--origination", str(told_how))
        with serving(both.one.directory, POLICY, *words, keys=both.one.keys, port=both.one.port):
            assert 503 == both.asks(id="back", caller_number="+77010000602").status_code
            both.makes("k-2", "+77010000603")
            until(lambda turn: "confirmed" == answered(both, f"k-2-{turn}", "+77010000603"))
            assert "mark" == verdict(both.ring(both.two, "k-3", "+77010000604"))[0]
            again = both.asks(id="before", caller_number="+77010000600")
            assert first.content == again.content
            assert "not_originated" == json.loads(again.content)["answer"]
        both.two.stop()
        found = compare(both.two.directory)
        assert found.decisions >= 4
        assert 0 == found.differing


@pytest.mark.slow
def test_forged_numbers_are_refused_and_nobody_abroad_is(tmp_path: Path) -> None:
    """A border for half a minute: calls that bear OPERONE's numbers come to OPERTWO from
    abroad, forged ones, subscribers abroad, and OPERONE's own by a long way round. In the middle
    OPERONE is killed, and comes back. What is forged is refused whenever the owner answers, marked
    when it does not; nobody who is abroad or has called is refused, whatever happens.
    """
    with operators(tmp_path) as both, ExitStack() as stack:

        def come(turn: int) -> tuple[str, str | None]:
            kind = ("forged", "abroad", "own")[turn % 3]
            caller = f"+77010{turn:04}{99 if kind == 'abroad' else 10}"
            name, callee = f"{kind}-{turn}", f"+7702{turn:07}"
            if kind == "own":
                with suppress(httpx.HTTPError, AssertionError):  # it may be down: the call is made
                    both.makes(name, caller, callee)
            return name, verdict(both.ring(both.two, name, caller, callee))[0]

        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(come, range(180)))
            both.one.kill()
            told += pool.map(come, range(180, 216))
            told_how = both.one.directory.parent / "ones" / "origination.toml"
            words = ("--role", "operator", "--origination", str(told_how))
            stack.enter_context(
                serving(both.one.directory, POLICY, *words, keys=both.one.keys, port=both.one.port)
            )
            told += pool.map(come, range(216, 300))
        found = classes(both.two.directory)
    said = Counter((name.partition("-")[0], one) for name, one in told)
    assert 0 == said["abroad", "refuse"] + said["own", "refuse"] + said["forged", "allow"], said
    for name, one in told:
        assert (one == "refuse") == (found[name][0] == "denied"), name
    assert "refuse" in {one for name, one in told[:180]}
    assert {"mark"} == {one for _, one in told[180:216]}


def test_a_standby_answers_nothing_until_it_writes_and_then_what_it_knows(tmp_path: Path) -> None:
    """While another process writes it says so; when that is killed it takes over, confirms what is
    made from then on, and denies nothing that it may have missed.
    """
    directory = tmp_path / "one"
    keys = {
        "SWITCH": switch(directory),
        "OPERTWO": participant(
            directory, "OPERTWO", "operator", may_read=("origination",), may_send=()
        ),
    }
    numbers(directory, RANGES)
    with ExitStack() as stack:
        network = stack.enter_context(played(abroad))
        told = settings(tmp_path / "ones", "OPERONE", {}, network)
        words = ("--role", "operator", "--origination", str(told))
        writer = stack.enter_context(serving(directory, POLICY, *words, keys=keys))
        standby = stack.enter_context(serving(directory, None, *words, "--standby", keys=keys))
        both = Operators(standby, standby, network, network, network)
        assert 503 == both.asks(id="s-0").status_code
        assert 503 == both.ring(standby, "s-0", "+77010000001").status_code
        writer.kill()
        until(lambda turn: 200 == _rings(both, f"s-{turn}"))
        assert 503 == both.asks(id="s-1", caller_number="+77010000002").status_code
        response = both.asks(id="s-2", caller_number="+77010000001")
        assert "originated" == json.loads(response.content)["answer"]


def _rings(both: Operators, name: str) -> int:
    """The status of a call that a subscriber of OPERONE makes."""
    return both.ring(both.one, name, "+77010000001", route="domestic").status_code
