"""``arasha country``: a simulated country, written down day by day.

In: how many people, how many days, a seed, a directory. Out: in the directory the facts of every
day, the truth about them and what the country was made of; on the screen what happened in it. The
work is country/loop.py's and country/files.py's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter
from cyclopts.validators import Number

from arasha.app import terminal
from arasha.app.options import AsJson, OutDirectory

if TYPE_CHECKING:
    from arasha.country.parameters import Parameters

MAX_SEED: Final = 2**64 - 1
"""Largest seed: chance begins with 64 bits of it."""

MAX_PEOPLE: Final = 20_000_000
"""People of the largest country; it needs 40 GB."""

MAX_DAYS: Final = 3_660
"""Ten years."""

MAX_WORKERS: Final = 64

PAGE: Final = "country.html"
"""The page that shows the country beside published figures."""

FACTS_A_DAY: Final = 4.75
"""Facts of a person and day, about: what the bar expects."""

People = Annotated[
    int, Parameter(help="How many people.", validator=Number(gte=100, lte=MAX_PEOPLE))
]
Days = Annotated[int, Parameter(help="How many days.", validator=Number(gte=1, lte=MAX_DAYS))]
Seed = Annotated[
    int,
    Parameter(
        help="Which country: the same seed is the same one.", validator=Number(gte=0, lte=MAX_SEED)
    ),
]
Workers = Annotated[
    int,
    Parameter(
        help="Threads that make ordinary life. They change no file.",
        validator=Number(gte=1, lte=MAX_WORKERS),
    ),
]
Shifted = Annotated[
    bool,
    Parameter(
        negative=(),
        help="The shifted country: other frauds, other habits, thieves who adapt.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Made:
    """A country that was written: its facts by kind, and how long it took, in seconds."""

    about: dict[str, Any]
    facts: dict[str, int]
    stolen_payments: int
    stolen_tiyn: int
    seconds: float

    @property
    def rate(self) -> int:
        """Facts a second."""
        return round(sum(self.facts.values()) / max(self.seconds, 1e-9))


def country(
    *,
    out: OutDirectory,
    people: People = 100_000,
    days: Days = 30,
    seed: Seed = 1,
    shifted: Shifted = False,
    workers: Workers = 2,
    json: AsJson = False,
) -> None:
    """Make a country and write what banks and operators would have seen of it.

    OUT gets events/, a Parquet file of facts a day, which replay, backtest and train read; truth/,
    which play each unusual fact is part of; country.html, which shows it beside published figures;
    and country.json: seed, parameters, counts. The same people, days and seed give the same files,
    byte for byte.
    """
    from arasha.country.parameters import load

    parameters = load("shifted" if shifted else "standard")
    made = written(out, people, days, seed, parameters, workers=workers, quiet=json)
    if json:
        terminal.say_json(as_object(made, out))
    else:
        tell(made, out)


def written(
    out: Path,
    people: int,
    days: int,
    seed: int,
    parameters: Parameters,
    *,
    workers: int = 2,
    quiet: bool = False,
) -> Made:
    """Make the country and its files, with a bar unless ``quiet``.

    Raises UsageError when ``out`` holds a country, OSError when it cannot be written.
    """
    from arasha.app.judging import no_further
    from arasha.country.files import CountryFiles, make_room
    from arasha.country.happenings import FRAUD
    from arasha.country.kernels_life import MOVED
    from arasha.country.loop import Life
    from arasha.country.portrait import Portrait
    from arasha.country.sheets import FACT_WORDS
    from arasha.country.society import Society

    make_room(out)
    about = about_country(people, days, seed, parameters)
    start = time.perf_counter()
    life = Life(Society.make(seed, people, parameters), parameters, seed, workers=workers)
    portrait, expected = Portrait(life.society), int(people * days * FACTS_A_DAY)
    payments = tiyn = 0
    with (
        terminal.progress("Living", expected, quiet=quiet) as advance,
        CountryFiles(out, life, about) as files,
    ):
        forward = no_further(advance, expected)
        for happened in life.slices(days):
            files.write(happened)
            portrait.see(happened)
            stolen = happened.rows.truth[happened.payments] & FRAUD != 0
            stolen &= happened.became == MOVED
            payments += int(stolen.sum())
            tiyn += int(happened.rows.amount[happened.payments[stolen]].sum())
            forward(len(happened.rows))
        portrait.write(out / PAGE, about, life.casts)
    facts = dict(zip(FACT_WORDS, files.facts[1:].tolist(), strict=True))
    return Made(about, facts, payments, tiyn, time.perf_counter() - start)


def about_country(people: int, days: int, seed: int, parameters: Parameters) -> dict[str, Any]:
    """What a country is made of: the head of its country.json."""
    from arasha import __version__

    return {
        "arasha": __version__,
        "people": people,
        "days": days,
        "seed": seed,
        "parameters": {
            "set": parameters.name,
            "version": parameters.version,
            "sha256": parameters.hash,
        },
    }


def tell(made: Made, out: Path) -> None:
    """Say what happened and where it is written."""
    total = sum(made.facts.values())
    for word, count in made.facts.items():
        terminal.say(f"{word.replace('_', ' '):<16}{count:>14,}")
    terminal.say(f"{'all':<16}{total:>14,}")
    terminal.say()
    terminal.say(
        f"stolen by {made.stolen_payments:,} payments: {made.stolen_tiyn // 100:,} tenge "
        "(nobody judges here: arasha rehearse)"
    )
    terminal.say(f"{total:,} facts in {made.seconds:,.1f} s, {made.rate:,} a second")
    parameters = made.about["parameters"]
    terminal.say(
        f"parameters {parameters['set']}, version {parameters['version']}, "
        f"sha256 {parameters['sha256'][:16]}"
    )
    terminal.say(f"events     {out / 'events'}")
    terminal.say(f"truth      {out / 'truth'}")
    terminal.say(f"page       {out / PAGE}")


def as_object(made: Made, out: Path) -> dict[str, Any]:
    """The same as plain data."""
    return {
        **made.about,
        "facts": made.facts,
        "stolen": {"payments": made.stolen_payments, "amount_minor": made.stolen_tiyn},
        "seconds": round(made.seconds, 3),
        "facts_per_second": made.rate,
        "out": str(out),
    }
