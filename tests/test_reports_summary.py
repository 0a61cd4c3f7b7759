"""What the terminal shows of a backtest."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, RenderableType

from arasha.engine.judgements import none
from arasha.reports.backtest import compare, measure
from arasha.reports.summary import hits, lines
from reports_samples import RULES, Row, judgements, month


def printed(shown: list[RenderableType]) -> str:
    console = Console(file=StringIO(), width=140, force_terminal=False)
    for one in shown:
        console.print(one)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_summary_tells_both_sides() -> None:
    """Frauds found and missed money; good payments bothered and their money."""
    some: list[Row] = [
        {"truth": 1, "action": 2, "amount": 150_000, "rules": [0]},
        {"truth": 1, "amount": 50_000},
        {"truth": 0, "action": 1, "amount": 7_000},
        {"truth": 0, "amount": 1},
    ]
    text = printed(lines(measure(judgements(some), ("rule_one",))))
    for expected in (
        "frauds found             1 of 2  recall 50.0% (9.5–90.5%)",
        "good payments bothered   1  5,000.0 of 10,000, 1.00 per fraud found",
        "good payers bothered     1 distinct",
        "money of frauds stopped  1,500 KZT",
        "money of frauds missed   500 KZT",
        "good money bothered      70 KZT",
        "rule_one",
    ):
        assert expected in text


def test_nothing_is_summed_up_as_nothing() -> None:
    """Dashes, not zeros, where there is no share."""
    text = printed(lines(measure(none(), ("a",))))
    assert "0 of 0  recall –" in text
    assert "0%" not in text


def test_where_nothing_is_settled_hits_are_told_without_precision() -> None:
    """What was done to how many payments, and by which rule."""
    some: list[dict[str, object]] = [{"action": 2, "rules": [0]}, {}, {}, {}]
    text = printed(hits(measure(judgements(some), ("rule_one",))))
    assert "4 payments, none settled" in text
    assert "hold      1  25.0% of all" in text
    assert "rule_one  1  25.0% of all" in text
    assert "precision" not in text


def test_names_are_not_read_as_markup() -> None:
    """A rule called [red] is called [red]."""
    text = printed(lines(measure(judgements([{"rules": [0]}]), ("[red]x[/red]",), label="[b]")))
    assert "[red]x[/red]" in text
    assert "[b]" in text


def test_two_policies_are_summed_up_side_by_side() -> None:
    """With the difference of each figure."""
    old, new = month(5_000), month(5_000, strict=True)
    before, after = measure(old, RULES, label="before"), measure(new, RULES, label="after")
    text = printed(lines(after, compare((old, before), (new, after))))
    assert "difference" in text
    assert "newly bothered" in text
