"""The tables of a backtest: figures as finished words, row by row.

Between measures and whatever shows a table (the page, the terminal). The first cell of a row names
it. A cell may carry a note that stands smaller below it: an interval, a second currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arasha.engine.judgements import Action
from arasha.reports import figures
from arasha.reports.measures import (
    Comparison,
    Example,
    Hits,
    Measures,
    Money,
    Slice,
    Tally,
    Verdict,
)
from arasha.reports.proportions import Interval


@dataclass(frozen=True, slots=True)
class Cell:
    """Words, and smaller words below them."""

    words: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its caption, its column heads, its rows. ``numbers`` says whether cells after the
    first are figures (set flush right).
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: bool = True


def _row(*cells: str | Cell) -> tuple[Cell, ...]:
    return tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells)


def _amounts(amounts: Money, of: Money, currencies: tuple[int, ...]) -> Cell:
    first, *others = figures.moneys(amounts, of, currencies)
    return Cell(first, " · ".join(others))


def _share(value: float | None, spread: Interval | None) -> Cell:
    return Cell(figures.percent(value), "" if spread is None else figures.interval(spread))


def _shares(hits: Hits) -> tuple[Cell, Cell]:
    return (
        _share(hits.precision, hits.precision_interval),
        _share(hits.recall, hits.recall_interval),
    )


def _frauds_and_goods(tally: Tally) -> Cell:
    return Cell(
        figures.count(tally.frauds), f"{figures.count(tally.goods)} good" if tally.goods else ""
    )


def _hits_row(hits: Hits, one: Measures) -> tuple[Cell, ...]:
    precision, recall = _shares(hits)
    alone = hits.alone
    middle: tuple[str | Cell, ...] = ()
    if alone is not None:
        middle = (
            _frauds_and_goods(alone),
        )  # fmt: skip
    return _row(
        hits.name,
        Cell(figures.count(hits.hit.payments), figures.percent(hits.hit_share)),
        figures.count(hits.hit.frauds),
        Cell(figures.count(hits.hit.goods), f"{figures.ratio(hits.good_per_10_000)} of 10,000"),
        figures.count(hits.hit.unknown),
        precision,
        recall,
        figures.ratio(hits.good_per_fraud),
        figures.count(hits.hit.payers),
        *middle,
        _amounts(hits.hit.fraud_money, hits.of.fraud_money, one.currencies),
        _amounts(hits.hit.good_money, hits.of.good_money, one.currencies),
    )


_HITS_COLUMNS = (
    "hits", "frauds", "good", "not settled", "precision", "recall", "good per fraud",
    "good payers",
)  # fmt: skip
_MONEY_COLUMNS = ("money of frauds", "good money")


def overall(one: Measures) -> Table:
    """What was bothered, stopped, and each action by itself."""
    named = [
        Hits("bothered (any action)", one.bothered.hit, one.bothered.of),
        Hits(f"stopped (at least {one.stop_at.name.lower()})", one.stopped.hit, one.stopped.of),
        *one.actions,
    ]
    return Table(
        "All payments, by what was decided",
        ("decision", *_HITS_COLUMNS, *_MONEY_COLUMNS),
        tuple(_hits_row(hits, one) for hits in named),
    )


def rules(one: Measures) -> Table:
    """Every rule, those that never fired included."""
    return Table(
        "Every rule",
        ("rule", *_HITS_COLUMNS, "frauds alone", *_MONEY_COLUMNS),
        tuple(_hits_row(hits, one) for hits in one.rules),
    )


def side_by_side(comparison: Comparison) -> Table:
    """Both policies and their difference, figure by figure, and which of the two is better."""
    old, new = comparison.before, comparison.after
    rows: list[tuple[Cell, ...]] = []
    for name, good, then, now in (
        ("payments bothered", 0, old.bothered.hit.payments, new.bothered.hit.payments),
        ("frauds found", 1, old.bothered.hit.frauds, new.bothered.hit.frauds),
        ("frauds stopped", 1, old.stopped.hit.frauds, new.stopped.hit.frauds),
    ):
        rows.append(_counts_row(name, good, then, now))
    for name, was, becomes in (
        ("found", old.bothered, new.bothered),
        ("stopped", old.stopped, new.stopped),
    ):
        rows.append(
            _shares_row(
                f"recall, {name}",
                was.recall,
                was.recall_interval,
                becomes.recall,
                becomes.recall_interval,
            )
        )
        rows.append(
            _shares_row(f"precision, {name}", was.precision, was.precision_interval,
                        becomes.precision, becomes.precision_interval)
        )  # fmt: skip
    was, becomes = old.bothered, new.bothered
    rows += [
        _counts_row("good payments bothered", -1, was.hit.goods, becomes.hit.goods),
        _ratios_row("of 10,000 good payments", -1, was.good_per_10_000, becomes.good_per_10_000),
        _ratios_row("bothered per fraud found", -1, was.good_per_fraud, becomes.good_per_fraud),
        _counts_row("good payers bothered", -1, was.hit.payers, becomes.hit.payers),
        _ratios_row("alerts a day", 0, old.alerts_per_day, new.alerts_per_day),
    ]
    rows += [
        _money_row(name, good, then, now, currency)
        for currency in new.currencies
        for name, good, then, now in zip(
            ("money of frauds stopped", "money of frauds missed", "good money stopped"),
            (1, -1, -1),
            _money_of(old),
            _money_of(new),
            strict=True,
        )
    ]
    return Table("Both policies", ("figure", old.label, new.label, "difference"), tuple(rows))


def _direction(good: int, change: float | None) -> str:
    """Say "better" or "worse"; nothing where more is neither (``good`` 0) or nothing changed."""
    if not good or not change:
        return ""
    return "better" if (change > 0) == (good > 0) else "worse"


def _counts_row(name: str, good: int, then: int, now: int) -> tuple[Cell, ...]:
    change = Cell(figures.signed(now - then), _direction(good, now - then))
    return _row(name, figures.count(then), figures.count(now), change)


def _ratios_row(name: str, good: int, then: float | None, now: float | None) -> tuple[Cell, ...]:
    change = None if then is None or now is None else now - then
    return _row(
        name,
        figures.ratio(then),
        figures.ratio(now),
        Cell(figures.signed(change), _direction(good, change)),
    )


def _shares_row(
    name: str,
    then: float | None,
    then_interval: Interval | None,
    now: float | None,
    now_interval: Interval | None,
) -> tuple[Cell, ...]:
    change = None if then is None or now is None else now - then
    return _row(
        name,
        _share(then, then_interval),
        _share(now, now_interval),
        Cell(figures.points(change), _direction(1, change)),
    )


def _money_row(name: str, good: int, then: Money, now: Money, currency: int) -> tuple[Cell, ...]:
    was, becomes = then.get(currency, 0), now.get(currency, 0)
    change = figures.money(becomes - was, currency, whole=True)
    return _row(
        f"{name}, {figures.currency_code(currency)}",
        figures.money(was, currency, whole=True),
        figures.money(becomes, currency, whole=True),
        Cell("+" + change if becomes > was else change, _direction(good, becomes - was)),
    )


def _money_of(one: Measures) -> tuple[Money, Money, Money]:
    return one.stopped.hit.fraud_money, one.bothered.missed_money, one.stopped.hit.good_money


def changes(comparison: Comparison) -> Table:
    """The payments on which only one policy acts."""
    sorts = (
        ("newly bothered", comparison.newly_hit),
        ("no longer bothered", comparison.newly_missed),
        ("newly stopped", comparison.newly_stopped),
        ("no longer stopped", comparison.no_longer_stopped),
    )
    currencies, total = comparison.after.currencies, comparison.after.total

    def row(name: str, tally: Tally) -> tuple[Cell, ...]:
        return _row(
            name,
            figures.count(tally.payments),
            figures.count(tally.frauds),
            figures.count(tally.goods),
            figures.count(tally.unknown),
            figures.count(tally.payers),
            _amounts(tally.fraud_money, total.fraud_money, currencies),
            _amounts(tally.good_money, total.good_money, currencies),
        )

    return Table(
        "Payments on which only one of the two policies acts",
        ("payments", "all", "frauds", "good", "not settled", "good payers", *_MONEY_COLUMNS),
        tuple(row(name, tally) for name, tally in sorts),
    )


def transitions(comparison: Comparison) -> Table:
    """Rows: what the old policy did; columns: what the new one does."""
    cells = {(t.before, t.after): t for t in comparison.transitions}

    def cell(was: Action, becomes: Action) -> Cell:
        both = cells[was, becomes]
        return Cell(
            figures.count(both.payments),
            f"{figures.count(both.frauds)} fraud{'' if both.frauds == 1 else 's'}"
            if both.frauds
            else "",
        )

    return Table(
        f"Rows: {comparison.before.label}. Columns: {comparison.after.label}",
        ("from / to", *(action.name.lower() for action in Action)),
        tuple(
            _row(was.name.lower(), *(cell(was, becomes) for becomes in Action)) for was in Action
        ),
    )


def rule_changes(comparison: Comparison) -> Table:
    """Each rule under both policies."""

    def row(
        name: str, old: Hits | None, new: Hits | None, hit: Tally, missed: Tally
    ) -> tuple[Cell, ...]:
        return _row(
            Cell(name, "new rule" if old is None else "no longer a rule" if new is None else ""),
            figures.count(None if old is None else old.hit.payments),
            figures.count(None if new is None else new.hit.payments),
            _frauds_and_goods(hit),
            _frauds_and_goods(missed),
            figures.percent(None if old is None else old.precision),
            figures.percent(None if new is None else new.precision),
            figures.percent(None if old is None else old.recall),
            figures.percent(None if new is None else new.recall),
        )  # fmt: skip

    return Table(
        f"From {comparison.before.label} to {comparison.after.label}",
        (
            "rule", "hits before", "hits after", "frauds newly hit", "frauds newly missed",
            "precision before", "after", "recall before", "after",
        ),
        tuple(
            row(change.name, change.before, change.after, change.newly_hit, change.newly_missed)
            for change in comparison.rules
        ),
    )  # fmt: skip


def money(policies: Sequence[Measures], currency: int) -> Table:
    """The exact amounts, to the last minor unit."""

    def amount(amounts: Money) -> str:
        return figures.money(amounts.get(currency, 0), currency)

    return Table(
        f"Money, {figures.currency_code(currency)}",
        ("policy", "frauds stopped", "frauds only warned", "frauds missed", "good money stopped",
         "good money bothered"),
        tuple(
            _row(
                one.label,
                amount(one.stopped.hit.fraud_money),
                amount(one.warned_money),
                amount(one.bothered.missed_money),
                amount(one.stopped.hit.good_money),
                amount(one.bothered.hit.good_money),
            )
            for one in policies
        ),
    )  # fmt: skip


def curve(one: Measures) -> Table:
    """Each score as the threshold."""
    return Table(
        f"{one.label}: each score as the threshold",
        ("score at least", "hits", "frauds", "good", "precision", "recall", "good per fraud",
         *_MONEY_COLUMNS),
        tuple(
            _row(
                str(point.score),
                figures.count(point.hits.hit.payments),
                figures.count(point.hits.hit.frauds),
                figures.count(point.hits.hit.goods),
                *_shares(point.hits),
                figures.ratio(point.hits.good_per_fraud),
                _amounts(point.hits.hit.fraud_money, one.total.fraud_money, one.currencies),
                _amounts(point.hits.hit.good_money, one.total.good_money, one.currencies),
            )
            for point in one.curve
        ),
    )  # fmt: skip


def hours(one: Measures) -> Table:
    """Around the clock."""
    return _slices("By hour", "hour", [f"{hour.at:02d}:00" for hour in one.hours], one.hours)


def days(one: Measures) -> Table:
    """The days that had payments."""
    return _slices("By day", "day", [figures.day(day.at) for day in one.days], one.days)


def _slices(caption: str, unit: str, names: Sequence[str], slices: Sequence[Slice]) -> Table:
    return Table(
        caption,
        (unit, "payments", "bothered", "frauds", "found", "good", "good bothered", "of 10,000"),
        tuple(
            _row(
                name,
                *(
                    figures.count(number)
                    for number in (one.payments, one.bothered, one.frauds, one.frauds_found,
                                   one.goods, one.goods_bothered)
                ),
                figures.ratio(one.good_per_10_000),
            )
            for name, one in zip(names, slices, strict=True)
        ),
    )  # fmt: skip


def overlap(one: Measures) -> Table:
    """Pairs of rules that ever hit one payment, the most alike first."""
    pairs = sorted(
        (
            (-(one.jaccard(i, j) or 0.0), i, j)
            for i in range(len(one.rules))
            for j in range(i)
            if one.overlap[i][j]
        ),
    )
    return Table(
        "Pairs of rules that hit the same payments",
        ("rules", "hit by both", "of either"),
        tuple(
            _row(
                Cell(one.rules[i].name, one.rules[j].name),
                figures.count(one.overlap[i][j]),
                figures.percent(-jaccard),
            )
            for jaccard, i, j in pairs
        ),
    )


def bands(one: Measures) -> Table:
    """By amount, each currency by itself."""
    return Table(
        "Payments by amount",
        ("amount", "payments", "frauds", "found", "stopped", "recall", "precision",
         "good bothered", "money of frauds", "of it stopped"),
        tuple(
            _row(
                f"{figures.money_short(band.from_minor, band.currency).rpartition(' ')[0]} to "
                f"under {figures.money_short(band.below_minor, band.currency)}",
                figures.count(band.total.payments),
                figures.count(band.total.frauds),
                figures.count(band.bothered.hit.frauds),
                figures.count(band.stopped.hit.frauds),
                _share(band.bothered.recall, band.bothered.recall_interval),
                figures.percent(band.bothered.precision),
                Cell(
                    figures.count(band.bothered.hit.goods),
                    f"{figures.ratio(band.bothered.good_per_10_000)} of 10,000",
                ),
                *figures.moneys(band.total.fraud_money, band.total.fraud_money, (band.currency,)),
                figures.percent(band.stopped.money_recall(band.currency)),
            )
            for band in one.bands
        ),
    )  # fmt: skip


def examples(some: Sequence[Example], utc_offset_ms: int) -> Table:
    """Payments to look at: ids and the beginnings of tokens only."""
    compared = any(one.before is not None for one in some)
    head = ("payment", "happened", "amount", "payer", "payee")
    verdicts = ("before", "after") if compared else ("decided",)
    return Table(
        "Payments",
        (*head, *verdicts),
        tuple(
            _row(
                one.id,
                figures.moment(one.happened_at_ms, utc_offset_ms),
                figures.money(one.amount_minor, one.currency),
                f"{one.payer}…",
                f"{one.payee}…",
                *((_verdict(one.before),) if one.before is not None else ()),
                _verdict(one.verdict),
            )
            for one in some
        ),
        numbers=False,
    )


def _verdict(verdict: Verdict) -> Cell:
    return Cell(
        f"{verdict.action.name.lower()}, score {verdict.score}",
        ", ".join(verdict.rules) or "no rule fired",
    )
