"""The reference pages of this room, made from the tables that the domain itself uses.

Out: Markdown. Tests hold the pages in docs/reference/ to them.
"""

from __future__ import annotations

from arasha.cases.acts import KIND_OF, word_of
from arasha.cases.law import MARKS, SECTIONS, Law, meanings
from arasha.cases.roles import OTHERS, RIGHTS, ROLES, SECONDS, VIEWS

_SECTION_TITLES = {
    "hold": "Holds", "recall": "Recall and return", "appeal": "Appeals",
    "listing": "The shared list", "desk": "The centre's own work",
    "numbers": "Numbers, at an operator",
}  # fmt: skip


def roles_page() -> str:
    """docs/reference/roles.md: who may do what, see what, and what one person cannot do."""
    words = {**ROLES, **OTHERS}
    meanings_by_act = {word_of(act): meaning_of(act) for act in KIND_OF}
    return "\n".join([
        "# Roles and acts",
        "",
        "Who may do what. The domain, the doors and the tests use one table,",
        "`src/arasha/cases/roles.py`, and this page is made from it. What is in no row is",
        "nobody's right.",
        "",
        "| role | what it is for |",
        "| --- | --- |",
        *(f"| {_role(word)} | {text} |" for word, text in words.items()),
        "",
        "A person may be analyst and officer, or author and publisher. `administrator`,",
        "`authority` and `auditor` go with no other role: whoever has one of them and another",
        "may do nothing.",
        "",
        "## Acts",
        "",
        "An act that two people must want is asked for by one and approved by others, none of them",
        "twice; each approval is bound to the hash of exactly what will be done.",
        "",
        "| act | what it says | who may | whom it needs besides |",
        "| --- | --- | --- | --- |",
        *(
            f"| `{act}` | {meanings_by_act[act]} | {_roles(allowed)} | {SECONDS.get(act, '')} |"
            for act, allowed in RIGHTS.items()
        ),
        "",
        "## Views",
        "",
        "A party is seen through something open that names it, and each view is an entry.",
        "",
        "| what is read | by whom |",
        "| --- | --- |",
        *(f"| {what} | {_roles(allowed)} |" for what, allowed in VIEWS.items()),
        "",
    ])  # fmt: skip


def law_page(law: Law) -> str:
    """docs/reference/law.md: every figure of a law, what it means, its source and its mark."""
    lines = [
        "# The law file",
        "",
        "Every limit of a hold, a recall, an appeal and a listing is a figure of a law file, and",
        "each figure says where it was read and how far it can be relied on. A law is versioned",
        "by its hash, like a policy; the entry that puts it in force holds its whole text.",
        "Another country's is made from `law/template.toml`; `arasha law check FILE` shows its",
        "faults where they stand. This page is made from",
        f"`law/{law.country.lower()}.toml`, version `{law.hash[:16]}…`.",
        "",
        "| mark | what it says of a figure |",
        "| --- | --- |",
        *(f"| {mark} | {meaning} |" for mark, meaning in MARKS.items()),
        "",
        "Terms are in minutes, hours, days or business days. A term of business days ends at the",
        "same time of day on its last one; one that begins on a free day ends with its last one.",
    ]
    for section in SECTIONS:
        lines += ["", f"## {_SECTION_TITLES[section]}", "",
                  "| figure | what it means | is | source | mark |",
                  "| --- | --- | --- | --- | --- |"]  # fmt: skip
        for name, meaning in meanings(section).items():
            figure = law.figures[f"{section}.{name}"]
            lines.append(
                f"| `{section}.{name}` | {meaning} | {figure.text} | {figure.source} "
                f"| {figure.mark} |"
            )
    years = " and ".join(map(str, sorted(law.calendar.years)))
    lines += [
        "", "## Free and worked days", "",
        f"Those of {years} that are other than their weekday says. Years that are not here",
        "have weekends alone: terms then end too early for who holds, never too late for who",
        "is held.",
        "", "| day | why | source | mark |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    for name, figure in law.figures.items():
        if name.startswith("calendar."):
            day = name.removeprefix("calendar.")
            lines.append(f"| {day} | {figure.text} | {figure.source} | {figure.mark} |")
    return "\n".join([*lines, ""])


def meaning_of(act: type) -> str:
    """What an act says, in a sentence: the first of its docstring."""
    text = " ".join((act.__doc__ or "").split("\n\n")[0].split())
    return text.removesuffix(".").replace("``", "`").replace("|", "\\|")


def _role(word: str) -> str:
    return f"`{word}`"


def _roles(words: frozenset[str]) -> str:
    order = [*ROLES, *OTHERS]
    return ", ".join(_role(word) for word in sorted(words, key=order.index))
