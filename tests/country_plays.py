"""Small countries in which single plays are tried, without any ordinary life around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import arasha.country
from arasha.country.happenings import Happenings, make, merged
from arasha.country.loop import Life
from arasha.country.parameters import Parameters, load
from arasha.country.script import Play, Story, Told, found
from arasha.country.society import Society
from arasha.events.schema import Kind

PEOPLE = 600
TYPOLOGY = "marketplace"
COUNTRY = Path(arasha.country.__file__).parent

NOTHING = make({"time_ms": np.zeros(0, np.int64), "kind": np.zeros(0, np.uint8)})


@dataclass(frozen=True, slots=True)
class Lived:
    """A life that was lived, all rows of it, and the payments with what became of each."""

    life: Life
    rows: Happenings
    payments: Happenings
    became: NDArray[np.uint8]

    def roles(self) -> list[str]:
        """The role of each payment."""
        return [self.life.roles[role] for role in self.payments.role]

    def of_role(self, role: str) -> Happenings:
        """The payments of that role."""
        return self.payments.take(np.array([one == role for one in self.roles()], np.bool_))

    def of(self, kind: Kind) -> Happenings:
        """The rows of a kind."""
        return self.rows.take(self.rows.kind == kind)


class Always:
    """A judge who says the same of every payment of a play, and allows what the world itself pays
    or, with ``frauds_only``, whatever is no fraud.
    """

    def __init__(self, action: int, *, frauds_only: bool = True) -> None:
        self.action = action
        self.frauds_only = frauds_only

    def judge(self, some: Happenings) -> NDArray[np.uint8]:
        """The action, for each payment."""
        truth = some.truth[some.kind == Kind.PAYMENT]
        wanted = (truth & 1) > 0 if self.frauds_only else np.ones(len(truth), np.bool_)
        return np.where(wanted, self.action, 0).astype(np.uint8)

    def became(self, serials: NDArray[np.int64], became: NDArray[np.uint8]) -> None:
        """Nothing to do."""


def told(name: str) -> Told:
    """A story or look-alike of the country by its name."""
    return next(one for one in found() if one.cast.name == name)


def source_of(one: Told) -> str:
    """The text of a play's module."""
    folder = "stories" if one.is_fraud else "lookalikes"
    return (COUNTRY / folder / f"{one.cast.name}.py").read_text()


def names_its_source(one: Told) -> bool:
    """Whether a module's docstring says where the story is from."""
    return re.search(r"Sources?:", source_of(one).split('"""')[1]) is not None


def asked_by(one: Told) -> set[str]:
    """The parameters that a module asks its stage for."""
    return set(re.findall(r'\b(?:p|parameter)\("(\w+)"\)', source_of(one)))


def stated_for(one: Told) -> set[str]:
    """The parameters that stand in the table of a play."""
    prefix = f"{'stories' if one.is_fraud else 'lookalikes'}.{one.cast.name}."
    table = load("standard").table
    return {name.removeprefix(prefix) for name in table if name.startswith(prefix)}


def own(play: Play) -> Told:
    """A play of a test, under the rate and the shares of a story that there is."""
    return Told(Story("marketplace", TYPOLOGY), play)


def parameters_with(plays: Sequence[Told], rate: float, **changed: float) -> Parameters:
    """The standard set; those plays begin at that rate per 100,000 people and day."""
    kinds = {True: "stories", False: "lookalikes"}
    rates = {f"{kinds[one.is_fraud]}__{one.cast.name}__rate": rate for one in plays}
    return load("standard").changed(**rates, **changed)


def lived(
    *plays: Told,
    rate: float = 2_000.0,
    days: int = 2,
    seed: int = 1,
    people: int = PEOPLE,
    judging: Always | None = None,
    changed: Mapping[str, float] | None = None,
    **also_changed: float,
) -> Lived:
    """A small country in which nothing but those plays happens."""
    parameters = parameters_with(plays, rate, **(changed or {}), **also_changed)
    life = Life(Society.make(seed, people, parameters), parameters, seed, judging, told=plays)
    parts = [happened for day in range(days) for happened in life.day(day, NOTHING)]
    rows = merged([part.rows for part in parts])
    became = np.concatenate([part.became for part in parts])
    return Lived(life, rows, rows.take(rows.kind == Kind.PAYMENT), became)
