"""What differs between two texts, line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from arasha.app.pages.console import comparing
from arasha.app.pages.console.comparing import differing

TEXTS = st.lists(st.sampled_from("abc"), max_size=30).map("\n".join)


@given(before=TEXTS, after=TEXTS)
def test_what_is_gone_and_what_is_new_is_told_with_its_line(before: str, after: str) -> None:
    """Each line that is told stands where it says; equal texts differ in nothing."""
    lines = differing(before, after)
    assert lines is not None
    assert bool(lines) is (before.splitlines() != after.splitlines())
    for line in lines:
        if line.sort != "gap":
            of = before if line.sort == "gone" else after
            assert line.text == of.splitlines()[line.number - 1]
    gone = sum(line.sort == "gone" for line in lines)
    new = sum(line.sort == "new" for line in lines)
    assert len(before.splitlines()) - gone == len(after.splitlines()) - new


def test_what_is_far_from_a_change_is_left_out() -> None:
    """Two lines around it are shown, and a gap between changes."""
    some = [f"line {number}" for number in range(60)]
    other = [*some[:20], "another", *some[21:50], *some[51:]]
    lines = differing("\n".join(some), "\n".join(other))
    assert lines is not None
    assert ["same", "same", "gone", "new", "same", "same", "gap"] == [one.sort for one in lines][:7]
    assert len(lines) < 15


def test_texts_that_are_too_long_are_not_compared() -> None:
    """It would take too long; the page says so."""
    assert differing("a\n" * (comparing.MAX_LINES + 1), "a") is None
