"""A standby: it knows what the log's writer knows, and takes its place when that is free.

In: a log that another process writes. Out: a judge whose windows are where the log's end is, some
tenths of a second behind; and, when the writer is gone, the log, open for writing. Nothing that was
answered is lost by that: it was durable, so it is read before the place is taken up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from arasha.engine.again import stretches
from arasha.engine.live_start import Started, begin, catch_up, warm_up
from arasha.engine.reigns import Reign, policy_of, reigns_of
from arasha.errors import LogBusy, LogUnreachable, Place, UsageError
from arasha.events.schema import Kind
from arasha.log.keys import Shared
from arasha.log.log import Log
from arasha.policy.judge import Judge

ENTRIES_AT_ONCE: Final = 65_536
"""Entries that are read before any of them is taken in."""


def open_following(directory: Path, *, shared: Shared | None = None) -> Started:
    """Open the log of a directory while another process writes it, and catch up with it.

    Raises UsageError when there is no policy in it yet, LogError, LogUnreachable.
    """
    log = Log.follow(directory, shared=shared)
    try:
        reigns = reigns_of(log)
        if not reigns:
            raise UsageError(
                "there is nothing to follow yet", expected="a log with a policy in force",
                where=Place(file=str(directory)), hint="start the writer first, with --policy",
            )  # fmt: skip
        judge = Judge(reigns[-1].policy)
        warm_up(judge)
        first, state = begin(log, judge)
        catch_up(log, judge, state, first, log.size)
    except BaseException:
        log.close()
        raise
    return Started(log, reigns, judge, state, first)


class Follower:
    """Keeps what was started where the log's end is. ``reigns`` grow in place."""

    def __init__(self, started: Started) -> None:
        """``started`` is of `open_following`."""
        self.judge, self.state = started.judge, started.state
        self._log, self._reigns = started.log, started.reigns
        self._at = started.log.size

    def step(self) -> bool:
        """Take in what was appended, and the writer's place if it is free; whether it was.

        A database that gives no answer is asked again by the next step: nothing is taken in by
        half. Raises LogError when what is held here can no longer be trusted.
        """
        try:
            self._log.refresh()
            self._take_in()
            self._log.promote()
        except (LogBusy, LogUnreachable):
            return False
        self._take_in()
        return True

    def _take_in(self) -> None:
        log, stop = self._log, self._log.size
        reigns = self._new_reigns(self._at, stop)
        if reigns:
            judge = Judge(reigns[-1].policy)
            warm_up(judge)
            first, state = begin(log, judge)
            catch_up(log, judge, state, first, stop)
            self.judge, self.state, self._at = judge, state, stop
            self._reigns += reigns
        while self._at < stop:
            upto = min(stop, self._at + ENTRIES_AT_ONCE)
            if upto < stop:
                [last] = log.read(upto - 1, upto, classes=())
                judged = self.judge.policy.judges.kind
                upto += int(last.kinds[0] == judged)  # its decision stands right behind
            read = list(stretches(log, upto, start=self._at))  # all of it, or nothing
            for facts, known_at, _ in read:
                self.judge.absorb(self.state, facts, known_at)
            self._at = upto

    def _new_reigns(self, start: int, stop: int) -> list[Reign]:
        """The policies that were put in force among those entries."""
        return [
            Reign(seq, policy_of(self._log, self._log.directory, seq))
            for frame in self._log.read(start, stop, classes=(), missing="skip")
            for seq in (frame.first_seq + np.flatnonzero(frame.kinds == Kind.POLICY)).tolist()
        ]
