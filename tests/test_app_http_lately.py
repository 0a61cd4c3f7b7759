"""What was said lately is found again: by its token, as of then, and within bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from arasha.app.http.lately import Answered, Lately
from arasha.events.records import AccountChanged, PaymentReceived, Record, SignalAnswered
from arasha.events.schema import PartyKind
from arasha.vault.rows import facts_from_records
from live_samples import NOW, NOW_MS, TOKENS, payment

_DAY_MS = 86_400_000


def token(kind: PartyKind, name: str) -> str:
    return TOKENS.of(kind, name).hex()


ACCOUNT, NUMBER, DEVICE = PartyKind.ACCOUNT, PartyKind.NUMBER, PartyKind.DEVICE


def heard(lately: Lately, *records: Record, at_ms: int = NOW_MS, seq: int = 0) -> None:
    """Let it take these in, each a ms and an entry after the one before."""
    n = len(records)
    lately.observe(
        facts_from_records(list(records), "BANKKZKA", TOKENS), at_ms + np.arange(n),
        seq + np.arange(n),
    )  # fmt: skip


def opened(account: str, days_ago: int) -> AccountChanged:
    at = NOW - timedelta(days=days_ago)
    return AccountChanged(id=f"o-{account}", happened_at=at, account=account, change="opened")


def answered(number: str, answer: Any, name: str) -> SignalAnswered:
    return SignalAnswered(
        id=name, happened_at=NOW, number=number, signal="call_risk", answer=answer
    )


def paid(number: int, payer: str, device: str, **values: Any) -> PaymentReceived:
    return payment(number, id=f"p-{number}", payer_account=payer, device=device, **values)


def test_when_an_account_was_opened() -> None:
    """As it was said to have happened; what nobody has said, or not by then, is not known."""
    lately = Lately()
    heard(lately, opened("mule", 3), opened("other", 40))
    mule = token(ACCOUNT, "mule")
    assert NOW_MS - 3 * _DAY_MS == lately.opened_ms(mule, NOW_MS)
    assert lately.opened_ms(mule, NOW_MS - 4 * _DAY_MS) is None
    assert lately.opened_ms(token(ACCOUNT, "nobody"), NOW_MS) is None


def test_what_was_answered_about_a_number() -> None:
    """In classes, before a payment's place and not behind it, nor before there was a question."""
    lately = Lately()
    heard(
        lately, answered("n", "none", "s1"), answered("n", "on_call_10_30_min_unfamiliar", "s2"),
        answered("m", "none", "s3"), answered("n", "none", "s4"), seq=10,
    )  # fmt: skip
    told = lately.answers(token(NUMBER, "n"), NOW_MS + 1, before_seq=13)
    assert [Answered(11, NOW_MS + 1, "call_risk", "on_call_10_30_min_unfamiliar")] == told
    assert [] == lately.answers(token(NUMBER, "nobody"), 0, before_seq=99)


def test_who_paid_from_a_device() -> None:
    """By then; a cash machine is everybody's, and nobody's own."""
    lately = Lately()
    heard(
        lately, paid(1, "a", "d", channel="mobile"), paid(2, "b", "d"), paid(3, "c", "d"),
        paid(4, "e", "cash", channel="atm"), paid(5, "a", "mine", channel="web"),
    )  # fmt: skip
    device, a, b, c = (
        token(DEVICE, "d"), token(ACCOUNT, "a"), token(ACCOUNT, "b"), token(ACCOUNT, "c"),
    )  # fmt: skip
    assert {a, b} == lately.users_of(device, NOW_MS + 1)
    assert {a, b, c} == lately.users_of(device, NOW_MS + 9)
    assert frozenset() == lately.users_of(token(DEVICE, "cash"), NOW_MS + 9)
    assert [frozenset({a, c})] == lately.shared([a, c, token(ACCOUNT, "e")], NOW_MS + 9)
    assert [] == lately.shared([a, c], NOW_MS + 1)


def test_the_oldest_rows_go_first_and_the_order_stays() -> None:
    """Of more rows than are held the newest, whatever the batches they came in."""
    lately = Lately(rows_most=8)
    for start in range(0, 21, 3):
        some = [answered("n", "none", f"s{at}") for at in range(start, start + 3)]
        heard(lately, *some, at_ms=NOW_MS + start, seq=start)
    seqs = [one.seq for one in lately.answers(token(NUMBER, "n"), 0, before_seq=99)]
    assert list(range(13, 21)) == seqs
    heard(lately, *(answered("n", "none", f"t{at}") for at in range(30)), seq=100)
    seqs = [one.seq for one in lately.answers(token(NUMBER, "n"), 0, before_seq=999)]
    assert list(range(122, 130)) == seqs
