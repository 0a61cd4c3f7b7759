"""The way of disputed money as a picture: layers of accounts by hop, bands of money between them.

In: a trace and the rule by which it is drawn. Out: an SVG that a page takes in. An account is a bar
as high as the money that came; its full part is still there, its pale part went on. Small accounts
of one hop are drawn as one. An account to which nothing came by the drawn rule, though by another
rule some may have, is on no band: it is left to the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from markupsafe import Markup

from arasha.flows.traced import Payment, Split, Trace
from arasha.flows.ways_out import WAYS_OUT
from arasha.reports import figures, svg

Rule = Literal["fifo", "lifo", "haircut"]

MAX_DRAWN: Final = 40
"""Accounts drawn by themselves, the largest."""

_WIDTH: Final = 1080
_BAR: Final = 12
_SLOT: Final = 34.0
_TOP: Final = 30.0
_ROOM: Final = 420.0
_LABEL: Final = 104.0
_WIDE: Final = 136.0  # layers further apart have room for the bank


@dataclass(frozen=True, slots=True)
class Words:
    """What the picture says, in one language. ``note`` gets how many accounts and layers there are,
    ``accounts`` how many stand as one, ``hop`` which it is, ``there`` an amount; ``hover`` a name,
    what came and what is there; ``ways`` are the ways out, ``money`` writes an amount in short.
    """

    title: str
    note: Callable[[int, int], str]
    reported_by: str
    reported: str
    out: str
    left: str
    ways: Mapping[str, str]
    hop: Callable[[int], str]
    accounts: Callable[[int], str]
    there: Callable[[str], str]
    hover: Callable[[str, str, str], str]
    money: Callable[[int, int], str]


def english(rule: Rule) -> Words:
    """As the pages of reports say it."""
    return Words(
        title=f"The way of the disputed money by {rule}",
        note=lambda accounts, layers: (
            f"{accounts} accounts in {layers} layers; the table below has each of them."
        ),
        reported_by="reported by",
        reported="reported",
        out="out",
        left="left the network",
        ways={way: way for way in WAYS_OUT},
        hop=lambda number: f"hop {number}",
        accounts=lambda many: f"{many} accounts",
        there=lambda money: f"{money} there",
        hover=lambda name, came, there: f"{name}: {came} came, {there} still there",
        money=figures.money_short,
    )


@dataclass(slots=True)
class _Node:
    """A bar: an account, several, a victim, a way out. Money in minor units by the drawn rule."""

    layer: int
    name: str
    note: str
    came: int
    there: int
    kind: str
    many: int = 1
    y: float = 0.0
    height: float = 0.0
    given: float = 0.0  # of the height, by bands that leave
    taken: float = 0.0


@dataclass(slots=True)
class _Graph:
    nodes: dict[str, _Node] = field(default_factory=dict)
    bands: dict[tuple[str, str], int] = field(default_factory=dict)


def way_of_money(trace: Trace, rule: Rule, words: Words | None = None) -> Markup:
    """The picture of a trace by one rule; in English unless other words are given."""
    words = words or english(rule)
    graph = _graph(trace, rule, words)
    layers = max((node.layer for node in graph.nodes.values()), default=0) + 1
    step = (_WIDTH - _LABEL - _BAR) / max(1, layers - 1)
    height = _place(graph, layers)
    xs = [layer * step for layer in range(layers)]
    parts = [_heading(xs[layer], layer, layers, graph, words) for layer in range(layers)]
    parts += _bands(graph, xs)
    for node in graph.nodes.values():
        parts += _bar(node, xs[node.layer], trace.currency, words, with_bank=step >= _WIDE)
    return svg.drawing(
        "way", _WIDTH, height, words.title, words.note(len(trace.accounts), layers - 1), parts,
    )  # fmt: skip


def drawn_in(trace: Trace, rule: Rule) -> list[int]:
    """The accounts of the picture, by their places in the trace, the largest first."""
    carrying = {
        place
        for payment in trace.payments
        if _value(payment.carries, rule)
        for place in (payment.from_account, payment.to_account)
    }
    came = [_value(one.money.received, rule) for one in trace.accounts]
    some = [at for at in range(len(came)) if came[at] or at in carrying]
    return sorted(some, key=lambda at: -came[at])


def _value(split: Split, rule: Rule) -> int:
    return int(getattr(split, rule))


def _graph(trace: Trace, rule: Rule, words: Words) -> _Graph:
    graph = _Graph()
    by_size = drawn_in(trace, rule)
    names: dict[int, str] = {}
    for rank, at in enumerate(by_size):
        one = trace.accounts[at]
        came, there = (_value(part, rule) for part in (one.money.received, one.money.there))
        names[at] = one.token if rank < MAX_DRAWN else f"rest {one.hop}"
        node = graph.nodes.get(names[at])
        if node is None:
            node = graph.nodes[names[at]] = _Node(one.hop, one.token[:8], one.bank or "", 0, 0, "")
            node.many = 0 if rank >= MAX_DRAWN else 1
        if rank >= MAX_DRAWN:
            node.many += 1
            node.name, node.note = words.accounts(node.many), ""
        node.came += came
        node.there += there
    last = 1 + max((trace.accounts[at].hop for at in by_size), default=0)
    for payment in trace.payments:
        _add(graph, payment, rule, names, last, words)
    return graph


def _add(
    graph: _Graph, payment: Payment, rule: Rule, names: dict[int, str], last: int, words: Words
) -> None:
    carried = _value(payment.carries, rule)
    if carried == 0:
        return
    if payment.from_account is None:
        start = f"victim {payment.payer}"
        node = graph.nodes.setdefault(
            start, _Node(0, payment.payer[:8], words.reported, 0, 0, "victim")
        )
        node.came += carried
    else:
        start = names[payment.from_account]
    if payment.to_account is None:
        end = WAYS_OUT[payment.way]
        out = _Node(last, words.ways.get(end, end), words.left, 0, 0, "out")
        node = graph.nodes.setdefault(end, out)
        node.came += carried
    else:
        end = names[payment.to_account]
    if start != end:
        graph.bands[start, end] = graph.bands.get((start, end), 0) + carried


def _place(graph: _Graph, layers: int) -> float:
    """Give each bar its height and place; the height of the picture. Bars stand near their money's
    origin.
    """
    most = max(
        (sum(n.came for n in graph.nodes.values() if n.layer == layer) for layer in range(layers)),
        default=0,
    )
    scale = _ROOM / max(1, most)
    bottom = _TOP
    for layer in range(layers):
        some = [(key, node) for key, node in graph.nodes.items() if node.layer == layer]
        some.sort(key=lambda pair: (_origin(graph, pair[0]), -pair[1].came, pair[0]))
        y = _TOP
        for _, node in some:
            node.height, node.y = max(2.0, node.came * scale), y
            y += max(_SLOT, node.height + 8)
        bottom = max(bottom, y)
    return bottom + 8


def _origin(graph: _Graph, key: str) -> float:
    """Where the money of a bar comes from: the mean height of those that pay it."""
    weights = total = 0.0
    for (start, end), money in graph.bands.items():
        if end == key and graph.nodes[start].layer < graph.nodes[end].layer:
            weights += money
            total += money * (graph.nodes[start].y + graph.nodes[start].height / 2)
    return total / weights if weights else 0.0


def _bands(graph: _Graph, xs: list[float]) -> list[Markup]:
    drawn = []
    order = sorted(
        graph.bands.items(), key=lambda b: (graph.nodes[b[0][0]].y, graph.nodes[b[0][1]].y, b[0])
    )
    for (start, end), money in order:
        one, other = graph.nodes[start], graph.nodes[end]
        thick_out = money / max(1, one.came) * one.height
        thick_in = money / max(1, other.came) * other.height
        y1, y2 = one.y + one.given, other.y + other.taken
        one.given += thick_out
        other.taken += thick_in
        x1, x2 = xs[one.layer] + _BAR, xs[other.layer]
        back = " back" if other.layer <= one.layer else ""
        bend = max(40.0, abs(x2 - x1) / 2)
        drawn.append(
            svg.element(
                "path",
                d=f"M{x1:.1f} {y1:.1f} C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} "
                f"{x2:.1f} {y2:.1f} L{x2:.1f} {y2 + max(0.8, thick_in):.1f} "
                f"C{x2 - bend:.1f} {y2 + thick_in:.1f} {x1 + bend:.1f} {y1 + thick_out:.1f} "
                f"{x1:.1f} {y1 + max(0.8, thick_out):.1f} Z",
                class_=f"band{back}",
            )
        )
    return drawn


def _bar(node: _Node, x: float, currency: int, words: Words, *, with_bank: bool) -> list[Markup]:
    went = node.height * (1 - node.there / max(1, node.came))
    came, there = (figures.money(one, currency) for one in (node.came, node.there))
    hover = words.hover(f"{node.name} {node.note}".strip(), came, there)
    parts = [svg.box(x, node.y, _BAR, node.height, f"bar {node.kind}".strip(), hover)]
    if node.there:
        parts.append(svg.box(x, node.y + went, _BAR, max(2.0, node.height - went), "accent", hover))
    label = f"{node.name} {node.note}".strip() if with_bank and not node.kind else node.name
    figure = words.money(node.there if not node.kind else node.came, currency)
    told = words.there(figure) if not node.kind else figure
    parts.append(svg.text(x + _BAR + 5, node.y + 11, label, "strong"))
    parts.append(svg.text(x + _BAR + 5, node.y + 25, told, "muted"))
    return parts


def _heading(x: float, layer: int, layers: int, graph: _Graph, words: Words) -> Markup:
    if layer == 0:
        told = words.reported_by
    elif layer == layers - 1 and any(n.kind == "out" for n in graph.nodes.values()):
        told = words.out
    else:
        told = words.hop(layer)
    return svg.text(x, 14, told, "muted")
