"""Pictures of the pages for the documents: ``make pictures``.

In: the centres of the tests, and a demonstration. Out: docs/pictures/console-*.png, 1280 pixels
wide, in English and light, and citizens-*.png. Look at them before they are committed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser, Page

from case_samples import Told, told
from console_samples import posted, signed_in, sit_down
from money_samples import (
    answered,
    contested,
    held,
    holds_of,
    money_centre,
    paid,
    recall_of,
    reported,
    stolen,
)
from pages_samples import DESK, Staged, browsing, reading, staged
from service_samples import ENVIRONMENT
from test_app_http_acting import until

PICTURES: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures"

WAY: Final = (
    ("victim", "mule-a", "1250000.00"), ("mule-a", "second-b", "400000.00"),
    ("mule-a", "second-c", "350000.00"), ("mule-a", "mule-d", "300000.00"),
    ("second-b", "mule-e", "250000.00"), ("second-c", "mule-e", "120000.00"),
    ("mule-d", "second-f", "280000.00"), ("mule-e", "second-g", "310000.00"),
)  # fmt: skip
"""How the money of the pictured recall went on."""


def main() -> None:
    """Take all of them anew."""
    with browsing() as browser, TemporaryDirectory() as folder:
        rooms = [Path(folder) / name for name in ("case", "money", "citizens")]
        for one in rooms:
            one.mkdir()
        with staged(rooms[2]) as stage:
            of_citizens(stage, browser)
        with told(rooms[0]) as here:
            of_case(here, browser)
        with money_centre(rooms[1]) as money:
            of_money(money, browser)
        with demonstration() as address:
            of_demonstration(address, browser)


def of_case(here: Told, browser: Browser) -> None:
    """A full case, and a party of it."""
    case = here.case()
    report = max((here.state().reports[one] for one in case.reports), key=lambda one: one.taken_ms)
    with seat(here, browser, "bolat") as page:
        page.goto(f"{here.address}/en/console/case/{case.id}")
        page.keyboard.press("t")
        page.get_by_text("you have it").wait_for()
        take(page, "case", height=1060)
        page.goto(f"{here.address}/en/console/case/{case.id}/party/{report.number}")
        take(page, "party", height=620)


def of_money(money: Staged, browser: Browser) -> None:
    """A recall whose banks have answered in part, its trace, an appeal, the record."""
    for at, (payer, payee, amount) in enumerate(WAY):
        paid(money, f"way-{at}", f"KZ-{payer}", f"KZ-{payee}", amount)
    paid(money, "other", "KZ-victim-other", "KZ-mule-a", "300000.00")
    recall = recall_of(money, reported(money, "way-0"))
    other = recall_of(money, reported(money, "other"))
    for hold in holds_of(money, recall)[:-1]:
        mule = hold.bank == "MULEBANK"
        minor = hold.amount_minor if mule else hold.amount_minor * 3 // 4
        held(money, hold, minor)
        if mule:
            answered(money, recall, hold, minor)
    for hold in holds_of(money, other):
        held(money, hold, 0)
    appeal = upheld(money)
    with seat(money, browser, "bolat") as page:
        page.goto(f"{money.address}/en/console/recall/{recall.id}")
        take(page, "recall")
        page.goto(f"{money.address}/en/console/report/{recall.report}")
        take(page, "trace")
    with seat(money, browser, "dana") as page:
        page.goto(f"{money.address}/en/console/appeal/{appeal}")
        take(page, "appeal")
    audited(money)
    with seat(money, browser, "zhanar") as page:
        page.goto(f"{money.address}/en/console/record?entry=12")
        take(page, "record")


def upheld(money: Staged) -> str:
    """An appeal that was right; its id."""
    [hold] = holds_of(money, stolen(money, "goods", amount="370000.00"))
    held(money, hold, hold.amount_minor)
    money.call("bolat", "POST", f"/v1/holds/{hold.id}/confirm", basis="kz:25-1")
    appeal = contested(money, hold)
    why = "The buyer has confirmed that the goods came; nobody was robbed."
    with signed_in(money.served.directory, "dana", money.address) as reviewer:
        at = f"/en/console/appeal/{appeal}"
        posted(reviewer, f"{at}/take")
        assert 303 == posted(
            reviewer, f"{at}/rule", ruling="uphold", erred="report", why=why
        ).status_code  # fmt: skip
    until(lambda: money.state().appeals[appeal].status == "upheld")
    return appeal


def audited(money: Staged) -> None:
    """An audit was made, and a witness has cosigned."""
    with signed_in(money.served.directory, "zhanar", money.address) as auditor:
        posted(auditor, "/en/console/record/audit")
        until(lambda: "entries were read" in auditor.get("/en/console/record").text)
        until(lambda: "● cosigns" in auditor.get("/en/console/record").text)


@contextmanager
def demonstration() -> Iterator[str]:
    """One as a newcomer begins it; its address."""
    words = ["--no-browser", "--port", "0", "--for", "600"]
    process = subprocess.Popen(
        [sys.executable, "-m", "arasha.app.main", "demo", *words], stdout=subprocess.PIPE,
        text=True, env=ENVIRONMENT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        lines = (re.search(r"^ +(http://\S+)/en/demo$", line) for line in process.stdout)
        yield next(found[1] for found in lines if found)
    finally:
        process.terminate()
        process.wait(60)


def of_demonstration(address: str, browser: Browser) -> None:
    """What each seat begins with, and a case."""
    with sitting(address, browser, "officer") as page:
        take(page, "demo", height=800)
        page.get_by_role("button", name="Next").click()
        page.wait_for_url("**/console/case/*")
        take(page, "demo-case", height=800)
        page.goto(f"{address}/en/console/queue?typology=account_takeover")
        for _ in range(2):
            page.keyboard.press("j")
            page.keyboard.press("x")
        take(page, "queue", height=800)
    with sitting(address, browser, "policy author") as page:
        page.goto(f"{address}/en/console/policies")
        page.locator('a[href*="/policies/draft/"]').first.click()
        page.get_by_text("Now and then").wait_for()
        take(page, "policies", height=1290)
    with sitting(address, browser, "policy publisher") as page:
        page.goto(f"{address}/en/console/requests")
        page.locator('a[href*="/console/request/"]').first.click()
        take(page, "request", height=1100)
    with sitting(address, browser, "administrator") as page:
        page.goto(f"{address}/en/console/participants")
        take(page, "participants", height=800)
    with sitting(address, browser, "analyst") as page:
        page.goto(f"{address}/en/console/training")
        page.locator("#seed").fill("7")
        page.locator("h1").click()
        page.keyboard.press("n")
        page.wait_for_selector(".sentence", timeout=600_000)
        page.keyboard.press("b")
        page.keyboard.press("Enter")
        page.wait_for_selector(".reveal")
        take(page, "training", height=800)


@contextmanager
def sitting(address: str, browser: Browser, role: str) -> Iterator[Page]:
    """A page of somebody who has sat down in the demonstration."""
    with reading(browser, address, locale="en") as page:
        page.goto(f"{address}/en/demo")
        page.get_by_role("button", name=role, exact=True).click()
        page.wait_for_load_state()
        yield page


def of_citizens(stage: Staged, browser: Browser) -> None:
    """The first step of a report on a phone, and the public figures in the dark."""
    with reading(browser, stage.address, viewport={"width": 390, "height": 760}) as page:
        page.goto(f"{stage.address}/ru/report")
        page.screenshot(path=PICTURES / "citizens-report-phone.png", animations="disabled")
    with reading(
        browser, stage.address, theme="dark", viewport={"width": 820, "height": 760}
    ) as page:
        page.goto(f"{stage.address}/en/figures")
        page.screenshot(path=PICTURES / "citizens-figures-dark.png", animations="disabled")


@contextmanager
def seat(stage: Staged, browser: Browser, name: str) -> Iterator[Page]:
    """A page of somebody who is signed in."""
    with reading(browser, stage.address, locale="en") as page:
        sit_down(page, stage.served.directory, name, stage.address)
        yield page


def take(page: Page, name: str, *, height: int | None = None) -> None:
    """The picture of that name: of the page's first so many pixels, or of all of it."""
    page.set_viewport_size({"width": DESK["width"], "height": height or DESK["height"]})
    path = PICTURES / f"console-{name}.png"
    page.screenshot(path=path, full_page=height is None, animations="disabled")


if __name__ == "__main__":
    main()
