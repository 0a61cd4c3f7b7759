"""Small countries with all of ordinary life, and judges who always say the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from arasha.country.happenings import Happenings
from arasha.country.loop import Happened, Judging, Life
from arasha.country.parameters import load
from arasha.country.society import Society
from arasha.events.schema import Kind

PEOPLE = 300


@dataclass
class Says:
    """A judge who says of each slice's payments what a function of its rows says."""

    says: Callable[[Happenings], NDArray[np.uint8]]
    seen: list[Happenings] = field(default_factory=list)
    told: dict[int, list[int]] = field(default_factory=dict)

    def judge(self, some: Happenings) -> NDArray[np.uint8]:
        self.seen.append(some)
        return self.says(some)

    def became(self, serials: NDArray[np.int64], became: NDArray[np.uint8]) -> None:
        for serial, code in zip(serials.tolist(), became.tolist(), strict=True):
            self.told.setdefault(serial, []).append(code)


def always(action: int) -> Says:
    """A judge who says that of everything."""
    return Says(lambda some: np.full(int((some.kind == Kind.PAYMENT).sum()), action, np.uint8))


def at_random(seed: int) -> Says:
    """A judge who says anything."""
    chance = np.random.default_rng(seed)
    return Says(
        lambda some: chance.integers(0, 4, int((some.kind == Kind.PAYMENT).sum()), np.uint8)
    )


def life_of(
    judging: Judging | None = None, *, seed: int = 1, people: int = PEOPLE, workers: int = 1
) -> Life:
    """A country that is about to live, with stories far more often than usual."""
    parameters = load("standard")
    parameters = parameters.changed(**{
        f"{kind}__{name}__rate": 1_000.0
        for kind in ("stories", "lookalikes")
        for name in parameters.names(kind)
    })  # fmt: skip
    society = Society.make(seed, people, parameters)
    return Life(society, parameters, seed, judging, workers=workers)


def days_of(life: Life, days: int) -> list[Happened]:
    """Its first days."""
    return list(life.slices(days))
