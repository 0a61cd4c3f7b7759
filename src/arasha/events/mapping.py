"""A mapping: how a stranger's columns, times, amounts and labels become ours. Frozen data.

In: a TOML file, written by whoever knows the data. Out: `Mapping`, or a MappingError that names
the file, the key, what was expected and what is near. Reading the data itself is events/files.py.
docs/guides/mapping.md describes the file.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from arasha.errors import MappingError, Place
from arasha.events.money import Currency, currency_of
from arasha.events.records import milliseconds
from arasha.events.schema import FACTS, TYPOLOGIES, Fact, Field, FieldType, Kind
from arasha.events.symbols import CODE_PATTERN

MAX_MAPPING_BYTES: Final = 256 * 1024
"""Longest mapping file, bytes."""

TimeFormat = Literal["timestamp", "iso", "epoch_s", "epoch_ms", "step", "pattern"]
Match = Literal["payer", "payee", "either", "both", "within"]

_UNITS_MS: Final = {
    "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
}  # fmt: skip
_DURATION: Final = re.compile(r"(\d{1,9})(ms|s|min|h|d|w)")
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_CODE: Final = re.compile(CODE_PATTERN)


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How a column tells time.

    ``zone`` is that of times which name none: an offset ("+05:00") or a name ("Asia/Almaty"). A
    step of the count is ``step_ms`` long and the count's 0 is at ``origin_ms``.
    """

    format: TimeFormat
    pattern: str = ""
    zone: str | None = None
    origin_ms: int = 0
    step_ms: int = 0


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Where one field comes from: a column, or a constant for all rows.

    ``values`` are pairs (theirs, ours) for categories and marks; ``missing`` are texts that
    stand for "unknown"; ``float_noise`` reads amounts computed in floating point (money.py);
    ``duration_unit_ms`` is the length of one unit of a duration column.
    """

    field: Field
    column: str | None = None
    constant: str | None = None
    time: TimeRule | None = None
    minor: bool = False
    float_noise: bool = False
    prefix: str = ""
    values: tuple[tuple[str, str], ...] = ()
    unlisted_unknown: bool = False
    missing: tuple[str, ...] = ()
    duration_unit_ms: int = 1


@dataclass(frozen=True, slots=True)
class SenderRule:
    """Who sent the facts: a column of codes, or a constant."""

    column: str | None = None
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class IdRule:
    """The id of a fact: the columns joined by ":", or the number of the row when there are none."""

    columns: tuple[str, ...] = ()
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class AccountTruth:
    """Labels that the data give per account, in a file of its own.

    An account in ``fraud`` belongs to a group; it is *bad* from ``since`` on (read by the mapping's
    own rule of time; ``never`` are texts for "never"). ``match`` says which payments are fraud:
    those whose payer, payee, either or both are bad by then; ``within``: the payer is bad by then
    and the payee belongs to a group.
    """

    file: str
    account: str
    column: str
    fraud: tuple[str, ...]
    since: str | None
    never: tuple[str, ...]
    match: Match


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What the data know to be fraud, and when that became known.

    The truth is in ``column`` (``fraud`` and, if named, ``genuine`` values; others are unknown) or
    per account. A label becomes a fact ``known_after_ms`` after its payment happened.
    """

    column: str | None
    fraud: tuple[str, ...]
    genuine: tuple[str, ...]
    accounts: AccountTruth | None
    known_after_ms: int
    settles_all: bool
    scenario: str | None
    typology: str | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """The whole mapping. ``digest`` is the SHA-256 of its text, ``path`` where it was read."""

    name: str
    path: Path
    digest: str
    fact: Fact
    file: str | None
    delimiter: str
    sender: SenderRule
    id: IdRule
    fields: tuple[FieldRule, ...]
    labels: LabelRule | None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the main file that is read, each once."""
        labels = self.labels
        names = [
            *self.id.columns,
            self.sender.column,
            *(rule.column for rule in self.fields),
            *((labels.column, labels.scenario) if labels else ()),
        ]
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def rule(self, field: str) -> FieldRule | None:
        """The rule of a field, None when the data do not know it."""
        return next((rule for rule in self.fields if rule.field.name == field), None)

    @property
    def constant_currency(self) -> Currency | None:
        """The one currency of all rows, if the mapping names it."""
        rule = self.rule("currency")
        if rule is None or rule.constant is None:
            return None
        return cast(Currency, currency_of(rule.constant))


def load_mapping(path: Path | str, *, relative_to: Path | None = None) -> Mapping:
    """The mapping in a file; a relative path starts at the directory ``relative_to``.

    Raises MappingError when the file cannot be read or says something that cannot be meant.
    """
    place = Path(path) if relative_to is None else relative_to / path
    try:
        text = place.read_bytes()
    except OSError as fault:
        raise MappingError(
            "the mapping file cannot be read",
            expected="a TOML file",
            found=fault.strerror,
            where=Place(file=str(place)),
            hint="a policy names its mapping relative to the policy file",
        ) from fault
    if len(text) > MAX_MAPPING_BYTES:
        raise MappingError(
            "the mapping file is too long",
            expected=f"at most {MAX_MAPPING_BYTES} bytes",
            found=f"{len(text)} bytes",
            where=Place(file=str(place)),
        )
    return parse_mapping(text, place)


def parse_mapping(text: bytes, path: Path) -> Mapping:
    """The mapping in a text; ``path`` is for messages and for files named beside it."""
    try:
        document = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise MappingError(
            "this is not TOML", found=str(fault), where=Place(file=str(path))
        ) from fault
    top = _Table(document, "", path)
    head = top.table("mapping")
    fact = FACTS[head.choice("fact", tuple(FACTS), "payment")]
    fields = _fields(top.table("fields"), fact)
    labels = top.table("labels", optional=True)
    mapping = Mapping(
        name=head.text("name"),
        path=path,
        digest=hashlib.sha256(text).hexdigest(),
        fact=fact,
        file=head.text("file", ""),
        delimiter=_delimiter(head),
        sender=_sender(head.table("sender")),
        id=_id(head.table("id")),
        fields=fields,
        labels=_labels(labels, fact) if labels else None,
    )
    head.text("about", "")
    head.finish()
    top.finish()
    return mapping


T = TypeVar("T")


class _Table:
    """A table of the document of which every key must be asked for."""

    def __init__(self, values: dict[str, object], name: str, path: Path) -> None:
        self._values = values
        self._name = name
        self._path = path
        self._asked: set[str] = set()

    def fault(self, what: str, key: str, **details: str | None) -> MappingError:
        name = f"{self._name}.{key}".strip(".")
        return MappingError(what, where=Place(file=str(self._path), column=name), **details)

    def has(self, key: str) -> bool:
        return key in self._values

    def names(self) -> Iterable[str]:
        return tuple(self._values)

    def get(self, key: str, kind: type[T], default: T | None, words: str) -> T | None:
        self._asked.add(key)
        value = self._values.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.fault(
                "a value of the wrong type", key, expected=words, found=type(value).__name__
            )
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key, str, default, "text")
        if value is None:
            near = get_close_matches(key, self._unasked(), 1)
            raise self.fault(
                "a key is missing",
                key,
                expected="text",
                hint=f"{near[0]!r} stands there: was {key!r} meant?" if near else None,
            )
        return value

    def optional(self, key: str) -> str | None:
        return self.get(key, str, None, "text")

    def flag(self, key: str) -> bool:
        return bool(self.get(key, bool, False, "true or false"))

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            near = get_close_matches(value, choices, 1)
            raise self.fault(
                "a value that is not known",
                key,
                expected="one of " + ", ".join(choices),
                found=repr(value),
                hint=f"did you mean {near[0]!r}?" if near else None,
            )
        return value

    def duration_ms(self, key: str) -> int:
        match = _DURATION.fullmatch(self.text(key))
        if match is None:
            raise self.fault(
                "not a duration", key, expected='a number and a unit, such as "7d", "12h", "30min"'
            )
        return int(match[1]) * _UNITS_MS[match[2]]

    def values(self, key: str) -> tuple[str, ...]:
        """A list of values as the texts they have in a column."""
        value = self.get(key, list, [], "a list of values")
        return tuple(text for item in value or [] for text in _spellings(item))

    def table(self, key: str, *, optional: bool = False) -> _Table:
        value = self.get(key, dict, {} if optional else None, "a table")
        if value is None:
            raise self.fault("a table is missing", key, expected=f"[{key}] or {key} = {{ … }}")
        return _Table(value, f"{self._name}.{key}".strip("."), self._path)

    def __bool__(self) -> bool:
        return bool(self._values)

    def _unasked(self) -> list[str]:
        return [key for key in self._values if key not in self._asked]

    def finish(self) -> None:
        for key in self._unasked():
            near = get_close_matches(key, self._asked, 1)
            raise self.fault(
                "a key that is not known",
                key,
                expected="one of " + ", ".join(sorted(self._asked)),
                hint=f"did you mean {near[0]!r}?" if near else None,
            )


def _spellings(value: object) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("true", "True", "1", "1.0") if value else ("false", "False", "0", "0.0")
    if isinstance(value, int):
        return (str(value), f"{value}.0")
    return (str(value),)


def _delimiter(head: _Table) -> str:
    delimiter = head.text("delimiter", ",")
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise head.fault("not a delimiter", "delimiter", expected="one ASCII character")
    return delimiter


def _source(table: _Table) -> tuple[str | None, str | None]:
    """(column, constant): exactly one of them."""
    column, constant = table.optional("column"), None
    if table.has("constant"):
        value = table.get("constant", object, None, "a value")
        constant = _spellings(value)[0]
    if (column is None) == (constant is None):
        raise table.fault(
            "a value comes from a column or is a constant",
            "column",
            expected="exactly one of column and constant",
        )
    return column, constant


def _sender(table: _Table) -> SenderRule:
    column, constant = _source(table)
    if constant is not None and not _CODE.fullmatch(constant):
        raise table.fault(
            "not a sender's code", "constant", expected="1 to 16 ASCII characters without spaces"
        )
    table.finish()
    return SenderRule(column, constant)


def _id(table: _Table) -> IdRule:
    single = table.optional("column")
    columns = (single,) if single is not None else table.values("columns")
    table.values("columns")
    by_row = table.flag("row_number")
    if bool(columns) == by_row:
        raise table.fault(
            "an id comes from columns or is the number of the row",
            "column",
            expected="exactly one of column, columns and row_number = true",
        )
    rule = IdRule(columns, table.text("prefix", ""))
    table.finish()
    return rule


def _fields(table: _Table, fact: Fact) -> tuple[FieldRule, ...]:
    names = [field.name for field in fact.fields]
    for key in table.names():
        if key not in names:
            near = get_close_matches(key, names, 1)
            raise table.fault(
                f"a {fact.word} has no such field",
                key,
                expected="one of " + ", ".join(names),
                hint=f"did you mean {near[0]!r}?" if near else None,
            )
    rules = tuple(_field(table.table(f.name), f) for f in fact.fields if table.has(f.name))
    given = {rule.field.name for rule in rules}
    if "currency" in given and "amount" not in given and not _needs(fact, "amount"):
        raise table.fault("a currency without an amount says nothing", "currency")
    for field in fact.fields:
        needed = field.required or (field.type is FieldType.CURRENCY and "amount" in given)
        if needed and field.name not in given:
            raise table.fault(
                f"a {fact.word} needs this field",
                field.name,
                expected="{ column = … } or { constant = … }",
            )
    return rules


def _needs(fact: Fact, name: str) -> bool:
    field = fact.field(name)
    return field is not None and field.required


def _field(table: _Table, field: Field) -> FieldRule:
    column, constant = _source(table)
    rule = FieldRule(
        field,
        column,
        constant,
        time=_time(table) if field.type is FieldType.INSTANT else None,
        minor=field.type is FieldType.MONEY
        and table.choice("unit", ("major", "minor"), "major") == "minor",
        float_noise=field.type is FieldType.MONEY and table.flag("float_noise"),
        prefix=table.text("prefix", "") if field.party else "",
        values=_value_map(table, field),
        unlisted_unknown=field.type in (FieldType.CATEGORY, FieldType.MARK)
        and table.choice("unlisted", ("refuse", "unknown"), "refuse") == "unknown",
        missing=table.values("missing"),
        duration_unit_ms=_UNITS_MS[table.choice("unit", tuple(_UNITS_MS), "ms")]
        if field.type is FieldType.DURATION
        else 1,
    )
    if constant is not None:
        _check_constant(table, field, constant)
    table.finish()
    return rule


def _check_constant(table: _Table, field: Field, constant: str) -> None:
    """A constant is refused here rather than in every row."""
    expected: str | None = None
    if field.type is FieldType.CATEGORY and constant not in field.categories:
        expected = "one of " + ", ".join(field.categories)
    elif field.type is FieldType.MARK and constant not in ("true", "false"):
        expected = "true or false"
    elif field.type is FieldType.CODE and not _CODE.fullmatch(constant):
        expected = "1 to 16 ASCII characters without spaces"
    elif field.type is FieldType.CURRENCY and not isinstance(currency_of(constant), Currency):
        expected = "a code of ISO 4217"
    elif field.type in (FieldType.INSTANT, FieldType.MONEY, FieldType.REFERENCE):
        expected = "a column: it is not the same for all rows"
    if expected is not None:
        raise table.fault("not a constant of this field", "constant", expected=expected)


def _value_map(table: _Table, field: Field) -> tuple[tuple[str, str], ...]:
    if field.type not in (FieldType.CATEGORY, FieldType.MARK):
        return ()
    ours = field.categories or ("true", "false")
    values = table.table("values", optional=True)
    pairs = []
    for theirs in values.names():
        value = values.get(theirs, object, None, "a value")
        word = _spellings(value)[0]
        if word not in ours:
            raise values.fault(
                "a value that is not known",
                theirs,
                expected="one of " + ", ".join(ours),
                found=repr(word),
            )
        pairs.append((theirs, word))
    return tuple(pairs)


def _time(table: _Table) -> TimeRule:
    text = table.text("time", "iso")
    zone = _zone(table)
    if "%" in text:
        return TimeRule("pattern", pattern=text, zone=zone)
    formats = ("timestamp", "iso", "epoch_s", "epoch_ms", "step")
    chosen = cast(TimeFormat, table.choice("time", formats, "iso"))
    if chosen != "step":
        return TimeRule(chosen, zone=zone)
    origin = table.text("origin")
    try:
        moment = datetime.fromisoformat(origin)
    except ValueError as fault:
        raise table.fault("not a date", "origin", expected='such as "2017-01-01"') from fault
    at = milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return TimeRule("step", origin_ms=at, step_ms=table.duration_ms("step"))


def _zone(table: _Table) -> str | None:
    zone = table.optional("zone")
    if zone is None or _OFFSET.fullmatch(zone):
        return zone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise table.fault(
            "an unknown time zone", "zone", expected='such as "UTC", "+05:00" or "Asia/Almaty"'
        ) from fault
    return zone


def offset_ms(zone: str) -> int | None:
    """The milliseconds an offset such as "+05:00" is ahead of UTC; None for a named zone."""
    match = _OFFSET.fullmatch(zone)
    if match is None:
        return 0 if zone == "UTC" else None
    minutes = int(match[2]) * 60 + int(match[3])
    return (minutes if match[1] == "+" else -minutes) * 60_000


def _labels(table: _Table, fact: Fact) -> LabelRule:
    if fact.kind is not Kind.PAYMENT:
        raise table.fault("labels belong to payments", "", expected='fact = "payment"')
    accounts = table.table("accounts", optional=True)
    column = table.optional("column")
    if bool(accounts) == (column is not None):
        raise table.fault(
            "the truth is in a column or in a file of accounts",
            "column",
            expected="exactly one of column and [labels.accounts]",
        )
    typology = table.optional("typology")
    if typology is not None:
        table.choice("typology", TYPOLOGIES)
    rule = LabelRule(
        column=column,
        fraud=table.values("fraud"),
        genuine=table.values("genuine"),
        accounts=_accounts(accounts) if accounts else None,
        known_after_ms=table.duration_ms("known_after"),
        settles_all=table.choice("settles", ("fraud", "all"), "fraud") == "all",
        scenario=table.optional("scenario"),
        typology=typology,
    )
    if column is not None and not rule.fraud:
        raise table.fault("which values are fraud", "fraud", expected="a list, such as [1]")
    table.finish()
    return rule


def _accounts(table: _Table) -> AccountTruth:
    matches = ("payer", "payee", "either", "both", "within")
    truth = AccountTruth(
        file=table.text("file"),
        account=table.text("account"),
        column=table.text("column"),
        fraud=table.values("fraud"),
        since=table.optional("since"),
        never=table.values("never"),
        match=cast(Match, table.choice("match", matches, "either")),
    )
    if not truth.fraud:
        raise table.fault("which values are fraud", "fraud", expected="a list, such as [1]")
    table.finish()
    return truth
