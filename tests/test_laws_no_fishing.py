"""Law 9: nobody in any role is told of a party that no open case, report or appeal names.

A centre is filled with payments, reports and cases; then every role asks for everything there is to
read, by every id there is and by every token there is, and what it was told is searched for tokens.
"""

from __future__ import annotations

import random

import msgspec

from arasha.app.http.shown import (
    appeal_shown,
    case_shown,
    hold_shown,
    in_queue,
    listing_shown,
    recall_shown,
)
from arasha.cases import acts as a
from arasha.cases.projection import Done
from arasha.cases.queue import queue
from arasha.cases.roles import RIGHTS, may
from arasha.cases.state import State
from arasha.cases.views import named_by
from cases_driver import EVERYBODY, Driver

PARTIES = {f"{digit}" * 32 for digit in "12345"} | {"d" * 32, "e" * 32}


def tokens_in(told: object) -> set[str]:
    """The parties that stand in what was told."""
    text = msgspec.json.encode(told).decode()
    return {party for party in PARTIES if party in text}


def plain_views(state: State, now_ms: int) -> list[object]:
    """Everything that is told without an entry, or of what is over."""
    return [
        *(in_queue(state, case) for case in queue(state, now_ms)),
        *(case_shown(state, one).plain for one in state.cases.values()),
        *(hold_shown(one, state).plain for one in state.holds.values()),
        *(recall_shown(state, one).plain for one in state.recalls.values()),
        *(appeal_shown(state, one).plain for one in state.appeals.values()),
        *(listing_shown(one).plain for one in state.listings.values()),
    ]


def test_what_is_told_without_an_entry_names_nobody() -> None:
    """The queue, what is over, what a bank or an appellant reads."""
    for seed in range(60):
        here = Driver(50_000 + seed).run(60)
        assert set() == tokens_in(plain_views(here.state, here.at_ms))


def test_a_view_is_taken_only_where_something_open_names_the_party() -> None:
    """By every role, through every id, of every party; and it is an entry."""
    chance = random.Random(7)
    for seed in range(40):
        here = Driver(60_000 + seed).run(50)
        state = here.state
        ids = [*state.cases, *state.reports, *state.holds, *state.recalls, *state.appeals,
               *state.listings, *PARTIES, "c999"]  # fmt: skip
        for _ in range(150):
            by, through = chance.choice(EVERYBODY), chance.choice(ids)
            party = chance.choice((None, *sorted(PARTIES)))
            entries = len(here.entries)
            result = here.ask(by, a.PartyViewed(through, party))
            named = named_by(state, through)
            allowed = may(by, RIGHTS["party_viewed"])
            right = allowed and bool(named) and (party is None or party in named)
            assert right == isinstance(result, Done)
            assert len(here.entries) == entries + right


def test_what_a_view_shows_is_what_it_names() -> None:
    """The parts with parties hold no party but those of the thing itself."""
    for seed in range(60):
        here = Driver(70_000 + seed).run(60)
        state = here.state
        for case in state.cases.values():
            named = named_by(state, case.id)
            if named:
                assert tokens_in(case_shown(state, case).parties) <= named
        for hold in state.holds.values():
            if named_by(state, hold.id):
                assert tokens_in(hold_shown(hold, state).parties) == named_by(state, hold.id)
        for recall in state.recalls.values():
            if named_by(state, recall.id):
                assert tokens_in(recall_shown(state, recall).parties) <= named_by(state, recall.id)
