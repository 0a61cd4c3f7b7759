from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.errors import ArashaError, StoreError, SubjectErased, UsageError
from arasha.events.schema import Kind, PartyKind
from arasha.events.uniqueness import Uniqueness
from arasha.vault.keys import Master
from arasha.vault.subjects import REVEALS_PER_DAY, Vault
from arasha.vault.tokens import Tokens
from exchange_samples import Clock, told
from vault_samples import (
    CANARIES,
    KEY,
    OFFICER,
    REASON,
    accounts,
    held,
    hidden,
    opened,
    tokens,
)


def test_what_is_kept_is_revealed(directory: Path) -> None:
    """Each token gives its identifier back, after the process has ended, too."""
    subjects = hidden(CANARIES)
    vault = opened(directory)
    assert 3 == vault.keep(subjects)
    assert [text for _, text in CANARIES] == held(vault, subjects)
    vault.close()
    assert [text for _, text in CANARIES] == held(opened(directory), subjects)


def test_only_what_is_new_is_kept(directory: Path) -> None:
    """Known tokens, and a token twice in one call, cost nothing; an empty call is none."""
    vault = opened(directory)
    assert 5 == vault.keep(accounts(5))
    assert 2 == vault.keep(accounts(7) + accounts(7))
    assert 0 == vault.keep(accounts(7))
    assert 0 == vault.keep([])
    assert 7 == len(vault)


@settings(max_examples=15)
@given(st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=6), st.data())
def test_any_order_of_keeping_and_erasing_is_right(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[int]], data: st.DataObject
) -> None:
    """After each batch some are erased: what is held is what was kept since it was last erased."""
    directory = tmp_path_factory.mktemp("vault")
    everyone, expected = accounts(31), set[int]()
    vault = opened(directory)
    for batch in batches:
        assert len(set(batch) - expected) == vault.keep([everyone[i] for i in batch])
        expected |= set(batch)
        gone = data.draw(st.sets(st.sampled_from(sorted(expected)))) if expected else set()
        for i in gone:
            vault.erase(everyone[i].token, by="o", roles=OFFICER, reason=REASON)
        expected -= gone
        if data.draw(st.booleans()):
            vault.close()
            vault = opened(directory)
    found = {i for i in range(31) if _is_held(vault, everyone[i].token)}
    vault.close()
    assert expected == found


def _is_held(vault: Vault, token: bytes) -> bool:
    try:
        vault.reveal(token, by=token.hex(), roles=OFFICER, reason=REASON)
    except SubjectErased:
        return False
    return True


def test_a_reveal_needs_a_role_a_reason_and_a_budget(directory: Path) -> None:
    """Without one of them nothing is shown, nothing is spent, and no act waits."""
    clock = Clock()
    vault, (subject,) = opened(directory, clock), accounts(1)
    vault.keep([subject])
    for roles, reason, says in (
        ([], REASON, "no role"),
        (["analyst", "administrator"], REASON, "may have nothing revealed"),
        (["officer"], "", "a reason is needed"),
        (["officer"], "  because   ", "a reason is needed"),
        (["officer"], "x" * 501, "a reason is needed"),
        (["officer"], "asked by KZ86 125 KZT 5004100100", "must not name"),
        (["officer"], "call to +7 (701) 555-01-42", "must not name"),
    ):
        with pytest.raises(UsageError, match=says):
            vault.reveal(subject.token, by="aigul", roles=roles, reason=reason)
    assert [] == vault.database.waiting()
    for spent in range(REVEALS_PER_DAY):
        assert REVEALS_PER_DAY - spent == vault.reveals_left("aigul")
        assert "account-0" == vault.reveal(
            subject.token, by="aigul", roles=["auditor"], reason=REASON
        )
    assert (0, REVEALS_PER_DAY) == (vault.reveals_left("aigul"), vault.reveals_left("bolat"))
    with pytest.raises(UsageError, match="budget"):
        vault.reveal(subject.token, by="aigul", roles=["auditor"], reason=REASON)
    assert REVEALS_PER_DAY == len(vault.database.waiting())
    assert ["account-0"] == held(vault, [subject])
    clock.now_ms += 86_400_000
    assert REVEALS_PER_DAY == vault.reveals_left("aigul")
    assert "account-0" == vault.reveal(subject.token, by="aigul", roles=OFFICER, reason=REASON)


def test_a_reveal_is_an_act_that_names_who_why_and_which(directory: Path) -> None:
    """The act holds the token and not what it hides."""
    vault, (subject,) = opened(directory), accounts(1)
    vault.keep([subject])
    vault.reveal(subject.token, by="aigul", roles=OFFICER, reason=REASON)
    (act,) = vault.database.waiting()
    assert Kind.REVEAL is act.kind
    (body,) = told([act])
    expected = ("aigul", REASON, subject.token.hex())
    assert expected == (body["by"], body["reason"], body["token"])
    assert b"account-0" not in act.body


def test_an_erased_subject_is_gone_from_the_files(tmp_path: Path) -> None:
    """Its token, wrapped key and sealed identifier are nowhere; the others stay."""
    vault, subjects = opened(tmp_path), accounts(20)
    vault.keep(subjects)
    row = vault.database.rows("SELECT wrapped, sealed FROM batches")[0]
    each = len("account-7") + 16
    key, sealed = row[0][48 * 7 : 48 * 8], row[1][each * 7 : each * 8]
    vault.erase(subjects[7].token, by="aigul", roles=["administrator"], reason=REASON)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert subjects[8].token in files
    assert row[1][each * 8 : each * 9] in files
    for gone in (subjects[7].token, key, sealed):
        assert gone not in files
    with pytest.raises(SubjectErased):
        held(vault, [subjects[7]])
    with pytest.raises(SubjectErased):
        vault.erase(subjects[7].token, by="aigul", roles=OFFICER, reason=REASON)
    others = subjects[:7] + subjects[8:]
    assert [one.identifier for one in others] == held(vault, others)


def test_an_erasure_is_an_act_without_personal_data(directory: Path) -> None:
    """It names the subject by its place in the vault: no token, no identifier."""
    vault, subjects = opened(directory), accounts(3)
    vault.keep(subjects)
    with pytest.raises(UsageError, match="may have nothing erased"):
        vault.erase(subjects[1].token, by="aigul", roles=["auditor"], reason=REASON)
    vault.erase(subjects[1].token, by="aigul", roles=OFFICER, reason=REASON)
    (act,) = vault.database.waiting()
    assert Kind.ERASED is act.kind
    assert {"file", "number", "at_ms", "by", "reason", "subject"} == set(told([act])[0])
    assert subjects[1].token.hex().encode() not in act.body


def test_another_process_erases_and_this_one_sees_it(directory: Path) -> None:
    """The service forgets what a command erased, and keeps what comes again anew."""
    service, command = opened(directory), opened(directory)
    subjects = accounts(4)
    service.keep(subjects)
    command.erase(subjects[2].token, by="aigul", roles=OFFICER, reason=REASON)
    with pytest.raises(SubjectErased):
        held(service, [subjects[2]])
    assert 1 == service.keep(subjects)
    assert 0 == command.keep(subjects)
    assert [one.identifier for one in subjects] == held(command, subjects)


def test_a_rotated_master_key_opens_everything_and_the_old_one_nothing(tmp_path: Path) -> None:
    """All keys are wrapped anew, those of erased subjects stay gone; the files hold no old key."""
    vault, subjects = opened(tmp_path), accounts(30)
    vault.keep(subjects[:9])
    vault.keep(subjects[9:])
    vault.erase(subjects[3].token, by="aigul", roles=OFFICER, reason=REASON)
    old = vault.database.rows("SELECT wrapped FROM batches ORDER BY first")[0][0][:48]
    assert 29 == vault.rotate(Master(b"n" * 32), by="daniyar")
    others = subjects[:3] + subjects[4:]
    assert [one.identifier for one in others] == held(vault, others)
    assert 1 == vault.keep(accounts(1, 40))
    vault.close()
    assert old not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    with pytest.raises(StoreError, match="another master key"):
        opened(tmp_path)
    again = opened(tmp_path, key=b"n" * 32)
    assert [one.identifier for one in others] == held(again, others)
    assert "master_key_rotated" in [body.get("change") for body in told(again.database.waiting())]


def test_a_process_with_the_old_master_key_stops(directory: Path) -> None:
    """It neither keeps nor reveals under a key that opens nothing any more."""
    service, command = opened(directory), opened(directory)
    service.keep(accounts(2))
    command.rotate(Master(b"n" * 32), by="daniyar")
    with pytest.raises(StoreError, match="another master key"):
        service.keep(accounts(3))
    with pytest.raises(StoreError, match="another master key"):
        held(service, accounts(1))


def test_what_was_changed_in_the_file_is_damage_and_no_identifier(tmp_path: Path) -> None:
    """A changed seal, or another subject's in its place, is refused."""
    vault, subjects = opened(tmp_path), accounts(2)
    vault.keep(subjects)
    sealed, wrapped = vault.database.rows("SELECT sealed, wrapped FROM batches")[0]
    half = len(sealed) // 2
    for column, changed in (
        ("sealed", sealed[half:] + sealed[:half]),
        ("wrapped", wrapped[48:] + wrapped[:48]),
    ):
        with vault.database.change() as db:
            db.execute(f"UPDATE batches SET {column} = ?", (changed,))
        with pytest.raises(StoreError, match="damaged"):
            held(vault, subjects[:1])
        with vault.database.change() as db:
            db.execute("UPDATE batches SET sealed = ?, wrapped = ?", (sealed, wrapped))
    assert ["account-0"] == held(vault, subjects[:1])


def test_no_identifier_is_in_any_file_or_message(tmp_path: Path) -> None:
    """Law 7: canaries are kept, revealed, erased, wrapped anew; nothing shows them."""
    made, clock = tokens(), Clock()
    found = [made.of(kind, text) for kind, text in CANARIES]
    vault, seen = opened(tmp_path, clock), []
    fresh = made.taken()
    vault.keep(fresh)
    assert list(CANARIES) == [(one.kind, one.identifier) for one in fresh]
    seen += [repr(fresh), repr(made), repr(vault), str(vault.database.waiting())]
    held(vault, fresh)
    _look_into(tmp_path, seen)
    for token, roles, reason in (
        (found[0], [], REASON),
        (found[0], OFFICER, CANARIES[1][1]),
        (bytes(16), OFFICER, REASON),
    ):
        with pytest.raises(ArashaError) as fault:
            vault.reveal(token, by="a", roles=roles, reason=reason)
        seen.append("".join(traceback.format_exception(fault.value)))
    assert 7 == len(seen)
    vault.rotate(Master(b"n" * 32), by="daniyar")
    _look_into(tmp_path, seen)
    for token in found:
        vault.erase(token, by="aigul", roles=OFFICER, reason=REASON)
    vault.close()
    _look_into(tmp_path, seen)


def _look_into(directory: Path, seen: list[str]) -> None:
    """No canary in the files or the texts, as it is, without its prefix, or in two-byte letters."""
    places = [path.read_bytes() for path in directory.rglob("*") if path.is_file()]
    places += [text.encode() for text in seen]
    assert len(places) > len(seen)
    for _, text in CANARIES:
        for spelling in (text.encode(), text[2:].encode(), text.encode("utf-16-le")):
            assert not any(spelling in place for place in places)


def test_tokens_tell_what_is_new_once_until_they_forget() -> None:
    """The second time an identifier comes it is not told; after a failed keep it is, again."""
    made = tokens()
    for text in ("a", "b", "a"):
        made.of(PartyKind.ACCOUNT, text)
    made.of(PartyKind.END_TO_END, "not kept")
    assert ["a", "b"] == [one.identifier for one in made.taken()]
    made.of(PartyKind.ACCOUNT, "a")
    assert [] == made.taken()
    made.of(PartyKind.ACCOUNT, "c")
    made.forget()
    made.of(PartyKind.ACCOUNT, "a")
    assert ["a"] == [one.identifier for one in made.taken()]


def test_tokens_that_do_not_remember_tell_nothing() -> None:
    """A replay of a file keeps no identifiers, not even in memory for a vault."""
    made = Tokens(KEY)
    made.of(PartyKind.ACCOUNT, "a")
    with pytest.raises(AssertionError):
        made.taken()


def test_the_index_finds_what_a_killed_process_kept(directory: Path) -> None:
    """Opened without the first one closed: all that was acknowledged is there."""
    vault, subjects = opened(directory), accounts(50)
    for start in range(0, 50, 10):
        vault.keep(subjects[start : start + 10])
    again = opened(directory)
    assert (50, 0) == (len(again), again.keep(subjects))
    assert isinstance(again._index, Uniqueness)


def test_a_bank_is_told_of_its_own_customer_on_record(directory: Path) -> None:
    """Without a budget, with a reason; what was erased is not told."""
    vault, (subject,) = opened(directory), accounts(1)
    vault.keep([subject])
    for _ in range(REVEALS_PER_DAY + 1):
        assert "account-0" == vault.tell(subject.token, to="MULEBANK", reason="for hold h1.0")
    acts = told(vault.database.waiting())
    assert REVEALS_PER_DAY + 1 == len(acts)
    assert {("MULEBANK", "for hold h1.0")} == {(one["by"], one["reason"]) for one in acts}
    with pytest.raises(UsageError, match="a reason is needed"):
        vault.tell(subject.token, to="MULEBANK", reason="")
    vault.erase(subject.token, by="aigul", roles=OFFICER, reason=REASON)
    with pytest.raises(SubjectErased):
        vault.tell(subject.token, to="MULEBANK", reason="for hold h1.0")
