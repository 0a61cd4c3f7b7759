"""What follows an act by itself: when a report has become a ground, money is held and asked back.

In: what came of an act, in the thread that writes the log. Out: what came of the acts that follow:
hold orders at once to every bank on the money's way, then the recall. Where the money is, the
following says (following.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from arasha.app.http.following import Following
from arasha.cases.acts import CENTRE, AnyAct, HoldsPlaced, RecallOpened, RecallSent, Target
from arasha.cases.projection import Done
from arasha.cases.records import Recall, Report
from arasha.cases.writer import Writer

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE_CHARS: Final = 20


def drawn_reference() -> str:
    """A new reference: 100 random bits, so that it is never guessed."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_REFERENCE_CHARS))


class Recovering:
    """What one centre does by itself. ``now_ms`` is the time of an entry that is made now."""

    def __init__(self, following: Following, now_ms: Callable[[], int]) -> None:
        self._following, self._now_ms = following, now_ms

    def after(self, writer: Writer, done: Done) -> list[Done]:
        """When a report has become a ground: hold orders at once, then the recall."""
        followed: list[Done] = []
        for change in done.changes:
            if isinstance(change, Report):
                report = writer.state.reports[change.id]
                if report.attested and report.status == "open":
                    followed += self._report(writer, report)
        return followed

    def finish(self, writer: Writer) -> list[Done]:
        """What a crash kept from being done: grounds of which nothing came, and recalls that were
        opened with their holds, and not sent.
        """
        state, done = writer.state, list[Done]()
        for report in [one for one in state.reports.values() if one.attested]:
            if report.status != "open":
                continue
            recall = state.recalls.get(state.recall_of.get(report.id, ""))
            if recall is None:
                done += self._report(writer, report)
            elif recall.by == CENTRE.name and any(
                hold.placed_ms == recall.opened_ms for hold in state.holds_of_report(report.id)
            ):
                done += self._send(writer, recall)
        return done

    def _report(self, writer: Writer, report: Report) -> list[Done]:
        if any(True for _ in writer.state.holds_of_ground(report.ground)):
            return []
        targets = tuple(
            Target(account, bank, amount, drawn_reference(), came)
            for account, bank, amount, came in self._following.targets(report)
        )
        acts: list[AnyAct] = [HoldsPlaced(report.id, targets), RecallOpened(report.id)]
        taken = writer.do_all(CENTRE, acts, self._now_ms())
        done = [one for one in taken if isinstance(one, Done)]
        for change in [change for one in done for change in one.changes]:
            if isinstance(change, Recall):
                done += self._send(writer, change)
        return done

    def _send(self, writer: Writer, recall: Recall) -> list[Done]:
        """Ask the banks; nothing where that was done, or wants a person."""
        sent = writer.do(CENTRE, RecallSent(recall.id), self._now_ms())
        return [sent] if isinstance(sent, Done) else []
