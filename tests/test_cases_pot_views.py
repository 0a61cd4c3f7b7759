"""Who shares a pot, as it is told."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.pot_views import shared_pot, shares_by_law
from cases_samples import ANALYST, BANK, OTHER_BANK, SECOND, bank, room


def test_a_pot_says_in_words_whose_claims_share_it() -> None:
    """Each claim with what is held for it now; no party is named."""
    here = room()
    first = here.report(amount_minor=60_000, payment="1" * 32)
    (one,) = here.hold(first)
    here.do(bank(BANK), a.HoldAnswered(one.id, 50_000, "balance"))
    assert shared_pot(here.state, here.hold_now(one)) is None
    second = here.report(amount_minor=40_000, payment="2" * 32)
    (other,) = here.hold(second)
    here.do(bank(BANK), a.HoldAnswered(other.id, 0, "balance"))
    pot = shared_pot(here.state, here.hold_now(other))
    assert pot is not None
    assert [(one.id, 60_000, 50_000), (other.id, 40_000, 0)] == [
        (claim.hold, claim.claim_minor, claim.held_minor) for claim in pot.claims
    ]
    assert (
        f"50000 are held once, for 2 claims: 50000 of 60000 for report {first.id[:8]} "
        f"(hold {one.id}); 0 of 40000 for report {second.id[:8]} (hold {other.id}). "
        "When money goes back each gets the same part of what it claims."
    ) == pot.words(str)
    assert first.payee not in pot.words(str)


def test_a_claim_says_no_more_than_is_still_missing() -> None:
    """What is held elsewhere for it is claimed no longer; a hold that is over shares nothing."""
    here = room()
    report = here.report(amount_minor=60_000, payment="1" * 32)
    (one,) = here.hold(report)
    here.do(bank(BANK), a.HoldAnswered(one.id, 20_000, "balance"))
    (elsewhere,) = here.hold(report, (SECOND, OTHER_BANK, 40_000))
    here.do(bank(OTHER_BANK), a.HoldAnswered(elsewhere.id, 40_000))
    (other,) = here.hold(here.report(amount_minor=5_000, payment="2" * 32))
    here.do(bank(BANK), a.HoldAnswered(other.id, 5_000))
    pot = shared_pot(here.state, here.hold_now(one))
    assert pot is not None
    assert 20_000 == pot.claims[0].claim_minor
    here.do(ANALYST, a.HoldReleased(one.id, "mistake"))
    assert shared_pot(here.state, here.hold_now(one)) is None
    assert shared_pot(here.state, here.hold_now(other)) is None


def test_shares_are_told_and_nothing_is_done() -> None:
    """What the law's rule would give each claim: 50,000 among 60,000 and 40,000."""
    here = room()
    (one,) = here.hold(here.report(amount_minor=60_000, payment="1" * 32))
    here.do(bank(BANK), a.HoldAnswered(one.id, 50_000, "balance"))
    (other,) = here.hold(here.report(amount_minor=40_000, payment="2" * 32))
    here.do(bank(BANK), a.HoldAnswered(other.id, 0, "balance"))
    before = dict(here.state.holds)
    expected = {one.id: 30_000, other.id: 20_000}
    assert expected == shares_by_law(here.state, here.hold_now(one))
    assert expected == shares_by_law(here.state, here.hold_now(other))
    assert before == here.state.holds
