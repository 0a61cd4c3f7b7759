"""``arasha explain``: why one payment was decided as it was.

In: the directory of a replay and a payment's id. Out: the action, the score against the thresholds,
the rules that fired with their reasons in the languages asked for, and the value of every feature.
The payment is judged once more from the log (engine/again.py); nothing is looked up elsewhere.
"""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.options import AsJson
from arasha.app.options import Language as LanguageOption
from arasha.errors import Place, UsageError

if TYPE_CHECKING:
    from arasha.engine.again import Explained
    from arasha.policy.texts import Language
    from arasha.reports.explanation import Explanation, ModelReasons

MAX_LISTED = 10
"""Payments of one id that are listed."""

ReplayDirectory = Annotated[Path, Parameter(help="The directory that a replay wrote.")]
PaymentId = Annotated[
    str | None, Parameter(name="--id", help="The payment's id, as its sender has it.")
]
Seq = Annotated[
    int | None,
    Parameter(help="The payment's place in the log: instead of --id, or where senders share it."),
]


def explain(
    out: ReplayDirectory,
    /,
    *,
    id: PaymentId = None,  # noqa: A002 - the option's name
    seq: Seq = None,
    language: LanguageOption = "all",
    json: AsJson = False,
) -> None:
    """Say why a payment was decided as it was; one that was allowed, too.

    The facts before it pass through the windows once more, so every value is the one that counted.
    """
    from arasha.engine.again import explain as explain_entry
    from arasha.policy.texts import LANGUAGES
    from arasha.reports.explanation import rich

    if id is None and seq is None:
        raise UsageError("no payment is named", expected="--id, or --seq")
    if not out.is_dir():
        raise UsageError(f"there is no replay at {out}", expected="the directory of a replay")
    chosen = seq if id is None else place_of(out, id, seq)
    assert chosen is not None
    with terminal.progress("Looking back", None, quiet=json) as advance:
        explained = explain_entry(out, chosen, on_progress=advance)
    languages: tuple[Language, ...] = LANGUAGES if language == "all" else (language,)
    explanation = explanation_of(explained, languages)
    if json:
        terminal.say_json(as_object(explanation, languages))
    else:
        terminal.show([rich(explanation, *languages)])


def place_of(out: Path, name: str, seq: int | None) -> int:
    """The seq of the payment with that id, from the decisions files.

    Raises UsageError when no payment has the id, when several senders use it and ``seq`` does not
    say which, or when ``seq`` is none of them.
    """
    import polars as pl

    files = sorted(out.glob("decisions-*.parquet"))
    if not files:
        raise UsageError(
            "there are no decisions here",
            expected="the directory of a finished replay",
            where=Place(file=str(out)),
            hint="an interrupted one goes on with arasha replay … --resume; --seq needs no files",
        )
    found = pl.scan_parquet(files).filter(pl.col("id") == name).collect()
    if found.is_empty():
        first = pl.scan_parquet(files).select("id").drop_nulls().head(1).collect()
        looks = f"an id such as {first.item()!r}" if len(first) else "a month not yet retired"
        raise UsageError(
            f"no payment has the id {name!r}",
            expected=looks,
            where=Place(file=str(out)),
            hint="rows that were refused stand in rejects.csv",
        )
    places: list[int] = found["seq"].to_list()
    if seq in places:
        return seq
    if len(places) == 1 and seq is None:
        return places[0]
    listed = found.head(MAX_LISTED).select("seq", "happened_at", "amount_minor", "action").rows()
    raise UsageError(
        f"{len(places)} payments have the id {name!r}, from different senders"
        if seq is None
        else f"the entry {seq} is no payment with the id {name!r}",
        expected="--seq with one of these",
        found="; ".join(f"{at}: {when:%Y-%m-%d %H:%M}, {amount} minor units, {action}"
                        for at, when, amount, action in listed),
    )  # fmt: skip


def explanation_of(explained: Explained, languages: tuple[Language, ...]) -> Explanation:
    """What the reports room shows of it: reasons written in these languages."""
    from arasha.engine.judgements import Action
    from arasha.events.decisions import DEGRADED, FALLBACK, LATE
    from arasha.policy.texts import Value, render
    from arasha.reports.explanation import Explanation, FiredRule

    policy, kept = explained.policy, explained.decisions
    currency = int(explained.payment.number("currency")[0])
    values = {name: Value(value, type_) for name, (value, type_) in explained.values.items()}
    limits = policy.thresholds
    thresholds = {Action.WARN: limits.warn, Action.HOLD: limits.hold, Action.BLOCK: limits.block}
    fired = [policy.rules[at] for at in explained.fired]
    return Explanation(
        payment=explained.payment.ids[0],
        seq=int(kept.subject_seq[0]),
        action=Action(int(kept.action[0])),
        score=int(kept.score[0]),
        currency=currency,
        rules=tuple(
            FiredRule(
                rule.name,
                rule.points,
                None if rule.action is None else Action[rule.action.upper()],
                {
                    each: render(rule, each, values, currency, policy.utc_offset_ms)
                    for each in languages
                },
            )
            for rule in fired
        ),
        thresholds={action: score for action, score in thresholds.items() if score is not None},
        features=explained.values,
        late=bool(kept.marks[0] & LATE),
        fallback=bool(kept.marks[0] & FALLBACK),
        degraded=bool(kept.marks[0] & DEGRADED),
        policy=policy.name,
        utc_offset_ms=policy.utc_offset_ms,
        model=model_reasons(explained, languages),
    )


def model_reasons(explained: Explained, languages: tuple[Language, ...]) -> ModelReasons | None:
    """What the model said, on both levels; None where no model judged."""
    from arasha.policy.reasons import for_analyst, for_person, reasons_of
    from arasha.policy.texts import Value
    from arasha.reports.explanation import ModelReasons

    if explained.probability is None or explained.contributions is None:
        return None
    policy = explained.policy
    reasons = reasons_of(policy, explained.contributions)
    values = {name: Value(value, type_) for name, (value, type_) in explained.values.items()}
    currency = int(explained.payment.number("currency")[0])
    allowed = int(explained.decisions.action[0]) == 0
    return ModelReasons(
        explained.probability,
        tuple((reason.group, reason.by) for reason in reasons),
        {
            each: tuple(for_analyst(one, each, policy, values, currency) for one in reasons)
            for each in languages
        },
        {each: () if allowed else for_person(reasons, each) for each in languages},
    )


def as_object(explanation: Explanation, languages: tuple[Language, ...]) -> dict[str, Any]:
    """The explanation as plain data; each feature also in the words of each language."""
    from arasha.reports.explanation import as_json, value_in

    told: dict[str, Any] = json_text.loads(as_json(explanation))
    for name, feature in told["features"].items():
        feature["texts"] = {each: value_in(explanation, name, each) for each in languages}
    return told
