"""What the page of a pack of evidence says: who reported, what was held, who did what and when.

In: a state, a case and the acts behind it. Out: one HTML document that asks for nothing from
anywhere and can be printed. Parties are tokens, whole: they are what entries have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from arasha.cases.acts import Act, Entry, RequestApproved, Requested, word_of
from arasha.cases.pot_views import shared_pot
from arasha.cases.queue import reachable_minor
from arasha.cases.records import Case, Hold, Report
from arasha.cases.reference import meaning_of
from arasha.cases.state import State
from arasha.reports import figures
from arasha.reports.page import Figure, Tile
from arasha.reports.tables import Cell, Table

MEANS: Final = tuple(
    """\
Each entry named here is proven to stand in the centre's log, at its place, with its time, under a \
head that the log's key signed: verify.py checks that.
What an entry says is signed by the same key. The log keeps entries encrypted: who holds the log's \
own key can open each of them and compare.
Accounts, numbers and devices are tokens of this centre. Whose they are its vault tells to whoever \
may ask, and that is an entry, too.
Payments and reports are proven by place and time alone. What was decided stands in the acts.
""".splitlines()
)
"""What a pack proves, and what it does not."""


@dataclass(frozen=True, slots=True)
class Said:
    """An act at its place."""

    seq: int
    entry: Entry


def render(
    state: State, case: Case, acts: Sequence[Said], facts: int, *, by: str, why: str, as_of_ms: int
) -> str:
    """The whole page."""
    environment = Environment(
        loader=PackageLoader("arasha.reports"), autoescape=select_autoescape(),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    law = state.law
    offset_ms = 0 if law is None else law.calendar.utc_offset_ms
    reports = [state.reports[name] for name in case.reports]
    holds = [hold for one in reports for hold in state.holds_of_report(one.id)]
    zone = figures.offset(offset_ms)
    return environment.get_template("evidence.html").render(
        title=f"Case {case.id}",
        subtitle=f"{_stands(case)} As of {figures.moment(as_of_ms, offset_ms)} ({zone}). Taken out "
        f"by {by}: {why}",
        notes=MEANS,
        tiles=_tiles(state, case, reports, holds, len(acts), facts),
        figures=_figures(state, case, reports, holds, acts, offset_ms),
    )


def _stands(case: Case) -> str:
    if case.outcome is None:
        return "Open."
    what = f", {case.typology.replace('_', ' ')}" if case.typology else ""
    return f"Closed as {case.outcome}{what}."


def _tiles(
    state: State, case: Case, reports: Sequence[Report], holds: Sequence[Hold], acts: int,
    facts: int,
) -> list[Tile]:  # fmt: skip
    standing = [one for one in reports if one.status == "open"]
    money = case.currency

    def short(minor: int) -> str:
        return figures.money_short(minor, money)

    confirmed = sum(one.basis is not None for one in holds)
    appeals = [state.appeals[state.appeal_about[one.id]] for one in holds
               if one.id in state.appeal_about]  # fmt: skip
    upheld = sum(one.status == "upheld" for one in appeals)
    return [
        Tile("Reported", short(sum(one.amount_minor for one in standing)),
             (f"{len(standing)} of {len(reports)} reports stand",)),
        Tile("Held", short(sum(one.held_minor or 0 for one in holds)),
             (f"{len(holds)} holds, {confirmed} confirmed",)),
        Tile("Returned", short(sum(one.returned_minor for one in holds)),
             (f"{short(reachable_minor(state, case))} can still be saved",)),
        Tile("Appeals", figures.count(len(appeals)), (f"{upheld} upheld",)),
        Tile("Proven entries", figures.count(acts + facts), (f"{acts} acts, {facts} facts",)),
    ]  # fmt: skip


def _figures(
    state: State, case: Case, reports: Sequence[Report], holds: Sequence[Hold],
    acts: Sequence[Said], offset_ms: int,
) -> list[Figure]:  # fmt: skip
    def table(heading: str, caption: str, one: Table) -> Figure:
        return Figure(heading, caption, None, one, open_table=True)

    found = [
        table("Accounts", "Each by its own alert or report; those of a ring hang together with "
              "them, which makes nobody a subject.", _accounts(case, reports)),
        table("Reports", "", _reports(reports, offset_ms)),
        table("Holds", "Only the disputed amount, on a ground, for a time.",
              _holds(state, holds, offset_ms)),
        table("What was done", "Every act that the case rests on, in the order of the log.",
              _acts(acts, offset_ms)),
    ]  # fmt: skip
    shared = _pots(state, holds)
    if shared.rows:
        caption = "Money is held once; each claim on it has a ground, an end and an appeal."
        found.append(table("Accounts that hold for several", caption, shared))
    if case.notes or case.attachments:
        found.append(table("Notes and documents", "Documents stay with whoever has them.",
                           _notes(case, offset_ms)))  # fmt: skip
    return found


def _accounts(case: Case, reports: Sequence[Report]) -> Table:
    def why(account: str) -> str:
        stopped = sum(one.subject == account for one in case.alerts)
        told = sum(one.payee == account for one in reports)
        return f"reports: {told}; payments stopped: {stopped}"

    rows = [(Cell(one), Cell("subject"), Cell(why(one))) for one in sorted(case.subjects)]
    rows += [
        (Cell(one), Cell("in the ring"), Cell("confirmed" if one in case.confirmed else ""))
        for one in sorted(case.ring - case.subjects)
    ]
    return Table("Accounts", ("account", "why it is here", ""), tuple(rows), numbers=False)


def _reports(reports: Sequence[Report], offset_ms: int) -> Table:
    rows = tuple(
        (
            Cell(one.id, f"entry {one.seq:,}"),
            Cell(figures.money(one.amount_minor, one.currency), one.typology or ""),
            Cell(f"paid {figures.moment(one.paid_ms, offset_ms)}",
                 f"taken {figures.moment(one.taken_ms, offset_ms)}"),
            Cell(f"from {one.payer}", f"to {one.payee}"),
            Cell(f"{one.bank} attests" if one.attested else "nobody stands for it", one.status),
        )
        for one in reports
    )  # fmt: skip
    columns = ("report", "amount", "when", "accounts", "ground")
    return Table("Reports", columns, rows, numbers=False)


def _holds(state: State, holds: Sequence[Hold], offset_ms: int) -> Table:
    rows = tuple(
        (
            Cell(one.id, one.bank),
            Cell(one.account),
            Cell(figures.money(one.held_minor or 0, one.currency),
                 f"of {figures.money(one.amount_minor, one.currency)}; "
                 f"{figures.money(one.returned_minor, one.currency)} returned"
                 + _taken_over(one)),
            Cell(figures.moment(one.placed_ms, offset_ms),
                 f"until {figures.moment(one.over_ms or one.until_ms, offset_ms)}"),
            Cell(one.status.value, _why(state, one)),
            Cell(one.basis or figures.NOTHING, f"law {one.law[:16]}"),
        )
        for one in holds
    )  # fmt: skip
    columns = ("hold", "account", "held", "from, until", "how it stands", "basis")
    return Table("Holds", columns, rows, numbers=False)


def _pots(state: State, holds: Sequence[Hold]) -> Table:
    rows = []
    for one in holds:
        pot = shared_pot(state, one)
        if pot is not None:
            words = pot.words(partial(figures.money, currency=one.currency))
            rows.append((Cell(one.id), Cell(one.account), Cell(words)))
    return Table("Pots", ("hold", "account", "who shares it"), tuple(rows), numbers=False)


def _taken_over(hold: Hold) -> str:
    """What of it was first held for others, in words; empty where nothing was."""
    return "".join(
        f"; {figures.money(one.amount_minor, hold.currency)} first held for {one.first}"
        for one in hold.taken
    )


def _why(state: State, hold: Hold) -> str:
    appeal = state.appeals.get(state.appeal_about.get(hold.id, ""))
    parts = [] if hold.why is None else [hold.why.replace("_", " ")]
    if appeal is not None:
        parts.append(f"appeal {appeal.status}" + (f": {appeal.why}" if appeal.why else ""))
    return "; ".join(parts)


def _acts(acts: Sequence[Said], offset_ms: int) -> Table:
    rows = tuple(
        (
            Cell(f"{one.seq:,}"),
            Cell(figures.moment(one.entry.at_ms, offset_ms)),
            Cell(one.entry.by.name or "the person held",
                 ", ".join(one.entry.by.roles) or one.entry.by.kind),
            Cell(_word(one.entry.act), _meaning(one.entry.act)),
        )
        for one in acts
    )  # fmt: skip
    return Table("Acts", ("entry", "time", "who", "what"), rows, numbers=False)


def _word(act: Act) -> str:
    """What was done, in words; of a request, what it asks for."""
    word = word_of(act).replace("_", " ")
    if isinstance(act, Requested):
        return f"{word}: {word_of(act.what).replace('_', ' ')}"
    return f"{word} ({act.request})" if isinstance(act, RequestApproved) else word


def _meaning(act: Act) -> str:
    """The first sentence on what it says."""
    return meaning_of(type(act)).partition(". ")[0].replace("`", "")


def _notes(case: Case, offset_ms: int) -> Table:
    rows = [
        (Cell(figures.moment(one.at_ms, offset_ms)), Cell(one.by), Cell(one.text))
        for one in case.notes
    ]
    rows += [
        (Cell(figures.moment(one.at_ms, offset_ms)), Cell(one.by),
         Cell(f"{one.media_type}, {one.size_bytes:,} bytes", f"SHA-256 {one.sha256}"))
        for one in case.attachments
    ]  # fmt: skip
    return Table("Notes", ("time", "who", "what"), tuple(rows), numbers=False)
