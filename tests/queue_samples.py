"""A centre with a queue: many open cases of several kinds, and the people who work on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from arasha.cases.acts import CENTRE, AlertRaised, AnyAct, ReportTaken
from arasha.cases.calendar import HOUR_MS, MINUTE_MS
from arasha.cases.refusals import Refusal
from arasha.cases.writer import Writer
from arasha.engine.reigns import record_of
from arasha.events.records import milliseconds
from arasha.log.log import Log
from arasha.policy.document import load
from cases_samples import KZT, kz
from live_samples import WITH_FALLBACK
from pages_samples import BANKS, PROXY, Staged
from policy_samples import written
from service_samples import now, participant, serving
from test_app_http_acting import LAW, people

CASES: Final = 72
"""More than a page of the queue has."""

TYPOLOGIES: Final = ("loan", "safe_account", None)


def cases(count: int, at_ms: int) -> list[AnyAct]:
    """What begins so many cases: two of three are reports, each third an alert."""
    acts: list[AnyAct] = []
    for number in range(count):
        typology, name = TYPOLOGIES[number % 3], f"{number + 1:030x}"
        amount_minor = 100_00 * (number + 1) ** 3
        if typology is None:
            acts.append(AlertRaised(
                number, f"{name}0a", f"{name}0b", amount_minor, KZT, 900 - number,
                BANKS[0], BANKS[number % 2],
            ))  # fmt: skip
            continue
        acts.append(ReportTaken(
            f"{name}01", number, BANKS[number % 2], BANKS[number % 2], amount_minor, KZT,
            f"{name}02", f"{name}03", at_ms - 30 * MINUTE_MS, payee_bank="OTHERBNK",
            payment=f"{name}04", typology=typology,
        ))  # fmt: skip
    return acts


@contextmanager
def queued(folder: Path, count: int = CASES, *words: str) -> Iterator[Staged]:
    """A service whose queue has so many cases."""
    directory = folder / "centre"
    keys = {name: participant(directory, name) for name in BANKS} | people(directory)
    policy = written(folder, WITH_FALLBACK)
    start_ms = milliseconds(now()) - 2 * HOUR_MS
    with Log.create(directory, created_at_ms=start_ms) as log:
        log.append(record_of(load(policy), start_ms))
        writer = Writer.open(log)
        writer.begin(kz(), start_ms)
        taken = writer.do_all(CENTRE, cases(count, start_ms), start_ms + MINUTE_MS)
        assert not [one for one in taken if isinstance(one, Refusal)]
    with serving(directory, policy, "--law", str(LAW), *PROXY, *words, keys=keys) as served:
        yield Staged(served)
        assert 0 == served.stop()
