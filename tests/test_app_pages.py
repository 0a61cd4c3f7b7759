"""The pages as browsers meet them: language, theme, headers, forms, errors, files."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from arasha.app.pages import assets
from arasha.app.pages.languages import LANGUAGES
from arasha.app.pages.safety import HEADERS, POLICY
from console_samples import signed_in
from pages_routes import NO_PAGES, marked, routes
from pages_samples import Staged, reading, too_wide_at, violations_everywhere

HTMX_SHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
"""Of dist/htmx.min.js in the package htmx.org 2.0.11, as published."""


def test_whoever_names_no_language_gets_theirs(stage: Staged) -> None:
    """What the browser asks for; then the language last read in."""
    for accepted, language in (("kk, ru;q=0.5", "kk"), ("en-GB", "en"), ("de", "ru"), ("", "ru")):
        got = httpx.get(f"{stage.address}/", headers={"accept-language": accepted})
        assert (303, f"/{language}/") == (got.status_code, got.headers["location"])
    with httpx.Client(base_url=stage.address, follow_redirects=True) as client:
        client.get("/kk/")
        assert "/kk/" == client.get("/", headers={"accept-language": "en"}).url.path


def test_every_answer_bears_the_headers(stage: Staged) -> None:
    """Pages, errors, files and ways to elsewhere."""
    for path in ("/", "/en/", "/kk/nothing", assets.address_of("pages.css"), "/static/none.css"):
        got = httpx.get(stage.address + path)
        for name, value in HEADERS:
            assert value.decode() == got.headers[name.decode()], path
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_cookies_are_out_of_reach(stage: Staged) -> None:
    """No script reads them, no other site sends them."""
    for cookie in httpx.get(f"{stage.address}/en/").headers.get_list("set-cookie"):
        assert {"httponly", "samesite=lax", "path=/"} <= {
            one.strip().lower() for one in cookie.split(";")
        }


@pytest.mark.parametrize("fault", ["no token", "no cookie", "another token", "another site"])
def test_a_form_of_another_page_is_refused(stage: Staged, fault: str) -> None:
    """And told kindly, in the language of the page."""
    with httpx.Client(base_url=stage.address) as client:
        page = client.get("/en/").text
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
        assert token is not None
        data, headers = {"theme": "dark", "form_token": token[1]}, {}
        assert 303 == client.post("/en/theme", data=data).status_code
        if fault == "no token":
            del data["form_token"]
        elif fault == "no cookie":
            client.cookies.clear()
        elif fault == "another token":
            data["form_token"] = token[1][:-1] + ("0" if token[1][-1] != "0" else "1")
        else:
            headers["sec-fetch-site"] = "cross-site"
        got = client.post("/en/theme", data=data, headers=headers)
    assert 403 == got.status_code
    assert "This form is out of date" in got.text


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"&" * 5_000, b"form_token=%FF%00&" * 100, b"{}", b"a" * 60_000]
)
@pytest.mark.parametrize(
    "media", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "\u0101"]
)
def test_hostile_forms_are_told_kindly(stage: Staged, body: bytes, media: str) -> None:
    """Never a fault of the service."""
    got = httpx.post(
        f"{stage.address}/kk/theme", content=body,
        headers={b"content-type": media.encode(), b"cookie": b'form="\xff; theme=\x22;;==;a'},
    )  # fmt: skip
    assert 403 == got.status_code
    assert "Бұл форма ескірген" in got.text


@pytest.mark.parametrize(
    "path",
    ["/en/nothing", "/kk/%ff%00%0d%0aset-cookie:x", "/ru/%2e%2e/etc", "/en/" + "a" * 3_000, "/etc"],
)
def test_no_page_is_a_page_that_says_so(stage: Staged, path: str) -> None:
    """In the language of the address."""
    got = httpx.get(stage.address + path, headers={"accept": "text/html,*/*;q=0.8"})
    assert 404 == got.status_code
    assert got.headers["content-type"].startswith("text/html")


def test_a_machine_is_told_as_before(stage: Staged) -> None:
    """What is no page and was not asked for as one is a problem in JSON."""
    assert "application/problem+json" == httpx.get(f"{stage.address}/etc").headers["content-type"]


def test_the_theme_is_kept_without_a_script(stage: Staged, browser: Browser) -> None:
    """A press, and the page is dark, and the next one, too; back at the same page."""
    with reading(browser, stage.address, java_script_enabled=False) as page:
        page.goto(f"{stage.address}/en/")
        page.get_by_role("button", name="Dark").click()
        assert f"{stage.address}/en" == page.url.rstrip("/")
        page.goto(f"{stage.address}/kk/")
        assert page.locator("html[data-theme=dark][lang=kk]").count() == 1


def test_nobody_is_led_elsewhere(stage: Staged) -> None:
    """The way back of the form of themes is a page of ours, whatever it says."""
    with httpx.Client(base_url=stage.address) as client:
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', client.get("/en/").text)
        assert token is not None
        for back in (
            "//else.where/en/",
            "/en//else.where",
            "/\\else",
            "https://x/en/",
            "/en/%0d%0a",
        ):
            data = {"theme": "dark", "form_token": token[1], "back": back}
            assert "/en/" == client.post("/en/theme", data=data).headers["location"]


def test_files_are_kept_for_ever_under_their_content(stage: Staged) -> None:
    """Gzipped for whoever takes that; the same bytes."""
    for name, one in assets.assets().items():
        plain = httpx.get(stage.address + one.address, headers={"accept-encoding": "identity"})
        zipped = httpx.get(stage.address + one.address, headers={"accept-encoding": "gzip"})
        assert plain.content == zipped.content == one.plain, name
        assert "gzip" == zipped.headers["content-encoding"]
        assert "immutable" in plain.headers["cache-control"]
        assert hashlib.sha256(one.plain).hexdigest()[:12] in one.address


def test_htmx_is_as_its_makers_published_it(root: Path) -> None:
    """Whole and unmodified, with its licence."""
    folder = root / "src" / "arasha" / "app" / "pages" / "assets"
    assert HTMX_SHA256 == hashlib.sha256((folder / "htmx.min.js").read_bytes()).hexdigest()
    assert "Zero-Clause BSD" in (folder / "htmx.LICENSE").read_text("utf-8")


def test_both_dark_themes_are_the_same(root: Path) -> None:
    """The system's and the chosen one."""
    text = assets.assets()["pages.css"].plain.decode()
    dark = r":root(?::not\(\[data-theme=\"light\"\]\)|\[data-theme=\"dark\"\]) \{(.*?)\}"
    blocks = re.findall(dark, text, re.DOTALL)
    assert 2 == len(blocks)
    assert blocks[0].split() == blocks[1].split()


def test_what_is_a_page_is_known_by_its_path() -> None:
    """No route of machines is one."""
    from arasha.app.pages.application import is_page

    assert {"/kk/", "/static/x", "/"} == {
        one
        for one in ("/kk/", "/static/x", "/", "/v1/payments", "/kkk", "/metrics")
        if is_page(one)
    }


@pytest.mark.parametrize("path", [pytest.param("", marks=pytest.mark.axe("/")), "nothing"])
def test_axe_finds_nothing(stage: Staged, browser: Browser, path: str) -> None:
    """In both themes, in all languages."""
    assert [] == violations_everywhere(browser, stage.address, path)


def test_a_small_phone_need_not_scroll_sideways(stage: Staged, browser: Browser) -> None:
    """320 px are enough, in every language."""
    with reading(browser, stage.address, viewport={"width": 320, "height": 640}) as page:
        for language in LANGUAGES:
            page.goto(f"{stage.address}/{language}/")
            assert not too_wide_at(page)


@pytest.mark.parametrize("path", ["/en/", "/en/console/sign-in", "/en/none", "/console/", "/"])
def test_a_head_is_a_page_without_its_body(stage: Staged, path: str) -> None:
    """The same status, length and kind; and the connection goes on."""
    with httpx.Client(base_url=stage.address, timeout=30) as client:
        got = client.get(path, headers={"accept-encoding": "identity"})
        head = client.head(path, headers={"accept-encoding": "identity"})
        assert got.status_code == head.status_code
        assert b"" == head.content
        for name in ("content-type", "content-length", "location"):
            assert got.headers.get(name) == head.headers.get(name), name
        assert 200 == client.get("/en/").status_code


def test_a_head_of_what_has_no_end_ends(stage: Staged) -> None:
    """Of a stream there is a head, at once."""
    with signed_in(stage.served.directory, "aigul", stage.address) as client:
        head = client.head("/en/console/queue/live")
        assert (200, b"") == (head.status_code, head.content)
        assert 200 == client.get("/en/console/queue").status_code


@pytest.mark.parametrize("path", ["/en/report", "/ru/console/sign-in"])
def test_too_much_is_told_as_a_page(stage: Staged, path: str) -> None:
    """To whoever reads pages, in their language and with the headers of a page; a program gets what
    it can read.
    """
    body, page = b"x" * 200_000, {"accept": "text/html", "accept-language": "en"}
    got = httpx.post(stage.address + path, content=body, headers=page, timeout=30)
    assert 413 == got.status_code
    assert "text/html" in got.headers["content-type"]
    assert ("Too much was sent" if path < "/f" else "Отправлено слишком много") in got.text
    assert POLICY == got.headers["content-security-policy"]
    told = httpx.post(stage.address + path, content=body, timeout=30)
    assert (413, "application/problem+json") == (told.status_code, told.headers["content-type"])


def test_a_method_that_is_none_is_told_as_a_page(stage: Staged) -> None:
    """With what may be asked; of the machines' own addresses it is told as to machines."""
    page = {"accept": "text/html"}
    got = httpx.request("DELETE", f"{stage.address}/en/report", headers=page, timeout=30)
    assert 405 == got.status_code
    assert "opened in another way" in got.text
    assert "GET" in got.headers["allow"]
    told = httpx.request("DELETE", f"{stage.address}/v1/payments", headers=page, timeout=30)
    assert (405, "application/problem+json") == (told.status_code, told.headers["content-type"])


def test_axe_reads_a_page_of_every_route() -> None:
    """Whoever adds one has a test read it, in every theme and language, or says what else it is."""
    named = {route for _, route in marked()}
    assert set() == named - routes(), "marks name what there is"
    assert set() == NO_PAGES.keys() - routes()
    assert set() == NO_PAGES.keys() & named
    assert [] == sorted(routes() - named - NO_PAGES.keys()), "no test has axe read these"
