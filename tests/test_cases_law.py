"""The law as data: what its version is of."""

from __future__ import annotations

from arasha.cases.law import MARKS, SECTIONS, canonical, meanings
from arasha.cases.law_document import law_of
from cases_samples import kz


def test_the_version_is_of_what_can_alter_an_outcome() -> None:
    """A figure makes another version; a comment, a source, a mark, or the name does not."""
    law = kz()
    assert 64 == len(law.hash)
    same = law.text.replace("as Brazil's DICT", "elsewhere").replace(
        'mark = "press"', 'mark = "law"'
    )
    assert law.hash == law_of("# a comment\n" + same, "kz.toml").hash
    for old, new in (
        ('"5 business days"', '"4 business days"'), ("date = 2026-12-16", "date = 2026-12-17"),
        ("is = true", "is = false"), ('"pro_rata"', '"last_in_first_returned"'),
        ("or to a court for damages", "for damages"), ('"+05:00"', '"+06:00"'),
    ):  # fmt: skip
        assert old in law.text
        assert law.hash != law_of(law.text.replace(old, new), "kz.toml").hash


def test_every_figure_says_what_it_means_where_it_is_from_and_how_sure_that_is() -> None:
    """None without a source."""
    law = kz()
    named = {f"{section}.{name}" for section in SECTIONS for name in meanings(section)}
    assert named == {name for name in law.figures if not name.startswith("calendar.")}
    assert all(figure.source and figure.mark in MARKS for figure in law.figures.values())


def test_no_two_laws_share_a_canonical_form() -> None:
    """It is one line of JSON, the same each time."""
    assert canonical(kz()) == canonical(law_of(kz().text, "elsewhere.toml"))
    assert "\n" not in canonical(kz())
