"""``arasha train``: a policy learns from settled payments and becomes a new version with a model.

In: a file, a policy that keeps features. Out: in a directory the model, the policy that contains it
by hash, and what the training rests on; on the screen the same in short. The work is done by
engine/train.py.
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
    from arasha.engine.recipe import Costs, Recipe
    from arasha.engine.train import Trained
    from arasha.policy.definition import Policy

Until = Annotated[
    str | None,
    Parameter(
        help="The moment of the training, UTC: what was known then counts. By default the file's "
        "last payment."
    ),
]
Delay = Annotated[str, Parameter(help="How long after a payment its truth is known: 7d, 36h.")]
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
    float,
    Parameter(
        help="Cost of holding one good payment, in the currency; a warning costs a tenth, a block "
        "ten times as much.",
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
    label_delay: Delay = "7d",
    window: Window = None,
    slice_: SliceLength = "7d",
    tune: Tune = 0,
    seed: Seed = 0,
    seeds: Seeds = 1,
    fraud_weight: FraudWeight = 1.0,
    rising: Rising = None,
    falling: Falling = None,
    cost_missed: CostMissed = 1.0,
    cost_bothered: CostBothered = 5.0,
    alerts: Alerts = 100,
    mapping: MappingFile = None,
    json: AsJson = False,
) -> None:
    """Train a model on the features that the policy keeps, and write a new version of it.

    Only what was known at --until is used. The same file, policy and options give the same hash.
    """
    from arasha.engine.recipe import Costs, Recipe

    minor = round(cost_bothered * 100)
    costs = Costs(cost_missed, minor // 10, minor, minor * 10, alerts_a_day=alerts)
    recipe = Recipe(
        window_ms=None if window is None else duration_ms(window, "--window"),
        slice_ms=duration_ms(slice_, "--slice"),
        label_delay_ms=duration_ms(label_delay, "--label-delay", least=0),
        seed=seed,
        seeds=seeds,
        fraud_weight=fraud_weight,
        monotone=dict.fromkeys(rising or (), 1) | dict.fromkeys(falling or (), -1),
        trials=tune,
        costs=costs,
    )
    until_ms = None if until is None else moment_ms(until)
    version, trained = trained_from(file, policy, recipe, out, mapping, until_ms, quiet=json)
    told = as_object(version, trained, recipe.costs)
    (out / f"{version.source.stem}-training.json").write_text(
        json_text.dumps(told, indent=1) + "\n", encoding="utf-8"
    )
    if json:
        terminal.say_json(told)
    else:
        tell(version, trained)


def trained_from(
    file: Path,
    policy: Path,
    recipe: Recipe,
    out: Path,
    mapping: Path | None = None,
    until_ms: int | None = None,
    *,
    quiet: bool = False,
) -> tuple[Policy, Trained]:
    """The new version of the policy, written to ``out``, and the training behind it."""
    from arasha.app.judging import facts_expected, mapping_for, no_further
    from arasha.engine.recipe import earliest
    from arasha.engine.table import BEGINNING_MS, last_moment_ms, payment_table
    from arasha.engine.train import train as train_on
    from arasha.engine.version import write_version
    from arasha.policy.document import load

    compiled = load(policy)
    names = inputs_of(compiled)
    for name in recipe.monotone:
        if name not in names:
            raise UsageError(
                f"the model has no feature '{name}'", expected="a feature that the policy keeps"
            )
    read_by = mapping_for(compiled, mapping, file)
    if until_ms is None:
        until_ms = last_moment_ms(file, read_by) + 1
    total = facts_expected(file, read_by, quiet=quiet)
    with terminal.progress("Looking back", total, quiet=quiet) as advance:
        from_ms = earliest(recipe, until_ms)
        table = payment_table(
            file, compiled, read_by, names,
            from_ms=BEGINNING_MS if from_ms is None else from_ms,
            until_ms=until_ms - recipe.label_delay_ms,
            settled_until_ms=until_ms,
            on_progress=no_further(advance, total),
        )  # fmt: skip
    trained = train_on(table, recipe, until_ms, None if quiet else terminal.note)
    return write_version(compiled, trained, out), trained


def inputs_of(policy: Policy) -> tuple[str, ...]:
    """The features a model of the policy learns from: those it keeps, else those of its model."""
    from arasha.features.expressions import Unit

    names = policy.keep or (() if policy.model is None else policy.model.features)
    if not names:
        raise UsageError(
            "the policy keeps no features for a model",
            expected="[policy] keep = [...], the names of features",
            hint="list them under keep, as policies/handbook-model.toml does",
        )
    for name in names:
        if policy.features[name].type.unit in (Unit.INSTANT, Unit.CATEGORY, Unit.CURRENCY):
            raise UsageError(
                f"the feature '{name}' cannot be an input of a model",
                expected="a number, money, a duration, or yes or no",
                hint='compare it: channel == "web" is yes or no',
            )
    return names


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


def as_object(version: Policy, trained: Trained, costs: Costs) -> dict[str, Any]:
    """What was made, and what it rests on, as plain data: no times of the clock, no paths."""
    from dataclasses import asdict

    assert version.model is not None
    return {
        "policy": version.source.name,
        "policy_hash": version.hash,
        "model": version.model.file,
        "model_hash": version.model.hash,
        **trained.as_object(),
        "costs": asdict(costs),
    }


def tell(version: Policy, trained: Trained) -> None:
    """Say what was made, and how good it looks on payments it had not seen."""
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


def _spans(trained: Trained) -> Sequence[tuple[str, tuple[int, int]]]:
    times = trained.slices
    return (
        ("fit", times.fit), ("stop", times.stop), ("calibrate", times.calibrate),
        ("final", times.final),
    )  # fmt: skip


def _day(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}"
