"""The tables of a trace: figures as finished words, for the page and the terminal."""

from __future__ import annotations

from typing import Final

from arasha.flows.back import Arrivals
from arasha.flows.traced import Cuts, Split, Trace
from arasha.flows.ways_out import WAYS_OUT
from arasha.reports import figures
from arasha.reports.tables import Cell, Table

TOKEN_CHARS: Final = 8
"""Digits of a token that people are shown; JSON has all 32."""

PARTS: Final = (
    ("still there", "there"), ("cash", "cash"), ("abroad", "abroad"), ("crypto exchange", "crypto"),
    ("not followed", "unfollowed"),
)  # fmt: skip
"""Where disputed money is, in words and as Money names it."""


def totals(trace: Trace) -> Table:
    """Where all of it is, by rule."""
    rows = [
        (Cell("disputed"), *_by_rule(trace.disputed, trace.currency)),
        *((Cell(words), *_by_rule(trace.total(name), trace.currency)) for words, name in PARTS),
    ]
    columns = ("", "FIFO", "LIFO", "haircut", "least to most")
    return Table("Where the disputed money is", columns, tuple(rows))


def accounts(trace: Trace) -> Table:
    """Each account, by hop and time."""
    order = sorted(trace.accounts, key=lambda one: (one.hop, one.since_ms, one.token))
    rows = []
    for one in order:
        money = one.money
        cut = "; ".join(
            words
            for words, is_cut in (
                ("paid on after its window", one.cut_by_window),
                ("too many payments", one.cut_by_looks),
            )
            if is_cut
        )
        rows.append((
            Cell(one.token[:TOKEN_CHARS], cut),
            Cell(one.bank or figures.NOTHING),
            Cell(figures.count(one.hop)),
            Cell(figures.moment(one.since_ms)),
            _sum(money.received, trace.currency),
            _sum(money.there, trace.currency),
            _sum(money.passed, trace.currency),
            _sum(money.left, trace.currency),
        ))  # fmt: skip
    columns = ("account", "bank", "hop", "since (UTC)", "came", "still there", "passed on", "left")
    caption = f"Accounts, whole {figures.currency_code(trace.currency)}: FIFO, and least to most"
    return Table(caption, columns, tuple(rows))


def payments(trace: Trace) -> Table:
    """Each payment, in the order of the log."""
    rows = []
    for one in trace.payments:
        to = WAYS_OUT[one.way] if one.way else ""
        carries = one.carries
        rows.append((
            Cell(figures.moment(one.at_ms), "reported" if one.disputed else ""),
            Cell(figures.count(one.hop)),
            Cell(one.payer[:TOKEN_CHARS]),
            Cell(one.payee[:TOKEN_CHARS], to),
            Cell(figures.money(one.amount_minor, trace.currency)),
            *_by_rule(carries, trace.currency),
        ))  # fmt: skip
    columns = ("time (UTC)", "hop", "payer", "payee", "amount", "FIFO", "LIFO", "haircut",
               "least to most")  # fmt: skip
    return Table("Payments that carry disputed money", columns, tuple(rows))


def bounds(trace: Trace) -> Table:
    """Each bound, its value, and whether it cut."""
    one, cuts = trace.bounds, trace.cuts
    rows = (
        ("least amount", figures.money(one.least_amount_minor, trace.currency),
         _cut(cuts.least_amount, "smaller payments not followed")),
        ("most payments", figures.count(one.payments_most), _crowded(cuts)),
        ("hop window", figures.duration(one.hop_window_ms),
         _cut(cuts.hop_window, "accounts paid on later")),
        ("most hops", figures.count(one.hops_most), _cut(cuts.hops_most, "payments went further")),
        ("payments looked at, of an account", figures.count(one.looks_at_account_most),
         _cut(cuts.looks_at_account, "accounts have more")),
        ("payments looked at, in all", figures.count(one.looks_most),
         "the trace ended early" if cuts.looks else "did not cut"),
    )  # fmt: skip
    table = tuple(tuple(Cell(words) for words in row) for row in rows)
    return Table("Bounds of this trace", ("bound", "value", "cut"), table, numbers=False)


def others(arrivals: Arrivals, currency: int) -> Table:
    """Who may be asked whether they are victims, too."""
    rows = tuple(
        (
            Cell(figures.moment(one.at_ms)),
            Cell(one.payer[:TOKEN_CHARS]),
            Cell(one.payee[:TOKEN_CHARS]),
            Cell(figures.money(one.amount_minor, currency)),
        )
        for one in arrivals.likely
    )
    caption = "Others to ask: first payments into accounts that money went through"
    return Table(caption, ("time (UTC)", "payer", "payee", "amount"), rows)


def _crowded(cuts: Cuts) -> str:
    parts = [
        f"{figures.count(number)} {words}"
        for number, words in (
            (cuts.payments_most, "payments not followed"), (cuts.unlisted, "not listed"),
        ) if number
    ]  # fmt: skip
    return ", ".join(parts) or "did not cut"


def _cut(number: int, words: str) -> str:
    return f"{figures.count(number)} {words}" if number else "did not cut"


def _by_rule(split: Split, currency: int) -> tuple[Cell, Cell, Cell, Cell]:
    fifo, lifo, haircut = (
        Cell(figures.money(value, currency)) for value in (split.fifo, split.lifo, split.haircut)
    )
    return fifo, lifo, haircut, Cell(span(split, currency))


def _sum(split: Split, currency: int) -> Cell:
    fifo, least, most = (
        figures.money(value, currency, whole=True).rpartition(" ")[0]
        for value in (split.fifo, split.least, split.most)
    )
    return Cell(fifo, most if least == most else f"{least} – {most}")


def span(split: Split, currency: int) -> str:
    """From least to most, the currency once.

    >>> span(Split(0, 0, 0, 100, 250_050, 0), 398)
    '1.00 – 2,500.50 KZT'
    """
    least, most = (figures.money(value, currency) for value in (split.least, split.most))
    return most if split.least == split.most else f"{least.rpartition(' ')[0]} – {most}"
