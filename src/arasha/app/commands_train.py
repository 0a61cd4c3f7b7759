"""``arasha train``: a policy learns from settled payments and becomes a new version with a model.

In: words. Out: in a directory the model, the policy that contains it by hash, what the training
rests on and the model's card; on the screen the same in short. The work is done by training.py.
"""

from __future__ import annotations

import json as json_text
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.options import AsJson, MappingFile, PaymentsFile, PolicyFile
from arasha.errors import UsageError

if TYPE_CHECKING:
    from arasha.app.training import Made
    from arasha.engine.train import Trained

Until = Annotated[
    str | None,
    Parameter(
        help="The moment of the training, UTC: what was known then counts. By default as late as "
        "leaves time for the test."
    ),
]
Delay = Annotated[
    str | None,
    Parameter(help="How long after a payment its truth is known; by default as the mapping says."),
]
Test = Annotated[
    str | None,
    Parameter(
        help="How long after --until the card's payments last; by default a fifth of the file's "
        "time, at most 28d."
    ),
]
Repeats = Annotated[
    int,
    Parameter(help="Earlier times the recipe is tried on, for the card.",
              validator=Number(gte=0, lte=12)),
]  # fmt: skip
Window = Annotated[str | None, Parameter(help="How much time to fit on; by default all there is.")]
SliceLength = Annotated[
    str, Parameter(name="--slice", help="How much time to stop on, and as much to calibrate on.")
]
Tune = Annotated[int, Parameter(help="Other trees to try first.", validator=Number(gte=0, lte=500))]
Seed = Annotated[int, Parameter(help="What chance begins with.", validator=Number(gte=0))]
Seeds = Annotated[int, Parameter(help="Models to average.", validator=Number(gte=1, lte=20))]
FraudWeight = Annotated[
    float, Parameter(help="How many honest payments one fraud weighs.", validator=Number(gt=0))
]
Rising = Annotated[
    list[str] | None, Parameter(negative=(), help="A feature that may only raise the probability.")
]
Falling = Annotated[
    list[str] | None, Parameter(negative=(), help="A feature that may only lower the probability.")
]
CostMissed = Annotated[
    float, Parameter(help="Cost of a missed fraud, as a share of its amount.",
                     validator=Number(gte=0)),
]  # fmt: skip
CostBothered = Annotated[
    float | None,
    Parameter(
        help="Cost of holding one good payment, in the currency; a warning costs a tenth, a block "
        "ten times as much. By default a tenth of the median payment.",
        validator=Number(gte=0),
    ),
]
Alerts = Annotated[
    int, Parameter(help="Payments a day that analysts can look at.", validator=Number(gte=0))
]
Trained_ = Annotated[Path, Parameter(help="Where to write; made if it is not there.")]


def train(
    file: PaymentsFile,
    /,
    *,
    policy: PolicyFile,
    out: Trained_ = Path("trained"),
    until: Until = None,
    label_delay: Delay = None,
    test: Test = None,
    repeats: Repeats = 0,
    window: Window = None,
    slice_: SliceLength = "7d",
    tune: Tune = 0,
    seed: Seed = 0,
    seeds: Seeds = 1,
    fraud_weight: FraudWeight = 1.0,
    rising: Rising = None,
    falling: Falling = None,
    cost_missed: CostMissed = 1.0,
    cost_bothered: CostBothered = None,
    alerts: Alerts = 100,
    mapping: MappingFile = None,
    json: AsJson = False,
) -> None:
    """Train a model on the features that the policy keeps, and write a new version of it.

    Only what was known at --until is used; the payments after it are the model card's. The same
    file, policy and options give the same hash.
    """
    from arasha.app.training import Order, made
    from arasha.engine.recipe import Recipe

    recipe = Recipe(
        window_ms=optional_ms(window, "--window"),
        slice_ms=duration_ms(slice_, "--slice"),
        seed=seed,
        seeds=seeds,
        fraud_weight=fraud_weight,
        monotone=dict.fromkeys(rising or (), 1) | dict.fromkeys(falling or (), -1),
        trials=tune,
    )
    order = Order(
        file, policy, out, recipe, mapping,
        delay_ms=optional_ms(label_delay, "--label-delay", least=0),
        until_ms=None if until is None else moment_ms(until),
        test_ms=optional_ms(test, "--test"),
        repeats=repeats, cost_missed=cost_missed, cost_bothered=cost_bothered, alerts_a_day=alerts,
    )  # fmt: skip
    done = made(order, quiet=json)
    told = as_object(done)
    (out / f"{done.version.source.stem}-training.json").write_text(
        json_text.dumps(told, indent=1) + "\n", encoding="utf-8"
    )
    if json:
        terminal.say_json(told)
    else:
        tell(done)


def optional_ms(words: str | None, option: str, *, least: int = 1) -> int | None:
    """A duration that may be left out."""
    return None if words is None else duration_ms(words, option, least=least)


def duration_ms(words: str, option: str, *, least: int = 1) -> int:
    """A duration such as ``7d`` or ``36h`` in milliseconds. UsageError if it is none."""
    from arasha.features.literals import Malformed, read_duration

    found = 0 if words == "0" else read_duration(words)
    if isinstance(found, Malformed) or found < least:
        raise UsageError(f"{option} is no duration", expected="such as 7d or 36h", found=words)
    return found


def moment_ms(words: str) -> int:
    """A date or moment (UTC unless it says otherwise) in milliseconds. UsageError if it is none."""
    try:
        moment = datetime.fromisoformat(words)
    except ValueError as error:
        raise UsageError(
            "--until is no moment", expected="such as 2018-08-08 or 2018-08-08T12:00", found=words
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def as_object(done: Made) -> dict[str, Any]:
    """What was made, and what it rests on, as plain data: no times of the clock, no paths."""
    from dataclasses import asdict

    version, card = done.version, done.card
    assert version.model is not None
    return {
        "policy": version.source.name,
        "policy_hash": version.hash,
        "model": version.model.file,
        "model_hash": version.model.hash,
        **done.trained.as_object(),
        "costs": asdict(done.recipe.costs),
        "card": {
            "files": [path.name for path in done.files],
            "rehearsal": done.trial.rehearsal,
            "payments": card.payments,
            "frauds": card.frauds,
            "auc": card.ranked.auc.value,
            "average_precision": card.ranked.average_precision.value,
        },
    }


def tell(done: Made) -> None:
    """Say what was made, and how good it looks on payments it had not seen."""
    version, trained = done.version, done.trained
    assert version.model is not None
    limits = trained.thresholds
    terminal.say(f"policy      {version.source}  ({version.hash[:12]})")
    terminal.say(f"model       {version.source.parent / version.model.file}")
    terminal.say(f"            {trained.trees.count} trees of {trained.trees.leaves} leaves")
    for name, (start, end) in _spans(trained):
        terminal.say(
            f"{name:<11} {_day(start)} to {_day(end)}, {trained.rows[name]:,} payments, "
            f"{trained.frauds[name]:,} frauds"
        )
    terminal.say(
        f"log loss    {trained.loss:.5f} on the slice of calibration "
        f"({trained.base_loss:.5f} for the base rate), {trained.calibration.kind}"
    )
    terminal.say(f"thresholds  warn {limits.warn}, hold {limits.hold}, block {limits.block}")
    for line in _of_card(done):
        terminal.say(line)


def _of_card(done: Made) -> list[str]:
    card, ranked = done.card, done.card.ranked
    if card.first_ms is None or card.last_ms is None:
        return [f"card        {done.files[-1]}: no payments to try it on"]
    what = "a rehearsal, trained earlier, was tried on" if done.trial.rehearsal else "tried on"
    span = f"{_day(card.first_ms)} to {_day(card.last_ms)}"
    ranks = f"{_share(ranked.average_precision.value)}, AUC {_share(ranked.auc.value)}"
    bothered, missed = _share(card.bothered.share), _share(card.missed.share)
    return [
        f"{what:<11} {span}, {card.payments:,} payments, {card.frauds:,} frauds",
        f"            average precision {ranks}",
        f"            good payments bothered {bothered}, frauds missed {missed}",
        f"card        {done.files[-1]}",
    ]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _spans(trained: Trained) -> Sequence[tuple[str, tuple[int, int]]]:
    times = trained.slices
    return (
        ("fit", times.fit), ("stop", times.stop), ("calibrate", times.calibrate),
        ("final", times.final),
    )  # fmt: skip


def _day(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}"
