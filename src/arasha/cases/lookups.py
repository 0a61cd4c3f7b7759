"""What a participant is told about a party: whether it is listed, and counters. Never a history.

Guessing is dear: each participant has a bucket of asks, and an ask about a party that nobody has
named takes as many as the law file's ``wrong_guess``. Windows are counted back from the instant of
the ask, and end before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from arasha.cases.calendar import MINUTE_MS
from arasha.cases.law import Law
from arasha.cases.state import State

PUBLIC_REPORTS: Final = 3
"""So many people must have reported a party, each to a bank that stands for it, before anybody who
asks is told so; of fewer nothing is told.
"""

COUNTED: Final = ("reported", "confirmed", "cleared")

MAX_BUCKETS: Final = 10_000
"""Participants whose buckets are kept; there are no more of them (exchange/register.py)."""


@dataclass(frozen=True, slots=True)
class Counters:
    """``windows`` by the law's text ("3 days"): how often reported, confirmed, cleared. ``pattern``
    is what an operator found a listed number to be: a class, and all of the evidence that is told.
    """

    listed: str | None
    windows: Mapping[str, Mapping[str, int]]
    pattern: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether anybody has named the party in the widest window."""
        return self.listed is not None or any(any(one.values()) for one in self.windows.values())


def look_up(state: State, party: str, at_ms: int) -> Counters:
    """The listing of a party, if it stands, and its counters as of that instant."""
    law = state.law
    assert law is not None, "nobody asks before there is a law"
    listing = state.listings.get(state.listing_of.get(party, ""))
    if listing is not None and not listing.stands_at(at_ms):
        listing = None
    seen = None if listing is None else state.cases[listing.case].seen
    windows: dict[str, dict[str, int]] = {}
    for term in law.listing.windows:
        width_ms = term.after(at_ms, law.calendar) - at_ms
        within = [
            one.what
            for one in state.counted.get(party, ())
            if at_ms - width_ms < one.at_ms <= at_ms
        ]
        windows[str(term)] = {what: within.count(what) for what in COUNTED}
    return Counters(
        None if listing is None else listing.id, windows, None if seen is None else seen.pattern
    )


def is_reported(state: State, party: str, at_ms: int) -> bool:
    """Whether `PUBLIC_REPORTS` people or more have reported a party, in the law's widest window.

    A person counts once, by the account that was robbed; a report counts while it stands.
    """
    law = state.law
    if law is None:
        return False
    since_ms = at_ms - max(term.after(at_ms, law.calendar) - at_ms for term in law.listing.windows)
    reports = (state.reports[name] for name in state.reports_about.get(party, ()))
    people = {
        one.payer
        for one in reports
        if one.attested and one.status == "open" and one.taken_ms > since_ms
    }
    return len(people) >= PUBLIC_REPORTS


@dataclass(slots=True)
class Buckets:
    """Each participant's asks; times are ms on a clock that does not run back."""

    _asks: dict[str, tuple[int, int]] = field(default_factory=dict)

    def wait_ms(self, participant: str, law: Law, now_ms: int) -> int:
        """0 when one ask is there, or ms until it will be. `take` counts the ask itself."""
        have = self._have(participant, law, now_ms)
        per_minute = max(1, law.listing.asks_per_minute)
        short = MINUTE_MS - have
        return 0 if short <= 0 else -(-short // per_minute)

    def take(self, participant: str, law: Law, now_ms: int, *, known: bool) -> None:
        """Count an ask; one for a party that nobody has named counts many times.

        The bucket may go below zero: what one wrong guess took more must fill up first.
        """
        asks = 1 if known else max(1, law.listing.wrong_guess)
        have = self._have(participant, law, now_ms) - asks * MINUTE_MS
        if participant not in self._asks and len(self._asks) >= MAX_BUCKETS:
            del self._asks[next(iter(self._asks))]
        self._asks[participant] = (have, now_ms)

    def _have(self, participant: str, law: Law, now_ms: int) -> int:
        """Asks in the bucket, times MINUTE_MS: in whole numbers each ms adds the minute's rate."""
        full = law.listing.asks * MINUTE_MS
        have, at_ms = self._asks.get(participant, (full, now_ms))
        return min(full, have + max(0, now_ms - at_ms) * law.listing.asks_per_minute)
