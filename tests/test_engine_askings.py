"""How often banks may ask about a number: payments a day, answers a payment."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from arasha.engine.askings import MAX_ASKED_24H, MAX_OF_A_BANK, MAX_OF_A_SIGNAL, Askings
from arasha.events.records import SignalAnswered
from arasha.events.reference import digest16
from arasha.events.schema import SIGNALS, PartyKind
from arasha.events.symbols import code_bytes
from arasha.vault.rows import facts_from_records
from arasha.vault.tokens import Tokens

TOKENS = Tokens(bytes(32))
NUMBER, OTHER = (TOKENS.of(PartyKind.NUMBER, one) for one in ("+77010000001", "+77010000002"))
SIM, DEVICE = (SIGNALS.index(one) for one in ("sim_swap", "device_swap"))
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BANK, OTHER_BANK = code_bytes("BANKKZKA"), code_bytes("OTHERBNK")


def payment(turn: int, bank: str = "BANKKZKA") -> bytes:
    """The name of a payment among those of all banks."""
    return digest16(bank, f"p-{turn}")


def kept(askings: Askings, turn: int, at_ms: int, bank: str = "BANKKZKA") -> None:
    """An answer that stands in the log."""
    record = SignalAnswered(
        id=f"{turn}.a", happened_at=datetime.fromtimestamp(at_ms / 1000, UTC),
        number="+77010000001", signal="sim_swap", answer="none", payment=f"p-{turn}",
    )  # fmt: skip
    askings.take(facts_from_records([record], bank, TOKENS), np.array([at_ms], np.int64))


def test_payments_of_all_banks_count_together() -> None:
    """Up to the bound; then those alone that were asked about already."""
    askings = Askings()
    for turn in range(MAX_ASKED_24H):
        bank = "OTHERBNK" if turn % 2 else "BANKKZKA"
        assert None is askings.allow(NUMBER, code_bytes(bank), payment(turn, bank), (SIM,), turn)
    assert MAX_ASKED_24H == askings.asked_24h(NUMBER, 100)
    assert askings.allow(NUMBER, BANK, payment(99), (SIM,), 100)
    assert None is askings.allow(NUMBER, BANK, payment(0), (DEVICE,), 100)
    assert None is askings.allow(OTHER, BANK, payment(99), (SIM,), 100)
    assert None is askings.allow(NUMBER, BANK, payment(99), (SIM,), DAY_MS + 1)


def test_a_payment_has_so_many_answers_to_a_signal() -> None:
    """An exact time cannot be found by asking on; other signals may still be asked."""
    askings = Askings()
    for _ in range(MAX_OF_A_SIGNAL):
        assert None is askings.allow(NUMBER, BANK, payment(1), (SIM,), 0)
    assert askings.allow(NUMBER, BANK, payment(1), (SIM, DEVICE), 1)
    assert None is askings.allow(NUMBER, BANK, payment(1), (DEVICE,), 1)
    assert None is askings.allow(NUMBER, BANK, payment(2), (SIM,), 1)


def test_an_answer_counts_once_on_its_way_and_in_the_log() -> None:
    """And the log alone says as much, after a restart."""
    live, restarted = Askings(), Askings()
    for turn in range(MAX_ASKED_24H):
        bank = "OTHERBNK" if turn % 2 else "BANKKZKA"
        assert None is live.allow(NUMBER, code_bytes(bank), payment(turn, bank), (SIM,), turn)
        for askings in (live, restarted):
            kept(askings, turn, turn, bank)
    for _ in range(MAX_OF_A_SIGNAL - 1):
        for askings in (live, restarted):
            assert None is askings.allow(NUMBER, BANK, payment(6), (SIM,), 100)
    for askings in (live, restarted):
        assert MAX_ASKED_24H == askings.asked_24h(NUMBER, 100)
        assert askings.allow(NUMBER, BANK, payment(99), (SIM,), 100)
        assert askings.allow(NUMBER, BANK, payment(6), (SIM,), 100)


def test_no_bank_uses_up_what_others_need() -> None:
    """One that asks about a person again and again shuts itself out, and nobody else; also after a
    restart, from the log.
    """
    live, restarted = Askings(), Askings()
    for turn in range(MAX_OF_A_BANK):
        assert None is live.allow(NUMBER, BANK, payment(turn), (SIM,), turn)
        for askings in (live, restarted):
            kept(askings, turn, turn)
    for askings in (live, restarted):
        assert askings.allow(NUMBER, BANK, payment(99), (SIM,), 100)
        assert None is askings.allow(NUMBER, BANK, payment(3), (DEVICE,), 100)
        assert None is askings.allow(NUMBER, OTHER_BANK, payment(99, "OTHERBNK"), (SIM,), 100)


def test_what_is_over_is_let_go_of() -> None:
    """After a day; of numbers that nobody asks about any more, too."""
    askings = Askings()
    for turn in range(500):
        number = turn.to_bytes(16, "little")
        assert None is askings.allow(number, BANK, payment(turn), (SIM,), turn * HOUR_MS)
    assert 25 > len(askings._numbers)
