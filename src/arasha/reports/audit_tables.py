"""The tables of an audit, finished words for the terminal; and the whole of it as plain data.

Parties stand as tokens, and only where ``with_parties`` says so: who reads over HTTP is shown none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from arasha.reports import figures
from arasha.reports.audit import Audit
from arasha.reports.audit_figures import Month, months, percentile
from arasha.reports.audit_records import LAWS, AppealRead, HoldRead, ListingRead, SuspensionRead
from arasha.reports.tables import Cell, Table
from arasha.vault.subjects import REVEALS_PER_DAY

TOKEN_CHARS: Final = 8
"""Digits of a token that people are shown; JSON has all 32."""

HASH_CHARS: Final = 12
"""Digits of a policy's hash that people are shown."""

T = TypeVar("T")


def laws(found: Audit) -> Table:
    """Each law, and how often it was broken."""
    broken = Counter(one.law for one in found.findings)
    rows = tuple(
        (Cell(sentence), Cell("holds" if not broken[law] else f"broken {broken[law]:,} times"))
        for law, sentence in LAWS.items()
    )
    return Table("Laws", ("law", "found"), rows, numbers=False)


def findings(found: Audit) -> Table:
    """What breaks a law, entry by entry."""
    rows = tuple(
        (Cell(f"{one.seq:,}"), Cell(one.about), Cell(LAWS[one.law], one.found))
        for one in found.findings
    )
    return Table("Broken", ("entry", "about", "law, and what was found"), rows, numbers=False)


def by_month(found: Audit) -> Table:
    """How much was held, for how long, how it ended, what was contested."""
    rows = []
    for month in months(found):
        ended = ", ".join(f"{number:,} {how}" for how, number in sorted(month.ended.items()))
        rows.append((
            Cell(month.name),
            Cell(figures.count(month.holds), f"{month.confirmed:,} confirmed"),
            Cell(_moneys(month.held_minor), f"of {_moneys(month.asked_minor)}"),
            Cell(ended or figures.NOTHING, f"{month.standing:,} hold still"),
            _length(month.lasted_ms),
            _length(month.freed_ms),
            Cell(figures.count(month.appeals),
                 f"{month.upheld:,} upheld of {month.ruled:,} ruled on"),
            Cell(figures.count(month.listings)),
            Cell(figures.count(month.reveals), f"{month.views:,} views"),
        ))  # fmt: skip
    return Table(
        "By month, in the country's time",
        ("month", "holds", "held", "ended", "lasted (median)", "until free (median)", "appeals",
         "listings", "reveals"),
        tuple(rows),
    )  # fmt: skip


def holds(found: Audit) -> Table:
    """Who held whom, for how long, on what ground; the last placed first."""
    rows = tuple(_hold_row(found, hold) for hold in reversed(found.holds))
    return Table(
        "Holds, the last one first",
        ("hold", "placed", "ground", "basis", "held", "lasted", "appeal"), rows, numbers=False,
    )  # fmt: skip


def _hold_row(found: Audit, hold: HoldRead) -> tuple[Cell, ...]:
    held = figures.money(hold.held_minor or 0, hold.currency)
    return (
        Cell(hold.id, hold.account[:TOKEN_CHARS]),
        Cell(figures.moment(hold.placed_ms, found.utc_offset_ms), f"by {hold.author}"),
        Cell(f"report {hold.report[:TOKEN_CHARS]}", _attested(hold)),
        Cell(hold.basis or figures.NOTHING, _confirmed(hold)),
        Cell(held, f"of {figures.money(hold.amount_minor, hold.currency)}, {hold.bank}"),
        Cell(figures.duration(hold.lasted_ms(found.at_ms)), _how_ended(found, hold)),
        Cell(_appeal(found, hold)),
    )


def listings(found: Audit) -> Table:
    """Who is or was on the shared list, and how that ended."""
    rows = tuple(
        (
            Cell(one.id, one.party[:TOKEN_CHARS]),
            Cell(f"case {one.case}"),
            Cell(figures.moment(one.from_ms, found.utc_offset_ms), f"{one.author}, {one.second}"),
            Cell(_listing_end(found, one)),
        )
        for one in reversed(found.reading.listings.values())
    )
    columns = ("listing", "ground", "from, by whom", "end")
    return Table("The shared list", columns, rows, numbers=False)


def suspensions(found: Audit) -> Table:
    """Who suspended which number for how long on what ground, and whether its holder was told."""
    rows = tuple(
        (
            Cell(one.id, one.number[:TOKEN_CHARS]),
            Cell(f"case {one.case}", one.basis),
            Cell(figures.moment(one.from_ms, found.utc_offset_ms), f"{one.author}, {one.second}"),
            Cell(
                "not told" if one.told_ms is None
                else figures.moment(one.told_ms, found.utc_offset_ms)
            ),
            Cell(figures.duration(one.lasted_ms(found.at_ms)), _suspension_end(found, one)),
        )
        for one in reversed(found.reading.suspensions.values())
    )  # fmt: skip
    columns = ("suspension", "ground", "from, by whom", "holder told", "lasted")
    return Table("Suspended numbers", columns, rows, numbers=False)


def two_people(found: Audit) -> Table:
    """What two people wanted, and who they were."""
    rows = tuple(
        (Cell(f"{one.seq:,}"), Cell(one.act), Cell(one.asked_by), Cell(", ".join(one.agreed_by)))
        for one in reversed(found.reading.two_people)
    )
    columns = ("entry", "act", "asked", "agreed")
    return Table("What two people did", columns, rows, numbers=False)


def reveals(found: Audit) -> Table:
    """Every reveal: who, why, and how much of the budget that was."""
    rows = tuple(
        (
            Cell(figures.moment(one.at_ms, found.utc_offset_ms)),
            Cell(one.by),
            Cell(one.reason),
            Cell(one.token[:TOKEN_CHARS]),
            Cell("its own customer" if one.in_day is None
                 else f"{one.in_day} of {REVEALS_PER_DAY} a day"),
        )
        for one in reversed(found.reveals)
    )  # fmt: skip
    columns = ("time", "who", "why", "token", "budget")
    return Table("Reveals", columns, rows, numbers=False)


def views(found: Audit) -> Table:
    """Who was shown parties, and through what."""
    rows = tuple(
        (
            Cell(figures.moment(one.at_ms, found.utc_offset_ms)),
            Cell(one.by),
            Cell(one.through),
            Cell(
                "all that it names" if one.party is None else one.party[:TOKEN_CHARS],
                "" if one.why is None else f"taken out as evidence: {one.why}",
            ),
        )
        for one in reversed(found.reading.views)
    )
    return Table("Views of parties", ("time", "who", "through", "whom"), rows, numbers=False)


def shadows(found: Audit) -> Table:
    """Which policies followed and counted, who began that, and who ended it."""
    offset_ms = found.utc_offset_ms
    rows = tuple(
        (
            Cell(f"{one.seq:,}"),
            Cell(one.policy[:HASH_CHARS]),
            Cell(figures.NOTHING, "the command line") if one.from_ms is None
            else Cell(figures.moment(one.from_ms, offset_ms), f"by {one.author}"),
            Cell("it follows") if one.over_ms is None
            else Cell(figures.moment(one.over_ms, offset_ms), f"by {one.ended_by}"),
        )
        for one in reversed(found.reading.shadows)
    )  # fmt: skip
    return Table("In the shadow", ("entry", "policy", "from, by whom", "end"), rows, numbers=False)


# As plain data.


def as_object(found: Audit, *, with_parties: bool, most: int | None = None) -> dict[str, Any]:
    """All of it; of each list the last ``most``, None for all. Times are ms since 1970 UTC."""
    reading = found.reading
    party = with_parties
    return {
        "size": found.size,
        "root": found.root.hex(),
        "at_ms": found.at_ms,
        "acts": found.acts,
        "laws": {law: sum(one.law == law for one in found.findings) for law in LAWS},
        "findings": [
            {"law": one.law, "sentence": LAWS[one.law], "seq": one.seq, "about": one.about,
             "found": one.found}
            for one in found.findings
        ],
        "months": [_month_object(month) for month in months(found)],
        "holds": [
            _hold_object(found, one, with_parties=party) for one in _last(found.holds, most)
        ],
        "listings": [
            _listing_object(one, with_parties=party)
            for one in _last(list(reading.listings.values()), most)
        ],
        "suspensions": [
            _suspension_object(one, with_parties=party)
            for one in _last(list(reading.suspensions.values()), most)
        ],
        "two_people": [
            {"seq": one.seq, "act": one.act, "asked_by": one.asked_by,
             "agreed_by": list(one.agreed_by)}
            for one in _last(reading.two_people, most)
        ],
        "reveals": [
            {"seq": one.seq, "at_ms": one.at_ms, "by": one.by, "reason": one.reason,
             "in_day": one.in_day, "budget": None if one.in_day is None else REVEALS_PER_DAY,
             **({"token": one.token} if party else {})}
            for one in _last(found.reveals, most)
        ],
        "views": [
            {"seq": one.seq, "at_ms": one.at_ms, "by": one.by, "through": one.through,
             **({"party": one.party} if party else {})}
            for one in _last(reading.views, most)
        ],
        "shadows": [
            {"seq": one.seq, "policy": one.policy, "author": one.author, "from_ms": one.from_ms,
             "over_ms": one.over_ms, "ended_by": one.ended_by}
            for one in _last(reading.shadows, most)
        ],
    }  # fmt: skip


def _last(some: Sequence[T], most: int | None) -> Sequence[T]:
    return some if most is None else some[-most:]


def _month_object(month: Month) -> dict[str, Any]:
    return {
        "month": month.name,
        "holds": month.holds,
        "confirmed": month.confirmed,
        "asked": _by_code(month.asked_minor),
        "held": _by_code(month.held_minor),
        "returned": _by_code(month.returned_minor),
        "ended": dict(sorted(month.ended.items())),
        "standing": month.standing,
        "lasted_ms": _percentiles(month.lasted_ms),
        "until_free_ms": _percentiles(month.freed_ms),
        "appeals": {"opened": month.appeals, "ruled": month.ruled, "upheld": month.upheld},
        "listings": month.listings,
        "reveals": month.reveals,
        "views": month.views,
    }


def _percentiles(values: list[int]) -> dict[str, int | None]:
    return {"p50": percentile(values, 50), "p95": percentile(values, 95)}


def _by_code(money: Counter[int]) -> dict[str, int]:
    return {figures.currency_code(currency): minor for currency, minor in sorted(money.items())}


def _hold_object(found: Audit, hold: HoldRead, *, with_parties: bool) -> dict[str, Any]:
    appeal = found.reading.appeals.get(hold.appeal or "")
    return {
        "hold": hold.id,
        "seq": hold.seq,
        **({"account": hold.account} if with_parties else {}),
        "bank": hold.bank,
        "ground": {"report": hold.report, "attested_by": hold.attested_by},
        "author": hold.author,
        "law": hold.law,
        "basis": hold.basis,
        "currency": figures.currency_code(hold.currency),
        "asked_minor": hold.amount_minor,
        "held_minor": hold.held_minor,
        "returned_minor": hold.returned_minor,
        "from_ms": hold.placed_ms,
        "until_ms": hold.until_ms,
        "lasted_ms": hold.lasted_ms(found.at_ms),
        "confirmed_by": hold.confirmed_by,
        "prolonged": [
            {"until_ms": one.until_ms, "asked_by": one.asked_by, "agreed_by": list(one.agreed_by)}
            for one in hold.prolonged
        ],
        "ended": hold.ended,
        "over_ms": hold.over_ms,
        "released_by": hold.released_by,
        "why": hold.why,
        "appeal": None if appeal is None else _appeal_object(appeal),
    }


def _appeal_object(appeal: AppealRead) -> dict[str, Any]:
    return {
        "appeal": appeal.id, "opened_ms": appeal.opened_ms, "due_ms": appeal.due_ms,
        "ruled_ms": appeal.ruled_ms, "by": appeal.reviewer, "upheld": appeal.upheld,
        "erred": list(appeal.erred),
    }  # fmt: skip


def _listing_object(one: ListingRead, *, with_parties: bool) -> dict[str, Any]:
    return {
        "listing": one.id, **({"party": one.party} if with_parties else {}),
        "party_kind": one.party_kind, "case": one.case, "author": one.author,
        "second": one.second, "from_ms": one.from_ms, "until_ms": one.until_ms,
        "over_ms": one.over_ms, "withdrawn_by": one.withdrawn_by, "why": one.why,
    }  # fmt: skip


def _suspension_object(one: SuspensionRead, *, with_parties: bool) -> dict[str, Any]:
    return {
        "suspension": one.id, **({"number": one.number} if with_parties else {}),
        "case": one.case, "basis": one.basis, "law": one.law, "author": one.author,
        "second": one.second, "from_ms": one.from_ms, "until_ms": one.until_ms,
        "told_ms": one.told_ms, "over_ms": one.over_ms, "lifted_by": one.lifted_by,
        "why": one.why,
    }  # fmt: skip


# Words.


def _length(values: list[int]) -> Cell:
    middle, late = percentile(values, 50), percentile(values, 95)
    if middle is None or late is None:
        return Cell(figures.NOTHING)
    return Cell(figures.duration(middle), f"95 in 100: {figures.duration(late)}")


def _moneys(money: Counter[int]) -> str:
    some = [figures.money(minor, currency, whole=True) for currency, minor in sorted(money.items())]
    return " · ".join(some) or figures.NOTHING


def _attested(hold: HoldRead) -> str:
    return "nobody stands for it" if hold.attested_by is None else f"{hold.attested_by} attests"


def _confirmed(hold: HoldRead) -> str:
    if hold.confirmed_by is None:
        return "nobody confirmed it"
    later = "; ".join(
        f"prolonged by {one.asked_by}, {', '.join(one.agreed_by)}" for one in hold.prolonged
    )
    return f"confirmed by {hold.confirmed_by}" + (f"; {later}" if later else "")


def _how_ended(found: Audit, hold: HoldRead) -> str:
    if hold.ended is None:
        until = figures.moment(hold.until_ms, found.utc_offset_ms)
        return f"until {until}" if hold.stands(found.at_ms) else f"over since {until}"
    if hold.ended == "released":
        return f"released by {hold.released_by}: {hold.why}"
    return hold.ended


def _appeal(found: Audit, hold: HoldRead) -> str:
    appeal = found.reading.appeals.get(hold.appeal or "")
    if appeal is None:
        return figures.NOTHING
    if appeal.upheld is None:
        return f"open until {figures.moment(appeal.due_ms, found.utc_offset_ms)}"
    return f"{'upheld' if appeal.upheld else 'dismissed'} by {appeal.reviewer}"


def _suspension_end(found: Audit, one: SuspensionRead) -> str:
    if one.over_ms is None:
        return f"until {figures.moment(one.until_ms, found.utc_offset_ms)}"
    return f"{one.why} ({one.lifted_by})" if one.lifted_by else "its end came"


def _listing_end(found: Audit, one: ListingRead) -> str:
    if one.over_ms is None:
        return f"until {figures.moment(one.until_ms, found.utc_offset_ms)}"
    at = figures.moment(one.over_ms, found.utc_offset_ms)
    return f"{at}: {one.why} ({one.withdrawn_by})" if one.withdrawn_by else at
