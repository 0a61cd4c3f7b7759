"""A country's law as data: how long money may be held, by whom, on what, and what follows.

What cases/law_document.py makes of a TOML file and the domain takes its limits from. Frozen; its
version is the hash of all that can alter an outcome. Each field below is one figure of the law
file, and says what the figure means: docs/reference/law.md is made from them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Final, Literal, get_args, get_type_hints

from arasha.cases.calendar import Calendar, Term
from arasha.policy.texts import Language

CANONICAL_VERSION: Final = 1
"""Version of the canonical form a law's hash is of."""

Allocation = Literal["pro_rata", "last_in_first_returned"]
ALLOCATIONS: Final[tuple[Allocation, ...]] = get_args(Allocation)
"""How a pot is shared by several victims (cases/allocation.py)."""

Mark = Literal["law", "press", "assumed", "to_check"]
MARKS: Final[dict[Mark, str]] = {
    "law": "read in the law, or in the publication of who makes it",
    "press": "read in the press",
    "assumed": "Arasha's own choice, within what the law leaves open",
    "to_check": "to be checked with a lawyer of the country before it is relied on",
}
"""How far a figure can be relied on."""

Texts = Mapping[Language, str]
"""A text in each language."""


@dataclass(frozen=True, slots=True)
class Holding:
    """How long money may be held."""

    pause: Annotated[Term, "A payer who seems pressed may have the own payment paused for so long"]
    answer: Annotated[Term, "A bank answers a hold order within"]
    provisional: Annotated[Term, "A hold that no officer has confirmed ends after"]
    confirmed: Annotated[Term, "A confirmed hold ends after, counted from when it was placed"]
    prolonging: Annotated[Term, "Two officers prolong a hold by at most this at a time"]
    limit: Annotated[Term, "Past this, counted from when it was placed, officers prolong nothing"]
    authority_each: Annotated[Term, "With the authority's consent it is prolonged by at most"]
    authority_limit: Annotated[Term, "Past this, counted from when it was placed, nobody does"]
    review: Annotated[Term, "A confirmed hold is looked at again every"]
    protected: Annotated[tuple[str, ...], "Income that stays free whatever is held"]


@dataclass(frozen=True, slots=True)
class Recalling:
    """How money is asked back, and given back."""

    payment_age: Annotated[Term, "A payment can be recalled for so long after it was made"]
    answer: Annotated[Term, "A bank answers a recall within"]
    hearing: Annotated[Term, "Who is held has so long to answer before any money goes back"]
    returned: Annotated[Term, "What is to go back goes back within, counted from the recall"]
    allocation: Annotated[Allocation, "How several victims share what one account holds"]
    sanction: Annotated[bool, "Whether money goes back on the authority's sanctioned notice alone"]
    suspicion: Annotated[int, "Score of a claim (0 to 1000) from which its recall needs two people"]


@dataclass(frozen=True, slots=True)
class Appealing:
    """The clocks of an appeal."""

    first_look: Annotated[Term, "Somebody takes up an appeal within"]
    ruling: Annotated[Term, "An appeal is ruled on within"]
    damages: Annotated[Texts, "Whom to turn to for damages, for the person who was held wrongly"]


@dataclass(frozen=True, slots=True)
class Listing:
    """The shared list, and who may ask it."""

    longest: Annotated[Term, "A listing ends after at most"]
    windows: Annotated[tuple[Term, ...], "Who asks gets counters over these windows"]
    asks: Annotated[int, "Asks that a participant has at most in its bucket"]
    asks_per_minute: Annotated[int, "Asks that come into the bucket each minute"]
    wrong_guess: Annotated[int, "Asks that one for a party which nobody has named takes"]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What an operator does about numbers that were signalled. A law file can be without it."""

    check: Annotated[Term, "An operator checks a number that was signalled within"]
    per_person: Annotated[int, "Numbers that one person can have at most"]
    suspended: Annotated[Term, "A suspension of a number ends after at most"]
    told: Annotated[Term, "Whoever has a suspended number is told, and how to appeal, within"]


@dataclass(frozen=True, slots=True)
class Desk:
    """How the centre's own work is timed."""

    lease: Annotated[Term, "A case is one person's for so long after the last thing done to it"]
    due: Annotated[Term, "A case has an outcome within"]
    snooze: Annotated[Term, "A case is put aside for at most"]
    request: Annotated[Term, "A request for a second person lapses after"]
    ageing_minor_per_hour: Annotated[int, "What each hour of waiting adds to a case's place, minor"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as the file has it: its text, where it was read, how far to rely on it."""

    text: str
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Law:
    """A law that was read. ``figures`` by "section.name"; ``currency`` is ISO 4217's number."""

    country: str
    name: str
    currency: int
    calendar: Calendar
    hold: Holding
    recall: Recalling
    appeal: Appealing
    listing: Listing
    desk: Desk
    figures: Mapping[str, Figure]
    text: str = field(repr=False)
    numbers: Numbers | None = None

    @property
    def hash(self) -> str:
        """The law's version: SHA-256 of its canonical form, 64 hexadecimal digits."""
        return hashlib.sha256(canonical(self).encode()).hexdigest()


SECTIONS: Final[dict[str, type]] = {
    "hold": Holding,
    "recall": Recalling,
    "appeal": Appealing,
    "listing": Listing,
    "desk": Desk,
    "numbers": Numbers,
}
"""The tables of a law file that hold figures."""

OPTIONAL: Final = frozenset({"numbers"})
"""Those that a law file can be without: of what they say nobody then does anything."""


def canonical(law: Law) -> str:
    """All of a law that can alter an outcome or a text; its hash is of this.

    Not in it: comments, layout, the law's own name, sources and marks.
    """
    days = law.calendar
    content: list[object] = [
        ["arasha law", CANONICAL_VERSION, law.country, law.currency],
        [days.utc_offset_ms, sorted(days.weekend), sorted(days.years)],
        [sorted(map(str, days.holidays)), sorted(map(str, days.workdays))],
    ]
    for section in SECTIONS:
        values = getattr(law, section)
        if values is None:
            continue
        content.append([[f.name, _plain(getattr(values, f.name))] for f in fields(values)])
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    """A figure as JSON has it."""
    if isinstance(value, Term):
        return [value.count, value.unit]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return sorted(value.items())
    return value


def meanings(section: str) -> dict[str, str]:
    """What each figure of a table of the law file means, by its name."""
    hints = get_type_hints(SECTIONS[section], include_extras=True)
    return {name: str(hint.__metadata__[0]) for name, hint in hints.items()}
