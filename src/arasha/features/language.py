"""The policy language: one expression, from text to a typed, frozen tree.

In comes the text of an expression and a Scope (which fact is judged, which features there are); out
goes an Expression (features/expressions.py) in which every name is resolved and every type is
right, or the Problems that stop it, all of them, each with the characters it is about. The grammar
is a subset of Python's, read with Python's own parser and never run; docs/reference/
policy-language.md is the reference.

::

    text --language_syntax.read--> syntax tree --Checker--> Expression
                                                 |  language_terms: types and literals
                                                 |  language_windows: aggregates
"""

from __future__ import annotations

import ast
from dataclasses import fields, is_dataclass
from typing import Final

from arasha.events.schema import FACTS, Fact
from arasha.features.expressions import Expression
from arasha.features.language_checker import AGGREGATORS, FUNCTIONS, Checker, Scope
from arasha.features.language_syntax import Problem, Refused, read
from arasha.features.language_terms import near

__all__ = ["AGGREGATORS", "FUNCTIONS", "Problem", "Scope", "names_in", "near", "parse", "reserved"]

MAX_SIZE: Final = 10_000
"""Largest checked expression, nodes, with every comparison chain and list written out."""

_WORDS: Final = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "missing"}
    | {"by", "where", "window", "delay"}
)
"""Words no feature may be called."""


def parse(text: str, scope: Scope) -> Expression | tuple[Problem, ...]:
    """The checked expression, or everything that is wrong with it.

    Promises: no code of the text is run; size and depth of the result are bounded; no text raises.
    An empty tuple means that the only fault is that of a feature it uses.

    >>> parse("amount + 1", Scope())[0].what
    'money and a plain number cannot be added'
    """
    try:
        source, body = read(text)
        checker = Checker(source, scope)
        term = checker.term(body)
        expression = None if term is None else checker.settle(term, body)
    except Refused as refused:
        return (refused.problem,)
    except RecursionError:
        return (Problem("too-complex", "the expression is nested too deeply", 0, len(text)),)
    if expression is None or checker.problems:
        found = sorted(dict.fromkeys(checker.problems), key=lambda problem: problem.start)
        return tuple(found)
    if _size(expression) > MAX_SIZE:
        return (Problem("too-complex", "the expression has too many parts", 0, len(text),
                        f"at most {MAX_SIZE} when lists and chains are written out"),)  # fmt: skip
    return expression


def names_in(text: str) -> tuple[str, ...]:
    """The names an expression uses outside the windows' own arguments, in order, each once.

    These are what may be features; nothing for a text that cannot be read.
    """
    try:
        _, body = read(text)
    except Refused:
        return ()
    names: dict[str, None] = {}
    stack: list[ast.AST] = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            names[node.id] = None
        elif isinstance(node, ast.Call):
            is_window = isinstance(node.func, ast.Name) and node.func.id in AGGREGATORS
            stack.extend([] if is_window else reversed(node.args))
        else:
            stack.extend(reversed(list(ast.iter_child_nodes(node))))
    return tuple(names)


def reserved(name: str, judged: Fact) -> str | None:
    """What a name already means in expressions, or None if it is free for a feature."""
    if name in AGGREGATORS:
        return "an aggregator"
    if name in FUNCTIONS:
        return "a function"
    if name in FACTS:
        return "a kind of fact"
    if judged.field(name) is not None:
        return f"a field of the {judged.word}"
    return "a word of the language" if name in _WORDS else None


def _size(expression: Expression) -> int:
    """How many nodes the tree has. Shared parts are measured once but count each time."""
    sizes: dict[int, int] = {}

    def measure(node: object) -> int:
        if isinstance(node, tuple):
            return sum(measure(part) for part in node)
        if not is_dataclass(node) or not hasattr(node, "type"):
            return 0
        size = sizes.get(id(node))
        if size is None:
            size = 1 + sum(measure(getattr(node, part.name)) for part in fields(node))
            sizes[id(node)] = size
        return size

    return measure(expression)
