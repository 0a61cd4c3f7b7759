"""Appeals on the console: clocks, a reviewer who is not told who decided, what a ruling does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from arasha.app.pages.console.appeals import clock_of
from arasha.app.pages.languages import LANGUAGES
from arasha.cases.records import Appeal, Hold
from console_samples import at_home, posted, signed_in, sit_down
from money_samples import contested, held, holds_of, stolen
from pages_samples import PHONE, SHOWN_THEMES, Staged, reading, too_wide_at, violations
from test_app_http_acting import until


def appealed(money: Staged, name: str) -> tuple[str, Hold]:
    """A hold that bolat has confirmed and who is held contests: the appeal's id, and the hold."""
    [hold] = holds_of(money, stolen(money, name))
    held(money, hold, hold.amount_minor)
    money.call("bolat", "POST", f"/v1/holds/{hold.id}/confirm", basis="kz:25-1")
    return contested(money, hold), hold


def test_taken_and_upheld_by_keyboard(money: Staged, browser: Browser) -> None:
    """T takes it up, u upholds it; with what erred and why it is over at once, and what followed is
    told to whoever looks, and to the person by their code.
    """
    appeal, hold = appealed(money, "upheld")
    address = at_home(money.address)
    with reading(browser, address, locale="en") as page:
        sit_down(page, money.served.directory, "dana", address)
        page.goto(f"{address}/en/console/appeal/{appeal}")
        page.keyboard.press("t")
        page.get_by_text("you have it").wait_for()
        page.keyboard.press("u")
        page.get_by_label("The report: there was no fraud").check()
        page.get_by_label("The reason").fill("You sold a car, and the buyer paid for it.")
        page.get_by_role("button", name="Rule").click()
        page.get_by_role("heading", name="Upheld").wait_for()
        text = page.inner_text("main")
        page.context.clear_cookies(name="session")
        page.goto(f"{address}/en/appeal")
        page.locator("#code").fill(hold.reference)
        page.get_by_role("button", name="Show").click()
        assert page.get_by_text("Your appeal was upheld").is_visible()
        assert page.get_by_text("You sold a car").is_visible()
    for what in ("released at once", "label was corrected", "by their code", "The report:"):
        assert what in text
    state = money.state()
    found = state.holds[hold.id]
    assert ("appeal", False) == (found.why, found.holds_at(state.at_ms))
    assert "cleared" == state.reports[hold.report].status
    assert ("dana", ("report",)) == (state.appeals[appeal].reviewer, state.appeals[appeal].erred)


def test_who_decided_before_is_hidden(money: Staged) -> None:
    """From the reviewer; and who had a hand in it is told so, and cannot take it."""
    appeal, _ = appealed(money, "hidden")
    at = f"/en/console/appeal/{appeal}"
    with (
        signed_in(money.served.directory, "dana", money.address) as reviewer,
        signed_in(money.served.directory, "bolat", money.address) as decider,
        signed_in(money.served.directory, "zhanar", money.address) as auditor,
    ):
        views = money.state().views
        text = reviewer.get(at).text
        assert 1 == money.state().views - views, "whoever looks at a party is on record"
        assert "a hold was confirmed" in text, "what was done is told"
        assert "bolat" not in text
        assert "bolat" not in auditor.get(at).text
        assert "Take it up" in text
        assert "hop 1 of 1" in text, "where the account stands on the money's way"
        assert "no words of the person are kept" in text
        text = decider.get(at).text
        assert "You had a hand in it" in text
        assert "Take it up" not in text
        got = posted(decider, f"{at}/take")
        assert (409, True) == (got.status_code, "Another person must do this" in got.text)
        assert 403 == posted(auditor, f"{at}/take").status_code
        posted(reviewer, f"{at}/take")
        posted(reviewer, f"{at}/rule", ruling="uphold", erred="rule:trace", why="It was a loan.")
        text = reviewer.get(at).text
        assert "A rule: how the money was followed" in text
        assert ">trace<" not in text, "a rule is told by its words"


def test_a_ruling_needs_its_reason(money: Staged) -> None:
    """And, upheld, what erred; nothing that was written is lost. Dismissed, it stays as it was."""
    appeal, hold = appealed(money, "reason")
    at = f"/en/console/appeal/{appeal}"
    with (
        signed_in(money.served.directory, "erlan", money.address) as reviewer,
        signed_in(money.served.directory, "dana", money.address) as other,
    ):
        got = posted(reviewer, f"{at}/rule", ruling="dismiss", why="Early.")
        assert (409, True) == (got.status_code, "Take the appeal up first" in got.text)
        assert 303 == posted(reviewer, f"{at}/take").status_code
        got = posted(other, f"{at}/rule", ruling="dismiss", why="Not mine.")
        assert (409, True) == (got.status_code, "Somebody else has this appeal" in got.text)
        got = posted(reviewer, f"{at}/rule", why="No ruling.")
        assert (422, True) == (got.status_code, "Choose: uphold it or dismiss it" in got.text)
        got = posted(reviewer, f"{at}/rule", ruling="dismiss", why="")
        assert (422, True) == (got.status_code, "Write the reason" in got.text)
        got = posted(reviewer, f"{at}/rule", ruling="uphold", why="Kept <b>as it was</b>.")
        assert (409, True) == (got.status_code, "names what erred" in got.text)
        assert "Kept &lt;b&gt;as it was&lt;/b&gt;." in got.text
        assert 'value="uphold" required data-key="u" checked' in got.text
        assert 'id="erred-wrong" role="alert"' in got.text, "it stands beside its field"
        got = posted(reviewer, f"{at}/rule", ruling="uphold", erred="a b", why="Bad word.")
        assert (422, True) == (got.status_code, 'id="erred-wrong"' in got.text)
        got = posted(reviewer, f"{at}/rule", ruling="uphold", erred="person", why="")
        assert (422, True) == (got.status_code, 'id="why-wrong"' in got.text)
        assert 'name="erred" value="person" checked' in got.text
        why = "The payer’s bank stands for it, and 8 701 555 01 42 was called."
        assert "names no account" in posted(reviewer, f"{at}/rule", ruling="dismiss", why=why).text
        got = posted(reviewer, f"{at}/rule", ruling="dismiss", why="The payer’s bank is sure.")
        assert 303 == got.status_code
        page = reviewer.get(at).text
        assert "Dismissed" in page
        assert hold.account[:8] not in page, "an appeal that is over names nobody"
        assert 409 == posted(reviewer, f"{at}/rule", ruling="dismiss", why="Again.").status_code
        assert 404 == reviewer.get("/en/console/appeal/a999999").status_code
    assert money.state().holds[hold.id].holds_at(money.state().at_ms)


def test_the_list_has_a_view_for_each_need(money: Staged) -> None:
    """Open, late, mine, ruled on; none of them names who had it before."""
    appeal, _ = appealed(money, "views")
    with signed_in(money.served.directory, "dana", money.address) as reviewer:
        assert f">{appeal}</a>" in reviewer.get("/en/console/appeals").text
        assert f">{appeal}</a>" not in reviewer.get("/en/console/appeals?show=mine").text
        posted(reviewer, f"/en/console/appeal/{appeal}/take")
        mine = reviewer.get("/en/console/appeals?show=mine").text
        assert f">{appeal}</a>" in mine
        assert "you have it" in mine
        assert f">{appeal}</a>" not in reviewer.get("/en/console/appeals?show=late").text
        posted(reviewer, f"/en/console/appeal/{appeal}/rule", ruling="dismiss", why="It stands.")
        until(lambda: money.state().appeals[appeal].status != "open")
        ruled = reviewer.get("/en/console/appeals?show=ruled").text
        assert f">{appeal}</a>" in ruled
        assert "Dismissed" in ruled
        assert f">{appeal}</a>" not in reviewer.get("/en/console/appeals?show=x").text


def test_the_clock_that_runs() -> None:
    """Until somebody takes it up, then until it is ruled on."""
    waits = Appeal("a1", "h1.0", opened_ms=0, look_due_ms=7, due_ms=15)
    taken = replace(waits, reviewer="dana")
    assert [7, 15, None] == [
        clock_of(one) for one in (waits, taken, replace(taken, status="upheld"))
    ]


@pytest.mark.axe(
    "/console/appeals", "/console/appeal/{name:str}", "/console/party/{name:str}/{token:str}"
)
def test_everybody_can_read_it(money: Staged, browser: Browser) -> None:
    """Nothing for axe in two themes and three languages; nothing to scroll sideways on a phone. So
    it is with the party that the appeal names.
    """
    appeal, hold = appealed(money, "axe")
    found = []
    with signed_in(money.served.directory, "erlan", money.address) as reviewer:
        posted(reviewer, f"/en/console/appeal/{appeal}/take")
    for theme in SHOWN_THEMES:
        with reading(browser, money.address, theme=theme, viewport=PHONE) as page:
            sit_down(page, money.served.directory, "erlan", money.address)
            for language in LANGUAGES:
                for place in ("appeals", f"appeal/{appeal}", f"party/{appeal}/{hold.account}"):
                    page.goto(f"{money.address}/{language}/console/{place}")
                    assert page.locator("h1").count() == 1
                    found += [f"{language} {theme} {place} {one}" for one in violations(page)]
                    assert not too_wide_at(page), (language, place)
    assert [] == found
