"""The console as its people meet it: each page for whom it is, the queue, a case, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from playwright.sync_api import Browser

from arasha.app.pages import console
from arasha.app.pages.console.seat import roles_of
from arasha.cases.roles import ROLES
from console_samples import at_home, path_of, posted, signed_in, sit_down
from exchange_samples import acts_of_log
from pages_samples import (
    MULE,
    VICTIM,
    Staged,
    reading,
    steal,
)
from service_samples import PLAIN
from test_app_http_acting import PEOPLE, until

FIRST_LOAD_BYTES = 250_000
"""Of a page with all that it is made of; the issue's promise."""


def handlers() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every page behind the sign-in, from the one list that the application is made of."""
    for one in console.GUARDED:
        assert isinstance(one, HTTPRouteHandler)
        for path in one.paths:
            for method in one.http_methods:
                filled = path.replace("{name:str}", "c1").replace("{token:str}", "a" * 32)
                yield str(getattr(method, "value", method)), filled, roles_of(one)


@pytest.fixture
def case(stage: Staged) -> str:
    """An open case of stolen money that nobody has."""
    return free_case(stage)


def free_case(stage: Staged) -> str:
    """The open case at the mule, a new one where the last was closed; nobody has it."""
    if not stage.state().open_cases:
        name = f"p-console-{len(stage.state().reports)}"
        steal(stage, name, VICTIM, amount="730000.00")
    case: str = until(lambda: next(iter(stage.state().open_cases), None))
    found = stage.state().cases[case]
    if found.lease_by is not None:
        posted_by(stage, found.lease_by, case, "leave")
    return case


def posted_by(stage: Staged, name: str, case: str, verb: str) -> None:
    response = stage.served.request("POST", f"/v1/cases/{case}/{verb}", b"{}", name=name)
    assert response.status_code in {200, 409}, response.text  # 409: the lease was over already


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_each_page_is_for_whom_it_is(stage: Staged, name: str) -> None:
    """Every route with every role: refused exactly where the one table says so."""
    assert {role for roles in PEOPLE.values() for role in roles} == set(ROLES)
    mine = set(PEOPLE[name])
    walked = 0
    for method, path, allowed in handlers():
        assert allowed, f"{path} says who may see it"
        if path in {"/sign-out", "/mine/end"}:
            assert allowed == set(ROLES)
            continue
        with signed_in(stage.served.directory, name, stage.address) as client:
            address = f"/en/console{path}"
            got = seen(client, address) if method == "GET" else posted(client, address)
            assert (403 == got.status_code) is not bool(mine & allowed), (method, path)
            assert got.status_code in {200, 303, 403, 404, 409, 422}, (method, path)
        walked += 1
    assert walked > 10


def seen(client: httpx.Client, address: str) -> httpx.Response:
    """The page at that address; of a stream that goes on its beginning."""
    with client.stream("GET", address) as got:
        if not got.headers["content-type"].startswith("text/event-stream"):
            got.read()
    return got


def test_nobody_sees_a_page_without_a_session(stage: Staged) -> None:
    """Every route: to the sign-in, and nothing is done."""
    for method, path, _ in handlers():
        got = httpx.request(method, f"{stage.address}/kk/console{path}", timeout=60, verify=PLAIN)
        assert (303, "/kk/console/sign-in") == (got.status_code, got.headers["location"]), path


def test_the_queue_names_nobody(stage: Staged, case: str) -> None:
    """Money, banks, time; of an account four digits of its token, and no link by them."""
    with signed_in(stage.served.directory, "aigul", stage.address) as client:
        text = client.get("/en/console/queue").text
    assert re.search(r'href="/en/console/case/c[0-9]+"', text)
    state = stage.state()
    found = state.cases[case]
    report = state.reports[found.reports[0]]
    [subject] = found.subjects
    there = report.payee_bank or "unknown"
    way = f"•••• {report.payer[:4]} {report.bank} → •••• {subject[:4]} {there}"
    assert way in " ".join(re.sub(r"<[^>]*>", "", text).split())
    assert not re.findall(r"<a[^>]*>[^<]*••••", text)
    tokens = {one for found in stage.state().cases.values() for one in found.subjects}
    assert tokens
    assert not [one for one in (*tokens, MULE, VICTIM) if one[:8] in text]


def test_next_is_taken_and_opened(stage: Staged) -> None:
    """For whoever asks, and on record: that it was taken, and that its parties were shown."""
    with signed_in(stage.served.directory, "aigul", stage.address) as client:
        opened = posted(client, "/en/console/queue/next")
        at, _, case = opened.headers["location"].rpartition("/")
        assert "/en/console/case" == at
        page = client.get(opened.headers["location"])
        assert 200 == page.status_code
        assert "you have it" in page.text
        subject = min(stage.state().cases[case].subjects)
        assert subject[:8] in page.text
        assert not [one for one in (MULE, VICTIM) if one in page.text]
        party = client.get(f"/en/console/case/{case}/party/{subject}")
        assert 200 == party.status_code
        assert 404 == client.get(f"/en/console/case/{case}/party/{'f' * 32}").status_code
    said = [body for _, body in acts_of_log(stage.served.directory) if "act" in body]
    views = [one["act"] for one in said if one["act"]["act"] == "party_viewed"]
    assert {"through": case, "party": subject} in [
        {k: v for k, v in one.items() if k != "act"} for one in views
    ]
    posted_by(stage, "aigul", case, "leave")


def test_what_is_refused_is_said(stage: Staged, case: str) -> None:
    """In the reader's language, with the case as it is; a form that says nothing does nothing."""
    with (
        signed_in(stage.served.directory, "aigul", stage.address) as client,
        signed_in(stage.served.directory, "bolat", stage.address) as other,
    ):
        at = f"/en/console/case/{case}"
        got = posted(client, f"{at}/note", note="x")
        assert 409 == got.status_code
        assert "Take the case first" in got.text
        assert 303 == posted(client, f"{at}/take").status_code
        assert "Another person has this case" in posted(other, f"{at}/take").text
        got = posted(client, f"{at}/note", note=f"look at {MULE}")
        assert "Free text names no account" in got.text
        for fields in ({}, {"outcome": "guilty"}, {"outcome": "fraud", "typology": "<script>"}):
            assert 409 == posted(client, f"{at}/close", **fields).status_code
        assert 409 == posted(client, f"{at}/snooze", hours="9" * 40).status_code
        assert 409 == posted(client, f"{at}/snooze", hours="soon").status_code
        assert 404 == posted(client, "/en/console/case/c999999/take").status_code


def test_a_case_by_keyboard_alone(stage: Staged, browser: Browser) -> None:
    """N takes the next; b and Enter decide; keys are silent where one writes; a note is taken
    back, and its words with it; Enter before anything is chosen says what is to be chosen.
    """
    address = at_home(stage.address)
    with reading(browser, address, locale="en") as page:
        sit_down(page, stage.served.directory, "bolat", address)
        page.goto(f"{address}/en/console/queue")
        page.keyboard.press("j")
        assert re.fullmatch(r"c[0-9]+", page.evaluate("document.activeElement.textContent"))
        page.keyboard.press("n")
        page.wait_for_url("**/console/case/*")
        case = path_of(page).rpartition("/")[2]
        page.keyboard.press("/")
        page.keyboard.type("u r b and s are letters here")
        assert page.locator("[name=outcome]:checked").count() == 0
        page.get_by_role("button", name="Write it down").click()
        page.get_by_text("the note will be kept").wait_for()
        page.keyboard.press("z")
        page.locator(".undo").wait_for(state="detached")
        assert "u r b and s are letters here" == page.locator("#note").input_value()
        said = page.locator(".decide [role=status]")
        assert "" == said.inner_text()
        page.keyboard.press("Enter")
        assert "Choose first: b / r / u" == said.inner_text()
        page.keyboard.press("b")
        assert "" == said.inner_text()
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/queue?*")
    found = until(lambda: closed(stage, case))
    assert ("fraud", True, ()) == (found.outcome, found.worth_it, found.notes)


def closed(stage: Staged, case: str) -> Any:
    found = stage.state().cases[case]
    return found if found.outcome is not None else None


def test_decided_without_a_script(stage: Staged, browser: Browser) -> None:
    """Everything but the keys works without one: take, note, decide."""
    free_case(stage)
    with reading(browser, stage.address, java_script_enabled=False) as page:
        sit_down(page, stage.served.directory, "dana", stage.address)
        page.goto(f"{stage.address}/ru/console/queue")
        page.get_by_role("button", name="Следующее").click()
        taken = path_of(page).rpartition("/")[2]
        page.locator("#note").fill("Позвонили в банк, ждём ответа")
        page.get_by_role("button", name="Записать").click()
        assert page.get_by_text("заметка будет записана").is_visible()
        page.get_by_label("Неясно").check()
        page.locator("[data-submit]").click()
        assert "/ru/console/queue" == path_of(page)
    found = until(lambda: closed(stage, taken))
    assert ("unclear", ["Позвонили в банк, ждём ответа"]) == (
        found.outcome, [one.text for one in found.notes]
    )  # fmt: skip


def test_the_first_load_is_small(stage: Staged, case: str) -> None:
    """Each page that somebody may see, with its styles and scripts, gzipped: at most 250 kB."""
    walked = 0
    for method, path, allowed in handlers():
        if method != "GET" or path.endswith("/queue/live"):
            continue
        name = next(one for one, roles in sorted(PEOPLE.items()) if allowed & set(roles))
        with signed_in(stage.served.directory, name, stage.address) as client:
            address = f"/ru/console{path}".replace("/case/c1", f"/case/{case}")
            assert first_load(client, address) < FIRST_LOAD_BYTES, path
        walked += 1
    assert walked > 5


def first_load(client: httpx.Client, address: str) -> int:
    """Bytes of a page with all that it is made of, as they come over the wire."""
    page = client.get(address, headers={"accept-encoding": "gzip"})
    total = int(page.headers["content-length"])
    for one in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)):
        got = client.get(one, headers={"accept-encoding": "gzip"})
        total += int(got.headers["content-length"])
    return total


def test_a_stranger_path_is_no_page(stage: Staged, tmp_path: Path) -> None:
    """However it is written: never a fault."""
    del tmp_path
    with signed_in(stage.served.directory, "erlan", stage.address) as client:
        for path in ("case/%00", "case/c1%0a", "case/" + "c" * 900, "case/../mine", "case/c1.9.9"):
            assert client.get(f"/en/console/{path}").status_code in {200, 404}, path
