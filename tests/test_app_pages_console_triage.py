"""Twenty cases by keyboard alone, as somebody works through a queue."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

from arasha.cases.state import State
from console_samples import at_home, path_of, sit_down
from pages_samples import reading
from queue_samples import queued
from test_app_http_acting import until

CASES = 20
OUTCOMES = {"b": "fraud", "r": "legitimate", "u": "unclear"}
KEYS_EACH = 2
"""Keys for a clear case, besides Enter: the issue's promise."""


class Keyboard:
    """Presses keys, and counts them."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.pressed: list[str] = []

    def press(self, key: str) -> None:
        self.pressed.append(key)
        self._page.keyboard.press(key)


def test_twenty_cases_by_keyboard_alone(tmp_path: Path, browser: Browser) -> None:
    """Next, what it was, Enter: two keys and Enter for each. Each is decided as was said, and one
    that was wrong is taken back with one key.
    """
    with queued(tmp_path, CASES) as centre:
        address = at_home(centre.address)
        with reading(browser, address) as page:
            sit_down(page, centre.served.directory, "aigul", address)
            page.goto(f"{address}/en/console/queue?kind=all")
            keyboard, said = Keyboard(page), dict[str, str]()
            for number in range(CASES):
                page.wait_for_url("**/console/queue?*")
                keyboard.press("n")
                page.wait_for_url("**/console/case/*")
                key = "bru"[number % 3]
                said[path_of(page).rpartition("/")[2]] = OUTCOMES[key]
                keyboard.press(key)
                keyboard.press("Enter")
            page.wait_for_url("**/console/queue?*")
            assert CASES == len(said)
            assert CASES * (KEYS_EACH + 1) == len(keyboard.pressed)
            last = list(said)[-1]
            keyboard.press("z")
            page.wait_for_url(f"**/console/case/{last}")
            keyboard.press("u")
            keyboard.press("Enter")
            page.wait_for_url("**/console/queue?*")
            said[last] = "unclear"
        state = until(lambda: all_decided(centre.state()))
        assert said == {name: state.cases[name].outcome for name in said}


def all_decided(state: State) -> State | None:
    return state if not state.open_cases else None
