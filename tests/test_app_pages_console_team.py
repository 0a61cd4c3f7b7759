"""The team in the console: how the work stands, and a second look at cases that were drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from playwright.sync_api import Browser

from arasha.app.pages.languages import LANGUAGES
from arasha.cases.projection import rebuilt
from arasha.cases.state import State
from arasha.cases.team import LOOKED_AT, WEEK_MS, closed_in, week_of
from arasha.engine.lookback import first_at
from arasha.events.records import milliseconds
from arasha.log.log import Log
from cases_samples import kz
from console_samples import posted, signed_in, sit_down
from live_samples import WITH_FALLBACK
from lived_samples import live
from pages_samples import SHOWN_THEMES, reading, too_wide_at, violations
from policy_samples import written
from service_samples import Served, participant, serving
from test_app_http_acting import LAW, people


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A centre that has closed two cases a day for five weeks."""
    folder = tmp_path_factory.mktemp("team")
    directory, policy = folder / "centre", written(folder, WITH_FALLBACK)
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")} | people(directory)
    live(directory, milliseconds(datetime.now(UTC)), policy=policy, days=36, a_day=2, closing=True)
    with serving(directory, policy, "--law", str(LAW), keys=keys) as served:
        yield served
        assert 0 == served.stop()


def state_of(served: Served) -> State:
    with Log.open(served.directory, writable=False) as log:
        return rebuilt(log).state


def drawn_by_hand(served: Served) -> tuple[str, list[str]]:
    """The entry and the cases of the last week that is over, as docs/guides/console.md says it."""
    with Log.open(served.directory, writable=False) as log:
        state = rebuilt(log).state
        stops_ms = week_of(milliseconds(datetime.now(UTC)), kz().calendar)
        entry = first_at(log, stops_ms)
        leaf = log.leaf(entry)
    names = [one.id for one in closed_in(state, stops_ms - WEEK_MS, stops_ms)]
    assert len(names) > LOOKED_AT
    names.sort(key=lambda name: sha256(b"arasha second look\0" + leaf + name.encode()).digest())
    return str(entry), names[:LOOKED_AT]


def test_the_lot_can_be_drawn_again_by_anybody(worked: Served) -> None:
    """From the record and the guide alone: the same cases, in the same order."""
    entry, names = drawn_by_hand(worked)
    with signed_in(worked.directory, "bolat", worked.address) as client:
        text = client.get("/en/console/team").text
    first = text[text.index("The week from") :]
    first = first[: first.index("</table>")]
    assert f"by entry {entry}" in first.replace(",", "")
    assert names == re.findall(r'href="/en/console/case/(c[0-9]+)"', first)


def test_people_stand_by_name_and_nobody_is_ranked(worked: Served) -> None:
    """Load, deadlines, ageing; for officers alone."""
    with signed_in(worked.directory, "bolat", worked.address) as client:
        text = client.get("/en/console/team").text
    assert "Nearest deadlines" in text or "No case is open" in text
    assert "aigul" in text
    assert not re.search(r"rank [0-9]|best|worst", text)
    for name, status in (("aigul", 403), ("ivan", 403), ("zhanar", 403), ("kairat", 403)):
        with signed_in(worked.directory, name, worked.address) as client:
            assert status == client.get("/en/console/team").status_code, name


def test_a_second_look_is_an_entry_and_is_taken_once(worked: Served) -> None:
    """By an officer who had no hand in it; then the page says how it came out."""
    name = drawn_by_hand(worked)[1][0]
    was = state_of(worked).cases[name]
    other = "unclear" if was.outcome != "unclear" else "fraud"
    officer = next(one for one in ("bolat", "dana", "erlan") if one not in was.hands)
    with signed_in(worked.directory, officer, worked.address) as client:
        address = f"/en/console/team/check/{name}"
        assert 422 == posted(client, address, outcome="guilty").status_code
        assert 303 == posted(client, address, outcome=other).status_code
        text = client.get("/en/console/team").text
        assert f"otherwise: it was {was.outcome}, to the second {other}" in text
        again = posted(client, address, outcome=other)
        assert (409, True) == (again.status_code, "looked at this case again already" in again.text)
        assert 409 == posted(client, "/en/console/team/check/c999999", outcome=other).status_code
    now = state_of(worked)
    assert was == now.cases[name]
    assert (officer, other) == (now.checked[name].by, now.checked[name].outcome)


@pytest.mark.axe("/console/team")
def test_everybody_can_read_it(worked: Served, browser: Browser) -> None:
    """Nothing for axe in two themes and three languages; nothing to scroll sideways on a phone."""
    found = []
    for theme in SHOWN_THEMES:
        with reading(
            browser, worked.address, theme=theme, viewport={"width": 320, "height": 700}
        ) as page:
            sit_down(page, worked.directory, "erlan", worked.address)
            for language in LANGUAGES:
                page.goto(f"{worked.address}/{language}/console/team")
                found += [f"{language} {theme} {one}" for one in violations(page)]
                assert not too_wide_at(page), language
                assert not re.search(r"\bteam\.[a-z_]+\b", page.inner_text("main"))
    assert [] == found


def test_a_second_look_in_a_browser_without_a_script(worked: Served, browser: Browser) -> None:
    """One press on the page."""
    name = drawn_by_hand(worked)[1][1]
    with reading(browser, worked.address, java_script_enabled=False) as page:
        officer = next(
            one
            for one in ("bolat", "dana", "erlan")
            if one not in state_of(worked).cases[name].hands
        )
        sit_down(page, worked.directory, officer, worked.address)
        page.goto(f"{worked.address}/en/console/team")
        page.get_by_role("button", name=f"{name}: fraud").click()
        assert page.locator("h1").inner_text() == "Team"
    assert "fraud" == state_of(worked).checked[name].outcome
