from __future__ import annotations

from rich.console import Console

from arasha.app.shipped import default_policy
from arasha.app.watch_picture import at, picture, summary, tenge
from arasha.country.docket import Docket
from arasha.country.scene import Scene, Stopped
from arasha.policy import document
from offices_samples import Acting, acting

MONDAY_MS = 1_767_573_000_000


def scene() -> Scene:
    """What a watcher has seen so far."""
    one = Scene(document.load(default_policy()), "en")
    one.now_ms, one.payments, one.stolen = MONDAY_MS, 1234, 5_000_00
    reasons = ("A new payee, payments before: 0.",)
    one.latest.append(Stopped(MONDAY_MS, 70_000_00, "hold", True, "safe_account", reasons))
    return one


def drawn(docket: Docket, rows: int = 40) -> str:
    """The picture as text."""
    console = Console(width=120, height=rows)
    with console.capture() as shown:
        console.print(picture(scene(), docket, "600 times as fast as life", 7.4, rows))
    return shown.get()


def test_the_picture_shows_what_was_held_and_why() -> None:
    """The clock, the counts, the truth for who watches, the reasons."""
    text = drawn(Docket())
    for words in (
        "Monday 05 January 2026  05:30:00", "1,234, 7 a second", "5,000 KZT", "70,000 KZT",
        "fraud: safe account", "A new payee, payments before: 0.", "600 times as fast as life",
        "nothing is held yet",
    ):  # fmt: skip
        assert words in text
    assert "payments 1234" in summary(scene(), Docket())
    assert "05:30" == f"{at(MONDAY_MS):%H:%M}"
    assert "12 KZT" == tenge(12_99)


def test_a_report_is_shown_with_its_trace_holds_and_recall() -> None:
    """From the records as they stand; as high as the terminal at most."""
    country: Acting = acting(seed=3)
    country.live(4)
    shown = country.docket.shown
    assert shown is not None
    report = shown.work.state.reports[shown.report]
    for rows in (24, 40, 60):
        text = drawn(country.docket, rows)
        assert f"{report.amount_minor // 100:,} KZT" in text
        assert "trace " in text
        assert "hold    BANK-" in text
        assert "recall  " in text
        assert len(text.splitlines()) <= rows
    told = [line.text for line in country.docket.lines]
    assert any("sends" in text for text in told) == (country.docket.returned > 0)
