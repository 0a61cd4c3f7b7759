"""A party through what names it: of any kind, masked, on record; and the reveal, once, bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from playwright.sync_api import Browser

from arasha.app.pages.languages import LANGUAGES
from arasha.cases.roles import VIEWS
from arasha.events.schema import Kind
from arasha.log.log import Log
from arasha.vault.subjects import REVEALERS, REVEALS_PER_DAY
from case_samples import CALLER, CANARIES, DEVICE, PAYEE, PAYER, Told, told
from console_samples import posted, signed_in, sit_down
from exchange_samples import acts_of_log
from pages_samples import SHOWN_THEMES, reading, too_wide_at, violations
from test_app_http_acting import until
from test_app_pages_console_case import said

WHY = "To ask the bank about the case"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A centre in which a held payment was reported."""
    with told(tmp_path_factory.mktemp("party")) as running:
        yield running


@pytest.fixture
def client(here: Told) -> Iterator[httpx.Client]:
    """An officer."""
    with signed_in(here.served.directory, "dana", here.address) as session:
        yield session


def tokens(here: Told) -> dict[str, str]:
    """The parties of the case by what they are in its larger report."""
    state = here.state()
    report = max(state.reports.values(), key=lambda one: one.amount_minor)
    found = {"payer": report.payer, "payee": report.payee, "number": report.number,
             "device": report.device}  # fmt: skip
    return {part: token for part, token in found.items() if token is not None}


def at(here: Told, token: str, rest: str = "") -> str:
    return f"/en/console/case/{here.case().id}/party/{token}{rest}"


def reveals(here: Told) -> list[dict[str, object]]:
    """The reveals that stand in the log."""
    return [body for kind, body in acts_of_log(here.served.directory) if kind == Kind.REVEAL]


def reveals_after(here: Told, entries: int) -> list[dict[str, object]]:
    return reveals(here)[entries:]


def test_each_kind_of_party_is_shown_masked(here: Told, client: httpx.Client) -> None:
    """An account, a number, a device: what it is here, how often it was reported; nothing else."""
    parties = tokens(here)
    expected = {
        "payer": "Account", "payee": "reported by 1 person", "number": "reported by 4 people",
        "device": "Device",
    }  # fmt: skip
    for part, words in expected.items():
        for language in LANGUAGES:
            page = client.get(at(here, parties[part]).replace("/en/", f"/{language}/"))
            assert 200 == page.status_code
            assert not [one for one in CANARIES if one in page.text], part
        assert words in said(client.get(at(here, parties[part]))), part
    now = said(client.get(at(here, parties["number"], "?as_of=now")))
    assert "reported by 5 people" in now
    assert "180 days" in now, "the law's window, as the law has it"


def test_a_party_is_seen_through_what_names_it_alone(here: Told, client: httpx.Client) -> None:
    """The same token through another case, or what is no token: not found, and no entry of it."""
    parties, state = tokens(here), here.state()
    other = next(one for one in state.cases.values() if one.id != here.case().id)
    hold = next(one for one in state.holds.values() if one.account == parties["payee"])
    payer, payee = parties["payer"], parties["payee"]
    assert 404 == client.get(f"/en/console/case/{other.id}/party/{payer}").status_code
    assert 404 == client.get(at(here, "f" * 32)).status_code
    assert 404 == client.get(at(here, payer[:8])).status_code
    assert 200 == client.get(f"/en/console/party/{hold.id}/{payee}").status_code
    assert 404 == client.get(f"/en/console/party/{hold.id}/{payer}").status_code
    assert 404 == client.get(f"/en/console/party/{here.case().id}/{payer}").status_code
    report = max(state.reports.values(), key=lambda one: one.amount_minor)
    by_report = client.get(f"/en/console/case/{report.id}/party/{payer}")
    assert 200 == by_report.status_code
    assert (
        f'href="/en/console/report/{report.id}">← Trace of report {report.id[:8]}' in by_report.text
    )
    views = [body["act"] for _, body in acts_of_log(here.served.directory) if "act" in body]
    looked = {(one["through"], one.get("party")) for one in views if one["act"] == "party_viewed"}
    assert (hold.id, payee) in looked
    assert (report.id, payer) in looked
    assert (hold.id, payer) not in looked


def test_who_may_reveal_is_the_vaults_word(here: Told, client: httpx.Client) -> None:
    """An analyst sees the party and no way to its identifier; an officer sees the budget."""
    token = tokens(here)["payee"]
    assert {"officer"} == VIEWS["a case"] & REVEALERS
    assert f"of {REVEALS_PER_DAY} a day" in said(client.get(at(here, token)))
    with signed_in(here.served.directory, "aigul", here.address) as analyst:
        page = analyst.get(at(here, token))
        assert 200 == page.status_code
        assert "Reveal" not in page.text
        assert 403 == posted(analyst, at(here, token, "/reveal"), reason=WHY).status_code


def test_a_reveal_is_shown_once_and_stands_in_the_log(here: Told, client: httpx.Client) -> None:
    """With its reason, and with the budget before and after; a reason that names somebody, or none,
    costs nothing.
    """
    parties = tokens(here)
    for part, identifier in {
        "payee": PAYEE, "payer": PAYER, "number": CALLER, "device": DEVICE,
    }.items():  # fmt: skip
        before = left(client, at(here, parties[part]))
        for reason in ("", "short", f"Because of {PAYEE}"):
            got = posted(client, at(here, parties[part], "/reveal"), reason=reason)
            assert 409 == got.status_code
            assert "A reason is needed" in said(got)
            assert identifier not in got.text
        entries = len(reveals(here))
        got = posted(client, at(here, parties[part], "/reveal"), reason=WHY)
        assert 200 == got.status_code
        assert 1 == got.text.count(identifier)
        assert "no-store" == got.headers["cache-control"]
        assert f"it was {before}, {before - 1} are left" in said(got)
        assert identifier not in str(got.url)
        assert identifier not in client.get(at(here, parties[part])).text
        found = until(partial(reveals_after, here, entries))
        assert [("dana", WHY, parties[part])] == [
            (one["by"], one["reason"], one["token"]) for one in found
        ]
    journal = here.served.journal.read_text()
    assert not [one for one in CANARIES if one in journal]


def left(client: httpx.Client, address: str) -> int:
    found = re.search(r"(\d+) of \d+ a day", said(client.get(address)))
    assert found is not None
    return int(found[1])


def test_a_budget_that_is_spent_is_said_calmly(here: Told) -> None:
    """Nothing is told and nothing is entered; somebody else still has theirs."""
    token = tokens(here)["payee"]
    with signed_in(here.served.directory, "bolat", here.address) as officer:
        for _ in range(left(officer, at(here, token))):
            assert 200 == posted(officer, at(here, token, "/reveal"), reason=WHY).status_code
        entries = len(reveals(here))
        got = posted(officer, at(here, token, "/reveal"), reason=WHY)
        assert 409 == got.status_code
        assert "Try again tomorrow, or ask another officer." in said(got)
        assert PAYEE not in got.text
        assert entries == len(reveals(here))
        assert 'name="reason"' not in officer.get(at(here, token)).text
    with signed_in(here.served.directory, "erlan", here.address) as other:
        assert 0 < left(other, at(here, token))


def test_a_reveal_in_a_browser_leaves_no_address(here: Told, browser: Browser) -> None:
    """By hand: a reason, the identifier, and back to a page without it."""
    token = tokens(here)["number"]
    with reading(browser, here.address, java_script_enabled=False) as page:
        sit_down(page, here.served.directory, "erlan", here.address)
        page.goto(f"{here.address}{at(here, token)}")
        page.get_by_label("Reason").fill(WHY)
        page.get_by_role("button", name="Show it once").click()
        assert CALLER == page.locator(".reference").inner_text()
        assert CALLER not in page.url
        page.goto(f"{here.address}{at(here, token)}")
        assert CALLER not in page.content()


@pytest.mark.axe("/console/case/{name:str}/party/{token:str}")
@pytest.mark.parametrize(("part", "through"), [("payee", "case"), ("device", "report")])
def test_everybody_can_read_it(here: Told, browser: Browser, part: str, through: str) -> None:
    """Nothing for axe, nothing to scroll sideways on a phone, in every language and theme; through
    the case, and through a report of it.
    """
    found = []
    report = max(here.state().reports.values(), key=lambda one: one.amount_minor)
    place = at(here, tokens(here)[part])
    if through == "report":
        place = place.replace(here.case().id, report.id)
    for theme in SHOWN_THEMES:
        with reading(
            browser, here.address, theme=theme, viewport={"width": 320, "height": 800}
        ) as page:
            sit_down(page, here.served.directory, "erlan", here.address)
            for language in LANGUAGES:
                page.goto(here.address + place.replace("/en/", f"/{language}/"))
                found += [f"{language} {theme} {one}" for one in violations(page)]
                assert not too_wide_at(page), language
    assert [] == found


def test_the_vault_alone_has_the_identifiers(here: Told) -> None:
    """After all of that: none in the log."""
    with Log.open(here.served.directory, writable=False) as log:
        bodies = [
            body for frame in log.read() for body in (frame.bodies[at] for at in range(len(frame)))
        ]
    assert not [one for one in CANARIES if any(one.encode() in body for body in bodies)]
