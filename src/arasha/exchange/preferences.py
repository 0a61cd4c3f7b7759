"""How each person has set up the console: views of the queue, the one to begin with, keys.

In: a person, what they prefer. Out: the same when they come again, at whatever machine. It stands
in the file of sign-in (signin_tables.py), for it goes with a person; it is no act, so no entry
tells of it. A name that somebody gives a view names no account and no number (events/free_text.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from arasha.events.free_text import names_somebody
from arasha.vault.driver import Tables

MAX_VIEWS: Final = 20
"""Views that a person may keep."""

MAX_NAME_CHARS: Final = 40
MAX_QUERY_CHARS: Final = 300

_UNDER: Final = "console of "


class SavedView(msgspec.Struct, frozen=True):
    """A view of the queue under a name; ``query`` is what its address says of it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARS)]
    query: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARS)]


class Preference(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one person prefers. ``first`` is the name of the view that the queue begins with."""

    views: Annotated[tuple[SavedView, ...], msgspec.Meta(max_length=MAX_VIEWS)] = ()
    first: str | None = None
    keys: bool = True

    @property
    def first_query(self) -> str | None:
        """The query of the view to begin with; None where there is none."""
        return next((one.query for one in self.views if one.name == self.first), None)

    def with_view(self, view: SavedView) -> Preference:
        """With one view more, in place of what has its name."""
        others = tuple(one for one in self.views if one.name != view.name)
        return msgspec.structs.replace(self, views=(*others, view))

    def without_view(self, name: str) -> Preference:
        """Without the view of that name."""
        left = tuple(one for one in self.views if one.name != name)
        first = None if self.first == name else self.first
        return msgspec.structs.replace(self, views=left, first=first)

    def beginning_with(self, name: str | None) -> Preference:
        """With that view to begin with, if there is one of that name; else with the whole queue."""
        known = next((one.name for one in self.views if one.name == name), None)
        return msgspec.structs.replace(self, first=known)


USUAL: Final = Preference()
"""Of whom nothing is known."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """Those of all persons of a centre."""

    _tables: Tables

    def of(self, person: str) -> Preference:
        """What that person prefers; what cannot be read any more is as if it was never said."""
        found = self._tables.value(_UNDER + person)
        try:
            return USUAL if found is None else msgspec.json.decode(found, type=Preference)
        except msgspec.DecodeError:
            return USUAL

    def keep(self, person: str, preference: Preference) -> None:
        """Remember it. Raises StoreError, StoreFull."""
        with self._tables.change():
            self._tables.put(_UNDER + person, msgspec.json.encode(preference))


def named(name: str, query: str) -> SavedView | None:
    """A view under that name; None where the name is empty or too long, or names somebody.

    >>> named("Loans over a million", "typology=loan").name
    'Loans over a million'
    >>> named("+7 701 123 45 67", "typology=loan") is None
    True
    """
    said = " ".join(name.split())
    fits = 0 < len(said) <= MAX_NAME_CHARS and len(query) <= MAX_QUERY_CHARS
    return SavedView(said, query) if fits and not names_somebody(said) else None
