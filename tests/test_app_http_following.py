"""The service follows money to the accounts of crypto exchanges, and no further."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.app.http.following import Following
from arasha.cases.intake import Seen, read, report_of
from arasha.cases.records import Report
from arasha.engine.decide import Centre, decide
from arasha.engine.reigns import record_of
from arasha.events.records import ReportFiled
from arasha.events.schema import PartyKind
from arasha.log.log import Log
from arasha.policy.judge import Judge
from arasha.vault.rows import facts_from_records
from live_samples import NOW, NOW_MS, TOKENS, payment, policy

BANKS = {"BANKKZKA", "MULEBANK"}


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """A theft: the victim's money goes to a mule, and most of it on to another account, which pays
    a third; a report of it.
    """
    made = Log.create(tmp_path / "log", created_at_ms=0)
    of = policy(tmp_path)
    made.append(record_of(of, NOW_MS))
    way = [("victim", "mule", "900000.00"), ("mule", "coins", "800000.00"),
           ("coins", "third", "700000.00")]  # fmt: skip
    judge = Judge(of)
    centre = Centre(made, judge, judge.fresh_state())
    for number, (payer, payee, amount) in enumerate(way):
        paid = payment(
            number, id=f"p-{number}", payer_account=payer, payee_account=payee, amount=amount,
            payer_bank="BANKKZKA", payee_bank="MULEBANK",
        )  # fmt: skip
        decide(centre, facts_from_records([paid], "BANKKZKA", TOKENS), now_ms=NOW_MS + number)
    report = ReportFiled(id="r", happened_at=NOW, payment="p-0", attested=True)
    decide(centre, facts_from_records([report], "BANKKZKA", TOKENS), now_ms=NOW_MS + 9)
    return made


def token(account: str) -> str:
    return TOKENS.of(PartyKind.ACCOUNT, account).hex()


def reported(log: Log) -> Report:
    """The report as the desk has it."""
    (seen,) = (one for one in read(log, 0, log.size) if isinstance(one, Seen))
    said = report_of(log, seen, log.seqs_of, BANKS)
    assert said is not None
    return Report(
        id=said.report, seq=seen.place, taken_ms=NOW_MS + 10, sender=said.sender, bank=said.bank,
        amount_minor=said.amount_minor, currency=said.currency, payer=said.payer, payee=said.payee,
        payee_bank=said.payee_bank, paid_ms=said.paid_ms, payment=said.payment, device=None,
        number=None, typology=None, attested=True, case="c1",
    )  # fmt: skip


def test_what_reaches_an_exchange_has_left_the_network(log: Log) -> None:
    """From the list as it is at that moment: put on it, taken off, on an account not seen yet."""
    listed: list[str] = []
    following = Following(lambda: BANKS, lambda: listed)
    report = reported(log)
    following.catch_up(log, log.size)

    def held() -> dict[str, int]:
        return {account: amount for account, _, amount, _ in following.targets(report)}

    def left() -> int:
        found = following.follow([report])
        assert found is not None
        return found.trace.total("crypto").lifo

    through = held()
    assert token("third") in through
    assert 0 == left()
    listed[:] = [token("coins"), token("nobody yet")]
    assert {token("mule"): 10_000_000} == held()
    assert 80_000_000 == left()
    listed[:] = [token("third")]
    assert token("third") not in held()
    assert 70_000_000 == left()
    listed.clear()
    assert (through, 0) == (held(), left())
