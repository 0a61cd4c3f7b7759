"""A model card written down: JSON for machines, one HTML page for people.

The last step: ``card_measures.measure_card`` makes the figures from plain columns, ``write_card``
writes them. The layout of the JSON is described in docs/reference/model-card.md; money is in minor
units by alphabetic currency code, a figure of nothing is null.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import Final

from arasha.reports import figures
from arasha.reports.card_groups import Errors, Rate
from arasha.reports.card_measures import AtFalseAlarms, Card, Trainings
from arasha.reports.card_page import LANGUAGES, render
from arasha.reports.card_texts import USES, bothered_more, notes
from arasha.reports.proportions import Interval

FORMAT_VERSION: Final = 1

Json = dict[str, object]


def write_card(out_dir: Path, card: Card) -> tuple[Path, ...]:
    """Write card.json and card.html, each whole or not at all; those there are replaced.

    The directory is made if it is not there. Returns the paths written, the page last.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document(card), ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    return (
        _replace(out_dir / "card.json", text.encode()),
        _replace(out_dir / "card.html", render(card).encode()),
    )


def _replace(path: Path, data: bytes) -> Path:
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    return part.replace(path)


def document(card: Card) -> Json:
    """The same figures as plain data, ready for JSON."""
    data = _plain(card)
    assert isinstance(data, dict)
    return {
        "format": "arasha-model-card",
        "version": FORMAT_VERSION,
        **data,
        "base_rate": card.base_rate,
        "label_gap_ms": card.label_gap_ms,
        "notes": notes(card),
        "bothered_more": bothered_more(card)[0],
        "uses": {language: _plain(USES[language]) for language in LANGUAGES},
    }


def _plain(value: object) -> object:
    """Records as objects by their fields' names, with the figures that follow from them."""
    match value:
        case Interval(low=low, high=high):
            return [low, high]
        case float():
            return value if isfinite(value) else None
        case tuple() | list():
            return [_plain(one) for one in value]
        case dict():
            return {str(name): _plain(one) for name, one in value.items()}
    if not is_dataclass(value):
        return value
    return {one.name: _plain(getattr(value, one.name)) for one in fields(value)} | _derived(value)


def _derived(value: object) -> Json:
    match value:
        case Rate():
            return {"share": value.share, "interval_95": _plain(value.interval)}
        case Errors():
            return {
                "times": value.times,
                "bothered_difference_95": _plain(value.bothered_difference),
                "missed_difference_95": _plain(value.missed_difference),
                "bothered_more": value.bothered_more,
            }
        case AtFalseAlarms():
            return {
                name: {figures.currency_code(code): minor for code, minor in money.items()}
                for name, money in (
                    ("money_found", value.money_found), ("money_of", value.money_of),
                )
            }  # fmt: skip
        case Trainings():
            names = value.seeds[0].figures if value.seeds else ()
            means = {name: value.mean(name) for name in names}
            return {
                "means": {
                    name: None if pair is None else {"mean": pair[0], "deviation": pair[1]}
                    for name, pair in means.items()
                }
            }
        case _:
            return {}
