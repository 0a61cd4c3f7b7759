"""The pages of reference are what the tables say."""

from __future__ import annotations

from pathlib import Path

from arasha.cases.reference import law_page, roles_page
from arasha.cases.roles import OTHERS, RIGHTS, ROLES
from cases_samples import kz


def test_the_page_of_roles_is_made_from_the_table(root: Path) -> None:
    """Whoever changes the table makes it anew.

    arasha law roles > docs/reference/roles.md
    """
    page = roles_page()
    assert (root / "docs" / "reference" / "roles.md").read_text("utf-8") == page
    for word in (*RIGHTS, *ROLES, *OTHERS):
        assert f"`{word}`" in page


def test_the_page_of_the_law_is_made_from_the_file(root: Path) -> None:
    """Whoever changes a figure makes it anew.

    arasha law page law/kz.toml > docs/reference/law.md
    """
    page = law_page(kz())
    assert (root / "docs" / "reference" / "law.md").read_text("utf-8") == page
    assert all(name.removeprefix("calendar.") in page for name in kz().figures)
