"""Calls and changes, as the kernels make them."""

from __future__ import annotations

import numpy as np

from arasha.country.society import BusinessKind, NumberKind
from arasha.events.schema import ACCOUNT_CHANGES, SIM_CHANGES, Kind
from country_people import days, parameters


def test_people_mostly_call_those_they_know() -> None:
    """Most calls between people are between contacts, and the closest are called most."""
    own, happened = days(7)
    known = total = close = 0
    for one in happened:
        calls = one.take(one.kind == Kind.CALL)
        private = own.numbers.kind[calls.first] == NumberKind.PERSON
        private &= own.numbers.kind[calls.second] == NumberKind.PERSON
        for first, second in zip(
            own.numbers.owner[calls.first[private]][:400].tolist(),
            own.numbers.owner[calls.second[private]][:400].tolist(), strict=True,
        ):  # fmt: skip
            contacts = own.people.contacts_of(first)
            places = np.flatnonzero(contacts == second)
            total += 1
            known += len(places) > 0
            close += bool(len(places) and places[0] < len(contacts) / 4)
    assert 0.75 < known / total < 0.98
    assert close > 0.5 * known


def test_banks_clinics_and_schools_call() -> None:
    """Businesses call people; a school only those with children there."""
    own, happened = days(7)
    callers = np.concatenate([one.first[one.kind == Kind.CALL] for one in happened])
    callees = np.concatenate([one.second[one.kind == Kind.CALL] for one in happened])
    by_business = own.numbers.kind[callers] == NumberKind.BUSINESS
    kinds = own.businesses.kind[own.numbers.owner[callers[by_business]]]
    assert {BusinessKind.BANK, BusinessKind.CLINIC, BusinessKind.SCHOOL, BusinessKind.EMPLOYER} == (
        set(kinds.tolist())
    )
    parents = own.numbers.owner[callees[by_business][kinds == BusinessKind.SCHOOL]]
    assert (own.people.children[parents] > 0).all()


def test_changes_come_at_their_rates() -> None:
    """Over five weeks each change is as frequent as its parameter says, within four deviations."""
    own, happened = days(35)
    rows = [one.take((one.kind == Kind.ACCOUNT_CHANGE) | (one.kind == Kind.SIM_CHANGE))
            for one in happened]  # fmt: skip

    def count(kind: Kind, code: str) -> int:
        codes = SIM_CHANGES if kind == Kind.SIM_CHANGE else ACCOUNT_CHANGES
        return sum(int(((one.kind == kind) & (one.code == codes.index(code))).sum())
                   for one in rows)  # fmt: skip

    p = parameters().section("changes")
    days_lived = 35 * len(own.people)
    for kind, code, rate in (
        (Kind.ACCOUNT_CHANGE, "device_added", p["new_phone"]),
        (Kind.ACCOUNT_CHANGE, "limit_raised", p["limit_raised"]),
        (Kind.ACCOUNT_CHANGE, "credentials_reset",
         p["credentials_reset"] + p["new_phone"] * p["new_phone_new_credentials"]),
        (Kind.SIM_CHANGE, "swapped", p["sim_swapped"] + p["new_phone"] * p["new_phone_new_sim"]),
        (Kind.SIM_CHANGE, "activated", p["number_changed"]),
        (Kind.SIM_CHANGE, "ported_in", p["ported"]),
    ):  # fmt: skip
        wanted = rate * days_lived
        assert abs(count(kind, code) - wanted) < 4 * np.sqrt(wanted) + 1, code


def test_unanswered_calls_have_no_length() -> None:
    """A call is answered in about the share that its sort says; then it has a length."""
    _, happened = days(7)
    lengths = np.concatenate([one.duration_ms[one.kind == Kind.CALL] for one in happened])
    assert (lengths[lengths > 0] >= 1_000).all()
    assert 0.6 < (lengths > 0).mean() < parameters()["calls.contacts.answered"]
