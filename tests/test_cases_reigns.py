"""Which law was in force when, read from the log alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE, Act, Actor
from arasha.cases.law import Law
from arasha.cases.projection import Done
from arasha.cases.records import Request
from arasha.cases.reigns import law_at, laws_of
from arasha.cases.writer import Writer
from arasha.log.log import Log
from cases_samples import AUTHOR, NOW_MS, OFFICER, PUBLISHER, kz


def test_the_laws_are_those_that_the_acts_put_in_force(tmp_path: Path) -> None:
    """The first, one that was agreed to, one that was edited before; not what was only asked for,
    declined, or edited into something else.
    """
    at_ms = NOW_MS
    seen: list[tuple[int, str]] = []
    with Log.create(tmp_path, created_at_ms=NOW_MS) as log:
        writer = Writer.open(log)
        assert () == laws_of(log)

        def do(by: Actor, act: Act) -> Done:
            done = writer.do(by, act, at_ms)  # type: ignore[arg-type]  # any of them
            assert isinstance(done, Done), done
            seen.extend((done.seq, one.hash) for one in done.changes if isinstance(one, Law))
            return done

        def asked(toml: str) -> Request:
            (request,) = do(AUTHOR, a.Requested(a.LawChosen(toml))).changes
            assert isinstance(request, Request)
            return request

        def again(pause: str) -> str:
            return kz().text.replace('pause = { is = "24 hours"', f'pause = {{ is = "{pause}"')

        do(CENTRE, a.LawChosen(kz().text))
        first = asked(again("12 hours"))
        do(PUBLISHER, a.RequestApproved(first.id, first.content))
        asked(again("1 hour"))
        declined = asked(again("2 hours"))
        do(PUBLISHER, a.RequestDeclined(declined.id))
        edited = asked(again("3 hours"))
        (now,) = do(AUTHOR, a.RequestEdited(edited.id, a.LawChosen(again("4 hours")))).changes
        assert isinstance(now, Request)
        do(PUBLISHER, a.RequestApproved(now.id, now.content))
        do(AUTHOR, a.ShadowBegun("0" * 64))
        do(PUBLISHER, a.ShadowEnded("0" * 64))
        other = asked(again("5 hours"))
        policy = a.PolicyChosen("0" * 64, "[policy]")
        (changed,) = do(AUTHOR, a.RequestEdited(other.id, policy)).changes
        assert isinstance(changed, Request)
        do(PUBLISHER, a.RequestApproved(changed.id, changed.content))
        reigns = laws_of(log)
        assert seen == [(one.first_seq, one.hash) for one in reigns]
        assert ["24 hours", "12 hours", "4 hours"] == [str(one.law.hold.pause) for one in reigns]
        assert writer.state.law == reigns[-1].law
        assert OFFICER.name not in {request.by for request in writer.state.requests.values()}


@pytest.mark.parametrize(("seq", "place"), [(0, None), (4, None), (5, 0), (8, 0), (9, 1), (99, 1)])
def test_an_entry_falls_under_the_last_law_before_it(seq: int, place: int | None) -> None:
    """And under none before the first."""
    from arasha.cases.reigns import LawReign

    reigns = [LawReign(5, kz(), "one"), LawReign(9, kz(), "two")]
    assert (None if place is None else reigns[place]) == law_at(reigns, seq)
