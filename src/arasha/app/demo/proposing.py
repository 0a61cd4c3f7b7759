"""A draft that waits for a publisher: what an author of the centre wrote, tried and asked for.

In: the policy in force, the log of its past. Out: as the console leaves it: what the policy in
force has done, counted; a draft with its backtest (app/http/drafts.py); and the request for a
second person.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from arasha.app.demo.people import AUTHOR
from arasha.app.http.drafts import Drafts, Written
from arasha.cases.acts import PolicyChosen, Requested
from arasha.cases.projection import Done
from arasha.engine.lookback import look_back
from arasha.engine.reigns import Reign
from arasha.policy import document
from arasha.reports.lookback import figures_of

if TYPE_CHECKING:
    from arasha.app.demo.world import Take
    from arasha.errors import Diagnostic
    from arasha.log.log import Log
    from arasha.policy.definition import Policy

DAYS: Final = 7
"""Over how many days it is looked back, one of those that the console lets one choose."""

SHARE: Final = 0.8
"""At which share of its thresholds the draft acts."""

NOTE: Final = "# A try: act from a fifth less on. Does it stop enough more for those it bothers?\n"

_THRESHOLDS: Final = re.compile(r"^\[thresholds\]\n(?:(?!\[).*\n?)*", re.MULTILINE)
_POINTS: Final = re.compile(r"^(\w+[ \t]*=[ \t]*)(\d+)", re.MULTILINE)


def propose(directory: Path, log: Log, policy: Policy, take: Take, now_ms: int) -> Policy | None:
    """Count what the policy has done, and leave a draft there; None where none can be made of it.

    ``policy`` has judged the whole log. The draft judges it once more: some seconds.
    """
    drafts = Drafts(directory)
    text = earlier(policy.source.read_text("utf-8"))
    draft, minded = (None, ()) if text is None else read(text, policy)
    looked = look_back(log, [Reign(0, policy)], DAYS, draft)
    counted = figures_of(replace(looked, then=None), policy, None, days=DAYS, made_ms=now_ms)
    drafts.found(policy.hash, counted)
    if draft is None or text is None:
        return None
    written = Written(
        draft.name, AUTHOR.name, now_ms, len(draft.features), len(draft.rules), minded
    )  # fmt: skip
    drafts.keep(draft.hash, text, written)
    drafts.found(draft.hash, figures_of(looked, policy, draft, days=DAYS, made_ms=now_ms))
    [asked] = take(AUTHOR, (Requested(PolicyChosen(draft.hash, text)),), now_ms)
    assert isinstance(asked, Done), f"nobody else has asked for it: {asked}"
    return draft


def earlier(text: str) -> str | None:
    r"""The text of a policy that acts from fewer points on; None where it names no thresholds.

    >>> print(earlier("[thresholds]\nhold = 250\n\n[rules.much]\npoints = 250\n"))
    # A try: act from a fifth less on. Does it stop enough more for those it bothers?
    [thresholds]
    hold = 200
    <BLANKLINE>
    [rules.much]
    points = 250
    <BLANKLINE>
    """
    found = _THRESHOLDS.search(text)
    if found is None:
        return None
    lower = _POINTS.sub(lambda one: f"{one[1]}{max(1, round(SHARE * int(one[2])))}", found[0])
    return f"{text[: found.start()]}{NOTE}{lower}{text[found.end() :]}"


def read(text: str, policy: Policy) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """That text as a policy with the same model, and what the checker minds in it; None where it is
    no other one: of few points a fifth less may be as many.
    """
    with TemporaryDirectory(prefix="arasha-demo-") as folder:
        path = Path(folder) / policy.source.name
        path.write_text(text, encoding="utf-8")
        model = policy.model
        if model is not None and model.text is not None:
            (path.parent / model.file).parent.mkdir(parents=True, exist_ok=True)
            (path.parent / model.file).write_text(model.text, encoding="utf-8")
        minded = tuple(replace(one, file=path.name) for one in document.check(path))
        draft = document.load(path)
        return (None if draft.hash == policy.hash else draft), minded
