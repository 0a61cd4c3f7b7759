"""What the country is like: every number that shapes it, with its unit and where it comes from.

In: the tables beside this module (tables/*.toml), one entry a parameter::

    [income]
    salary_median_kzt = { value = 290_000, unit = "KZT a month", source = "..." }

Out: a frozen set with a version and a hash. ``load("shifted")`` lays tables/shifted.toml over the
others: it may only change what is there. A source is the publication, or the word "assumed".

>>> load("standard").whole("banks.count")
6
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final, Literal

from arasha.errors import InputError, Place, UsageError

SETS: Final = ("standard", "shifted")
"""The sets of parameters that there are."""

SetName = Literal["standard", "shifted"]
Value = float | int | bool | str | tuple[float, ...]

_TABLES: Final = ("people", "habits", "world", "stories", "lookalikes")
_SHIFTED: Final = "shifted"
_AFTER_REPORTS: Final = "recovery"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its full name ("income.salary_median_kzt"), its value, unit and source."""

    name: str
    value: Value
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """A set of parameters; a name that is not there is an error, so is a value of another type."""

    name: str
    version: str
    table: Mapping[str, Parameter]
    hash: str = field(default="")

    def __getitem__(self, name: str) -> float:
        return self.number(name)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.table.values())

    def number(self, name: str) -> float:
        """A number, as a float."""
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, "a number", value)
        return float(value)

    def whole(self, name: str) -> int:
        """A whole number."""
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(name, "a whole number", value)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._value(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def text(self, name: str) -> str:
        """A text."""
        value = self._value(name)
        if not isinstance(value, str):
            raise self._wrong(name, "a text", value)
        return value

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of numbers."""
        value = self._value(name)
        if not isinstance(value, tuple):
            raise self._wrong(name, "a list of numbers", value)
        return value

    def section(self, prefix: str) -> Section:
        """The parameters under a prefix ("stories.romance"), by the rest of their names."""
        if not any(name.startswith(f"{prefix}.") for name in self.table):
            raise self._unknown(prefix)
        return Section(self, prefix)

    def names(self, prefix: str) -> tuple[str, ...]:
        """The next words below a prefix: of "stories", the stories."""
        depth = len(prefix) + 1
        found = {
            name[depth:].partition(".")[0]: None
            for name in self.table
            if name.startswith(f"{prefix}.")
        }
        return tuple(found)

    def changed(self, **values: Value) -> Parameters:
        """The same set with other values, ``__`` standing for the dot; for tests and trials."""
        table = dict(self.table)
        for written, value in values.items():
            name = written.replace("__", ".")
            if name not in table:
                raise self._unknown(name)
            table[name] = replace(table[name], value=value)
        return _hashed(f"{self.name}, changed", self.version, table)

    def _value(self, name: str) -> Value:
        if name not in self.table:
            raise self._unknown(name)
        return self.table[name].value

    def _unknown(self, name: str) -> UsageError:
        near = [known for known in self.table if known.rpartition(".")[2] in name]
        return UsageError(
            f"there is no parameter {name!r}",
            expected="a name from docs/reference/country.md",
            hint=f"did you mean {near[0]!r}?" if near else None,
        )

    @staticmethod
    def _wrong(name: str, expected: str, value: Value) -> UsageError:
        return UsageError(f"the parameter {name!r} is of another type", expected, repr(value))


@dataclass(frozen=True, slots=True)
class Section:
    """The parameters under a prefix."""

    whole_set: Parameters
    prefix: str

    def __getitem__(self, name: str) -> float:
        return self.whole_set.number(f"{self.prefix}.{name}")

    def __contains__(self, name: str) -> bool:
        return f"{self.prefix}.{name}" in self.whole_set.table

    def number(self, name: str) -> float:
        """A number, as a float."""
        return self.whole_set.number(f"{self.prefix}.{name}")

    def whole(self, name: str) -> int:
        """A whole number."""
        return self.whole_set.whole(f"{self.prefix}.{name}")

    def flag(self, name: str) -> bool:
        """True or false."""
        return self.whole_set.flag(f"{self.prefix}.{name}")

    def text(self, name: str) -> str:
        """A text."""
        return self.whole_set.text(f"{self.prefix}.{name}")

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of numbers."""
        return self.whole_set.numbers(f"{self.prefix}.{name}")


def load(name: SetName = "standard", folder: Traversable | None = None) -> Parameters:
    """A set by its name, from the tables of a folder (None: the package's own).

    Raises InputError for a table that is not as this module says.
    """
    return _laid(name, _TABLES, _SHIFTED, folder)


def load_recovery(name: SetName = "standard", folder: Traversable | None = None) -> Parameters:
    """What follows a report, a set of its own: nothing in it changes what happens before a centre
    acts, so a model rests on `load` alone. Raises as that does.

    >>> load_recovery().number("officers.look_hours_median")
    3.0
    """
    return _laid(name, (_AFTER_REPORTS,), f"{_AFTER_REPORTS}_{_SHIFTED}", folder)


def _laid(
    name: SetName, files_of: tuple[str, ...], shifted: str, folder: Traversable | None
) -> Parameters:
    """The tables one over the other, and over them, where it is asked for, the shifted one."""
    if folder is None:
        folder = files("arasha.country") / "tables"
    if name not in SETS:
        raise UsageError(f"there is no set of parameters {name!r}", " or ".join(SETS))
    version, table = "", dict[str, Parameter]()
    for file in files_of:
        found, entries = _read(folder, file)
        version = found if file == files_of[0] else version
        for parameter in entries:
            if parameter.name in table:
                raise _broken(file, parameter.name, "the name is taken")
            table[parameter.name] = parameter
    if name == _SHIFTED:
        for parameter in _read(folder, shifted)[1]:
            if parameter.name not in table:
                raise _broken(shifted, parameter.name, "there is nothing to shift")
            table[parameter.name] = replace(parameter, unit=table[parameter.name].unit)
    return _hashed(name, version, table)


def reference() -> str:
    """The table of all parameters in both sets, as docs/reference/country-parameters.md has it."""
    lines = [
        "# The parameters of the country",
        "",
        "Every number that shapes [the simulated country](country.md), with its source or the word",
        "“assumed”; the shifted set where it differs. `arasha.country.parameters.reference` writes",
        "this page.",
        "",
        *_rows(load("standard"), load("shifted")),
        "",
        "## After a report",
        "",
        "What banks, officers and people who are held do in a [rehearsal](../guides/rehearsal.md):",
        "a set of its own, with its own hash.",
        "",
        *_rows(load_recovery("standard"), load_recovery("shifted")),
    ]
    return "\n".join(lines) + "\n"


def _rows(standard: Parameters, shifted: Parameters) -> list[str]:
    lines = ["| parameter | standard | shifted | unit | source |", "|---|---|---|---|---|"]
    for one in standard:
        other = shifted.table[one.name]
        differs = written(other.value) if other.value != one.value else ""
        cells = (f"`{one.name}`", written(one.value), differs, one.unit, one.source)
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return lines


def written(value: Value) -> str:
    """A value as people read it.

    >>> written(317_512), written((0.25, 3.0)), written(True)
    ('317,512', '0.25, 3', 'true')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(f"{one:g}" for one in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _hashed(name: str, version: str, table: Mapping[str, Parameter]) -> Parameters:
    """The set with the SHA-256 of its version, names and values."""
    values = {one.name: one.value for one in table.values()}
    canonical = json.dumps([version, values], sort_keys=True, ensure_ascii=False)
    return Parameters(name, version, table, hashlib.sha256(canonical.encode()).hexdigest())


def _read(folder: Traversable, file: str) -> tuple[str, list[Parameter]]:
    """The version that a table states ("" for none) and its parameters in their order."""
    place = folder / f"{file}.toml"
    if not place.is_file():
        return "", []
    document = tomllib.loads(place.read_text(encoding="utf-8"))
    version = str(document.pop("version", ""))
    return version, list(_walk(file, "", document))


def _walk(file: str, prefix: str, table: Mapping[str, Any]) -> Iterator[Parameter]:
    for key, entry in table.items():
        name = f"{prefix}{key}"
        if not isinstance(entry, dict):
            raise _broken(file, name, "a value stands alone")
        if "value" in entry:
            yield _parameter(file, name, entry)
        else:
            yield from _walk(file, f"{name}.", entry)


def _parameter(file: str, name: str, entry: Mapping[str, Any]) -> Parameter:
    if not {"value", "source"} <= entry.keys() <= {"value", "unit", "source"}:
        raise _broken(file, name, f"it has {', '.join(entry)}")
    value = entry["value"]
    if isinstance(value, list):
        value = tuple(float(one) for one in value)
    if not isinstance(value, int | float | bool | str | tuple) or not entry["source"]:
        raise _broken(file, name, "its value or source says nothing")
    return Parameter(name, value, str(entry.get("unit", "")), str(entry["source"]))


def _broken(file: str, name: str, what: str) -> InputError:
    return InputError(
        f"the parameter {name!r} cannot be read: {what}",
        expected='{ value = ..., unit = "...", source = "... or assumed" }',
        where=Place(f"{file}.toml"),
    )
