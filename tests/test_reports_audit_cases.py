"""Cases, read a second time: merged, split, gathered by a ring."""

from __future__ import annotations

from arasha.cases import acts as a
from arasha.cases.acts import CENTRE
from audit_samples import broken, forged, read_of
from cases_driver import Driver
from cases_samples import ANALYST, KZT, SECOND, THIRD, room


def test_a_report_is_in_the_case_that_the_domain_has_it_in() -> None:
    """Whatever was merged, split or gathered; and the case leads to the same accounts."""
    for seed in range(400):
        here = Driver(95_000 + seed).run(60)
        reading = read_of(here.entries)
        cases = {name: one.case for name, one in here.state.reports.items()}
        assert cases == {name: one.case for name, one in reading.reports.items()}, seed
        assert here.state.case_at == reading.open_case, seed
        for name, case in here.state.cases.items():
            assert case.ring == reading.cases[name].ring, (seed, name)


def test_a_merged_and_a_split_case_keep_their_reports_and_hands() -> None:
    """Legitimate then frees what stands on all of them."""
    here = room()
    here.hold(here.report())
    other = here.report(payee=SECOND, payment="b" * 32)
    here.hold(other)
    for name in ("c1", "c3"):
        here.do(ANALYST, a.CaseTaken(name))
    here.do(ANALYST, a.CaseMerged("c3", "c1"))
    here.do(ANALYST, a.CaseSplit("c1", (SECOND,)))
    reading = read_of(here.entries)
    assert "c8" == reading.reports[other.id].case
    assert {"aigul"} == reading.hands_of("h4.0")
    here.do(ANALYST, a.CaseTaken("c8"))
    here.do(ANALYST, a.CaseClosed("c8", "legitimate", worth_it=False))
    reading = read_of(here.entries)
    assert (None, "released") == (reading.holds["h2.0"].ended, reading.holds["h4.0"].ended)


def test_fraud_in_what_is_only_a_question_is_found() -> None:
    """Resemblance alone is no ground for anything."""
    here = room()
    here.do(CENTRE, a.RingFound(0, KZT, (), (SECOND, THIRD)))
    here.do(ANALYST, a.CaseTaken("c1"))
    assert {} == broken(here.entries)
    fraud = forged(here, ANALYST, a.CaseClosed("c1", "fraud", worth_it=True))
    assert {"ground"} == broken(fraud).keys()
