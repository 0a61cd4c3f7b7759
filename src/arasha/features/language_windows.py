"""Aggregates of the policy language: ``sum(payment.amount, by=payer_account, window="7d")``.

A part of the type checker (features/language_checker.py). In comes the call of an aggregator; out
goes a Window in which the key, the span, the filter and the type of the result are settled. An
aggregate of money gets the currency as a part of its key, so that sums never mix currencies.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from arasha.events.schema import FACTS, Fact, Field, FieldType
from arasha.features.expressions import (
    BOOL,
    COUNT,
    Aggregator,
    Expression,
    KeyPart,
    Unit,
    ValueType,
    Window,
)
from arasha.features.language_terms import DURATION, name_field, near
from arasha.features.literals import Malformed, read_duration, write_duration

if TYPE_CHECKING:
    from arasha.features.language_checker import Checker

MIN_WINDOW_MS: Final = 1_000
"""Shortest window."""

MAX_WINDOW_MS: Final = 366 * 86_400_000
"""Longest window and longest delay: a year."""

MAX_KEY_PARTS: Final = 3
"""Largest key of a window, parts; the currency of an aggregate of money is one of them."""

KEYWORDS: Final = ("by", "window", "where", "delay")

_OF_FACTS: Final = ("count", "exists", "first", "last")
_MEASURED: Final = (FieldType.MONEY, FieldType.DURATION)


def window(checker: Checker, name: Aggregator, node: ast.Call) -> Expression | None:
    """The aggregate a call asks for, or None and the problems reported."""
    if checker.fact is not None:
        checker.problem(
            node,
            "nested-window",
            "a window inside 'where'",
            expected=f"a condition on the fields of the {checker.fact.word} itself",
            hint="give the inner window a name in [features] and use it beside this one",
        )
        return None
    subject = _subject(checker, name, node)
    keywords = _keywords(checker, name, node)
    if subject is None or keywords is None:
        return None
    fact, value = subject
    by = key_of(checker, fact, keywords["by"])
    window_ms = span(checker, "window", keywords["window"])
    delay_ms = span(checker, "delay", keywords["delay"]) if "delay" in keywords else 0
    where: Expression | None = None
    if "where" in keywords:
        checker.fact = fact
        where = checker.condition(keywords["where"].value)
        checker.fact = None
        if where is None:
            return None
    if by is None or window_ms is None or delay_ms is None:
        return None
    if value is not None and value.type is FieldType.MONEY:
        by = with_currency(checker, fact, by, node)
    if len(by) > MAX_KEY_PARTS:
        checker.problem(
            keywords["by"],
            "key",
            "the key has too many parts",
            expected=f"at most {MAX_KEY_PARTS}, the currency of money among them",
            found=f"{len(by)}",
        )
        return None
    return Window(name, fact, value, by, where, window_ms, delay_ms, _type(name, value))


def _type(name: Aggregator, value: Field | None) -> ValueType:
    if name in ("count", "distinct"):
        return COUNT
    if name == "exists":
        return BOOL
    if value is None:
        return DURATION
    unit = Unit.MONEY if value.type is FieldType.MONEY else Unit.DURATION
    return ValueType("float" if name in ("mean", "std") else "int", unit)


def _subject(
    checker: Checker, name: Aggregator, node: ast.Call
) -> tuple[Fact, Field | None] | None:
    """The kind of fact and the field aggregated."""
    usage = f"{name}(payment, ...)" if name in _OF_FACTS else f"{name}(payment.amount, ...)"
    if name == "distinct":
        usage = "distinct(payment.payee_account, ...)"
    if len(node.args) != 1:
        found = f"{len(node.args)} values"
        checker.problem(node, "arguments", f"'{name}' is of one thing", expected=usage, found=found)
        return None
    of = node.args[0]
    word = of.value if isinstance(of, ast.Attribute) else of
    if not isinstance(word, ast.Name):
        found = checker.source.words(of)
        checker.problem(of, "arguments", f"'{name}' is of facts", expected=usage, found=found)
        return None
    fact = FACTS.get(word.id)
    if fact is None:
        hint = near(word.id, tuple(FACTS))
        if checker.scope.judged.field(word.id) is not None and isinstance(of, ast.Name):
            hint = f"did you mean '{checker.scope.judged.word}.{word.id}'?"
        checker.problem(
            word,
            "unknown-name",
            f"unknown kind of fact '{word.id}'",
            expected=", ".join(FACTS),
            hint=hint,
        )
        return None
    if isinstance(of, ast.Name):
        return _of_fact(checker, name, fact, of, usage)
    assert isinstance(of, ast.Attribute)  # all else was told apart with the word
    return _of_field(checker, name, fact, of)


def _of_fact(
    checker: Checker, name: Aggregator, fact: Fact, of: ast.Name, usage: str
) -> tuple[Fact, None] | None:
    if name in _OF_FACTS:
        return fact, None
    what = f"'{name}' needs a field of the {fact.word}"
    checker.problem(of, "arguments", what, expected=usage, found=f"{fact.word} alone")
    return None


def _of_field(
    checker: Checker, name: Aggregator, fact: Fact, of: ast.Attribute
) -> tuple[Fact, Field] | None:
    field = fact.field(of.attr)
    words = checker.source.words(of)
    if field is None:
        names = [f.name for f in fact.fields]
        checker.problem(
            of,
            "unknown-name",
            f"a {fact.word} has no field '{of.attr}'",
            expected=", ".join(names),
            hint=near(of.attr, names),
        )
        return None
    if name in _OF_FACTS:
        known = f"known({field.name})" if field.type is not FieldType.MARK else field.name
        checker.problem(
            of,
            "type",
            f"'{name}' is of facts, not of a field",
            expected=f"{name}({fact.word}, ...)",
            found=words,
            hint=f"{name}({fact.word}, ..., where={known})",
        )
        return None
    if name == "distinct":
        if field.type.is_symbol or field.type is FieldType.CATEGORY:
            return fact, field
        expected = "a party, a code, a reference or a category"
        checker.problem(of, "type", f"'distinct' cannot count {words}", expected=expected,
                        found=_kind(field))  # fmt: skip
        return None
    if field.type in _MEASURED:
        return fact, field
    hint = f"count({fact.word}, ..., where={field.name})" if field.type is FieldType.MARK else None
    if field.type is FieldType.INSTANT:
        hint = f"first({fact.word}, ...) and last({fact.word}, ...) give ages"
    elif field.type.is_symbol or field.type is FieldType.CATEGORY:
        hint = f"distinct({words}, ...)"
    checker.problem(
        of, "type", f"'{name}' of {words}", expected="money or a duration", found=_kind(field),
        hint=hint,
    )  # fmt: skip
    return None


def _kind(field: Field) -> str:
    if field.type.is_symbol:
        return name_field(field)
    return {
        FieldType.MONEY: "money",
        FieldType.CURRENCY: "a currency",
        FieldType.INSTANT: "a moment in time",
        FieldType.DURATION: "a duration",
        FieldType.MARK: "yes or no",
    }.get(field.type, "a category")


def _keywords(checker: Checker, name: Aggregator, node: ast.Call) -> dict[str, ast.keyword] | None:
    found: dict[str, ast.keyword] = {}
    good = True
    for keyword in node.keywords:
        if keyword.arg in KEYWORDS and keyword.arg not in found:
            found[keyword.arg] = keyword
            continue
        good = False
        what = f"'{name}' has no argument '{keyword.arg}'"
        if keyword.arg in found:
            what = f"the argument '{keyword.arg}' is given twice"
        elif keyword.arg is None:
            what = "'**' is not part of the language"
        hint = near(keyword.arg or "", KEYWORDS)
        checker.problem(keyword, "arguments", what, expected=", ".join(KEYWORDS), hint=hint)
    for needed, example in (("by", "by=payer_account"), ("window", 'window="7d"')):
        if needed in found:
            continue
        if not good and len(found) < len(node.keywords):
            continue  # it may be the one misspelt
        good = False
        hint = "by=() is over all facts of the kind" if needed == "by" else None
        what = f"'{name}' needs the argument '{needed}'"
        checker.problem(node, "arguments", what, expected=example, hint=hint)
    return found if good else None


def span(checker: Checker, name: str, keyword: ast.keyword) -> int | None:
    """Milliseconds of ``window`` or ``delay``, within their bounds."""
    value = keyword.value
    expected = 'a duration such as "90s", "10min", "2h", "7d" or "4w"'
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        words = checker.source.words(value)
        hint = f'did you mean "{words}d"?' if words.isdigit() else None
        if words.isidentifier() or (
            words[:1].isdigit() and words.isalnum() and not words.isdigit()
        ):
            hint = f'between quotes: {name}="{words}"'
        checker.problem(
            value, "bad-literal", f"'{name}' is a duration written out", expected=expected,
            found=words, hint=hint,
        )  # fmt: skip
        return None
    read = read_duration(value.value)
    if isinstance(read, Malformed):
        checker.malformed(value, read)
        return None
    least = MIN_WINDOW_MS if name == "window" else 0
    if not least <= read <= MAX_WINDOW_MS:
        checker.problem(
            value,
            "range",
            f"this {name} is too {'short' if read < least else 'long'}",
            expected=f"from {write_duration(least)} to {write_duration(MAX_WINDOW_MS)}",
            found=value.value,
        )
        return None
    return read


def key_of(checker: Checker, fact: Fact, keyword: ast.keyword) -> tuple[KeyPart, ...] | None:
    """The parts of the key, each with the field of theirs and the field of ours."""
    value = keyword.value
    pairs: list[tuple[ast.expr, ast.expr]]
    match value:
        case ast.Name():
            pairs = [(value, value)]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            pairs = [(part, part) for part in parts]
        case ast.Dict(keys=theirs, values=ours):
            pairs = [(key, part) for key, part in zip(theirs, ours, strict=True) if key is not None]
        case _:
            pairs = []
    names = all(isinstance(part, ast.Name) for pair in pairs for part in pair)
    written = isinstance(value, ast.Name | ast.Tuple | ast.List | ast.Dict)
    if not names or not written or (isinstance(value, ast.Dict) and len(pairs) < len(value.keys)):
        checker.problem(
            value,
            "key",
            "'by' is a key",
            expected="a field, (field, field), {their field: our field}, or () for all facts",
            found=checker.source.words(value),
        )
        return None
    checked = [_key_part(checker, fact, their, our) for their, our in pairs]
    key = tuple(part for part in checked if part is not None)
    if len(key) < len(checked):
        return None
    for i, part in enumerate(key):
        if part.theirs in [earlier.theirs for earlier in key[:i]]:
            what = f"'{part.theirs.name}' is in the key twice"
            checker.problem(pairs[i][0], "key", what, expected="each field once")
            return None
    return key


def _key_part(checker: Checker, fact: Fact, theirs: ast.expr, ours: ast.expr) -> KeyPart | None:
    assert isinstance(theirs, ast.Name)
    assert isinstance(ours, ast.Name)
    judged = checker.scope.judged
    their_field, our_field = fact.field(theirs.id), judged.field(ours.id)
    if their_field is None:
        _no_field(checker, theirs, fact, our_field, is_pair=theirs is not ours)
        return None
    if our_field is None:
        _no_field(checker, ours, judged, their_field, is_pair=theirs is not ours)
        return None
    if _fits(their_field, our_field):
        return KeyPart(their_field, our_field)
    if their_field == our_field:
        hint = None
        if their_field.type is FieldType.CATEGORY:
            hint = f'filter instead: where={their_field.name} == "{their_field.categories[0]}"'
        checker.problem(
            theirs,
            "key",
            f"'{theirs.id}' cannot be a key",
            expected="a party, a code or the currency",
            found=_kind(their_field),
            hint=hint,
        )
        return None
    checker.problem(
        ours,
        "key",
        f"'{theirs.id}' never equals '{ours.id}'",
        expected=_kind(their_field),
        found=_kind(our_field),
    )
    return None


def _fits(theirs: Field, ours: Field) -> bool:
    """Whether a value of one can equal a value of the other."""
    if (theirs.type, theirs.party) != (ours.type, ours.party):
        return False
    if theirs.type is FieldType.REFERENCE:
        return theirs.name == ours.name  # a UETR never equals the digest of an id
    return theirs.type.is_symbol or theirs.type is FieldType.CURRENCY


def _no_field(
    checker: Checker, node: ast.Name, fact: Fact, other: Field | None, *, is_pair: bool
) -> None:
    """A part of the key names no field of the fact it is looked up in."""
    keys = [f.name for f in fact.fields if f.type.is_symbol or f.type is FieldType.CURRENCY]
    alike = [] if other is None else [
        f.name for f in fact.fields if (f.type, f.party) == (other.type, other.party)
    ]  # fmt: skip
    judged = checker.scope.judged
    hint = near(node.id, keys)
    if other is not None and not is_pair and alike:
        pair = (node.id, alike[0]) if fact is judged else (alike[0], node.id)
        hint = f"by={{{pair[0]}: {pair[1]}}} pairs a field of theirs with one of ours"
    checker.problem(
        node,
        "unknown-name",
        f"a {fact.word} has no field '{node.id}'",
        expected=f"one of {', '.join(alike or keys)}",
        hint=hint,
    )


def with_currency(
    checker: Checker, fact: Fact, by: tuple[KeyPart, ...], node: ast.Call
) -> tuple[KeyPart, ...]:
    """The key of an aggregate of money: only facts in the judged payment's currency."""
    theirs, ours = fact.field("currency"), checker.scope.judged.field("currency")
    if theirs is None or ours is None:
        what = f"a {checker.scope.judged.word} has no currency to add money in"
        checker.problem(node, "key", what, expected="an aggregate of something else than money")
        return by
    if any(part.theirs == theirs for part in by):
        return by
    return (*by, KeyPart(theirs, ours))
