"""The oracle's part on the flow of money: what each of its aggregators means, in plain loops.

In: the past, oldest first, and the payment at hand. Out: the value, ``None`` when missing. The
bounds on what a walk looks at are part of the meaning and shared with the compiled state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from arasha.events.schema import Kind
from arasha.features.expressions import Window
from arasha.features.walks import CYCLE_HOPS, CYCLE_STEPS, MATCH_STEPS, WALK_EDGES

if TYPE_CHECKING:
    from arasha.testing.naive import Happening

_END: Final = 2**62
"""A place after every payment."""


class Edge(NamedTuple):
    """A payment: its place in the past, its accounts, time and amount."""

    place: int
    payer: Any
    payee: Any
    known_at: int
    amount: Any


def evaluate(node: Window, past: Sequence[Happening], now: Happening) -> float | None:
    """The value of a flow aggregator for the payment ``now``."""
    currency = now.fields["currency"]
    payer, payee = now.fields["payer_account"], now.fields["payee_account"]
    ours = [now.fields[part.ours.name] for part in node.by]
    if any(field is None for field in (currency, payer, payee, *ours)):
        return None
    edges = [
        Edge(place, f["payer_account"], f["payee_account"], fact.known_at, f["amount"])
        for place, fact in enumerate(past)
        if fact.kind == Kind.PAYMENT and (f := fact.fields)["currency"] == currency
    ]
    account = next((now.fields[p.ours.name] for p in node.by if p.theirs.name != "currency"), payer)
    after = now.known_at - node.window_ms
    if node.aggregator == "pass_through":
        return _pass_through(edges, account, after, node.within_ms)
    inside = [edge for edge in edges if edge.known_at > after]
    if node.aggregator == "sources_of_sources":
        return len({far.payer for _, far in _two_steps(inside, account)})
    if node.aggregator == "cycle_length":
        return _cycle_length(inside, payer, payee)
    if node.aggregator == "shared_payees":
        return _shared_payees(inside, payer, payee)
    if node.aggregator == "payees_of_payees":
        return _payees_of_payees(inside, account)
    return _scatter_gather(inside, payer, payee)


def _into(edges: Sequence[Edge], account: Any, before: int) -> Iterator[Edge]:
    """The newest payments into an account that were made before a place, newest first."""
    looked = 0
    for edge in reversed(edges):
        if edge.place < before and edge.payee == account and looked < WALK_EDGES:
            looked += 1
            yield edge


def _two_steps(edges: Sequence[Edge], account: Any) -> Iterator[tuple[Edge, Edge]]:
    """(payment into the account, earlier payment into its payer), each payer once, its newest."""
    met = set()
    for near in _into(edges, account, _END):
        if near.payer not in met:
            met.add(near.payer)
            for far in _into(edges, near.payer, near.place):
                yield near, far


def _pass_through(edges: Sequence[Edge], account: Any, after: int, within: int) -> float | None:
    received: list[Edge] = []
    passed: list[int] = []
    for edge in edges:
        if edge.payer == account:
            left = edge.amount
            for i in list(reversed(range(len(received))))[:MATCH_STEPS]:
                if received[i].known_at > edge.known_at - within:
                    taken = min(left, received[i].amount - passed[i])
                    passed[i] += taken
                    left -= taken
        if edge.payee == account:
            received.append(edge)
            passed.append(0)
    came = sum(edge.amount for edge in received if edge.known_at > after)
    went = sum(p for edge, p in zip(received, passed, strict=True) if edge.known_at > after)
    return float(went) / float(came) if came else None


def _cycle_length(edges: Sequence[Edge], payer: Any, payee: Any) -> int | None:
    """Breadth first from the payer back, until somebody was paid by the payee."""
    queue = [(payer, _END, 1)]
    newest: dict[Any, int] = {}
    steps = 0
    for account, before, length in queue:  # grows as we go
        for edge in _into(edges, account, before):
            steps += 1
            if steps > CYCLE_STEPS:
                return None
            if edge.payer == payee:
                return length + 1
            if length + 1 < CYCLE_HOPS and newest.get(edge.payer, -1) < edge.place:
                newest[edge.payer] = edge.place
                queue.append((edge.payer, edge.place, length + 1))
    return None


def _scatter_gather(edges: Sequence[Edge], payer: Any, payee: Any) -> int:
    through = {edge.payer: {payer} for edge in _into(edges, payer, _END)}
    for near, far in _two_steps(edges, payee):
        if far.payer in through:
            through[far.payer].add(near.payer)
    return max((len(accounts) for accounts in through.values()), default=0)


def _by(edges: Sequence[Edge], account: Any) -> Sequence[Edge]:
    """The newest payments an account made."""
    return [edge for edge in edges if edge.payer == account][-WALK_EDGES:]


def _payees_of_payees(edges: Sequence[Edge], account: Any) -> int:
    through = {edge.payee for edge in _by(edges, account)}
    return len({far.payee for one in through for far in _by(edges, one)} - {account})


def _shared_payees(edges: Sequence[Edge], payer: Any, payee: Any) -> int:
    """Other payers of the payee of which another payee of the payer received money, too."""
    others = {edge.payer for edge in _into(edges, payee, _END)} - {payer}
    shared = {edge.payee for edge in _by(edges, payer)} - {payee}
    return len(others & {far.payer for account in shared for far in _into(edges, account, _END)})
