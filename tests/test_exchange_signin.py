"""Who shows who they are comes in; nobody else does, however they try."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from arasha.exchange.backoff import FREE
from arasha.exchange.means import Means
from arasha.exchange.sessions import CONFIRMED_MS
from arasha.exchange.signin import CHALLENGE_MS, Refused, SignedIn, Why
from exchange_samples import Clock, told
from signin_samples import PASSWORD, Authenticator, Door, code, door

STEP_MS = 30_000


def by_password(at: Door, secret: bytes, password: str = PASSWORD, login: str = "aigul") -> object:
    return at.signin.by_password(login, password, code(secret, at.clock.now_ms), "192.0.2.7")


def why(found: object) -> Why:
    assert isinstance(found, Refused)
    return found.why


def with_passkey(at: Door, authenticator: Authenticator, name: str = "aigul") -> None:
    secret, _ = at.enrolment.invitations.invite(at.person(name), by="root")
    asked = at.enrolment.passkey_creation(secret)
    assert asked is not None
    made = at.enrolment.set_passkey(secret, asked.sealed, authenticator.create(asked.options))
    assert not isinstance(made, Refused)


def test_password_and_code_open(directory: Path) -> None:
    """The token is that person's session; the act says by which means, and nothing of the token."""
    at = door(directory)
    _, secret = at.welcomed()
    at.clock.now_ms += STEP_MS
    signed = by_password(at, secret)
    assert isinstance(signed, SignedIn)
    session = at.signin.sessions.of(signed.token)
    assert session is not None
    assert ("aigul", "password") == (session.person.name, session.means)
    acts = told(at.signin.tables.waiting())
    assert ["person_invited", "password_set", "signed_in", "signed_in"] == [
        act["change"] for act in acts
    ]
    assert signed.token not in json.dumps(acts)
    assert signed.token not in repr(signed)
    assert {"file", "number", "change", "at_ms", "kind", "name", "by", "means"} == acts[-1].keys()


def test_a_code_opens_once(directory: Path) -> None:
    """Not the one by which the authenticator was set up, either; nor the one before it."""
    at = door(directory)
    _, secret = at.welcomed()
    assert Why.WRONG is why(by_password(at, secret))
    at.clock.now_ms += STEP_MS
    assert isinstance(by_password(at, secret), SignedIn)
    assert Why.WRONG is why(by_password(at, secret))
    at.clock.now_ms -= STEP_MS
    assert Why.WRONG is why(by_password(at, secret))


def test_an_authenticator_may_be_one_step_off(directory: Path) -> None:
    """And no more than that, in either direction."""
    at = door(directory)
    _, secret = at.welcomed()
    at.clock.now_ms += 10 * STEP_MS
    for off, opens in ((-2, False), (2, False), (-1, True), (1, True)):
        shown = code(secret, at.clock.now_ms + off * STEP_MS)
        found = at.signin.by_password("aigul", PASSWORD, shown, "192.0.2.7")
        assert opens is isinstance(found, SignedIn)


def test_whatever_is_wrong_is_told_the_same(directory: Path) -> None:
    """A login that nobody has, a wrong password, a wrong code: one answer."""
    at = door(directory)
    _, secret = at.welcomed()
    at.person("bolat")
    at.clock.now_ms += STEP_MS
    shown = code(secret, at.clock.now_ms)
    wrong = Refused(Why.WRONG)
    for login, password, said in (
        ("nobody", PASSWORD, shown), ("bolat", PASSWORD, shown), ("aigul", PASSWORD + "!", shown),
        ("aigul", PASSWORD, "000000"), ("aigul", PASSWORD, ""), ("AIGUL", PASSWORD, shown),
        ("aigul" * 99, PASSWORD, shown), ("aigul", "x" * 9_999, shown), ("", "", ""),
        ("aigul", "\ud800", shown), ("ai\0gul", PASSWORD, "٣٤٥٦٧٨"),
    ):  # fmt: skip
        at.steady_s[0] += 4_000
        assert wrong == at.signin.by_password(login, password, said, "192.0.2.7")


def test_a_recovery_code_opens_once(directory: Path) -> None:
    """However it is typed; and each other one still opens."""
    at = door(directory)
    welcomed, _ = at.welcomed()
    first, second = welcomed.recovery[:2]
    means = Means(at.signin.tables, at.persons, at.clock)
    assert 10 == means.recovery_left("aigul")
    shown = first.lower().replace("-", " ")
    found = at.signin.by_password("aigul", PASSWORD, shown, "192.0.2.7")
    assert isinstance(found, SignedIn)
    session = at.signin.sessions.of(found.token)
    assert session is not None
    assert "recovery" == session.means
    assert Why.WRONG is why(at.signin.by_password("aigul", PASSWORD, first, "192.0.2.7"))
    assert isinstance(at.signin.by_password("aigul", PASSWORD, second, "192.0.2.7"), SignedIn)
    assert 8 == means.recovery_left("aigul")


def test_who_guesses_waits(directory: Path) -> None:
    """Longer each time, the right password or not; a login that nobody has waits as long."""
    at = door(directory)
    _, secret = at.welcomed()
    at.clock.now_ms += STEP_MS
    for login in ("aigul", "nobody"):
        for _ in range(FREE):
            assert Why.WRONG is why(at.signin.by_password(login, "wrong", "1", "192.0.2.1"))
        found = at.signin.by_password(login, "wrong", "1", "192.0.2.1")
        assert Refused(Why.WAIT, 1.0) == found
    assert Why.WAIT is why(by_password(at, secret))
    at.steady_s[0] += 1.0
    assert isinstance(by_password(at, secret), SignedIn)


def test_many_guesses_at_once_are_as_many_tries(directory: Path) -> None:
    """No more of them are looked at than one after the other would be."""
    at = door(directory)
    at.welcomed()
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(
            lambda n: why(at.signin.by_password("aigul", f"guess {n}", "1", "192.0.2.1")),
            range(32),
        ))  # fmt: skip
    assert FREE >= found.count(Why.WRONG) - 2


def test_one_code_brought_twice_at_once_opens_once(directory: Path) -> None:
    """Whoever looked over the shoulder and is as quick does not come in, too."""
    at = door(directory)
    _, secret = at.welcomed()
    at.clock.now_ms += STEP_MS
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: by_password(at, secret), range(4)))
    assert 1 == sum(isinstance(one, SignedIn) for one in found)


@pytest.mark.parametrize("counts", [True, False])
def test_a_passkey_opens(directory: Path, *, counts: bool) -> None:
    """Again and again, each time with a challenge of its own, which opens once."""
    at, mine = door(directory), Authenticator(counts=counts)
    with_passkey(at, mine)
    for _ in range(2):
        asked = at.signin.passkey_request()
        answer = mine.get(asked.options)
        signed = at.signin.by_passkey(asked.sealed, answer)
        assert isinstance(signed, SignedIn)
        assert "aigul" == signed.person
        assert Why.WRONG is why(at.signin.by_passkey(asked.sealed, answer))


def test_two_of_one_passkey_are_noticed(directory: Path) -> None:
    """Where it counts, the copy that counts less does not come in."""
    at, mine = door(directory), Authenticator()
    with_passkey(at, mine)
    copy = Authenticator(key=mine.key, credential=mine.credential, handle=mine.handle)
    for _ in range(2):
        asked = at.signin.passkey_request()
        assert isinstance(at.signin.by_passkey(asked.sealed, mine.get(asked.options)), SignedIn)
    asked = at.signin.passkey_request()
    assert Why.WRONG is why(at.signin.by_passkey(asked.sealed, copy.get(asked.options)))


def test_what_is_no_proof_of_a_passkey(directory: Path) -> None:
    """Another's key, site, challenge or type, nobody's finger, changed bytes, garbage."""
    at, mine = door(directory), Authenticator()
    with_passkey(at, mine)
    stranger = Authenticator(credential=mine.credential, handle=mine.handle)
    phished = Authenticator("https://centre.example.evil", key=mine.key, credential=mine.credential)
    unseen = Authenticator(verifies=False, key=mine.key, credential=mine.credential, uses=50)
    asked = at.signin.passkey_request()
    other = at.signin.passkey_request()
    created = json.loads(mine.create({
        "rp": {"id": "centre.example"}, "user": {"id": ""},
        "challenge": asked.options["challenge"],
    }))  # fmt: skip
    right = json.loads(mine.get(asked.options))
    broken = {**right, "response": {**right["response"], "signature": "AAAA"}}
    for answer in (
        stranger.get(asked.options), phished.get(asked.options), unseen.get(asked.options),
        mine.get(other.options), json.dumps(created).encode(), json.dumps(broken).encode(),
        mine.get({**asked.options, "rpId": "example"}), b"", b"{}", b"[]", b"\xff", b"[" * 9_000,
        json.dumps({**right, "rawId": 7}).encode(), json.dumps({**right, "id": "AAAA"}).encode(),
        b" " * 20_000 + json.dumps(right).encode(),
    ):  # fmt: skip
        assert Why.WRONG is why(at.signin.by_passkey(asked.sealed, answer))
    for sealed in ("", "A" * 99, "й", other.sealed[:-2], "A" * 9_999):
        assert Why.LAPSED is why(at.signin.by_passkey(sealed, mine.get(asked.options)))
    assert isinstance(at.signin.by_passkey(asked.sealed, mine.get(asked.options)), SignedIn)


def test_a_challenge_lapses(directory: Path) -> None:
    """After its time, and where the clock has gone back past its beginning."""
    at, mine = door(directory), Authenticator()
    with_passkey(at, mine)
    asked = at.signin.passkey_request()
    at.clock.now_ms += CHALLENGE_MS
    assert Why.LAPSED is why(at.signin.by_passkey(asked.sealed, mine.get(asked.options)))
    asked = at.signin.passkey_request()
    at.clock.now_ms -= CHALLENGE_MS
    assert Why.LAPSED is why(at.signin.by_passkey(asked.sealed, mine.get(asked.options)))


def test_a_subject_opens_for_whom_it_is_linked_to(directory: Path) -> None:
    """Of that issuer alone; who has no role any more does not come in."""
    at = door(directory)
    at.person("aigul")
    means = Means(at.signin.tables, at.persons, at.clock)
    means.link("aigul", "https://id.example", "7f3a", by="root")
    assert Why.WRONG is why(at.signin.by_subject("https://id.example", "7f3b"))
    assert Why.WRONG is why(at.signin.by_subject("https://id.example.evil", "7f3a"))
    assert isinstance(at.signin.by_subject("https://id.example", "7f3a"), SignedIn)
    at.persons.shut_out("aigul", by="root")
    assert Why.WRONG is why(at.signin.by_subject("https://id.example", "7f3a"))


def test_no_wait_stands_at_the_door_of_passkeys(directory: Path) -> None:
    """Who knows a login and guesses its password shuts nobody out."""
    at, mine = door(directory), Authenticator()
    with_passkey(at, mine)
    for _ in range(FREE + 3):
        at.signin.by_password("aigul", "wrong", "1", "192.0.2.1")
    asked = at.signin.passkey_request()
    assert isinstance(at.signin.by_passkey(asked.sealed, mine.get(asked.options)), SignedIn)


def test_the_file_opens_nothing(tmp_path: Path) -> None:
    """No password, no secret of an authenticator, no recovery code, no token stands in it."""
    at = door(tmp_path, Clock())
    welcomed, secret = at.welcomed()
    at.signin.tables.empty_wal()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("signin.sqlite*"))
    for one in (PASSWORD, welcomed.signed.token, *welcomed.recovery):
        assert one.encode() not in kept
    assert secret not in kept
    assert b"aigul" in kept


# Once more, by who is signed in.


def signed_at(at: Door, secret: bytes) -> SignedIn:
    """Signed in with a password, and some minutes later."""
    at.clock.now_ms += STEP_MS
    signed = by_password(at, secret)
    assert isinstance(signed, SignedIn)
    assert fresh(at, signed.token), "who has just come in has just shown it"
    at.clock.now_ms += CONFIRMED_MS
    assert not fresh(at, signed.token)
    return signed


def fresh(at: Door, token: str) -> bool:
    session = at.signin.sessions.of(token)
    assert session is not None
    return session.is_fresh(at.clock.now_ms)


def by_code(at: Door, token: str, shown: str, person: str = "aigul") -> Refused | None:
    return at.signin.confirm_by_code(token, person, shown, "192.0.2.7")


def test_a_code_confirms_its_person_for_a_while(directory: Path) -> None:
    """Once: the same code confirms nothing again, and signs nobody in; it is on record."""
    at = door(directory)
    _, secret = at.welcomed()
    signed = signed_at(at, secret)
    shown = code(secret, at.clock.now_ms)
    assert by_code(at, signed.token, shown) is None
    assert fresh(at, signed.token)
    at.clock.now_ms += CONFIRMED_MS - 1
    assert fresh(at, signed.token)
    at.clock.now_ms += 1
    assert not fresh(at, signed.token)
    assert Why.WRONG is why(by_code(at, signed.token, shown))
    said = [act for act in told(at.signin.tables.waiting()) if act["change"] == "confirmed"]
    assert [("aigul", "aigul", "password")] == [
        (act["name"], act["by"], act["means"]) for act in said
    ]
    assert signed.token not in json.dumps(said)


def test_a_code_confirms_no_other_session_and_no_other_person(directory: Path) -> None:
    """Not another's with my code, not mine with a session that is over, not the one beside it."""
    at = door(directory)
    _, secret = at.welcomed()
    at.person("bolat")
    signed = signed_at(at, secret)
    with at.signin.tables.change() as db:
        theirs = at.signin.sessions.begin(db, "bolat", "openid")
        mine = at.signin.sessions.begin(db, "aigul", "openid")
    assert theirs is not None
    assert mine is not None
    assert not fresh(at, theirs), "another's word may be old"
    shown = code(secret, at.clock.now_ms)
    assert Why.WRONG is why(by_code(at, theirs, shown))
    assert Why.WRONG is why(by_code(at, theirs, shown, "bolat"))
    at.signin.sessions.end(mine)
    assert Why.WRONG is why(by_code(at, mine, shown))
    assert by_code(at, signed.token, shown) is None
    assert not fresh(at, theirs)


def test_guessing_to_confirm_is_slowed_as_at_the_door(directory: Path) -> None:
    """A right code is not even looked at while its person waits; nor is one at the door."""
    at = door(directory)
    _, secret = at.welcomed()
    signed = signed_at(at, secret)
    for _ in range(FREE):
        assert Why.WRONG is why(by_code(at, signed.token, "000000"))
    shown = code(secret, at.clock.now_ms)
    waits = by_code(at, signed.token, shown)
    assert isinstance(waits, Refused)
    assert (Why.WAIT, True) == (waits.why, waits.wait_s > 0)
    assert Why.WAIT is why(by_password(at, secret))
    at.steady_s[0] += waits.wait_s
    assert by_code(at, signed.token, shown) is None


def test_a_passkey_confirms_its_own_person(directory: Path) -> None:
    """By a challenge that was made for that, and once; another's passkey confirms nothing."""
    at, phone, other = door(directory), Authenticator(), Authenticator()
    with_passkey(at, phone)
    with_passkey(at, other, "bolat")
    asked = at.signin.passkey_request()
    signed = at.signin.by_passkey(asked.sealed, phone.get(asked.options))
    assert isinstance(signed, SignedIn)
    at.clock.now_ms += CONFIRMED_MS
    for authenticator, whose, came in (
        (other, "aigul", Why.WRONG), (phone, "bolat", Why.LAPSED), (phone, "aigul", None),
    ):  # fmt: skip
        asked = at.signin.passkey_confirmation(whose)
        answer = authenticator.get(asked.options)
        found = at.signin.confirm_by_passkey(signed.token, "aigul", asked.sealed, answer)
        assert came is (None if found is None else found.why)
        assert fresh(at, signed.token) is (came is None)
    again = at.signin.confirm_by_passkey(signed.token, "aigul", asked.sealed, answer)
    assert Why.WRONG is why(again)
    assert Why.LAPSED is why(at.signin.by_passkey(asked.sealed, phone.get(asked.options)))
    to_come_in = at.signin.passkey_request()
    answer = phone.get(to_come_in.options)
    found = at.signin.confirm_by_passkey(signed.token, "aigul", to_come_in.sealed, answer)
    assert Why.LAPSED is why(found)
