"""A session stands as long as it may, and not a moment longer."""

from __future__ import annotations

from pathlib import Path

from arasha.exchange.sessions import IDLE_MS, LONGEST_MS, MAX_SESSIONS, SEEN_STEP_MS
from exchange_samples import told
from signin_samples import Door, door


def begun(at: Door, person: str = "aigul") -> str:
    with at.signin.tables.change() as db:
        token = at.signin.sessions.begin(db, person, "passkey")
    assert token is not None
    return token


def test_it_ends_when_it_is_not_used(directory: Path) -> None:
    """Half an hour after the last time, to the millisecond."""
    at = door(directory)
    at.person()
    used, left = begun(at), begun(at)
    at.clock.now_ms += IDLE_MS - 1
    assert at.signin.sessions.of(used)
    at.clock.now_ms += 1
    assert None is at.signin.sessions.of(left)
    at.clock.now_ms += IDLE_MS - 2
    assert at.signin.sessions.of(used)
    at.clock.now_ms += IDLE_MS
    assert None is at.signin.sessions.of(used)


def test_it_ends_however_much_it_is_used(directory: Path) -> None:
    """Twelve hours after it began."""
    at = door(directory)
    at.person()
    token = begun(at)
    for _ in range(LONGEST_MS // SEEN_STEP_MS - 1):
        at.clock.now_ms += SEEN_STEP_MS
        assert at.signin.sessions.of(token)
    at.clock.now_ms += SEEN_STEP_MS
    assert None is at.signin.sessions.of(token)


def test_it_ends_when_the_clock_goes_back(directory: Path) -> None:
    """Past its beginning: else it would stand longer than it may. It does not rise again."""
    at = door(directory)
    at.person()
    token = begun(at)
    at.clock.now_ms -= 59_000
    assert at.signin.sessions.of(token)
    at.clock.now_ms -= 2_000
    assert None is at.signin.sessions.of(token)
    at.clock.now_ms += 61_000
    assert None is at.signin.sessions.of(token)


def test_it_ends_with_the_rights_it_was_given_for(directory: Path) -> None:
    """Other roles, the same roles again, a new token, no role: each ends it for good."""
    at = door(directory)
    at.person("aigul", "analyst")
    for change in (
        lambda: at.persons.change("aigul", ["officer"], by="root"),
        lambda: at.persons.change("aigul", ["analyst"], by="root"),
        lambda: at.persons.rotate("aigul", by="root"),
        lambda: at.persons.shut_out("aigul", by="root"),
    ):
        token = begun(at)
        assert at.signin.sessions.of(token)
        change()
        assert None is at.signin.sessions.of(token)
        assert [] == at.signin.sessions.standing("aigul")
    at.persons.change("aigul", ["analyst"], by="root")
    assert [] == at.signin.sessions.standing("aigul")


def test_mine_are_listed_and_ended(directory: Path) -> None:
    """By a name that is not the token; nobody ends another's."""
    at = door(directory)
    at.person("aigul")
    at.person("bolat")
    first, theirs = begun(at), begun(at, "bolat")
    at.clock.now_ms += 1
    second, third = begun(at), begun(at)
    listed = at.signin.sessions.standing("aigul")
    assert 3 == len(listed)
    assert listed[-1] == at.signin.sessions.of(first)
    assert not {one.name for one in listed} & {first, second, third}
    assert not at.signin.sessions.end_named("bolat", listed[-1].name)
    assert at.signin.sessions.end_named("aigul", listed[-1].name)
    assert None is at.signin.sessions.of(first)
    assert 1 == at.signin.sessions.end_all("aigul", by="aigul", but=second)
    assert at.signin.sessions.of(second)
    at.signin.sessions.end(second)
    at.signin.sessions.end(second)
    assert None is at.signin.sessions.of(second)
    assert at.signin.sessions.of(theirs)
    ends = [act for act in told(at.signin.tables.waiting()) if act["change"] == "signed_out"]
    assert [1, 1, 1] == [act["sessions"] for act in ends]


def test_there_are_only_so_many(directory: Path) -> None:
    """With one more the oldest ends."""
    at = door(directory)
    at.person()
    tokens = []
    for _ in range(MAX_SESSIONS + 1):
        tokens.append(begun(at))
        at.clock.now_ms += 1
    standing = [at.signin.sessions.of(token) is not None for token in tokens]
    assert [False] + [True] * MAX_SESSIONS == standing


def test_what_is_no_token_is_nobodys(directory: Path) -> None:
    """Whatever comes in a cookie."""
    at = door(directory)
    at.person()
    token = begun(at)
    for said in ("", "x", token[:-1], token + "A", "\ud800", "й" * 99, "A" * 99_999):
        assert None is at.signin.sessions.of(said)


def test_a_use_seldom_costs_a_write(tmp_path: Path) -> None:
    """A use within a minute of the last that was written down changes nothing on the disk."""
    at = door(tmp_path)
    at.person()
    token = begun(at)
    before = at.signin.tables.version()
    for _ in range(9):
        at.clock.now_ms += SEEN_STEP_MS // 10
        assert at.signin.sessions.of(token)
    assert before == at.signin.tables.version()
