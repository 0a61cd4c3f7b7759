"""The charts draw what the figures say."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from arasha.engine.judgements import none
from arasha.reports import charts
from arasha.reports.backtest import measure
from reports_samples import KZT, RULES, judgements, month


def widths(drawn: str, kind: str, height: str) -> list[float]:
    boxes = ElementTree.fromstring(drawn).iter("rect")
    return [
        float(one.get("width", "0"))
        for one in boxes
        if one.get("class") == kind and one.get("height") == height
    ]


def test_money_is_drawn_to_one_scale() -> None:
    """Stopped twice as much as missed is twice as wide; the good money has the same scale."""
    some = [
        {"truth": 1, "action": 2, "amount": 20_000},
        {"truth": 1, "amount": 10_000},
        {"truth": 0, "action": 3, "amount": 5_000},
    ]
    drawn = charts.money([measure(judgements(some), ())], KZT)
    (stopped,), (missed,), (good,) = (
        widths(drawn, kind, "20") for kind in ("accent", "hollow", "plain")
    )
    assert stopped == pytest.approx(2 * missed, abs=0.1)
    assert missed == pytest.approx(2 * good, abs=0.1)


def test_a_stray_date_makes_no_million_bars() -> None:
    """One payment dated 1900 stretches the axis; the drawing stays bounded."""
    some = [{"at_ms": -2_208_988_800_000}, {"at_ms": 1_790_000_000_000}]
    drawn = charts.days(measure(judgements(some), ()))
    assert drawn.count("<rect") <= 2 * charts.MAX_DRAWN_BARS + 2


def test_each_rule_is_drawn_with_its_name_and_figures() -> None:
    """The description tells them to who cannot see."""
    drawn = charts.rules(measure(month(4_000), RULES))
    description = ElementTree.fromstring(drawn).findtext("desc") or ""
    for name in RULES:
        assert f"{name}: precision" in description
    assert "never_fires: precision –, recall 0%" in description


def test_many_rules_are_drawn_in_part() -> None:
    """The drawing stays bounded; the table has them all."""
    some = [{"rules": list(range(200)), "truth": 1}]
    measures = measure(judgements(some), [f"rule {at}" for at in range(200)])
    drawn = ElementTree.fromstring(charts.rules(measures))
    assert charts.MAX_DRAWN_RULES == sum(
        one.get("x") == "0" and (one.text or "").startswith("rule") for one in drawn.iter("text")
    )
    cells = charts.MAX_DRAWN_OVERLAPS * (charts.MAX_DRAWN_OVERLAPS - 1) // 2
    assert cells == charts.overlap(measures).count("<rect")


def test_nothing_is_drawn_as_an_empty_chart() -> None:
    """No payments, no rules, nothing raised."""
    empty = measure(none(), ())
    for drawn in (
        charts.days(empty),
        charts.hours(empty),
        charts.rules(empty),
        charts.overlap(empty),
        charts.precision_recall([empty]),
        charts.money([empty], KZT),
    ):
        ElementTree.fromstring(drawn)
