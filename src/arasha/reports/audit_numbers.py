"""The second reading of an operator's numbers: cases of what was found, and suspensions.

Below audit_reading.py. In: a reading and an act that was done. Out: the same reading, further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from arasha.cases import acts as a
from arasha.reports.audit_cases import gather, key, new_case
from arasha.reports.audit_reading import Doing, Reading
from arasha.reports.audit_records import CaseRead, SuspensionRead

AGAIN_MS: Final = 30 * 86_400_000
_PATTERNS: Final = get_args(a.Pattern)


def find(reading: Reading, doing: Doing, act: a.NumbersFound) -> None:
    """What was found is one case; of what was answered lately nobody is asked again."""
    named = {one.number for one in act.numbers}
    ours = {one.number: one.is_ours for one in (*act.numbers, *act.tied)}
    known = {reading.ring_at.get(one, "") for one in ours}
    cases = [reading.cases[name] for name in known if name and reading.cases[name].is_open]
    cases.sort(key=lambda one: (one.opened_ms, int(one.id[1:])))
    if cases:
        case, apart = gather(reading, doing, cases)
        kept = ours.keys() - apart
        case.pattern = min(case.pattern or act.pattern, act.pattern, key=_PATTERNS.index)
    else:
        kept = {one for one in ours if not _answered(reading, one, act.pattern, doing.at_ms)}
        case = new_case(reading, doing, reading.in_force().currency, set())
        case.pattern = act.pattern
    case.subjects |= named & kept
    case.ring |= kept
    case.ours |= {one for one in kept if ours[one]}
    key(reading, case)


def suspend(reading: Reading, doing: Doing, act: a.NumberSuspended) -> None:
    """A number makes no calls."""
    law, name = reading.in_force(), f"s{doing.seq}"
    case = reading.cases.get(act.case)
    if case is None or not (case.is_open or case.outcome == "fraud"):
        reading.found("suspension", doing, name, "its case is neither open nor closed as fraud")
    elif act.number not in case.ours:
        reading.found("suspension", doing, name, "its case does not name it as the operator's own")
    elif act.number not in case.subjects and case.outcome != "fraud":
        reading.found("suspension", doing, name, "it is only tied to others, of an open case")
    numbers = law.numbers
    if numbers is None or act.until_ms > numbers.suspended.after(doing.at_ms, law.calendar):
        reading.found("end", doing, name, "it is to last longer than the law allows")
    second = doing.seconds[0] if doing.seconds else None
    reading.suspensions[name] = SuspensionRead(
        name, act.number, act.case, act.basis, law.hash, doing.by.name, second, doing.at_ms,
        act.until_ms, hands=doing.hands,
    )  # fmt: skip
    reading.references[act.reference] = name


def tell(reading: Reading, doing: Doing, act: a.SuspensionTold) -> None:
    """Whoever has the number was told."""
    if (one := _standing(reading, doing, act.suspension)) is not None:
        one.told_ms = doing.at_ms


def lift(reading: Reading, doing: Doing, act: a.SuspensionLifted) -> None:
    """Somebody lifts it."""
    if (one := _standing(reading, doing, act.suspension)) is not None:
        one.lift(doing.at_ms, act.why, doing.by.name, doing.hands)


def end(reading: Reading, doing: Doing, act: a.SuspensionEnded) -> None:
    """Its end is put on record."""
    one = reading.suspensions.get(act.suspension)
    if one is None:
        return reading.found("order", doing, act.suspension, "there is no such suspension")
    if one.over_ms is None:
        one.over_ms = min(one.until_ms, doing.at_ms)
    return None


def _standing(reading: Reading, doing: Doing, name: str) -> SuspensionRead | None:
    one = reading.suspensions.get(name)
    if one is None or not one.stands(doing.at_ms):
        reading.found("order", doing, name, "there is no such suspension, or it is over")
        return None
    return one


def _answered(reading: Reading, number: str, pattern: str, at_ms: int) -> bool:
    case: CaseRead | None = reading.cases.get(reading.ring_at.get(number, ""))
    if case is None or case.closed_ms is None or case.pattern != pattern:
        return False
    return at_ms < case.closed_ms + AGAIN_MS


HOW: Final[Mapping[type[Any], Callable[..., None]]] = {
    a.NumbersFound: find,
    a.NumberSuspended: suspend,
    a.SuspensionTold: tell,
    a.SuspensionLifted: lift,
    a.SuspensionEnded: end,
}
"""How each act is read."""
