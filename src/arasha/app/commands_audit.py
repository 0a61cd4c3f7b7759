"""``arasha audit``: who held whom for how long on what ground, and whether the law was kept.

In: the directory of a centre, which may be in use. Out: tables, or one JSON object; exit code 1
when a law was broken. The work is reports/audit.py's. Parties are tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arasha.app import terminal
from arasha.app.options import AsJson, LogDirectory
from arasha.app.terminal import Exit
from arasha.errors import UsageError

if TYPE_CHECKING:
    from arasha.reports.audit import Audit

MAX_LISTED = 40
"""Rows that the terminal lists of each table; JSON has all."""


def audit(directory: LogDirectory, /, *, json: AsJson = False) -> Exit:
    """Answer for what was done, from the log alone. Exit code 1 when a law was broken.

    Every hold with its ground, authors, end and appeal; listings, reveals, views; what two people
    did, what followed in the shadow; figures by month. Each is read a second time, without the code
    that let it be done.
    """
    from arasha.app.tracing import is_log
    from arasha.log.log import Log
    from arasha.reports.audit import audit as audited
    from arasha.reports.audit_tables import as_object

    if not is_log(directory):
        raise UsageError("there is no log here", expected="the directory of a centre",
                         found=str(directory))  # fmt: skip
    with (
        Log.open(directory, writable=False) as log,
        terminal.progress("Reading acts", None, quiet=json) as advance,
    ):
        found = audited(log, on_progress=advance)
    if json:
        terminal.say_json(as_object(found, with_parties=True))
    else:
        tell(found)
    return Exit.FINDINGS if found.findings else Exit.OK


def tell(found: Audit) -> None:
    """The audit on the terminal."""
    from arasha.reports import audit_tables as tables
    from arasha.reports.figures import moment, offset
    from arasha.reports.trace_text import as_rich

    zone = offset(found.utc_offset_ms)
    terminal.say(
        f"{found.acts:,} acts of {found.size:,} entries, as of "
        f"{moment(found.at_ms, found.utc_offset_ms)} ({zone})"
        if found.acts
        else "no act in this log"
    )
    terminal.say(f"{found.size}:{found.root.hex()}")
    shown = [tables.laws(found), tables.by_month(found), tables.holds(found)]
    shown += [
        tables.suspensions(found),
        tables.listings(found),
        tables.two_people(found),
        tables.reveals(found),
    ]
    shown += [tables.views(found), tables.shadows(found)]
    if found.findings:
        shown.append(tables.findings(found))
    terminal.show(as_rich(one, MAX_LISTED) for one in shown if one.rows)
    terminal.say(
        f"{len(found.findings):,} times a law was broken."
        if found.findings
        else "No law was broken: no hold outlived its ground."
    )
