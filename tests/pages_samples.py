"""A centre with people and cases in it, a real browser that looks at its pages, and axe."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from arasha.app.pages.languages import LANGUAGES
from arasha.app.pages.site import THEMES
from arasha.cases.projection import rebuilt
from arasha.cases.records import Hold, HoldStatus
from arasha.cases.state import State
from arasha.events.json import encode
from arasha.events.records import ReportFiled, milliseconds
from arasha.log.log import Log
from live_samples import WITH_FALLBACK
from lived_samples import live
from policy_samples import written
from service_samples import Served, now, participant, paying, serving
from test_app_http_acting import LAW, call, people, until

LIVED_DAYS: Final = 110
"""For how long the centre has worked before: two months and more are counted for the public."""

PROXY: Final = ("--trusted-proxies", "1")
"""A test may say from which address it comes: each address has a budget of its own."""

BANKS: Final = ("BANKKZKA", "MULEBANK", "OTHERBNK")
VICTIM: Final = "KZ75125KZT1001300335"
MULE: Final = "KZ03125KZT2001300336"
PHONE: Final = {"width": 320, "height": 640}
DESK: Final = {"width": 1280, "height": 800}
WIDTHS: Final = (320, 768, 900, 1024, 1280)
SHOWN_THEMES: Final = tuple(theme for theme in THEMES if theme != "system")
READ: Final[list[tuple[str, str]]] = []
"""(path, theme) of each page that axe has read since the running test began (conftest.py)."""

_INSTALL: Final = ("apt-get", "install", "-y", "--no-install-recommends", "chromium")
_FLAGS: Final = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


def chromium() -> Path:
    """Debian's chromium; installed as root where it is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update"], check=False, capture_output=True)
        subprocess.run(_INSTALL, check=True, capture_output=True)
        found = shutil.which("chromium")
    assert found is not None, "the tests of pages need chromium: apt-get install chromium"
    return Path(found)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Staged:
    """A service with a case in it: money of one victim held, of another complained of."""

    served: Served
    references: dict[str, str] = field(default_factory=dict)
    """References by what they are of: ``hold``, ``complaint``."""

    @property
    def address(self) -> str:
        """Where its pages are."""
        return self.served.address

    def state(self) -> State:
        """What its log says now."""
        with Log.open(self.served.directory, writable=False) as log:
            return rebuilt(log).state

    def call(self, name: str | None, method: str, path: str, status: int = 200, **body: Any) -> Any:
        """A call over HTTP, as somebody."""
        return call(self.served, name, method, path, status, **body)


@contextmanager
def staged(folder: Path) -> Iterator[Staged]:
    """A centre with three banks, its people, a law, and some cases."""
    directory = folder / "centre"
    keys = {name: participant(directory, name) for name in BANKS} | people(directory)
    policy = written(folder, WITH_FALLBACK)
    live(directory, milliseconds(now()), policy=policy, days=LIVED_DAYS)
    with serving(directory, policy, "--law", str(LAW), *PROXY, keys=keys) as served:
        stage = Staged(served)
        steal(stage, "p-1", VICTIM, amount="250000.00")
        hold = until(lambda: newest_hold(stage))
        stage.call("MULEBANK", "POST", f"/v1/holds/{hold.id}/answer", held_minor=18_000_000,
                   short="balance")  # fmt: skip
        stage.call("bolat", "POST", f"/v1/holds/{hold.id}/confirm", basis="kz:25-1")
        stage.references["hold"] = hold.reference
        complained = stage.call(
            None, "POST", "/v1/reports", bank="BANKKZKA", payer_account=VICTIM,
            payee_account=MULE, amount="40000.00", currency="KZT", paid_at=now().isoformat(),
        )  # fmt: skip
        stage.references["complaint"] = complained["reference"]
        yield stage
        assert 0 == served.stop()


def newest_hold(stage: Staged) -> Hold | None:
    """The hold that the last theft has led to, once it is there."""
    hold = max(stage.state().holds.values(), key=lambda one: one.placed_ms)
    return hold if hold.status is HoldStatus.PROVISIONAL else None


def steal(stage: Staged, name: str, payer: str, *, amount: str, **values: Any) -> None:
    """A payment to the mule, and an attested report of it."""
    paid: dict[str, Any] = {"payer_account": payer, "payee_account": MULE, "amount": amount,
                            "payer_bank": "BANKKZKA", "payee_bank": "MULEBANK"}  # fmt: skip
    with stage.served.client() as client:
        client.judge(paying(name, **paid))
    report = ReportFiled(id=f"r-{name}", happened_at=now(), payment=name, attested=True, **values)
    response = stage.served.request(
        "POST", "/v1/events", encode(report), headers={"content-type": "application/x-ndjson"}
    )
    assert 200 == response.status_code, response.text


@contextmanager
def reading(
    browser: Browser, address: str, *, theme: str = "light", viewport: dict[str, int] = DESK,
    **options: Any,
) -> Iterator[Page]:  # fmt: skip
    """A page of a reader who has chosen a theme; what its console says is a fault of the page."""
    context: BrowserContext = browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]  # a TypedDict
    context.add_cookies([{"name": "theme", "value": theme, "url": address}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: said.append(str(one)))
    try:
        yield page
        assert [] == [one for one in said if "status of 4" not in one]
    finally:
        context.close()


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is, one line each: the rule and where; and scripts
    that the page loads twice.
    """
    theme = page.evaluate("document.documentElement.dataset.theme")
    READ.append((urlsplit(page.url).path, str(theme)))
    found = Axe().run(page)
    scripts = page.locator("script[src]").evaluate_all("all => all.map(one => one.src)")
    twice = sorted({one for one in scripts if scripts.count(one) > 1})
    return [f"a script that is loaded twice: {one}" for one in twice] + [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def violations_everywhere(browser: Browser, address: str, path: str) -> list[str]:
    """What axe finds on a page without forms filled, in both themes and all languages, on a phone:
    ``path`` is without its language.
    """
    found = []
    for theme in SHOWN_THEMES:
        with reading(browser, address, theme=theme, viewport=PHONE) as page:
            for language in LANGUAGES:
                page.goto(f"{address}/{language}/{path}")
                found += [f"{language} {theme} {one}" for one in violations(page)]
    return found


_OUTSIDE: Final = """() => {
  const page = document.documentElement;
  const right = (one) => one.getBoundingClientRect().right;
  const out = page.scrollWidth > page.clientWidth
    ? [...document.querySelectorAll("main *")].filter((one) => right(one) > page.clientWidth + 1)
    : [...document.querySelectorAll("main table")].filter(
      (one) => right(one) > right(one.parentElement) + 1
        && getComputedStyle(one.parentElement).overflowX === "visible",
    ).concat([...document.querySelectorAll("main td")].filter(
      (one) => one.scrollWidth > one.clientWidth + 8));  // a chip's margin hangs at a line's end
  if (!out.length) return null;
  return out.slice(0, 3).map((one) => one.outerHTML.slice(0, 60)).join(" | ");
}"""


def too_wide_at(page: Page) -> list[str]:
    """At which widths of the window, from a phone's to a desk's, a reader must scroll sideways, a
    table stands out of its column, or text out of its cell; and what it is. Colours change no
    width: only the first theme is looked at.
    """
    if page.evaluate("document.documentElement.dataset.theme") == SHOWN_THEMES[-1]:
        return []
    before = page.viewport_size
    assert before is not None
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": before["height"]})
        outside = page.evaluate(_OUTSIDE)
        if outside is not None:
            found.append(f"{width}: {outside}")
    page.set_viewport_size(before)
    return found
