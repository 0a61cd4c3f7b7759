"""Look-ups: counters and never a history, and guessing is dear."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from arasha.cases import acts as a
from arasha.cases.lookups import PUBLIC_REPORTS, Buckets, is_reported, look_up
from arasha.cases.state import State
from cases_samples import ANALYST, MULE, STRANGER, kz, room

MINUTE_MS = 60_000


def test_counters_over_the_laws_windows() -> None:
    """What was reported, confirmed and cleared in 3, 30 and 180 days; each window half open."""
    here = room()
    report = here.report()
    here.do(ANALYST, a.CaseTaken(report.case))
    here.do(ANALYST, a.CaseClosed(report.case, "fraud", worth_it=True))
    start_ms = here.at_ms
    here.later(days=2)
    here.report(payment="c" * 32)
    found = look_up(here.state, MULE, here.at_ms)
    assert found.is_known
    assert {"reported": 2, "confirmed": 1, "cleared": 0} == found.windows["3 days"]
    for days, counted in ((3, 1), (30, 1), (180, 1)):
        at_ms = start_ms + days * 86_400_000
        window = look_up(here.state, MULE, at_ms).windows[f"{days} days"]
        assert (counted, 0) == (window["reported"], window["confirmed"])
    gone = look_up(here.state, MULE, start_ms + 182 * 86_400_000)
    assert not gone.is_known


def test_numbers_of_reports_are_counted_with_their_case() -> None:
    """Reported, confirmed and cleared, as its account is."""
    for outcome, what in (("fraud", "confirmed"), ("legitimate", "cleared")):
        here = room()
        report = here.report(number="e" * 32)
        here.do(ANALYST, a.CaseTaken(report.case))
        here.do(ANALYST, a.CaseClosed(report.case, outcome, worth_it=True))  # type: ignore[arg-type]  # one of the three
        found = look_up(here.state, "e" * 32, here.at_ms).windows["3 days"]
        assert (1, 1) == (found["reported"], found[what])


def test_nobody_knows_a_stranger() -> None:
    """Zeros, and no listing."""
    found = look_up(room().state, STRANGER, room().at_ms)
    assert (None, False) == (found.listed, found.is_known)


def test_a_wrong_guess_takes_twenty_asks() -> None:
    """Thirty guesses empty a bucket of 600; then three a minute are to be had."""
    buckets, law = Buckets(), kz()
    guesses = 0
    while buckets.wait_ms("BANK", law, 0) == 0:
        buckets.take("BANK", law, 0, known=False)
        guesses += 1
    assert 30 == guesses
    assert 1_000 == buckets.wait_ms("BANK", law, 0)
    assert 0 == buckets.wait_ms("BANK", law, 1_000)
    buckets.take("BANK", law, 1_000, known=False)
    assert 20_000 == buckets.wait_ms("BANK", law, 1_000)
    assert 0 == buckets.wait_ms("OTHER", law, 1_000)


@given(st.lists(st.tuples(st.integers(0, 120_000), st.booleans()), max_size=200))
def test_no_more_asks_than_the_bucket_and_the_rate_give(asks: list[tuple[int, bool]]) -> None:
    """Whatever the order, weighed: the bucket, what came in, and one wrong guess on credit."""
    buckets, law = Buckets(), kz()
    now_ms = weighed = 0
    for wait_ms, known in asks:
        now_ms += wait_ms
        if buckets.wait_ms("BANK", law, now_ms) == 0:
            buckets.take("BANK", law, now_ms, known=known)
            weighed += 1 if known else law.listing.wrong_guess
    came_in = now_ms * law.listing.asks_per_minute // MINUTE_MS
    assert weighed <= law.listing.asks + came_in + law.listing.wrong_guess


def test_anybody_is_told_from_three_robbed_people_on() -> None:
    """Each by an account of theirs, with a bank that stands for it; who reports twice is one."""
    here = room()
    for at, payer in enumerate(("6" * 32, "6" * 32, "7" * 32, "8" * 32)):
        assert not is_reported(here.state, MULE, here.at_ms)
        here.report(payer=payer, payment=f"{at}" * 32, number="e" * 32)
    assert PUBLIC_REPORTS == 3
    assert is_reported(here.state, MULE, here.at_ms)
    assert is_reported(here.state, "e" * 32, here.at_ms)
    assert not is_reported(here.state, STRANGER, here.at_ms)
    assert not is_reported(here.state, MULE, here.at_ms + 181 * 86_400_000)


def test_a_report_that_nobody_stands_for_counts_for_nobody() -> None:
    """Else anybody could have anybody's account called reported."""
    here = room()
    for at, payer in enumerate(("6" * 32, "7" * 32, "8" * 32)):
        here.report(payer=payer, payment=f"{at}" * 32, attested=False)
    assert not is_reported(here.state, MULE, here.at_ms)
    assert not is_reported(State(), MULE, 0)


def test_what_came_later_was_not_known_then() -> None:
    """Counters as of an instant count nothing that is newer."""
    here = room()
    here.report()
    then_ms = here.at_ms
    here.later(days=1)
    here.report(payment="c" * 32)
    assert 1 == look_up(here.state, MULE, then_ms).windows["3 days"]["reported"]
    assert 2 == look_up(here.state, MULE, here.at_ms).windows["3 days"]["reported"]
