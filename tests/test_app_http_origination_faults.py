"""Operators that are killed and come back, and a log that is judged again."""

from __future__ import annotations

import json
from pathlib import Path

from arasha.engine.again import compare
from origination_samples import POLICY, answer, answered, operators, until, verdict
from service_samples import serving


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
        settings = both.one.directory.parent / "ones" / "origination.toml"
        words = ("--role", "operator", "--origination", str(settings))
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
