"""``arasha attachments erase``: the documents of a case come to their end.

In: the directory of the centre, which may be in use; a person's own token in ARASHA_TOKEN; a
reason. Out: the case's key destroyed, and what was under it; an entry says so and names nobody.
"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_rights import keep, say_where
from arasha.app.commands_vault import WhyOption, person_of
from arasha.app.options import AsJson, DataDirectory
from arasha.errors import UsageError


def erase(
    case: Annotated[str, Parameter(help="The case's id.")],
    /,
    *,
    data: DataDirectory,
    reason: WhyOption,
    json: AsJson = False,
) -> None:
    """Destroy the key of a case's documents, and them, for good; their hashes stay in the log.

    For an officer or administrator, who shows that by their own token in ARASHA_TOKEN. A case that
    became part of another has its own key: erase both.
    """
    from secrets import token_bytes

    from arasha.cases.attachments import Attachments
    from arasha.events.free_text import names_somebody
    from arasha.log.keys import KeyStore
    from arasha.vault.subjects import ERASERS

    person = person_of(data)
    if not person.roles & ERASERS:
        raise UsageError(f"{person.name} may have nothing erased",
                         expected="a role among " + ", ".join(sorted(ERASERS)))  # fmt: skip
    if not reason.strip() or names_somebody(reason):
        raise UsageError("a reason is needed, which names no account and no number")
    if not Attachments.exist(data):
        raise UsageError("nothing was ever attached here", found=str(data))
    attachments = Attachments.open(data, KeyStore(data), token_bytes)
    try:
        count = attachments.erase(case, by=person.name, reason=reason.strip())
        in_log = keep(data, [attachments.database])
    finally:
        attachments.close()
    if json:
        terminal.say_json({"case": case, "erased": count, "in_log": in_log})
        return
    terminal.say(f"{count} documents of case {case} are erased")
    say_where(in_log=in_log)
