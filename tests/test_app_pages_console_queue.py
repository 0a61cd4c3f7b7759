"""The queue as people work on it: narrowed by its address, kept as views, several cases at once."""

from __future__ import annotations

import html
import json
import re
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from arasha.app.pages import assets
from arasha.app.pages.board import MAX_EACH
from arasha.app.pages.console import live
from arasha.app.pages.console.rows import Row, Side, row_of, with_reasons
from arasha.app.pages.languages import LANGUAGES
from arasha.app.pages.stopped import Reason, Stopped
from arasha.app.pages.texts import texts_of
from arasha.cases.acts import CENTRE, AlertRaised
from arasha.cases.queue import queue, reachable_minor
from arasha.cases.records import Case
from arasha.cases.state import State
from cases_samples import KZT, MULE, SECOND, VICTIM, room
from console_samples import at_home, path_of, posted, signed_in, sit_down
from pages_samples import SHOWN_THEMES, Staged, reading, too_wide_at, violations
from queue_samples import CASES, queued
from test_app_http_acting import until
from test_app_pages_console_participants import found_by_axe

QUEUE = "/en/console/queue"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    """A centre with a long queue."""
    with queued(tmp_path_factory.mktemp("queue")) as running:
        yield running


@pytest.fixture
def aigul(centre: Staged) -> Iterator[httpx.Client]:
    """An analyst at the console."""
    with signed_in(centre.served.directory, "aigul", centre.address) as client:
        yield client


def rows(text: str) -> list[str]:
    """The cases of a page, in order, those that I have first."""
    return re.findall(r'<th scope="row"><a href="/en/console/case/(c[0-9]+)"', text)


def at(client: httpx.Client, query: str) -> list[str]:
    """The cases of the queue at that address."""
    return rows(client.get(f"{QUEUE}?{query}").text)


def typology(centre: Staged, name: str) -> str | None:
    """What the reports of a case say that it is."""
    state = centre.state()
    return next((state.reports[one].typology for one in state.cases[name].reports), None)


def test_an_address_narrows_the_queue(centre: Staged, aigul: httpx.Client) -> None:
    """By each mark and by several; what cannot be read is not there; pages follow each other."""
    whole = at(aigul, "kind=all") + at(aigul, "kind=all&page=2")
    state = centre.state()
    free = {case.id for case in queue(state, state.at_ms)}
    assert (50, free) == (len(at(aigul, "kind=all")), set(whole))
    assert len(whole) == len(free) > CASES - 10
    assert [] == at(aigul, "kind=all&page=9")
    told = {name: typology(centre, name) for name in whole}
    loans = [one for one in whole if told[one] == "loan"]
    assert loans == at(aigul, "typology=loan&nonsense=1&amount=7&due=never&page=x")
    alerts = [one for one in whole if not state.cases[one].reports]
    assert alerts == at(aigul, "kind=alerts") == at(aigul, "typology=unsaid")
    assert [] == at(aigul, "kind=question")
    large = [one for one in whole if reachable(state.cases[one], state) >= 10_000_000_00]
    small = [one for one in whole if reachable(state.cases[one], state) < 100_000_00]
    assert large
    assert (large[:50], small[:50]) == (at(aigul, "amount=10000000"), at(aigul, "amount=0"))
    mine = [one for one in loans if "BANKKZKA" == first_bank(centre, one)]
    assert mine == at(aigul, "typology=loan&bank=BANKKZKA")
    assert len(mine) < len(loans)
    assert len(alerts) == len(at(aigul, "kind=alerts&bank=BANKKZKA"))
    assert [] == at(aigul, "bank=NOBANKKZ")


def test_several_payers_are_counted() -> None:
    """One is told by a mark, more by their number; by the least where not all are known."""
    row = Row("c1", 1, 0, KZT, 0, escalated=False, is_question=False, alerts=2, reports=1,
              attested=1, reports_before=(0, 0), alerts_before=(0, 0), lease_by=None,
              payments=("p", "q", "r"),
              payers=Side(frozenset(["1234567890"]), frozenset(["BANKKZKA"]), more=True),
              subjects=Side(frozenset(["abcdef"])))  # fmt: skip
    paid = Stopped(0, 0, 0, None, None, on_call=False, new_payee=False, reasons=(), seq=0,
                   action="hold", payer="1234567890", payee="", device=None, number=None,
                   marks=frozenset(), channel=None)  # fmt: skip
    other = replace(paid, payer="fedcba", payer_bank="MULEBANK", payee_bank="OTHERBNK")
    shown = [with_reasons(row, found) for found in ({"p": paid, "q": paid}, {"p": paid, "q": other},
                                                   {"p": other}, {})]  # fmt: skip
    assert ["1234", None, None, None] == [one.payers.mark for one in shown]
    assert [(1, False), (2, False), (2, True), (1, True)] == [
        (len(one.payers.accounts), one.payers.more) for one in shown
    ]
    assert [1, 2, 2, 1] == [len(one.payers.banks) for one in shown]
    assert [{"OTHERBNK"}, set()] == [set(one.subjects.banks) for one in shown[-2:]]
    assert ["2 счёта", "не менее 1 счёта", "5 шот"] == [
        texts_of("ru")("queue.accounts", n=2), texts_of("ru")("queue.accounts_least", n=1),
        texts_of("kk")("queue.accounts", n=5),
    ]  # fmt: skip
    assert "abcd" == row.subjects.mark


def test_what_was_before_is_counted_on_both_sides() -> None:
    """Stopped payments and reports of the payer, and of the payee, that are older than the case; in
    an old log's alerts the payer is not known.
    """
    here, later = room(), "b" * 32
    for place, (payer, subject) in enumerate([(VICTIM, MULE), (VICTIM, MULE), (None, MULE)]):
        here.do(CENTRE, AlertRaised(10 + place, subject, f"{place:032x}", 1, KZT, 500, payer=payer))
    here.at_ms += 1
    here.report(payee=SECOND)
    first, second = (row_of(here.state, one, here.at_ms) for one in here.state.cases.values())
    assert ((0, 0), (0, 0)) == (first.alerts_before, first.reports_before)
    assert (True, frozenset([VICTIM])) == (first.payers.more, first.payers.accounts)
    assert ((2, 0), (0, 0)) == (second.alerts_before, second.reports_before)
    here.at_ms += 1
    here.do(CENTRE, AlertRaised(10**6, later, "c" * 32, 1, KZT, 500, payer=MULE))
    here.do(CENTRE, AlertRaised(10**6 + 1, VICTIM, "d" * 32, 1, KZT, 500, payer=SECOND))
    newest = list(here.state.cases.values())[2:]
    third, fourth = (row_of(here.state, one, here.at_ms) for one in newest)
    assert ((3, 0), (0, 0)) == (third.alerts_before, third.reports_before)
    assert ((0, 2), (1, 0)) == (fourth.alerts_before, fourth.reports_before)
    assert not fourth.payers.more


def test_a_reason_is_said_briefly() -> None:
    """By its first sentence; every shipped rule's says what it means without its figures."""
    swapped = "Its SIM was changed a day ago. Changes within 24 h: 1."
    assert "Its SIM was changed a day ago" == Reason(80, {"en": swapped}).briefly("en")
    assert "Over 1.5 M KZT" == Reason(80, {"en": "Over 1.5 M KZT."}).briefly("en")
    for path in [Path("policies/instant-payments.toml")]:
        for rule in tomllib.loads(path.read_text())["rules"].values():
            for language in rule["text"]:
                said = Reason(1, rule["text"]).briefly(language)
                assert 10 < len(said) < 120, (path, said)
                assert "{" not in said, (path, said)


def reachable(case: Case, state: State) -> int:
    return reachable_minor(state, case)


def first_bank(centre: Staged, name: str) -> str:
    state = centre.state()
    return state.reports[state.cases[name].reports[0]].bank


def test_next_keeps_to_the_view(centre: Staged, aigul: httpx.Client) -> None:
    """The first of the view is taken; from its case one comes back to the same view."""
    query = "typology=safe_account&amount=100000"
    first = at(aigul, query)[0]
    taken = posted(aigul, f"{QUEUE}/next", view=query)
    assert f"/en/console/case/{first}" == taken.headers["location"]
    assert first in at(aigul, "mine=yes")
    left = posted(aigul, f"/en/console/case/{first}/leave")
    assert f"{QUEUE}?{query}" == left.headers["location"]
    taken = posted(aigul, f"{QUEUE}/next", view=query)
    assert f"/en/console/case/{first}" == taken.headers["location"]
    assert "Next; this one stays mine" in aigul.get(taken.headers["location"]).text
    following = posted(aigul, f"{QUEUE}/next").headers["location"].rpartition("/")[2]
    assert {first, following} <= set(at(aigul, "mine=yes")), "by the same view, and both are mine"
    assert "safe_account" == typology(centre, following)
    assert first != following
    for one in (first, following):
        posted(aigul, f"/en/console/case/{one}/leave")
    nothing = posted(aigul, f"{QUEUE}/next", view="kind=question")
    assert f"{QUEUE}?kind=question" == nothing.headers["location"]
    assert "Nothing waits in this view" in aigul.get(nothing.headers["location"]).text


def test_views_are_kept_for_a_person(centre: Staged, aigul: httpx.Client) -> None:
    """Under a name that names nobody; the queue begins with one of them; nobody else has them."""
    kept = posted(aigul, f"{QUEUE}/views", view="typology=loan", name="Loans <b>", first="yes")
    assert f"{QUEUE}?typology=loan" == kept.headers["location"]
    assert f"{QUEUE}?typology=loan" == aigul.get(QUEUE).headers["location"]
    assert "Loans &lt;b&gt;" in aigul.get(f"{QUEUE}?typology=loan").text
    for name in ("", "call +7 701 123 45 67", "x" * 41):
        refused = posted(aigul, f"{QUEUE}/views", view="kind=alerts", name=name)
        assert 422 == refused.status_code
        assert "without an account or a number" in refused.text
    with signed_in(centre.served.directory, "bolat", centre.address) as other:
        assert "Loans" not in other.get(QUEUE).text
    posted(aigul, f"{QUEUE}/views/first", view="typology=loan", name="")
    assert 200 == aigul.get(QUEUE).status_code
    posted(aigul, f"{QUEUE}/views/remove", name="Loans <b>")
    assert "Loans" not in aigul.get(QUEUE).text
    entries = centre.served.journal.read_text() + str(centre.state())
    assert "Loans" not in entries


@pytest.mark.axe("/console/queue/together/{name:str}")
def test_several_at_once(centre: Staged, aigul: httpx.Client, browser: Browser) -> None:
    """Looked over with their sum; each gets its own act; what was refused is said, case by case,
    to everybody who reads it.
    """
    chosen = at(aigul, "typology=loan")[-4:]
    alien = at(aigul, "typology=safe_account")[-1]
    with signed_in(centre.served.directory, "bolat", centre.address) as bolat:
        assert 303 == posted(bolat, f"/en/console/case/{chosen[0]}/take").status_code
        fields = {"typology": "loan", "case": [*chosen, alien, "c999", "x"]}
        over = posted(aigul, f"{QUEUE}/together", **fields)
        assert 200 == over.status_code
        state = centre.state()
        total = sum(reachable(state.cases[one], state) for one in chosen)
        assert f"KZT\u00a0{total / 100:,.2f}" in html.unescape(over.text)
        assert f"/case/{alien}" not in over.text
        assert 4 == over.text.count('<span class="chip">loan</span>')
        assert ["fraud", "legitimate", "unclear"] == re.findall(
            r'"outcome" value="(\w+)"', over.text
        )
        assert 'name="worth_it" value="yes" checked' in over.text
        sent = posted(
            aigul,
            f"{QUEUE}/together/close",
            **fields,
            outcome="unclear",
            worth_it="yes",
        )
        page = sent.headers["location"]
        assert "will be done in a few seconds" in aigul.get(page).text
        assert not set(chosen[1:]) & set(at(aigul, "typology=loan")), "they are on their way"
        with reading(browser, centre.address) as waiting:
            script = assets.address_of("queue.js")  # by it the page is read again by itself
            waiting.route(f"**{script}", lambda one: one.fulfill(content_type="text/javascript"))
            sit_down(waiting, centre.served.directory, "aigul", centre.address)
            waiting.goto(f"{centre.address}{page}")
            assert [] == violations(waiting)
        said = in_a_while(aigul, page, "were decided")
        assert "3 cases were decided" in said
        assert f"{chosen[0]}</a>: Another person has this case" in said
        assert [] == found_by_axe(centre, browser, "aigul", page.removeprefix("/en/console/"))
        posted(bolat, f"/en/console/case/{chosen[0]}/leave")
        assert 404 == bolat.get(page).status_code, "it is aigul's"
    state = centre.state()
    closed = [state.cases[one] for one in chosen[1:]]
    assert {("unclear", "loan", True)} == {(o.outcome, o.typology, o.worth_it) for o in closed}
    assert {None} == {state.cases[one].outcome for one in (chosen[0], alien)}


def in_a_while(client: httpx.Client, page: str, words: str) -> str:
    """The page, once it says so: looked at so seldom that nobody is told to come less often."""
    for _ in range(30):
        found = client.get(page).text
        if words in found:
            return found
        time.sleep(1)
    raise AssertionError(found)


def test_several_are_taken_back(centre: Staged, aigul: httpx.Client) -> None:
    """Within ten seconds nothing has happened at all, and nobody has them."""
    chosen = at(aigul, "kind=alerts&typology=unsaid")[:3]
    fields = {"typology": "unsaid", "case": chosen}
    assert "Fraud" not in posted(aigul, f"{QUEUE}/together", **fields).text
    sent = posted(aigul, f"{QUEUE}/together/snooze", hours="4", **fields)
    name = sent.headers["location"].rpartition("/")[2]
    with signed_in(centre.served.directory, "bolat", centre.address) as bolat:
        posted(bolat, "/en/console/undo", thing=name)
    assert "will be put aside" in aigul.get(QUEUE).text
    posted(aigul, "/en/console/undo", thing=name)
    assert chosen == at(aigul, "kind=alerts&typology=unsaid")[:3]
    assert 404 == aigul.get(sent.headers["location"]).status_code


def test_an_outcome_and_a_note_wait(centre: Staged, aigul: httpx.Client) -> None:
    """They can be taken back; else they are kept, in their order; what is refused is told."""
    case = at(aigul, "typology=safe_account")[0]
    page = f"/en/console/case/{case}"
    posted(aigul, f"{page}/take")
    posted(aigul, f"{page}/note", note="first")
    shown = aigul.get(page).text
    assert "the note will be kept" in shown
    thing = re.search(r'name="thing" value="([0-9a-f]+)"', shown)
    assert thing is not None
    assert page == posted(aigul, "/en/console/undo", thing=thing[1]).headers["location"]
    undone = aigul.get(page).text
    assert "the note will be kept" not in undone
    assert ">first</textarea>" in undone
    assert (
        ">first</textarea>" not in aigul.get(f"/en/console/case/{at(aigul, 'kind=all')[-1]}").text
    )
    assert (
        ">account 4400430112345678</textarea>"
        in posted(aigul, f"{page}/note", note="account 4400430112345678").text
    )
    posted(aigul, f"{page}/note", note="second")
    assert ">first</textarea>" not in aigul.get(page).text
    assert QUEUE in posted(aigul, f"{page}/snooze", hours="1").headers["location"]
    assert case not in at(aigul, "mine=yes")
    posted(aigul, f"{page}/take")  # at once: so what waits there is taken before it
    found = centre.state().cases[case]
    assert (["second"], "aigul", "open") == (
        [one.text for one in found.notes], found.lease_by, found.status.value
    )  # fmt: skip
    posted(aigul, f"{page}/leave")


def is_taken(centre: Staged, dana: httpx.Client, case: str) -> bool:
    """Whether dana has it, now that she has asked for it."""
    posted(dana, f"/en/console/case/{case}/take")
    return centre.state().cases[case].lease_by == "dana"


def test_counters_live(centre: Staged) -> None:
    """A stream tells them at once, and again when they are others; not in every window."""
    with signed_in(centre.served.directory, "dana", centre.address) as dana:
        with dana.stream("GET", f"{QUEUE}/live") as stream:
            assert "text/event-stream" == stream.headers["content-type"].partition(";")[0]
            lines = stream.iter_lines()
            before = next(one for one in lines if one.startswith("data: "))
            case = at(dana, "kind=all")[-1]
            until(lambda: is_taken(centre, dana, case))  # the office may be busy
            after = next(one for one in lines if one.startswith("data: ") and one != before)
            assert taken(before) + 1 == taken(after)
            assert '"word":"in hand"' in after
            posted(dana, f"/en/console/case/{case}/leave")
        with ExitStack() as windows:
            opened = [
                windows.enter_context(dana.stream("GET", f"{QUEUE}/live")).status_code
                for _ in range(MAX_EACH + 1)
            ]
            assert {200, 429} == set(opened)
        until(lambda: streams_again(dana))
    assert live.LONGEST_S < 600, "whoever may see it no longer is told no longer"


def taken(line: str) -> int:
    """How many cases are in hand, as a line of the stream tells it."""
    told: int = json.loads(line.removeprefix("data: "))["taken"]["n"]
    return told


def streams_again(client: httpx.Client) -> bool:
    time.sleep(0.5)
    with client.stream("GET", f"{QUEUE}/live") as stream:
        return stream.status_code == 200


def test_the_way_to_anywhere(centre: Staged, aigul: httpx.Client) -> None:
    """A case by its number; nobody by anything; each role its own pages."""
    assert "/en/console/case/c5" == aigul.get("/en/console/go?to=C5").headers["location"]
    assert "/en/console/case/c5" == aigul.get("/en/console/go?to=5").headers["location"]
    for said in ("c999999", "KZ03125KZT2001300336", "<script>", "c5' or 1"):
        got = aigul.get("/en/console/go", params={"to": said})
        assert 404 == got.status_code
        assert "There is no case" in got.text
        assert "<script>" not in got.text.replace('<script type="module"', "")
    with signed_in(centre.served.directory, "ivan", centre.address) as ivan:
        text = ivan.get("/en/console/go?to=c5").text
        assert "console/queue" not in text
        assert 'name="to"' not in text.partition("<dialog")[0]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("queue?typology=loan", marks=pytest.mark.axe("/console/queue")),
        pytest.param("go", marks=pytest.mark.axe("/console/go")),
        pytest.param("keys", marks=pytest.mark.axe("/console/keys")),
    ],
)
def test_everybody_can_read_it(centre: Staged, browser: Browser, path: str) -> None:
    """Nothing for axe in two themes and three languages; nothing to scroll sideways at 320 px."""
    found = []
    for theme in SHOWN_THEMES:
        with reading(
            browser, centre.address, theme=theme, viewport={"width": 320, "height": 700}
        ) as page:
            sit_down(page, centre.served.directory, "erlan", centre.address)
            for language in LANGUAGES:
                page.goto(f"{centre.address}/{language}/console/{path}")
                found += [f"{language} {theme} {one}" for one in violations(page)]
                assert not too_wide_at(page), (language, path)
    assert [] == found


def test_dialogs_in_place_of_pages(centre: Staged, browser: Browser) -> None:
    """? and Ctrl-K open them, Escape closes; keys off are off for the person, at any machine."""
    address = at_home(centre.address)
    with reading(browser, address) as page:
        sit_down(page, centre.served.directory, "erlan", address)
        page.goto(f"{address}{QUEUE}?typology=loan")
        page.keyboard.press("?")
        assert page.locator("#keys").is_visible()
        assert [] == violations(page)
        page.keyboard.press("n")
        page.keyboard.press("Escape")
        assert path_of(page) == QUEUE
        page.keyboard.press("Control+k")
        page.keyboard.type("sign")
        assert "My sign-in" == page.locator("#palette-list [aria-selected=true]").inner_text()
        assert [] == violations(page)
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/mine")
        page.keyboard.press("Control+k")
        page.keyboard.type("c5")
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/case/c5")
        page.keyboard.press("?")
        page.get_by_role("button", name="Turn the keys off").click()
        page.wait_for_url("**/console/keys")
    with reading(browser, address) as page:
        sit_down(page, centre.served.directory, "erlan", address)
        page.goto(f"{address}{QUEUE}?typology=loan")
        for key in ("?", "n", "Control+k"):
            page.keyboard.press(key)
        assert (QUEUE, 0) == (path_of(page), page.locator("dialog[open]").count())
        page.get_by_role("link", name="Keys").click()
        page.get_by_role("button", name="Turn the keys on").click()
        page.wait_for_url("**/console/keys")


def test_a_form_that_says_nothing_of_keys_leaves_them(aigul: httpx.Client) -> None:
    """Off and on are words: nobody's keys go because a form was cut short."""
    assert "keys-off" not in aigul.get("/en/console/keys").text
    for fields in ({}, {"keys": ""}, {"keys": "perhaps"}):
        assert 303 == posted(aigul, "/en/console/keys", **fields).status_code
        assert "keys-off" not in aigul.get("/en/console/keys").text


def test_rows_and_money_by_keyboard(centre: Staged, browser: Browser) -> None:
    """j, x and the money of what is ticked, before anything is done; in a Russian layout, too."""
    address = at_home(centre.address)
    with reading(browser, address) as page:
        sit_down(page, centre.served.directory, "erlan", address)
        page.goto(f"{address}{QUEUE}?typology=loan")
        for key in ("j", "x", "j"):
            page.keyboard.press(key)
        page.evaluate(
            """document.activeElement.dispatchEvent(new KeyboardEvent(
            "keydown", {key: "ч", code: "KeyX", bubbles: true, cancelable: true}))"""
        )
        said = page.locator("[data-sum]").inner_text()
        state = centre.state()
        two = page.locator("[name=case]:checked").evaluate_all("all => all.map(one => one.value)")
        total = sum(reachable(state.cases[one], state) for one in two)
        assert f"Ticked: 2; can be saved: KZT {total / 100:,.0f}" == said.replace("\u00a0", " ")
        page.get_by_role("button", name="Work on the ticked ones together").click()
        assert page.get_by_role("heading", name="2 cases together").is_visible()
        assert [] == violations(page)


def test_what_is_chosen_applies_at_once(centre: Staged, browser: Browser) -> None:
    """/ and the first letters of a kind narrow the queue, once the last key is pressed; keys go on
    where they were; a tick counts at once. Without a script there is a button.
    """
    address = at_home(centre.address)
    with reading(browser, address) as page:
        sit_down(page, centre.served.directory, "erlan", address)
        page.goto(f"{address}{QUEUE}?kind=all")
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url) if "/queue?" in one.url else None)
        assert "true" == everything(page)
        page.keyboard.press("/")
        for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
            page.keyboard.press(key)
        page.wait_for_url("**typology=*&*")
        wanted = page.locator("#by-typology").input_value()
        assert [f"typology={wanted}&bank=&kind=&amount="] == [one.split("?")[1] for one in asked]
        assert (None, wanted) == (everything(page), page.url.split("=")[1].split("&")[0])
        assert "by-typology" == page.evaluate("document.activeElement.id")
        page.get_by_label("escalated").check()
        page.wait_for_url("**escalated=yes*")
        assert "Nothing waits in this view" in page.locator("main").inner_text()
        assert "escalated" == page.evaluate("document.activeElement.name")
        assert page.get_by_role("button", name="Show").count() == 0
        page.goto(f"{address}/ru/console/queue?kind=all")
        first = page.locator(".mast").bounding_box()
        page.set_viewport_size({"width": 1024, "height": 800})
        assert first is not None
        assert first["height"] >= page.locator(".mast").evaluate("one => one.offsetHeight")
        assert [] == violations(page)
    with reading(browser, address, java_script_enabled=False) as page:
        sit_down(page, centre.served.directory, "erlan", address)
        page.goto(f"{address}{QUEUE}?kind=all")
        page.locator("#by-kind").select_option("alerts")
        page.get_by_role("button", name="Show").click()
        assert "alerts" == page.locator("#by-kind").input_value()
        assert not page.get_by_text("applies at once").is_visible()


def everything(page: Page) -> str | None:
    return page.get_by_role("link", name="Everything").get_attribute("aria-current")


def test_what_waits_is_taken_when_the_service_stops(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Nobody is there any more to take it back."""
    with queued(tmp_path_factory.mktemp("stopping"), 3) as stage:
        with signed_in(stage.served.directory, "aigul", stage.address) as client:
            case = at(client, "kind=all")[0]
            posted(client, f"/en/console/case/{case}/take")
            posted(client, f"/en/console/case/{case}/close", outcome="unclear")
            begin = time.monotonic()
            assert stage.state().cases[case].outcome is None
        assert 0 == stage.served.stop()
        assert time.monotonic() - begin < 9
        assert "unclear" == stage.state().cases[case].outcome
