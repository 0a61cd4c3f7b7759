"""People come into the console in a real browser: by passkey, and by password without a script."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from arasha.app.pages.languages import LANGUAGES
from arasha.exchange.persons import Persons
from console_samples import (
    at_home,
    link_of,
    now_ms,
    path_of,
    posted,
    session_of,
    set_up_by_password,
    signed_in,
    sit_down,
)
from exchange_samples import acts_of_log
from pages_samples import PHONE, SHOWN_THEMES, Staged, reading, too_wide_at, violations
from signin_samples import PASSWORD, code
from test_app_http_acting import until


def person(stage: Staged, name: str, *roles: str) -> str:
    """A new person of the running centre, whom it knows within a second."""
    persons = Persons.open(stage.served.directory, now_ms)
    persons.create(name, roles, by="tests")
    persons.close()
    until(lambda: known(stage, name))
    return name


def known(stage: Staged, name: str) -> bool:
    token = session_of(stage.served.directory, name)
    got = httpx.get(f"{stage.address}/en/console/mine", cookies={"session": token})
    return got.status_code == 200


def test_by_password_without_a_script(
    stage: Staged, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    """Invited, set up, signed out, in again with the next code and, once, with one from paper."""
    address = at_home(stage.address)
    link = link_of(stage.served.directory, person(stage, "marat", "analyst"), address, capsys)
    with reading(browser, address, java_script_enabled=False, locale="en") as page:
        secret, codes = set_up_by_password(page, link)
        assert 10 == len(codes)
        page.get_by_role("link", name="I have written them down").click()
        assert page.get_by_text("marat", exact=True).first.is_visible()
        page.get_by_role("button", name="Sign out", exact=True).click()
        assert "/en/console/sign-in" == path_of(page)
        filled(page, "marat", PASSWORD, "000 000")
        assert "Nobody comes in with these" in page.content()
        filled(page, "marat", PASSWORD, code(secret, now_ms() + 30_000))
        assert "/en/console/queue" == path_of(page)
        page.get_by_role("button", name="Sign out", exact=True).click()
        filled(page, "marat", PASSWORD, codes[3].lower())
        page.goto(f"{address}/en/console/mine")
        assert "9 codes on paper are left" in page.content()
    assert 404 == httpx.get(link, follow_redirects=True).status_code
    said = str(acts_of_log(stage.served.directory))
    assert PASSWORD not in said
    assert "signed_in" in said
    assert "127.0.0.1" not in said


def filled(page: Page, login: str, password: str, shown: str) -> None:
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.locator("#code").fill(shown)
    page.locator("form:has(#code) button").click()


def test_by_a_passkey(stage: Staged, browser: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    """The browser's own authenticator makes one and uses it; another is added and removed."""
    address = at_home(stage.address)
    link = link_of(stage.served.directory, person(stage, "saule", "officer"), address, capsys)
    with reading(browser, address, locale="en") as page:
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }})  # fmt: skip
        page.goto(link)
        page.get_by_role("button", name="Make a passkey").click()
        page.wait_for_url("**/console/queue")
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/console/queue")
        devtools.send("WebAuthn.setUserVerified", {
            "authenticatorId": added["authenticatorId"], "isUserVerified": False,
        })  # fmt: skip
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_text("The passkey was not used").wait_for()
        assert "/en/console/sign-in" == path_of(page)


def test_who_is_not_in_is_led_to_the_way_in(stage: Staged) -> None:
    """Without a session, with one that nobody has, and with one that was ended."""
    directory = stage.served.directory
    token = session_of(directory, "aigul")
    for cookies in ({}, {"session": "x"}, {"session": token[:-1]}, {"session": '"'}):
        got = httpx.get(f"{stage.address}/kk/console/mine", cookies=cookies)
        assert (303, "/kk/console/sign-in") == (got.status_code, got.headers["location"])
    with signed_in(directory, "aigul", stage.address) as client:
        assert 200 == client.get("/kk/console/mine").status_code
        assert 303 == posted(client, "/en/console/sign-out").status_code
        assert 303 == client.get("/kk/console/mine").status_code


def test_my_sessions_are_mine_to_end(stage: Staged) -> None:
    """All others at once; this one stays."""
    directory = stage.served.directory
    with (
        signed_in(directory, "dana", stage.address) as here,
        signed_in(directory, "dana", stage.address) as there,
        signed_in(directory, "erlan", stage.address) as theirs,
    ):
        assert 303 == posted(here, "/en/console/mine/end").status_code
        assert 200 == here.get("/en/console/mine").status_code
        assert 303 == there.get("/en/console/mine").status_code
        assert 200 == theirs.get("/en/console/mine").status_code


def test_the_cookie_of_a_session_is_out_of_reach(stage: Staged) -> None:
    """No script reads it, no other site's form sends it, and it goes with the browser."""
    with signed_in(stage.served.directory, "aigul", stage.address) as client:
        gone = posted(client, "/en/console/sign-out").headers.get_list("set-cookie")
    [cookie] = [one.lower() for one in gone if one.startswith("session=")]
    assert {"httponly", "samesite=lax", "path=/", "max-age=0"} <= {
        part.strip() for part in cookie.split(";")
    }


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("console/sign-in", marks=pytest.mark.axe("/console/sign-in")),
        pytest.param("console/mine", marks=pytest.mark.axe("/console/mine")),
        pytest.param(
            "console/invitation/LINK", marks=pytest.mark.axe("/console/invitation/{secret:str}")
        ),
        pytest.param(
            f"console/invitation/{'x' * 43}",
            marks=pytest.mark.axe("/console/invitation/{secret:str}"),
            id="lapsed",
        ),
    ],
)
def test_the_ways_in_are_open_to_everybody(
    stage: Staged, browser: Browser, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing for axe, in two themes and three languages, on a phone."""
    directory: Path = stage.served.directory
    if "LINK" in path:
        link = link_of(directory, "gulnara", stage.address, capsys)
        path = path.replace("LINK", link.rpartition("/")[2])
    found = []
    for theme in SHOWN_THEMES:
        with reading(
            browser, stage.address, theme=theme, viewport={"width": 360, "height": 700}
        ) as page:
            sit_down(page, directory, "gulnara", stage.address)
            for language in LANGUAGES:
                page.goto(f"{stage.address}/{language}/{path}")
                found += [f"{language} {theme} {one}" for one in violations(page)]
                assert not too_wide_at(page), (language, path)
    assert [] == found


def test_the_codes_on_paper_are_open_to_everybody(
    stage: Staged, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are shown once, after a password was set up: in two themes and three languages."""
    name, found = person(stage, "paper", "analyst"), []
    with reading(browser, stage.address, viewport=PHONE) as page:
        for language in LANGUAGES:
            link = link_of(stage.served.directory, name, stage.address, capsys)
            secret = link.rpartition("/")[2]
            set_up_by_password(page, f"{stage.address}/{language}/console/invitation/{secret}")
            assert 10 == page.locator(".codes li").count()
            for theme in SHOWN_THEMES:  # asked for in another theme they would be other codes
                page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
                found += [f"{language} {theme} {one}" for one in violations(page)]
            assert not too_wide_at(page), language
    assert [] == found
