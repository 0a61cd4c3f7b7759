"""Why a payment was decided as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from arasha.engine.judgements import Action
from arasha.features.expressions import BOOL, COUNT, NUMBER, Unit, ValueType
from arasha.reports.explanation import (
    Explanation,
    FiredRule,
    as_json,
    plain,
    rich,
    value,
    value_in,
)

HELD = Explanation(
    payment="KZ-1",
    seq=42,
    action=Action.HOLD,
    score=530,
    currency=398,
    rules=(
        FiredRule("new_payee", 180, None, {"en": "First payment to this payee.", "kk": "Жаңа."}),
        FiredRule(
            "on_call", 350, Action.HOLD, {"kk": "Қоңырау кезінде.", "ru": "Во время звонка."}
        ),
    ),
    thresholds={Action.WARN: 240, Action.HOLD: 380, Action.BLOCK: 780},
    features={
        "payments_7d": (3, COUNT),
        "sent_30d": (150_000_050, ValueType("int", Unit.MONEY)),
        "payee_age": (float("nan"), ValueType("int", Unit.DURATION)),
    },
    late=True,
    policy="base 3",
)


def test_the_text_says_what_why_and_how_sure() -> None:
    """Action, score against the thresholds, reasons, values, marks."""
    expected = """\
■ hold: payment KZ-1 (entry 42) held by base 3
score 530 (warn from 240 (reached), hold from 380 (reached), block from 780)
- First payment to this payee.  [+180 points]
- Қоңырау кезінде.  [+350 points, hold]
  payments_7d = 3
  sent_30d = 1,500,000.50 KZT
  payee_age = unknown
! late: it happened before the log's time, windows count from when it came
"""
    assert expected == plain(HELD)


def test_a_reason_is_told_in_the_language_asked_for() -> None:
    """Where the text exists; else in Kazakh, Russian, English, else by the rule's name."""
    assert "Во время звонка." in plain(HELD, "ru")
    bare = replace(HELD, rules=(FiredRule("silent", 0, None, {}),))
    assert "- silent  [no weight]" in plain(bare, "ru")


def test_an_allowed_payment_is_explained_too() -> None:
    """No rule fired, and it says so."""
    allowed = replace(HELD, action=Action.ALLOW, score=0, rules=(), degraded=True)
    text = plain(allowed)
    assert "○ allow" in text
    assert "- no rule fired" in text
    assert "! degraded" in text


def test_json_holds_all_of_it() -> None:
    """A missing value is null; the texts keep their languages."""
    told = json.loads(as_json(HELD))
    assert ("hold", 530, True) == (told["action"], told["score"], told["late"])
    assert {"kk": "Қоңырау кезінде.", "ru": "Во время звонка."} == told["rules"][1]["texts"]
    assert {"value": None, "unit": "duration", "text": "unknown"} == told["features"]["payee_age"]
    assert {"warn": 240, "hold": 380, "block": 780} == told["thresholds"]


def test_the_terminal_shows_texts_as_they_are() -> None:
    """A text with brackets is no markup."""
    evil = replace(HELD, rules=(FiredRule("r", 1, None, {"en": "[red]stop[/red]"}),))
    console = Console(file=StringIO(), width=120, force_terminal=False)
    console.print(rich(evil))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "[red]stop[/red]" in text
    assert "1,500,000.50 KZT" in text


def test_the_terminal_shows_several_languages_side_by_side() -> None:
    """A line of reason for each, a column of values for each; headings once."""
    console = Console(file=StringIO(), width=160, force_terminal=False)
    console.print(rich(HELD, "kk", "ru"))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "Қоңырау кезінде." in text
    assert "Во время звонка." in text
    assert text.count("on_call") == 1
    assert "белгісіз" in text
    assert "неизвестно" in text
    assert value_in(HELD, "sent_30d", "ru") == "1 500 000,50 KZT"


@pytest.mark.parametrize(
    ("number", "kind", "expected"),
    [
        (1, BOOL, "yes"),
        (0, BOOL, "no"),
        (12345, COUNT, "12,345"),
        (0.125, NUMBER, "0.125"),
        (7_384_000, ValueType("int", Unit.DURATION), "2 h 3 min"),
        (1_790_000_000_000, ValueType("int", Unit.INSTANT), "2026-09-21 14:13:20 UTC"),
        (1, ValueType("int", Unit.CATEGORY, ("mobile", "web")), "web"),
        (9, ValueType("int", Unit.CATEGORY, ("mobile", "web")), "category 9"),
        (398, ValueType("int", Unit.CURRENCY), "KZT"),
        (1234.5, ValueType("float", Unit.MONEY), "12.34 KZT"),
        (None, COUNT, "unknown"),
    ],
)
def test_a_value_is_written_in_its_unit(
    number: float | None, kind: ValueType, expected: str
) -> None:
    """A count is no money, money no duration."""
    assert expected == value(replace(HELD, features={"f": (number, kind)}), "f")
