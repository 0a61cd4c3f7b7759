"""Training: a shift by its number, decided by keyboard, told the truth; nothing of it is real."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser

from arasha.events.schema import Kind
from arasha.log.log import Log
from console_samples import posted, signed_in, sit_down
from exchange_samples import acts_of_log
from pages_samples import Staged, reading
from test_app_pages_console_participants import found_by_axe

AT = "/en/console/training"
PAID = re.compile(r"<p><b>([^<]+)</b> · <span[^>]*>BANK-.</span> → <span[^>]*>BANK-.")


@contextmanager
def begun(stage: Staged, name: str, seed: int) -> Iterator[httpx.Client]:
    """Somebody with a shift that is made."""
    with signed_in(stage.served.directory, name, stage.address) as client:
        assert 303 == posted(client, f"{AT}/begin", seed=str(seed)).status_code
        end = time.monotonic() + 300
        while "Case 1 of" not in (text := client.get(f"{AT}/shift").text):
            assert time.monotonic() < end, text
            time.sleep(0.5)
        yield client


def decided(client: httpx.Client, at: int, outcome: str) -> str:
    """The page after a decision."""
    assert 303 == posted(client, f"{AT}/decide", at=str(at), outcome=outcome).status_code
    return client.get(f"{AT}/shift").text


def written(stage: Staged, person: str) -> tuple[int, list[object]]:
    """Payments of the log, and what this person has done but for coming in."""
    with Log.open(stage.served.directory, writable=False) as log:
        frames = log.read(missing="skip")
        payments = sum(int((frame.kinds == Kind.PAYMENT).sum()) for frame in frames)
    acts = acts_of_log(stage.served.directory)
    return payments, [
        body for kind, body in acts if kind != Kind.RIGHTS and person in body.values()
    ]


def test_by_keyboard_alone(stage: Staged, browser: Browser) -> None:
    """N begins, b and Enter decide, n goes on: as in the queue. The page that waits for the shift
    says how long, and opens by itself, without a script, too. It can be left: that is remembered.
    """
    with (
        reading(browser, stage.address, locale="en") as page,
        reading(browser, stage.address, locale="en", java_script_enabled=False) as plain,
    ):
        sit_down(page, stage.served.directory, "bolat", stage.address)
        page.goto(f"{stage.address}{AT}")
        page.locator("#seed").fill("8")
        page.locator("h1").click()
        page.keyboard.press("n")
        page.get_by_text("So far:").wait_for()
        sit_down(plain, stage.served.directory, "bolat", stage.address)
        plain.goto(f"{stage.address}{AT}/shift")
        assert plain.get_by_text("So far:").is_visible()
        page.wait_for_selector(".sentence", timeout=300_000)  # made behind all others
        plain.wait_for_selector(".sentence", timeout=120_000)
        for number in (1, 2):
            assert f"Case {number} of" in page.locator("h1").inner_text()
            page.keyboard.press("b")
            page.keyboard.press("Enter")
            page.wait_for_selector(".reveal")
            assert re.search(r"The sign that told it:|What looked like fraud:",
                             page.locator(".reveal").inner_text())  # fmt: skip
            page.keyboard.press("n")
            page.wait_for_selector(".reveal", state="detached")
        page.get_by_role("button", name="Leave the shift").click()
        assert page.get_by_text("Go on with shift").count() == 0
        assert re.search(r"8\s.*of 2", page.locator("[aria-labelledby=past]").inner_text())


def test_a_shift_from_its_first_case_to_its_score(stage: Staged) -> None:
    """The truth only after each decision; the score at the end; the same number, the same cases.
    Nothing of it is an entry.
    """
    with begun(stage, "dana", 7) as client:
        before = written(stage, "dana")
        cases = []
        for at in range(12):
            page = client.get(f"{AT}/shift").text
            assert "Practice" in page
            assert "It was" not in page
            assert f"Case {at + 1} of 12" in page
            assert PAID.search(page)
            cases.append(PAID.findall(page))
            text = decided(client, at, "fraud" if at % 2 else "legitimate")
            assert re.search(r"It was (fraud|honest)|Stolen money was", text)
            assert decided(client, at, "unclear").count("You said: Unclear") == 0  # once only
            posted(client, f"{AT}/next")
        over = client.get(f"{AT}/shift").text
        assert "Shift 7 is over" in over
        assert 12 == len(re.findall(r"It was |Stolen money was", over))
        assert "of 12" in over
        assert before == written(stage, "dana")
    with begun(stage, "erlan", 7) as client:
        again = []
        for at in range(12):
            page = client.get(f"{AT}/shift").text
            again.append(PAID.findall(page))
            decided(client, at, "unclear")
            posted(client, f"{AT}/next")
        assert cases == again
        assert "0 people" not in client.get(f"{AT}/shift").text  # the honest ones are kept waiting
        assert "7" in re.findall(r'<th scope="row" class="number">(\d+)</th>', client.get(AT).text)


@pytest.mark.parametrize("seed", ["0", "-1", "x", "1234567", "½"])
def test_what_is_no_number_begins_nothing(stage: Staged, seed: str) -> None:
    """It is said, and no shift is under way."""
    with signed_in(stage.served.directory, "aigul", stage.address) as client:
        posted(client, f"{AT}/leave")
        got = posted(client, f"{AT}/begin", seed=seed)
        assert 422 == got.status_code
        assert "A number is a whole one" in got.text
        assert f"{AT}" == client.get(f"{AT}/shift").headers["location"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("training", marks=pytest.mark.axe("/console/training")),
        pytest.param("training/shift", marks=pytest.mark.axe("/console/training/shift")),
    ],
)
def test_everybody_can_read_it(stage: Staged, browser: Browser, path: str) -> None:
    """Nothing for axe in two themes and three languages; nothing to scroll sideways on a phone."""
    with begun(stage, "aigul", 7):
        assert [] == found_by_axe(stage, browser, "aigul", path)
