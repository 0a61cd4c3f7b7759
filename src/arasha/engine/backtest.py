"""Backtest: what a policy, or two, would have decided about a file. Nothing is kept.

The same ``decide`` as the live path, on a log that forgets; two policies see the same batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from arasha.engine.ahead import ahead
from arasha.engine.decide import Centre, decide
from arasha.engine.judgements import Judgements, concatenate
from arasha.engine.labels import Labels
from arasha.engine.replay import BATCH, OnProgress, first_time, judgements_of, start
from arasha.engine.shadow import Shadow
from arasha.engine.unkept import Unkept
from arasha.events.files import open_source
from arasha.events.mapping import Mapping
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge
from arasha.vault.tokens import Tokens

_KEY = bytes(32)  # tokens of a backtest meet nothing outside it and are never written


def backtest(
    file: Path,
    policies: Sequence[Policy],
    mapping: Mapping,
    *,
    shadow: Shadow | None = None,
    on_progress: OnProgress | None = None,
) -> list[Judgements]:
    """The judgements of each policy over a file, in the order of the policies.

    ``shadow`` sees what the first of them decided.

    Raises InputError or MappingError for a file that cannot be read. Refused rows are passed over.
    """
    source = open_source(file, mapping)
    judges = [Judge(policy) for policy in policies]
    centres = [Centre(Unkept(), judge, judge.fresh_state()) for judge in judges]
    labels = Labels(settles_all=source.settles_all)
    parts: list[list[Judgements]] = [[] for _ in policies]
    batches = ahead(source.batches(Tokens(_KEY), BATCH))
    with closing(batches):
        for read in batches:
            for centre in centres:
                if centre.log.size == 0:
                    start(centre.log, centre.judge.policy, first_time(read))
            some, admission = labels.taken(centres[0].log, read)  # all admit alike
            decisions = [decide(centre, some.facts, admission=admission) for centre in centres]
            for decided, part in zip(decisions, parts, strict=True):
                part.append(judgements_of(some, decided))
            if shadow is not None:
                shadow.see(some, decisions[0])
            if on_progress is not None:
                on_progress(len(read.facts))
    return [concatenate(part) for part in parts]
