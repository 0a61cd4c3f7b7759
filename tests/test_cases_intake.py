"""What the log holds for the desk: stopped payments and reports, as acts of the centre."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arasha.cases import intake
from arasha.cases.acts import AlertRaised
from arasha.cases.intake import Seen, read, report_of
from arasha.engine.decide import Centre, decide
from arasha.engine.reigns import record_of
from arasha.events.records import PaymentReceived, Record, ReportFiled
from arasha.events.reference import digest16
from arasha.events.schema import PartyKind
from arasha.log.log import Log
from arasha.policy.judge import Judge
from arasha.vault.rows import facts_from_records
from live_samples import NOW, NOW_MS, TOKENS, payment, policy

BANKS = {"BANKKZKA", "MULEBANK"}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A log that a policy judges."""
    with Log.create(tmp_path / "log", created_at_ms=0) as log:
        of = policy(tmp_path)
        log.append(record_of(of, NOW_MS))
        yield log


def keep(log: Log, tmp_path: Path, *records: Record, sender: str = "BANKKZKA") -> None:
    """Have the records judged and kept, in one batch."""
    judge = Judge(policy(tmp_path))
    decide(Centre(log, judge, judge.fresh_state()), facts_from_records(records, sender, TOKENS),
           now_ms=NOW_MS)  # fmt: skip


def large(name: str, **values: Any) -> PaymentReceived:
    """A payment that the policy holds."""
    return payment(name, id=name, amount="2000000.00", payee_account=f"KZ-{name}", **values)


def filed(name: str, **values: Any) -> ReportFiled:
    return ReportFiled(id=name, happened_at=NOW, **values)


def token(account: str) -> str:
    return TOKENS.of(PartyKind.ACCOUNT, account).hex()


def test_stopped_payments_are_alerts_wherever_a_stretch_is_cut(log: Log, tmp_path: Path) -> None:
    """Each once; what was allowed is none."""
    small = payment("small", payer_account="KZ-other")
    keep(log, tmp_path, large("a"), small, large("b"), filed("r", payment="a"))
    whole = read(log, 0, log.size)
    assert [AlertRaised, AlertRaised, Seen] == [type(one) for one in whole]
    assert [token("KZ-a"), token("KZ-b")] == [
        one.subject for one in whole if isinstance(one, AlertRaised)
    ]
    for cut in range(log.size + 1):
        assert whole == read(log, 0, cut) + read(log, cut, log.size)


def test_an_alert_knows_its_payer_and_its_banks(log: Log, tmp_path: Path) -> None:
    """As the payment names them; what can be no name of a bank is none, and stops nothing."""
    banks = {"payer_bank": "BANKKZKA", "payee_bank": "MULEBANK"}
    keep(log, tmp_path, large("a", payer_account="KZ-payer", **banks), large("b"))
    alerts = [one for one in read(log, 0, log.size) if isinstance(one, AlertRaised)]
    between = [(one.payer_bank, one.payee_bank) for one in alerts]
    assert [("BANKKZKA", "MULEBANK"), (None, None)] == between
    assert token("KZ-payer") == alerts[0].payer
    assert [None, None, "A"] == [intake._named(one) for one in ("two words", "é", "A")]


def test_a_report_knows_its_payment(log: Log, tmp_path: Path) -> None:
    """Who paid whom how much, at which banks, by which device; not more than was paid."""
    paid = large("a", payer_bank="BANKKZKA", payee_bank="MULEBANK", device="D-1")
    report = filed("r", payment="a", attested=True, amount="3000000.00", currency="KZT",
                   typology="loan")  # fmt: skip
    keep(log, tmp_path, paid, report)
    seen = next(one for one in read(log, 0, log.size) if isinstance(one, Seen))
    taken = report_of(log, seen, log.seqs_of, BANKS)
    assert taken is not None
    assert (200_000_000, 398, "BANKKZKA", "MULEBANK", True, "loan") == (
        taken.amount_minor, taken.currency, taken.bank, taken.payee_bank, taken.attested,
        taken.typology,
    )  # fmt: skip
    assert (token("KZ-a"), digest16("BANKKZKA", "a").hex(), digest16("BANKKZKA", "r").hex()) == (
        taken.payee, taken.payment, taken.report,
    )  # fmt: skip
    assert taken.device == TOKENS.of(PartyKind.DEVICE, "D-1").hex()


def test_a_part_of_a_payment_can_be_disputed(log: Log, tmp_path: Path) -> None:
    """The smaller of the two; another currency says nothing about it."""
    keep(log, tmp_path, large("a"), filed("r", payment="a", amount="5.00", currency="KZT"),
         filed("s", payment="a", amount="5.00", currency="USD"))  # fmt: skip
    amounts = []
    for one in read(log, 0, log.size):
        if isinstance(one, Seen):
            taken = report_of(log, one, log.seqs_of, BANKS)
            assert taken is not None
            amounts.append(taken.amount_minor)
    assert [500, 200_000_000] == amounts


def test_nobody_reports_another_ones_payment_by_its_name(log: Log, tmp_path: Path) -> None:
    """The same id from another sender is another payment, and unknown."""
    keep(log, tmp_path, large("a"))
    keep(log, tmp_path, filed("r", payment="a", attested=True), sender="MULEBANK")
    (seen,) = (one for one in read(log, 0, log.size) if isinstance(one, Seen))
    assert report_of(log, seen, log.seqs_of, BANKS) is None


def test_a_report_may_name_accounts_alone(log: Log, tmp_path: Path) -> None:
    """With an amount it is one; without, nobody knows what is disputed."""
    whole = filed("r", payer_account="KZ1", payee_account="KZ2", amount="7.00", currency="KZT")
    keep(log, tmp_path, whole, filed("s", payer_account="KZ1", payee_account="KZ2"),
         filed("t", number="+77010000000"))  # fmt: skip
    taken = [
        report_of(log, one, log.seqs_of, BANKS)
        for one in read(log, 0, log.size)
        if isinstance(one, Seen)
    ]
    assert taken[0] is not None
    assert (700, None, "BANKKZKA") == (
        taken[0].amount_minor, taken[0].payee_bank, taken[0].bank,
    )  # fmt: skip
    assert [None, None] == taken[1:]
