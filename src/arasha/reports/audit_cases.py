"""The second reading of cases: which report and account is in which, and whose hands they had.

Below audit_taking.py. In: a reading and an act that was done. Out: the same reading, further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from arasha.cases import acts as a
from arasha.cases.rings import MAX_ALERTS, MAX_NOTES, MAX_REPORTS
from arasha.reports.audit_holds import fallen
from arasha.reports.audit_reading import Doing, Reading
from arasha.reports.audit_records import CaseRead, ReportRead

_PATTERNS: Final = get_args(a.Pattern)


def take_report(reading: Reading, doing: Doing, act: a.ReportTaken) -> None:
    """A report; it can be a ground from when the victim's bank stands for it."""
    attested = act.attested and act.sender == act.bank
    gather_report(
        reading, doing,
        ReportRead(
            act.report, doing.seq, act.sender, act.bank, act.amount_minor, act.currency, act.payer,
            act.payee, act.payment or act.report, act.paid_ms, doing.at_ms if attested else None,
            "",
        ),
        act.payment,
    )  # fmt: skip


def gather_report(reading: Reading, doing: Doing, report: ReportRead, payment: str | None) -> None:
    """A report goes to the case of its payee, and what was an alert about its payment into it."""
    case = _case_at(reading, doing, report.payee, report.currency)
    report.case = case.id
    reading.reports[report.id] = report
    case.reports.append(report.id)
    case.alerts = [one for one in case.alerts if one[1] != payment]


def raise_alert(reading: Reading, doing: Doing, act: a.AlertRaised) -> None:
    """A payment that was stopped: its payee has a case."""
    case = _case_at(reading, doing, act.subject, act.currency)
    if len(case.alerts) < MAX_ALERTS:
        case.alerts.append((act.subject, act.payment))


def find_ring(reading: Reading, doing: Doing, act: a.RingFound) -> None:
    """Accounts that hang together: a confirmed one among them makes one case of theirs."""
    accounts = {*act.confirmed, *act.others}
    names = {reading.open_case.get((one, act.currency), "") for one in accounts}
    names |= {reading.ring_at.get(one, "") for one in accounts}
    cases = [reading.cases[name] for name in names if name]
    cases = [one for one in cases if one.is_open and one.currency == act.currency]
    cases.sort(key=lambda one: (one.opened_ms, int(one.id[1:])))
    if act.confirmed and cases:
        return _gather(reading, doing, cases, act)
    loose = [one for one in cases if one.confirmed and one.ring & accounts]
    for case in loose:
        _unkey(reading, case)
        case.ring -= accounts
        case.confirmed -= accounts
        case.labelled -= accounts
        key(reading, case)
    if not loose:
        new = new_case(reading, doing, act.currency, set(act.confirmed))
        new.ring, new.confirmed = accounts, set(act.confirmed)
        new.labelled = set(act.labelled)
        key(reading, new)
    return None


def gather(reading: Reading, doing: Doing, cases: list[CaseRead]) -> tuple[CaseRead, set[str]]:
    """All but those that somebody else has, and those that do not fit, as one case; and who stays
    apart with these.
    """
    had = [one for one in cases if doing.at_ms < one.had_until_ms]
    target, apart = (had or cases)[0], set[str]()
    for case in cases:
        if case is target:
            continue
        if case in had or not _fits(target, case):
            apart |= case.keys if case.pattern is None else case.ring
            continue
        _join(reading, case, target)
    return target, apart


def _gather(reading: Reading, doing: Doing, cases: list[CaseRead], act: a.RingFound) -> None:
    """What a confirmed ring makes of the cases at its accounts."""
    target, apart = gather(reading, doing, cases)
    target.ring |= {*act.confirmed, *act.others} - apart
    target.confirmed |= set(act.confirmed)
    target.labelled |= set(act.labelled)
    target.subjects = target.subjects or set(target.confirmed)
    key(reading, target)


def _fits(into: CaseRead, case: CaseRead) -> bool:
    return (
        len(into.alerts) + len(case.alerts) <= MAX_ALERTS
        and len(into.reports) + len(case.reports) <= MAX_REPORTS
        and into.notes + case.notes <= MAX_NOTES
    )


def touch(reading: Reading, doing: Doing, act: Any) -> None:
    """Somebody has done something to a case: a hand in it, and theirs for a lease."""
    case = _case(reading, doing, act.case)
    if case is None:
        return
    _had(reading, doing, case)
    case.notes += isinstance(act, a.CaseNoted)
    if isinstance(act, a.CaseLeft | a.CaseSnoozed):
        case.had_until_ms = 0


def close(reading: Reading, doing: Doing, act: a.CaseClosed) -> None:
    """What it was. Legitimate: its reports are no ground any more."""
    case = _case(reading, doing, act.case)
    if case is None:
        return
    if act.outcome == "fraud" and not case.subjects:
        reading.found("ground", doing, case.id, "fraud was found where nothing is confirmed")
    _had(reading, doing, case)
    case.is_open, case.outcome, case.had_until_ms = False, act.outcome, 0
    case.closed_ms = doing.at_ms
    _unkey(reading, case)
    if act.outcome == "legitimate":
        fallen(reading, doing, [reading.reports[name] for name in case.reports], "not_fraud")
        for one in reading.suspensions.values():
            if one.case == case.id:
                one.lift(doing.at_ms, "not_fraud", doing.by.name, doing.hands)


def check(reading: Reading, doing: Doing, act: a.CaseChecked) -> None:
    """Somebody looks at it again, who had no hand in it; it must be closed."""
    case = _case(reading, doing, act.case)
    if case is None:
        return
    if case.outcome is None:
        reading.found("order", doing, case.id, "a second look at a case that is not closed")
    if doing.by.name in case.hands:
        reading.found("people", doing, case.id,
                      f"{doing.by.name} had a hand in it and looked again")  # fmt: skip


def merge(reading: Reading, doing: Doing, act: a.CaseMerged) -> None:
    """One case becomes part of another, which is theirs who did it."""
    case, into = _case(reading, doing, act.case), _case(reading, doing, act.into)
    if case is not None and into is not None:
        _had(reading, doing, case)
        _join(reading, case, into)
        _had(reading, doing, into)


def split(reading: Reading, doing: Doing, act: a.CaseSplit) -> None:
    """Some accounts become a case of their own, with the same hands."""
    case = _case(reading, doing, act.case)
    if case is None:
        return
    _had(reading, doing, case)
    chosen = set(act.subjects)
    new = CaseRead(f"c{doing.seq}", case.currency, chosen, case.opened_ms, hands=set(case.hands))
    theirs = [name for name in case.reports if reading.reports[name].payee in chosen]
    new.reports, case.reports = theirs, [name for name in case.reports if name not in theirs]
    if case.pattern is not None:
        new.pattern, new.ring, new.ours = case.pattern, set(chosen), case.ours & chosen
        case.ours -= chosen
    new.alerts = [one for one in case.alerts if one[0] in chosen]
    case.alerts = [one for one in case.alerts if one[0] not in chosen]
    _unkey(reading, case)
    case.subjects -= chosen
    case.ring -= chosen
    case.confirmed -= chosen
    case.labelled -= chosen
    for name in theirs:
        reading.reports[name].case = new.id
    _suspensions_move(reading, case, new)
    reading.cases[new.id] = new
    key(reading, case)
    key(reading, new)


def _suspensions_move(reading: Reading, case: CaseRead, to: CaseRead) -> None:
    """Suspensions of numbers that the other case has now are its own."""
    for one in reading.suspensions.values():
        if one.case == case.id and one.number in to.subjects:
            one.case = to.id


def loosen(reading: Reading, report: ReportRead) -> None:
    """A report fell: what nothing else confirms of a ring is confirmed no longer."""
    case = reading.cases[report.case]
    others = [reading.reports[name] for name in case.reports if name != report.id]
    stands = any(
        one.payee == report.payee and one.attested_ms is not None and one.fell_ms is None
        for one in others
    )
    if not stands and report.payee not in case.labelled:
        if case.is_open:
            _unkey(reading, case)
        case.confirmed.discard(report.payee)
        if case.is_open:
            key(reading, case)


def _had(reading: Reading, doing: Doing, case: CaseRead) -> None:
    law = reading.in_force()
    case.hands |= doing.hands
    case.had_until_ms = law.desk.lease.after(doing.at_ms, law.calendar)


def _join(reading: Reading, case: CaseRead, into: CaseRead) -> None:
    _unkey(reading, case)
    case.is_open, case.merged_into, case.had_until_ms = False, into.id, 0
    into.hands |= case.hands
    into.subjects |= case.subjects
    into.ring |= case.ring
    into.confirmed |= case.confirmed
    into.labelled |= case.labelled
    into.reports += case.reports
    into.alerts += case.alerts
    into.notes += case.notes
    into.ours |= case.ours
    if case.pattern is not None:
        into.pattern = min(into.pattern or case.pattern, case.pattern, key=_PATTERNS.index)
    into.opened_ms = min(into.opened_ms, case.opened_ms)
    _suspensions_move(reading, case, into)
    for name in case.reports:
        reading.reports[name].case = into.id
    key(reading, into)


def _case(reading: Reading, doing: Doing, name: str) -> CaseRead | None:
    case = reading.cases.get(name)
    if case is None:
        reading.found("order", doing, name, "there is no such case")
    return case


def _case_at(reading: Reading, doing: Doing, subject: str, currency: int) -> CaseRead:
    """The open case of an account, or a new one."""
    case = reading.cases.get(reading.open_case.get((subject, currency), ""))
    if case is None:
        case = new_case(reading, doing, currency, {subject})
    case.subjects.add(subject)
    key(reading, case)
    return case


def new_case(reading: Reading, doing: Doing, currency: int, subjects: set[str]) -> CaseRead:
    """A case that this entry begins."""
    case = CaseRead(f"c{doing.seq}", currency, subjects, doing.at_ms)
    reading.cases[case.id] = case
    return case


def key(reading: Reading, case: CaseRead) -> None:
    """Its accounts lead to it; an account of its ring that leads elsewhere does so still."""
    for account in case.ring:
        reading.ring_at[account] = case.id
    for account in case.keys:
        if account in case.subjects:
            reading.open_case[account, case.currency] = case.id
        else:
            reading.open_case.setdefault((account, case.currency), case.id)


def _unkey(reading: Reading, case: CaseRead) -> None:
    for account in case.keys:
        if reading.open_case.get((account, case.currency)) == case.id:
            del reading.open_case[account, case.currency]


HOW: Final[Mapping[type[Any], Callable[..., None]]] = {
    a.ReportTaken: take_report,
    a.AlertRaised: raise_alert,
    a.RingFound: find_ring,
    a.CaseTaken: touch,
    a.CaseLeft: touch,
    a.CaseNoted: touch,
    a.CaseAttached: touch,
    a.CaseSnoozed: touch,
    a.CaseClosed: close,
    a.CaseChecked: check,
    a.CaseMerged: merge,
    a.CaseSplit: split,
}
"""How each act is read."""
