"""``arasha policy backtest``: a draft on the last days of a centre's own log.

In: the directory of a centre, a policy's file, days. Out: figures (reports/lookback.py), and the
same as a few lines. The work is engine/lookback.py's.
"""

from __future__ import annotations

import time
from pathlib import Path

from arasha.app import terminal
from arasha.app.tracing import is_log
from arasha.engine.live_start import warm_up
from arasha.engine.lookback import DAY_MS, OnProgress, look_back
from arasha.engine.reigns import reigns_of
from arasha.errors import UsageError
from arasha.events.schema import PAYMENT
from arasha.log.log import Log
from arasha.policy.document import load
from arasha.policy.judge import Judge
from arasha.policy.kinds import demanded
from arasha.reports import figures
from arasha.reports.lookback import Change, Figures, PolicyFigures, figures_of


def looked_back(
    directory: Path, policy: Path | None, days: int, *, on_progress: OnProgress
) -> Figures:
    """The figures. Raises UsageError, PolicyError, LogError."""
    if not is_log(directory):
        raise UsageError("there is no log here", expected="the directory of a centre",
                         found=str(directory))  # fmt: skip
    draft = None if policy is None else demanded(load(policy), PAYMENT)
    with Log.open(directory, writable=False) as log:
        reigns = reigns_of(log)
        if not reigns:
            raise UsageError("no policy is in force", expected="a log that a service has written",
                             found=str(directory))  # fmt: skip
        in_force = demanded(reigns[-1].policy, PAYMENT)
        if draft is not None:
            warm_up(Judge(draft))  # so that the time it takes is not the first batch's
        found = look_back(log, reigns, days, draft, on_progress=on_progress)
    return figures_of(
        found, in_force, draft, days=days, made_ms=time.time_ns() // 1_000_000
    )  # fmt: skip


def tell(found: Figures) -> None:
    """The figures on the terminal."""
    terminal.say(
        f"{found.payments:,} payments of {figures.day(found.first_ms // DAY_MS)} to "
        f"{figures.day(found.last_ms // DAY_MS)}; {found.frauds:,} are known to be "
        f"fraud, {found.goods:,} to be good"
    )
    for word, one in (("in force", found.now), ("draft", found.then)):
        if one is not None:
            terminal.say(_line(word, one, found.currency))
    for word, change in (
        ("newly hit", found.newly_hit), ("newly missed", found.newly_missed),
        ("newly stopped", found.newly_stopped), ("no longer stopped", found.no_longer_stopped),
    ):  # fmt: skip
        if change is not None:
            terminal.say(_changed(word, change))


def _line(word: str, one: PolicyFigures, currency: int) -> str:
    money = figures.money_short(one.stopped_minor, currency) if currency else figures.NOTHING
    return (
        f"{word:<18} {one.policy} ({one.hash[:12]}): {one.hits:,} hits, {one.stopped:,} stopped "
        f"({money}), {one.people:,} people bothered, precision {figures.percent(one.precision)}"
    )


def _changed(word: str, one: Change) -> str:
    return (
        f"{word:<18} {one.payments:,} payments, of them {one.frauds:,} frauds and {one.goods:,} "
        "good"
    )
