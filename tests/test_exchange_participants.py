from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import UsageError
from arasha.exchange.participants import Participant, Participants
from exchange_samples import Clock, opened, told


@pytest.fixture
def participants(directory: Path) -> Participants:
    return opened(directory)


def test_the_key_of_a_participant_is_known(participants: Participants) -> None:
    """What `create` gave authenticates as that participant; another secret or id does not."""
    made, key_id, secret = participants.create("BANKKZKA", "bank", by="duty")
    assert made == participants.authenticate(key_id, secret)
    assert None is participants.authenticate(key_id, secret[:-1])
    assert None is participants.authenticate("0" * 16, secret)
    assert None is participants.authenticate(key_id, "")
    assert None is participants.authenticate(key_id, "\ud800" + "x" * 100_000)


def test_a_secret_is_nowhere_in_the_files(tmp_path: Path) -> None:
    """The register holds a hash; neither the secret nor its bytes are on the disk."""
    participants = opened(tmp_path)
    _, _, secret = participants.create("BANKKZKA", "bank", by="duty")
    _, again = participants.rotate("BANKKZKA", by="duty")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert secret.encode() not in content
        assert again.encode() not in content


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Mode 0600, with what SQLite lays beside it."""
    participants = opened(tmp_path)
    participants.create("BANKKZKA", "bank", by="duty")
    assert {0o600} == {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}


def test_a_role_says_what_is_sent_and_read(participants: Participants) -> None:
    """A bank sends payments, an operator calls; what is said when it is made goes before that."""
    bank, *_ = participants.create("BANK", "bank", by="duty")
    operator, *_ = participants.create("TELCO", "operator", by="duty")
    narrow, *_ = participants.create(
        "SMALL", "bank", by="duty", may_send=["payment"], may_read=[], rate_per_s=5, burst=9,
        deadline_ms=300, signing="required", public_key=bytes(32),
    )  # fmt: skip
    assert "payment" in bank.may_send
    assert "call" not in bank.may_send
    assert {
        "call", "call_change", "sim_change", "signal", "forwarding_change", "registration",
    } == operator.may_send  # fmt: skip
    expected = Participant(
        "SMALL", "bank", frozenset({"payment"}), frozenset(), "required", 5, 9, 300
    )
    assert expected == narrow


def test_what_was_made_is_there_when_opened_again(directory: Path) -> None:
    """Participants, keys and settings survive the process."""
    first = opened(directory)
    made, key_id, secret = first.create("BANKKZKA", "bank", by="duty", may_read=["metrics"])
    first.close()
    again = opened(directory)
    assert made == again.authenticate(key_id, secret)
    assert [made] == [participant for participant, _ in again.list()]


def test_a_new_key_opens_at_once_and_the_old_one_for_a_day(directory: Path) -> None:
    """The old key ends after the overlap, as soon as the register is refreshed."""
    clock = Clock()
    participants = opened(directory, clock)
    made, old_id, old = participants.create("BANKKZKA", "bank", by="duty")
    new_id, new = participants.rotate("BANKKZKA", by="duty", overlap_ms=1_000)
    assert made == participants.authenticate(old_id, old)
    assert made == participants.authenticate(new_id, new)
    clock.now_ms += 1_000
    assert participants.refresh()
    assert None is participants.authenticate(old_id, old)
    assert made == participants.authenticate(new_id, new)
    assert not participants.refresh()


def test_another_rotation_does_not_lengthen_an_old_keys_life(directory: Path) -> None:
    """A key that ends in a second still ends in a second."""
    clock = Clock()
    participants = opened(directory, clock)
    _, old_id, old = participants.create("BANKKZKA", "bank", by="duty")
    participants.rotate("BANKKZKA", by="duty", overlap_ms=1_000)
    participants.rotate("BANKKZKA", by="duty", overlap_ms=60_000)
    clock.now_ms += 1_000
    participants.refresh()
    assert None is participants.authenticate(old_id, old)


def test_another_process_revokes_and_this_one_sees_it(directory: Path) -> None:
    """The service refreshes and the key opens nothing any more."""
    service, command = opened(directory), opened(directory)
    made, key_id, secret = command.create("BANKKZKA", "bank", by="duty")
    assert None is service.authenticate(key_id, secret)
    assert service.refresh()
    assert made == service.authenticate(key_id, secret)
    command.revoke(key_id, by="duty")
    assert None is command.authenticate(key_id, secret)
    assert service.refresh()
    assert None is service.authenticate(key_id, secret)


def test_each_change_of_rights_waits_for_the_log(participants: Participants) -> None:
    """Created, rotated, revoked: who, what, by whom, and numbered; no secret in it."""
    _, first, secret = participants.create("BANK", "bank", by="aigul", may_send=["payment"])
    second, _ = participants.rotate("BANK", by="daniyar")
    participants.revoke(first, by="aigul")
    acts = told(participants.register.waiting())
    assert [
        (1, "participant_created", "BANK", first, "aigul"),
        (2, "key_rotated", "BANK", second, "daniyar"),
        (3, "key_revoked", "BANK", first, "aigul"),
    ] == [(a["number"], a["change"], a["name"], a["key_id"], a["by"]) for a in acts]
    assert ["payment"] == acts[0]["may_send"]
    assert secret not in str(acts)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": "two words"}, "no name"),
        ({"name": "seventeen-letters"}, "no name"),
        ({"may_send": ["paiment"]}, "has no 'paiment'"),
        ({"may_read": ["everything"]}, "has no 'everything'"),
        ({"rate_per_s": 0.0}, "facts a second"),
        ({"burst": 0}, "facts at once"),
        ({"deadline_ms": 3_600_000}, "deadline"),
        ({"public_key": b"short"}, "no public key"),
    ],
)
def test_what_cannot_be_is_refused(
    participants: Participants, wrong: dict[str, object], says: str
) -> None:
    """Names, words and limits are checked; nothing is left behind."""
    given: dict[str, object] = {"name": "BANK", "role": "bank", "by": "duty", **wrong}
    with pytest.raises(UsageError, match=says):
        participants.create(**given)  # type: ignore[arg-type]  # wrong on purpose
    assert [] == participants.list()
    assert [] == participants.register.waiting()


def test_rights_and_limits_change_and_keys_stay(participants: Participants) -> None:
    """What is not said stays; the act tells all rights as they are now."""
    made, key_id, secret = participants.create("BANK", "bank", by="duty", may_read=["stream"])
    changed = participants.change("BANK", by="aigul", may_send=["payment"], deadline_ms=250)
    assert (frozenset({"payment"}), 250) == (changed.may_send, changed.deadline_ms)
    assert (made.may_read, made.rate_per_s) == (changed.may_read, changed.rate_per_s)
    assert changed == participants.authenticate(key_id, secret)
    act = told(participants.register.waiting())[-1]
    assert ("participant_changed", "BANK", "aigul", ["payment"], ["stream"]) == tuple(
        act[name] for name in ("change", "name", "by", "may_send", "may_read")
    )
    with pytest.raises(UsageError, match="facts a second"):
        participants.change("BANK", by="aigul", rate_per_s=-1.0)
    with pytest.raises(UsageError, match="no participant"):
        participants.change("BONK", by="aigul", burst=2)
    assert changed == participants.get("BANK")


def test_a_name_is_given_once(participants: Participants) -> None:
    """A second participant of the name is refused; so is a key for nobody."""
    participants.create("BANK", "bank", by="duty")
    with pytest.raises(UsageError, match="already"):
        participants.create("BANK", "operator", by="duty")
    with pytest.raises(UsageError, match="no participant"):
        participants.rotate("BONK", by="duty")
    with pytest.raises(UsageError, match="no participant has this key"):
        participants.revoke("ffff", by="duty")
