"""What the page of a model card says, before it is laid out.

A card comes in; tiles, charts, tables and sentences of finished words go out, which
templates/card.html only arranges (and escapes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from arasha.policy.texts import Language
from arasha.reports import card_charts as charts
from arasha.reports import card_tables as tables
from arasha.reports import figures
from arasha.reports.card_charts import decimal
from arasha.reports.card_measures import HEADLINE_K, Card
from arasha.reports.card_ranking import TopK
from arasha.reports.card_texts import USES, bothered_more, notes
from arasha.reports.page import Tile
from arasha.reports.proportions import Estimate
from arasha.reports.tables import Table

LANGUAGES: Final[tuple[Language, ...]] = ("en", "kk", "ru")
MAX_SAID: Final = 8
"""Most groups named in words; the tables have all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: its heading, a caption, sentences, a chart, and its numbers."""

    heading: str
    caption: str
    chart: Markup | None
    tables: tuple[Table, ...]
    said: tuple[str, ...] = ()
    half: bool = False
    open_table: bool = False


def render(card: Card) -> str:
    """The whole page, one HTML document that asks for nothing from anywhere."""
    environment = Environment(
        loader=PackageLoader("arasha.reports"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("card.html").render(
        title=card.subject.name,
        subtitle=_subtitle(card),
        notes=notes(card),
        tiles=_tiles(card),
        facts=_facts(card),
        uses=[(language, USES[language]) for language in LANGUAGES],
        parts=[*_ranking(card), *_calibration(card), *_errors(card), *_steadiness(card)],
    )


def _subtitle(card: Card) -> str:
    if card.first_ms is None or card.last_ms is None:
        return "No payments."
    offset = card.subject.utc_offset_ms
    first, last = (
        figures.moment(at, offset).partition(" ")[0] for at in (card.first_ms, card.last_ms)
    )
    return (
        f"Tried on {figures.count(card.payments)} payments, {first} to {last} "
        f"({figures.offset(offset)}), {figures.count(card.frauds)} of them frauds "
        f"({figures.percent(card.base_rate)})."
    )


def _facts(card: Card) -> list[tuple[str, str, bool]]:
    """Name, value, and whether it is a hash."""
    one = card.subject
    seeds = ", ".join(str(seed) for seed in one.seeds_averaged)
    listed = [
        ("Model", one.model_hash, True),
        ("Policy", one.policy, False),
        ("Policy hash", one.policy_hash, True),
        ("Labels known after", figures.duration(one.label_delay_ms), False),
        ("Calibration", one.calibration, False),
        ("Seeds averaged", seeds, False),
        *((name, value, False) for name, value in one.facts),
    ]
    return [(name, value, code) for name, value, code in listed if value]


def _tiles(card: Card) -> list[Tile]:
    ranked, calibration = card.ranked, card.calibration
    tiles = [
        Tile(
            "Average precision",
            decimal(ranked.average_precision.value),
            (tables.numbers(ranked.average_precision), f"chance: {decimal(card.base_rate)}"),
        ),
        Tile("AUC", decimal(ranked.auc.value), (tables.numbers(ranked.auc), "chance: 0.500")),
        *_top_tiles("Card", ranked.cards),
    ]
    for at in ranked.at_false_alarms[-1:]:
        spread = figures.interval(at.recall.interval) if at.recall.interval else ""
        tiles.append(
            Tile(
                "Frauds found",
                figures.percent(at.recall.value),
                (spread, f"at {figures.percent(at.share)} false alarms"),
            )
        )
        money = figures.interval(at.money_recall.interval) if at.money_recall.interval else ""
        tiles.append(
            Tile(
                "Fraud money found",
                figures.percent(at.money_recall.value),
                (money, f"at {figures.percent(at.share)} false alarms"),
            )
        )
    line = calibration.line
    slope = Estimate(None) if line is None else Estimate(line.slope, line.slope_interval)
    tiles += [
        Tile(
            "Log loss",
            _gain(calibration.log_loss_gain),
            ("against a constant", "at the base rate"),
        ),
        Tile("Calibration slope", decimal(slope.value, 2), (tables.numbers(slope), "1 is right")),
        Tile(
            "Good bothered",
            figures.percent(card.bothered.share),
            (
                f"{figures.count(card.bothered.part)} of {figures.count(card.bothered.whole)}",
                f"frauds missed {figures.percent(card.missed.share)}",
            ),
        ),
    ]
    return tiles


def _gain(gain: float | None) -> str:
    """How much less the log loss is, with the sign of the change.

    >>> _gain(0.4197), _gain(-0.05), _gain(None)
    ('−42.0%', '+5.0%', '–')
    """
    return figures.NOTHING if gain is None else f"{-100 * gain:+.1f}%".replace("-", figures.MINUS)


def _top_tiles(name: str, some: tuple[TopK, ...]) -> list[Tile]:
    chosen = [one for one in some if one.k == HEADLINE_K] or list(some[-1:])
    return [
        Tile(
            f"{name} precision at {one.k}",
            decimal(one.precision),
            (f"ceiling {decimal(one.ceiling)}", "a perfect ranking"),
        )
        for one in chosen
    ]


def _ranking(card: Card) -> list[Part]:
    parts = []
    if card.subject.spans:
        parts.append(
            Part(
                "Data",
                "Which time was used for what, by when the payments were known.",
                charts.spans(
                    card.subject.spans, card.subject.label_delay_ms, card.subject.utc_offset_ms
                ),
                (tables.spans(card),),
                open_table=True,
            )
        )
    return [
        *parts,
        Part(
            "At a share of false alarms",
            "The lowest score that bothers no more good payments than stated, and what it finds.",
            None,
            (tables.false_alarms(card),),
            open_table=True,
        ),
        Part(
            "By threshold",
            _bothered_means(card),
            None,
            (tables.levels(card),),
            open_table=True,
        ),
        Part(
            "Precision and recall",
            "Each score were it the threshold; marks are the policy's thresholds.",
            charts.precision_recall(card),
            (tables.curve(card),),
            half=True,
        ),
        Part(
            "Cards and accounts a day",
            "Looked at each day, the highest score first. Outlined: a perfect ranking.",
            charts.top_k("cards", "cards (payers)", card.ranked.cards)
            + charts.top_k("accounts", "accounts (payees)", card.ranked.accounts),
            (
                tables.top_k("Cards (payers)", card.ranked.cards),
                tables.top_k("Accounts (payees)", card.ranked.accounts),
            ),
            half=True,
        ),
        *_trainings(card),
    ]


def _bothered_means(card: Card) -> str:
    if card.stated_bothered:
        return "Bothered in all is what the whole policy did, its rules included."
    return "Bothered is the threshold that bothers 1% of the good payments."


def _calibration(card: Card) -> list[Part]:
    return [
        Part(
            "Does the probability mean what it says?",
            "A slope below 1: probabilities lie too far apart; above 1: too close together.",
            None,
            (tables.calibration(card),),
            half=True,
            open_table=True,
        ),
        Part(
            "Expected and observed",
            "Bins that expect about equally many frauds, with 95% intervals; dashes: both agree.",
            charts.calibration(card),
            (tables.bins(card.calibration.bins),),
            half=True,
        ),
    ]


def _trainings(card: Card) -> list[Part]:
    if not card.trainings:
        return []
    return [
        Part(
            "The recipe, trained again",
            "Each seed is a training of its own. What differs between them is luck.",
            None,
            (tables.trainings(card.trainings),),
            open_table=True,
        ),
        Part(
            "Seed by seed",
            "",
            None,
            tuple(tables.seeds(one) for one in card.trainings),
        ),
    ]


def _errors(card: Card) -> list[Part]:
    worst, compared = bothered_more(card)
    said = tuple(worst[:MAX_SAID])
    if len(worst) > MAX_SAID:
        said = (*said, f"and {figures.count(len(worst) - MAX_SAID)} more groups")
    summary = (
        f"Of {figures.count(compared)} groups, the good payments of {figures.count(len(worst))} "
        "are bothered more than everyone else's, beyond what chance explains "
        f"(chance alone would make about {figures.ratio(compared / 40)})" + (":" if worst else ".")
    )
    return [
        Part("Who is bothered more?", summary, None, (), said),
        *(
            Part(
                f"By {one.name}",
                "Good payments bothered, with 95% intervals, and how many times as often as all "
                "others'. Dashes: all. ▲ more and ◆ less than the others beyond chance.",
                charts.division(one, card.bothered),
                (tables.division(one),),
                half=True,
            )
            for one in card.divisions
        ),
    ]


def _steadiness(card: Card) -> list[Part]:
    unit = "Week by week" if card.by_week else "Day by day"
    parts = [
        Part(
            unit,
            "By the first day of each, with 95% intervals.",
            charts.periods(card),
            (tables.periods(card),),
        )
    ]
    if card.drifts:
        parts.append(
            Part(
                "Drift since training",
                "Population stability index. Dashes: 0.1, some drift; 0.25, another population.",
                charts.drift(card),
                (tables.drift(card),),
                half=True,
            )
        )
    if card.weights:
        parts.append(
            Part(
                "What it goes by",
                "Mean size of what a group or feature adds to the log-odds, in parts of all. "
                "↑ larger values are more suspicious, ↓ less.",
                charts.contributions(card),
                tables.contributions(card),
                half=True,
            )
        )
    return parts
