"""Who does not answer is not asked for a while; one question tries whether they are back."""

from __future__ import annotations

import pytest

from arasha.exchange.breaker import FAILURES, LONGEST_S, SHORTEST_S, Breaker

STORIES = [
    # a: asked and answered; f: asked, and there is no answer; x: not asked; .: a second passes
    ("one failure is none", "faffffa"),
    ("given up after five in a row", "fffffxx"),
    ("tried again after a second", "fffff.aaf"),
    ("a trial that fails doubles the wait", "fffff.fx.x.aa"),
]


@pytest.mark.parametrize(("story", "told"), STORIES)
def test_stories(story: str, told: str) -> None:
    """Each letter is what the breaker does, or what becomes of a question."""
    breaker, now_s = Breaker(), 100.0
    for turn, letter in enumerate(told):
        if letter == ".":
            now_s += SHORTEST_S
            continue
        assert (letter != "x") == breaker.may_ask(now_s), (story, turn)
        if letter == "a":
            breaker.answered()
        elif letter == "f":
            breaker.failed(now_s)


def test_the_wait_grows_up_to_its_bound_and_ends_with_an_answer() -> None:
    """It doubles with each trial that fails; an answer makes all well at once."""
    breaker, now_s = Breaker(), 0.0
    for _ in range(FAILURES):
        breaker.failed(now_s)
    waits = []
    for _ in range(9):
        waits.append(breaker.wait_s)
        now_s = breaker.until_s
        assert breaker.may_ask(now_s)
        breaker.failed(now_s)
    assert [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_S, LONGEST_S, LONGEST_S] == waits
    assert breaker.may_ask(breaker.until_s)
    breaker.answered()
    assert breaker.may_ask(now_s)
    assert not breaker.open


def test_what_was_asked_before_and_fails_later_changes_nothing() -> None:
    """Fifty questions were on their way when it went down: they are one outage."""
    breaker = Breaker()
    for _ in range(FAILURES + 45):
        breaker.failed(10.0)
    assert SHORTEST_S == breaker.wait_s
