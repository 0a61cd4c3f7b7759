"""The claim is scored: this payment, its account, its device. Never a person."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.claims import score_claim
from arasha.cases.records import Report
from cases_samples import OFFICER, SECOND, STRANGER, THIRD, Room, room

DEVICE = "d" * 32
DAY_MS = 86_400_000


def scored(here: Room, report: Report) -> tuple[int, tuple[str, ...]]:
    return score_claim(here.state, report, here.at_ms)


def test_a_first_claim_is_nothing_to_look_at() -> None:
    """However large."""
    here = room()
    assert (0, ()) == scored(here, here.report(amount_minor=10**12))


def test_what_counts() -> None:
    """Earlier claims of the account, unfounded ones, the same payee, the device, the delay."""
    here = room()
    first = here.report(payment="b" * 32, payee=SECOND)
    assert (100, ("earlier_claims",)) == scored(here, here.report(payment="c" * 32))
    here.do(OFFICER, a.ReportWithdrawn(first.id))
    late = here.report(payment="d" * 32, payee=SECOND, paid_ms=here.at_ms - 31 * DAY_MS)
    assert (200 + 250 + 200 + 150, ("earlier_claims", "unfounded_claims", "same_pair", "late")) == (
        scored(here, late)
    )


def test_a_device_that_claims_for_many_accounts() -> None:
    """Two other accounts, and the third is looked at."""
    here = room()
    for number, payer in enumerate((SECOND, THIRD)):
        here.report(payer=payer, payment=f"{number:032x}", device=DEVICE)
    assert (300, ("device_of_many",)) == scored(here, here.report(device=DEVICE))
    assert (0, ()) == scored(here, here.report(payer=STRANGER, payment="9" * 32))


def test_old_claims_and_second_reports_of_one_payment_do_not_count() -> None:
    """Half a year back; who reports the same payment twice is no abuser."""
    here = room()
    here.report(payment="b" * 32, payee=SECOND)
    here.report()
    assert 100 == scored(here, here.report())[0]
    here.later(days=181)
    assert (0, ()) == scored(here, here.report(payment="c" * 32))
