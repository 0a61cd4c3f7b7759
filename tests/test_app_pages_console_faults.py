"""A fault is shown where it stands."""

from __future__ import annotations

from arasha.app.pages.console.faults import placed
from arasha.errors import Diagnostic

TEXT = "one\ntwo\nthree\nfour five six\n"


def test_its_line_is_cut_into_three_with_those_ahead_of_it() -> None:
    """And its characters in the text, for who wants to go there."""
    [fault] = placed(TEXT, [Diagnostic("error", "x", "what", "policy.toml", 4, 6, 4)])
    assert ("four ", "five", " six") == (fault.head, fault.marked, fault.tail)
    assert ((2, "two"), (3, "three")) == fault.around
    assert "five" == TEXT[fault.start : fault.end]


def test_a_fault_of_the_whole_file_or_past_its_end_has_no_line() -> None:
    """Nothing is cut."""
    for line in (0, 99):
        [fault] = placed(TEXT, [Diagnostic("error", "x", "what", "policy.toml", line)])
        assert ("", "", "", ()) == (fault.head, fault.marked, fault.tail, fault.around)


def test_a_fault_at_the_end_of_a_line_marks_something() -> None:
    """A space, where there is no character."""
    [fault] = placed(TEXT, [Diagnostic("error", "x", "what", "policy.toml", 1, 4, 1)])
    assert ("one", " ") == (fault.head, fault.marked)
