"""From the text of an expression to a syntax tree of bounded size.

The first half of features/language.py: in comes any text at all, however hostile; out goes a tree
of Python's ``ast`` that is small, shallow and made of whitelisted nodes, or one Problem that says
where the text goes wrong. Nothing is ever run. A scan of our own comes before Python's parser, so
that the common slips (a bracket, a quote, a Cyrillic letter) get a message of ours that does not
change with the version of Python.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from dataclasses import dataclass
from typing import Final

MAX_EXPRESSION_CHARS: Final = 4_000
"""Longest expression, characters."""

MAX_DEPTH: Final = 64
"""Deepest nesting of brackets and of operators, levels."""

MAX_NODES: Final = 1_000
"""Largest expression, nodes of its syntax tree."""

_CLOSERS: Final = {"(": ")", "[": "]", "{": "}"}
_QUOTES: Final = "‘’‚‛“”„‟«»′″`´"
_WORDS: Final = {
    "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "=": "==", "<>": "!=",
    "AND": "and", "OR": "or", "NOT": "not", "IN": "in", "IF": "if", "ELSE": "else",
    "?": "a if condition else b", "then": "a if condition else b",
}  # fmt: skip

_FOREIGN: Final = frozenset({"&&", "||", "!", "<>", "?", "&", "|"})
_OPERATOR_WORDS: Final = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await", "yield", "async"}
)
_TOKEN: Final = re.compile(
    r"""\#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d[\w.]*|\w+|&&|\|\||<>|[=!<>]=|\S"""
)

_ALLOWED: Final = (
    ast.Expression, ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.keyword, ast.Tuple,
    ast.List, ast.Set, ast.Dict, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp,
    ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
_REFUSED: Final[dict[type[ast.AST], str]] = {
    ast.Lambda: "a function definition",
    ast.Subscript: "an index in square brackets",
    ast.JoinedStr: "a formatted string",
    ast.NamedExpr: "an assignment",
    ast.Starred: "a star",
    ast.Await: "an await",
    ast.Yield: "a yield",
    ast.YieldFrom: "a yield",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an expression: characters ``start`` to ``end`` of its text.

    ``name`` is the stable name of the kind of fault (docs/reference/policy-language.md lists them).
    """

    name: str
    what: str
    start: int
    end: int
    expected: str | None = None
    found: str | None = None
    hint: str | None = None


class Refused(Exception):
    """An expression has a problem; raised within the language's own modules only."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


class Source:
    """The text of an expression and where the nodes of its tree stand in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        # Python is given "(" + text + "\n)", so that an expression may take several lines.
        self._lines = f"({text}".split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, line: int, column_bytes: int) -> int:
        """The character of the text at Python's line (from 1) and column (UTF-8 bytes from 0)."""
        row = min(max(line, 1), len(self._lines)) - 1
        prefix = self._lines[row].encode("utf-8", "surrogatepass")[: max(column_bytes, 0)]
        characters = len(prefix.decode("utf-8", "ignore"))
        return min(max(self._starts[row] + characters - 1, 0), len(self.text))

    def past_the_end(self, line: int) -> bool:
        """Whether Python's line (from 1) is the one added behind the text."""
        return line > len(self._lines)

    def span(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """First character of a node and the one after its last."""
        start = self.offset(node.lineno, node.col_offset)
        end = self.offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return start, max(end, start + 1)

    def words(self, node: ast.expr | ast.keyword) -> str:
        """The node's own text on one line, cut short."""
        start, end = self.span(node)
        return shorten(self.text[start:end])


def shorten(text: str, chars_max: int = 60) -> str:
    """The text on one line, its middle left out if it is long."""
    line = " ".join(text.split())
    if len(line) <= chars_max:
        return line
    half = (chars_max - 3) // 2
    return f"{line[:half]}...{line[-half:]}"


def read(text: str) -> tuple[Source, ast.expr]:
    """The syntax tree of an expression.

    Promises: at most MAX_NODES nodes, at most MAX_DEPTH deep, whitelisted kinds of node only.
    Raises Refused with the first problem; no other exception whatever the text.
    """
    _scan(text)
    source = Source(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(f"({text}\n)", mode="eval")
        body = tree.body
        _bound(source, body)
    except (RecursionError, MemoryError):
        raise _too_deep(0, len(text)) from None
    except SyntaxError as error:
        raise Refused(_syntax_problem(source, error)) from None
    except ValueError:
        raise _refused("syntax", "this is not an expression", 0, len(text)) from None
    return source, body


def _refused(
    name: str,
    what: str,
    start: int,
    end: int,
    *,
    expected: str | None = None,
    found: str | None = None,
    hint: str | None = None,
) -> Refused:
    return Refused(Problem(name, what, start, max(end, start + 1), expected, found, hint))


def _too_deep(start: int, end: int) -> Refused:
    return _refused(
        "too-complex",
        "the expression is nested too deeply",
        start,
        end,
        expected=f"at most {MAX_DEPTH} levels",
        hint="give a part of it a name of its own in [features]",
    )


def _scan(text: str) -> None:
    """Everything a look at the characters alone can find."""
    if len(text) > MAX_EXPRESSION_CHARS:
        raise _refused(
            "too-complex",
            "the expression is too long",
            0,
            1,
            expected=f"at most {MAX_EXPRESSION_CHARS} characters",
            found=f"{len(text)} characters",
            hint="give parts of it names of their own in [features]",
        )
    if not text.strip():
        raise _refused("syntax", "the expression is empty", 0, 1, expected="an expression")
    open_brackets: list[int] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character in "\"'":
            at = _string_end(text, at)
            continue
        if character == "#":
            at = _line_end(text, at)
            continue
        if character in "([{":
            open_brackets.append(at)
            if len(open_brackets) > MAX_DEPTH:
                raise _too_deep(at, at + 1)
        elif character in ")]}":
            _close(text, at, open_brackets)
        elif character not in "\n\t" and (character == "\\" or not " " <= character <= "~"):
            raise _foreign(text, at)
        at += 1
    if open_brackets:
        start = open_brackets[-1]
        raise _refused(
            "syntax",
            f"this {text[start]!r} is never closed",
            start,
            start + 1,
            expected=f"{_CLOSERS[text[start]]!r} further on",
        )


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _string_end(text: str, start: int) -> int:
    quote = text[start]
    run = quote * 3 if text.startswith(quote * 3, start) else quote
    at = start + len(run)
    while at < len(text):
        if text.startswith(run, at):
            return at + len(run)
        if len(run) == 1 and text[at] == "\n":
            break
        if text[at] != "\t" and text[at] < " " and text[at] != "\n":
            raise _foreign(text, at)
        at += 2 if text[at] == "\\" else 1
    raise _refused(
        "syntax", "this text is never closed", start, start + len(run), expected=f"a closing {run}"
    )


def _close(text: str, at: int, open_brackets: list[int]) -> None:
    if not open_brackets:
        raise _refused("syntax", f"this {text[at]!r} closes nothing", at, at + 1)
    start = open_brackets.pop()
    if _CLOSERS[text[start]] != text[at]:
        raise _refused(
            "syntax",
            f"this {text[at]!r} does not close the {text[start]!r} before it",
            at,
            at + 1,
            expected=repr(_CLOSERS[text[start]]),
            found=repr(text[at]),
        )


def _foreign(text: str, at: int) -> Refused:
    character = text[at]
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    hint = None
    if character in _QUOTES:
        hint = 'write texts between plain quotes: "..."'
    elif character.isalpha():
        hint = "it may look like a Latin letter; type it again with the Latin keyboard"
    elif character.isspace():
        hint = "replace it with a plain space"
    return _refused(
        "foreign-character",
        "this character has no place in an expression",
        at,
        at + 1,
        expected="Latin letters, digits and Python's operators",
        found=name,
        hint=hint,
    )


def _syntax_problem(source: Source, error: SyntaxError) -> Problem:
    text = source.text
    suspect = _suspect(text)
    if suspect is None:
        line = error.lineno or 1
        column = max((error.offset or 1) - 1, 0)
        start = min(source.offset(line, 0) + column - (line == 1), len(text))
        if source.past_the_end(line):
            start = len(text)
        token = _TOKEN.search(text, start)
        suspect = (start, token.end()) if token else (len(text), len(text) + 1)
    start, end = suspect
    token_text = text[start:end].strip()
    hint = None
    if token_text in _WORDS:
        hint = f"did you mean '{_WORDS[token_text]}'?"
    elif "else" in error.msg:
        hint = "a choice has two sides: a if condition else b"
    return Problem(
        "syntax",
        "the expression cannot be read from here",
        max(start, 0),
        max(end, start + 1),
        "an operator, a value or the end",
        repr(shorten(token_text)) if token_text else "the end of the expression",
        hint,
    )


def _suspect(text: str) -> tuple[int, int] | None:
    """The first token that cannot stand where it stands, as far as its neighbour tells."""
    operand = False
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token.startswith("#"):
            continue
        if token in _FOREIGN or (token == "=" and depth == 0):
            return match.span()
        depth += (token in _CLOSERS) - (token in _CLOSERS.values())
        is_value = token[0] in "\"'" or token[0] == "_" or token[0].isalnum()
        is_value = is_value and token not in _OPERATOR_WORDS
        if operand and is_value:
            return match.span()
        operand = is_value or token in _CLOSERS.values()
    return None


def _bound(source: Source, body: ast.expr) -> None:
    """Count nodes and levels, and refuse every node that is not whitelisted."""
    nodes = 0
    stack: list[tuple[ast.AST, int, ast.expr]] = [(body, 1, body)]
    while stack:
        node, depth, near = stack.pop()
        near = node if isinstance(node, ast.expr) else near
        nodes += 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise _too_large(source, near, depth)
        if not isinstance(node, _ALLOWED):
            raise _not_allowed(source, node, near)
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, (ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context)):
            nodes -= 1
        stack.extend((child, depth + 1, near) for child in reversed(children))


def _too_large(source: Source, node: ast.expr, depth: int) -> Refused:
    start, end = source.span(node)
    if depth > MAX_DEPTH:
        return _too_deep(start, end)
    return _refused(
        "too-complex",
        "the expression has too many parts",
        start,
        end,
        expected=f"at most {MAX_NODES} names, values and operators",
        hint="give parts of it names of their own in [features]",
    )


def _not_allowed(source: Source, node: ast.AST, near: ast.expr) -> Refused:
    what = _REFUSED.get(type(node), "this construction")
    start, end = source.span(near)
    return _refused(
        "not-allowed",
        f"{what} is not part of the language",
        start,
        end,
        expected="names, values, operators, 'a if b else c' and the functions of the language",
    )
