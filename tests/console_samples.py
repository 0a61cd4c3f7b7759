"""People of the centre at its console: invited by command, in a real browser, with real codes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page

from arasha.app.main import main
from arasha.exchange.enrolment import Enrolment, Welcomed
from arasha.exchange.passkeys import Site
from arasha.exchange.persons import Persons
from arasha.exchange.sealed import Seal
from arasha.exchange.sessions import Sessions
from arasha.exchange.signin import SignIn
from arasha.exchange.signin_tables import open_signin
from service_samples import PLAIN
from signin_samples import PASSWORD, code, secret_in

TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')


def at_home(address: str) -> str:
    """The service by the name to which a browser binds passkeys."""
    return address.replace("127.0.0.1", "localhost")


def now_ms() -> int:
    """The time of day."""
    return time.time_ns() // 1_000_000


def link_of(directory: Path, name: str, address: str, capsys: Any) -> str:
    """The link of an invitation, as the command tells it."""
    capsys.readouterr()
    assert 0 == main(["person", "invite", name, "--data", str(directory), "--at",
                      at_home(address), "--by", "tests", "--json"])  # fmt: skip
    link: str = json.loads(capsys.readouterr().out)["link"]
    return link


def session_of(directory: Path, name: str) -> str:
    """The token of a new session of that person, as a sign-in leaves it."""
    persons, tables = Persons.open(directory, now_ms), open_signin(directory)
    try:
        with tables.change() as db:
            token = Sessions(tables, persons, now_ms).begin(db, name, "passkey")
    finally:
        tables.close()
        persons.close()
    assert token is not None
    return token


def signed_in(directory: Path, name: str, address: str) -> httpx.Client:
    """A client that carries that person's session."""
    cookies = {"session": session_of(directory, name)}
    return httpx.Client(base_url=address, cookies=cookies, timeout=60, verify=PLAIN)


def posted(client: httpx.Client, path: str, **fields: str | Sequence[str]) -> httpx.Response:
    """The answer to a form of ours."""
    found = TOKEN.search(client.get("/en/console/sign-in").text)
    assert found is not None
    return client.post(path, data={"form_token": found[1], **fields}, timeout=60)


def sit_down(page: Page, directory: Path, name: str, address: str) -> None:
    """The browser carries that person's session."""
    page.context.add_cookies([{
        "name": "session", "value": session_of(directory, name), "url": address,
        "httpOnly": True, "sameSite": "Lax",
    }])  # fmt: skip


def set_up_by_password(page: Page, link: str) -> tuple[bytes, list[str]]:
    """Follow the link and set up a password: the authenticator's secret, and the codes on paper."""
    page.goto(link)
    page.get_by_text(re.compile("Without a camera|Без камеры|Камерасыз")).click()
    secret = secret_in(page.locator("details .code").inner_text())
    page.locator("#password").fill(PASSWORD)
    page.locator("#code").fill(code(secret, now_ms()))
    page.locator("form:has(#code) button").click()
    page.wait_for_selector(".codes")
    return secret, page.locator(".codes li").all_inner_texts()


def path_of(page: Page) -> str:
    """Where the browser is."""
    return urlsplit(page.url).path


def enrolled(directory: Path, name: str, address: str) -> tuple[str, bytes]:
    """A session of that person, who has a password and an authenticator; and its secret."""
    persons = Persons.open(directory, now_ms)
    site = Site(at_home(address))
    signin = SignIn.open(directory, persons, site, clock=now_ms, steady_s=time.monotonic)
    try:
        enrolment = Enrolment(signin, Seal.load_or_create(directory), now_ms)
        link, _ = enrolment.invitations.invite(name, by="tests")
        offer = enrolment.offer(link)
        assert offer is not None
        secret = secret_in(offer.address)
        found = enrolment.set_password(link, offer.sealed, PASSWORD, code(secret, now_ms()))
        assert isinstance(found, Welcomed)
        return found.signed.token, secret
    finally:
        signin.close()
        persons.close()
