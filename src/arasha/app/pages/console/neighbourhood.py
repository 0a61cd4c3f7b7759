"""The neighbourhood of a case: its parties and what ties them, as a graph and as a table.

    numbers, devices │ payers │ subjects │ others of the ring, accounts with held money

In: the parties that the case names, its reports, payments between them, devices they share. Out: an
SVG whose nodes are links to the party through this case, and rows that say the same. Nobody stands
in it whom the case does not name; what ties them is told by a line's kind and in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from markupsafe import Markup

from arasha.app.http.following import Tie
from arasha.app.pages import formats
from arasha.app.pages.console.seen import Named, Part, Seen
from arasha.app.pages.site import View
from arasha.reports import svg

MAX_NODES: Final = 28
"""Parties that are drawn; the table has the others, too."""

MAX_ROWS: Final = 200
"""Ties that the table tells."""

Kind = Literal["reported", "paid", "named", "used", "shared"]

_COLUMN: Final[dict[Part, int]] = {
    "number": 0, "device": 0, "payer": 1, "subject": 2, "payee": 2, "held": 3, "ring": 3,
    "listed": 3, "suspended": 3,
}  # fmt: skip
_WIDTH, _HEIGHT, _GAP = 190, 56, 12
_STEP: Final = 280
_TOP: Final = 8


@dataclass(frozen=True, slots=True)
class Bond:
    """What ties two parties: a reported payment, other payments, a number or device that a report
    names, a device that both have used. ``amount_minor`` where money moved.
    """

    one: Named
    other: Named
    kind: Kind
    times: int = 1
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The picture, the ties as rows, and how many parties are not drawn."""

    picture: Markup
    bonds: list[Bond]
    left_out: int


def neighbourhood(
    seen: Seen,
    ties: Sequence[Tie],
    shared: Sequence[frozenset[str]],
    view: View,
    address: Callable[[str], str],
) -> Neighbourhood:
    """The neighbourhood; ``address`` is where a party is seen through this case."""
    bonds = bonds_of(seen, ties, shared)
    tied = {one.token for bond in bonds for one in (bond.one, bond.other)}
    order = sorted(seen.parties, key=lambda one: one.part == "ring" and one.token not in tied)
    drawn = order[:MAX_NODES]
    picture = _drawing(drawn, bonds, seen, view, address)
    return Neighbourhood(picture, bonds[:MAX_ROWS], len(order) - len(drawn))


def bonds_of(seen: Seen, ties: Sequence[Tie], shared: Sequence[frozenset[str]]) -> list[Bond]:
    """What ties the parties, reports first; each pair once for each kind."""
    of = {one.token: one for one in seen.parties}
    found: dict[tuple[str, str, Kind], tuple[int, int | None]] = {}

    def add(one: str | None, other: str, kind: Kind, minor: int | None, times: int = 1) -> None:
        if one is not None and one in of and other in of and one != other:
            before, sum_minor = found.get((one, other, kind), (0, 0))
            total = None if minor is None else minor + (sum_minor or 0)
            found[one, other, kind] = before + times, total

    for report in seen.reports:
        add(report.payer, report.payee, "reported", report.amount_minor)
        add(report.number, report.payer, "named", None)
        add(report.device, report.payer, "used", None)
    for tie in ties:
        if (tie.payer, tie.payee, "reported") not in found:
            add(tie.payer, tie.payee, "paid", tie.amount_minor, tie.payments)
    for some in shared:
        first, *others = sorted(some)
        for other in others:
            add(first, other, "shared", None)
    return [
        Bond(of[one], of[other], kind, times, minor)
        for (one, other, kind), (times, minor) in found.items()
    ]


def _drawing(
    parties: Sequence[Named],
    bonds: Sequence[Bond],
    seen: Seen,
    view: View,
    address: Callable[[str], str],
) -> Markup:
    t = view.texts
    columns = [
        [one for one in parties if _COLUMN[one.part] == column]
        for column in sorted({_COLUMN[one.part] for one in parties})
    ]
    tall = max((len(some) for some in columns), default=1)
    height = _TOP + tall * (_HEIGHT + _GAP)
    places: dict[str, tuple[float, float]] = {}
    for at, some in enumerate(columns):
        top = _TOP + (tall - len(some)) * (_HEIGHT + _GAP) / 2
        for row, one in enumerate(some):
            places[one.token] = (float(at * _STEP), top + row * (_HEIGHT + _GAP))
    width = max(1, len(columns)) * _STEP - (_STEP - _WIDTH)
    lines = [
        part
        for bond in bonds
        if bond.one.token in places and bond.other.token in places
        for part in _line(bond, places, seen.case.currency, view)
    ]
    nodes = [_node(one, places[one.token], seen, view, address) for one in parties]
    return svg.element(
        "svg",
        svg.element("title", t("graph.title"), id="graph-title"),
        svg.element("desc", t("graph.note", n=len(parties)), id="graph-desc"),
        *lines, *nodes,
        viewBox=f"-4 0 {width + 8} {height:.0f}", width=width + 8, role="group",
        aria_labelledby="graph-title graph-desc", class_="graph",
    )  # fmt: skip


def _line(
    bond: Bond, places: dict[str, tuple[float, float]], currency: int, view: View
) -> list[Markup]:
    (x1, y1), (x2, y2) = places[bond.one.token], places[bond.other.token]
    y1, y2 = y1 + _HEIGHT / 2, y2 + _HEIGHT / 2
    if x1 == x2:  # in one column: around its right side
        x1 = x2 = x1 + _WIDTH
        bend = 46.0
        out, back = x1 + bend, x2 + bend
        middle = (x1 + bend * 0.75, (y1 + y2) / 2)
    else:
        if x1 < x2:
            x1 += _WIDTH
        else:
            x2 += _WIDTH
        bend = (x2 - x1) / 2
        out, back = x1 + bend, x2 - bend
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
    way = f"M{x1:.1f} {y1:.1f} C{out:.1f} {y1:.1f} {back:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    words = _words(bond, currency, view)
    parts = [svg.element("path", svg.element("title", words), d=way, class_=f"tie {bond.kind}")]
    if bond.amount_minor is not None:
        short = formats.money_short(bond.amount_minor, currency, view.language)
        parts.append(svg.text(middle[0], middle[1] - 4, short, "tie-words", anchor="middle"))
    return parts


def _node(
    one: Named, place: tuple[float, float], seen: Seen, view: View, address: Callable[[str], str]
) -> Markup:
    """A party: a box of an account, a rounder one of a number, a cut one of a device."""
    x, y = place
    t, people = view.texts, seen.people.get(one.token, 0)
    bank = [Markup("{}").format(one.bank)] if one.bank else []
    below = Markup(" · ").join([t(f"graph.part_{one.part}"), *bank])
    reported = [t("graph.people", n=people)] if people else []
    name = t(
        "graph.node", kind=t(f"graph.kind_{one.kind}"), mark=one.mark,
        what=Markup(", ").join([below, *reported]),
    )  # fmt: skip
    first = y + (19 if reported else 24)
    return svg.element(
        "a",
        svg.element("title", name),
        _shape(one, x, y),
        svg.text(x + 14, first, f"•••• {one.mark}", "strong"),
        svg.text(x + 14, first + 15, svg.shortened(str(below.unescape()), 27), "muted"),
        *(svg.text(x + 14, first + 29, str(said.unescape()), "muted") for said in reported),
        href=address(one.token), class_=f"node {one.part}", aria_label=name,
    )  # fmt: skip


def _shape(one: Named, x: float, y: float) -> Markup:
    if one.kind == "device":
        cut = 9
        corners = [
            (x + cut, y), (x + _WIDTH - cut, y), (x + _WIDTH, y + _HEIGHT / 2),
            (x + _WIDTH - cut, y + _HEIGHT), (x + cut, y + _HEIGHT), (x, y + _HEIGHT / 2),
        ]  # fmt: skip
        listed = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
        return svg.element("polygon", points=listed)
    round_by = 18 if one.kind == "number" else 4
    return svg.element("rect", x=x, y=y, width=_WIDTH, height=_HEIGHT, rx=round_by)


def _words(bond: Bond, currency: int, view: View) -> Markup:
    amount = "" if bond.amount_minor is None else view.money(bond.amount_minor, currency)
    return view.texts(
        f"graph.tie_{bond.kind}", one=bond.one.mark, other=bond.other.mark, n=bond.times,
        amount=amount,
    )  # fmt: skip
