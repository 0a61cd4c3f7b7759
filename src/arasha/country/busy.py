"""A country that is worth watching: thieves far busier than life, whose victims soon notice.

In: the standard parameters, when the country begins. Out: others, for a demonstration and for
practice: a real country of some thousand people sees a theft in weeks, and nobody waits so long.
Nothing that is measured rests on these.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from arasha.country.parameters import Parameters, Value, load

BUSIER: Final = 80.0
"""How much more often each story of fraud is begun than in life."""

_OTHERS: Final[dict[str, Value]] = {
    "victims__notice_hours": 2.0, "victims__noticed_share": 0.9, "reports__attested_share": 0.8,
}  # fmt: skip


def busy(first_day: date, busier: float = BUSIER) -> Parameters:
    """Parameters of a country that begins on that day.

    >>> busy(date(2026, 3, 2)).text("country.first_day")
    '2026-03-02'
    """
    standard = load("standard")
    rates: dict[str, Value] = {
        f"stories__{name}__rate": standard[f"stories.{name}.rate"] * busier
        for name in standard.names("stories")
    }
    return standard.changed(country__first_day=first_day.isoformat(), **rates, **_OTHERS)
