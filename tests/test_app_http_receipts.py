"""Receipts over HTTP: to the bank, to whoever is held, to the auditor, and to nobody else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from arasha.engine.live_start import open_live
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.log.receipts import Proven, Receipt, check
from arasha.log.record import begin
from arasha.log.signing import Verifier
from arasha.log.trust import load_trust
from arasha.policy.document import load
from record_samples import ORIGIN
from recording_samples import policy_in
from service_samples import Served, participant, serving
from test_app_http_acting import LAW, call, people, reference_of, stolen


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A centre with banks, people, a law and a record."""
    folder = tmp_path_factory.mktemp("receipts")
    directory, policy = folder / "centre", policy_in(folder)
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK", "OTHERBNK")}
    keys |= people(directory)
    open_live(directory, load(policy), int(time.time() * 1000)).log.close()
    with Log.open(directory) as log:
        record = begin(log, directory, ORIGIN)
    (folder / "keys").write_text(record.keys_text)
    with serving(directory, policy, "--law", str(LAW), keys=keys) as service:
        yield service


@pytest.fixture(scope="module")
def trusted(served: Served) -> tuple[Verifier, ...]:
    """The public keys of its log."""
    return load_trust(served.directory.parent / "keys").logs


@pytest.fixture(scope="module")
def held(served: Served) -> str:
    """A hold that an officer confirmed, that was contested, and that was released."""
    hold = stolen(served, "p-held")
    call(served, "MULEBANK", "POST", f"/v1/holds/{hold}/answer", held_minor=100_000)
    call(served, "bolat", "POST", f"/v1/holds/{hold}/confirm", basis="kz:25-1")
    reference = reference_of(served, hold)
    call(served, None, "POST", "/v1/appeals", reference=reference)
    call(served, "erlan", "POST", f"/v1/holds/{hold}/release", why="not_fraud")
    return hold


def receipts(served: Served, name: str | None, path: str) -> dict[str, Receipt]:
    """All receipts under that path, by the act's word, as soon as a checkpoint has them all."""
    end = time.monotonic() + 60
    while (told := call(served, name, "GET", path))["later"]:
        assert time.monotonic() < end
        time.sleep(0.3)
    return {one["act"]: Receipt.parse(one["receipt"].encode()) for one in told["receipts"]}


def proven(found: dict[str, Receipt], trusted: tuple[Verifier, ...]) -> dict[str, Proven]:
    """What each of them proves, offline."""
    return {word: check(one, trusted) for word, one in found.items()}


def test_the_bank_has_a_receipt_of_each_act(
    served: Served, held: str, trusted: tuple[Verifier, ...]
) -> None:
    """The order, its own answer, the confirmation, the release: each is an entry of its kind."""
    found = proven(receipts(served, "MULEBANK", f"/v1/holds/{held}/receipts"), trusted)
    assert {"holds_placed", "hold_answered", "hold_confirmed", "hold_released"} <= found.keys()
    assert {Kind.HOLD} == {one.kind for one in found.values()}
    assert int(held[1:].partition(".")[0]) == found["holds_placed"].seq
    assert ORIGIN == found["holds_placed"].opened.checkpoint.origin
    for other in ("OTHERBNK", "BANKKZKA"):
        call(served, other, "GET", f"/v1/holds/{held}/receipts", 404)
    call(served, None, "GET", f"/v1/holds/{held}/receipts", 401)
    call(served, "ivan", "GET", f"/v1/holds/{held}/receipts", 403)
    call(served, "MULEBANK", "GET", "/v1/holds/h0.0/receipts", 404)
    assert "holds_placed" in receipts(served, "zhanar", f"/v1/holds/{held}/receipts")


def test_who_is_held_has_them_by_reference(
    served: Served, held: str, trusted: tuple[Verifier, ...]
) -> None:
    """Without an account: of the hold and of the appeal."""
    path = f"/v1/appeals/{reference_of(served, held)}/receipts"
    found = proven(receipts(served, None, path), trusted)
    assert Kind.APPEAL == found["appeal_opened"].kind
    assert {"holds_placed", "hold_released"} <= found.keys()
    call(served, None, "GET", f"/v1/appeals/{'0' * 20}/receipts", 404)
    call(served, None, "GET", f"/v1/appeals/a{held[1:]}/receipts", 403)


def test_the_auditor_has_one_of_every_entry(
    served: Served, held: str, trusted: tuple[Verifier, ...]
) -> None:
    """As a text; a reveal's, too. Others have none by place; what is too new is said to be."""
    receipts(served, "zhanar", f"/v1/holds/{held}/receipts")
    seq = int(held[1:].partition(".")[0])
    response: httpx.Response = served.request("GET", f"/v1/receipts/{seq}", name="zhanar")
    assert "text/plain; charset=utf-8" == response.headers["content-type"]
    assert seq == check(Receipt.parse(response.content), trusted).seq
    with Log.open(served.directory, writable=False) as log:
        size = log.size
    for name in ("bolat", "ivan", "MULEBANK"):
        call(served, name, "GET", f"/v1/receipts/{seq}", 403)
    call(served, None, "GET", f"/v1/receipts/{seq}", 401)
    for place in ("x", "01", "-1", str(2**63)):
        call(served, "zhanar", "GET", f"/v1/receipts/{place}", 404)
    later: Any = served.request("GET", f"/v1/receipts/{size + 10_000}", name="zhanar")
    assert (503, True) == (later.status_code, "not-in-a-checkpoint-yet" in later.text)
    assert "retry-after" in later.headers


def test_a_reveal_has_one(served: Served, held: str, trusted: tuple[Verifier, ...]) -> None:
    """The bank read its customer's account with its hold: that is on record, and proven."""
    call(served, "MULEBANK", "GET", f"/v1/holds/{held}")
    end = time.monotonic() + 60
    told: httpx.Response | None = None
    while told is None or told.status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.3)
        with Log.open(served.directory, writable=False) as log:
            reveals = log.places(Kind.REVEAL)
        if reveals:
            told = served.request("GET", f"/v1/receipts/{reveals[0]}", name="zhanar")
    assert Kind.REVEAL == check(Receipt.parse(told.content), trusted).kind


def test_nothing_of_a_party_is_readable_in_them(served: Served, held: str) -> None:
    """Neither an account nor its token: the entry is closed."""
    from test_app_http_acting import MULE

    found = receipts(served, "MULEBANK", f"/v1/holds/{held}/receipts")
    with Log.open(served.directory, writable=False) as log:
        from arasha.cases.projection import rebuilt

        hold = rebuilt(log).state.holds[held]
    for receipt in found.values():
        for word in (MULE, hold.account, hold.reference):
            assert word.encode() not in receipt.entry.ciphertext
            assert word not in receipt.text
