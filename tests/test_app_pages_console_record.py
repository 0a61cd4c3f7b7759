"""The record and the law on the console: signed, cosigned, proven, audited, and who looked."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from arasha.app.pages.console.record import has_ground, still_wrong
from arasha.app.pages.languages import LANGUAGES
from arasha.cases.law_document import load_law
from arasha.log.log import Log
from arasha.log.receipts import Receipt, check
from arasha.log.trust import load_trust
from cases_samples import room
from console_samples import posted, signed_in, sit_down
from money_samples import holds_of, stolen
from pages_samples import PHONE, SHOWN_THEMES, Staged, reading, too_wide_at, violations
from record_samples import ORIGIN, WITNESS
from test_app_http_acting import LAW, PEOPLE, until


def test_an_entry_is_proven_and_its_receipt_kept(
    money: Staged, browser: Browser, tmp_path: Path
) -> None:
    """The auditor types a number, sees that it is in the log under a cosigned checkpoint, and keeps
    a receipt that proves the same without the log.
    """
    known = load_trust(money.served.directory.parent / "trust")
    with reading(browser, money.address, java_script_enabled=False, locale="en") as page:
        sit_down(page, money.served.directory, "zhanar", money.address)
        page.goto(f"{money.address}/en/console/")

        def cosigned() -> bool:
            page.goto(f"{money.address}/en/console/record")
            return WITNESS in page.locator("[aria-labelledby=witnesses] > p").inner_text()

        until(cosigned)
        assert ORIGIN in page.inner_text("[aria-labelledby=checkpoint]")
        assert "● cosigns" in page.inner_text("[aria-labelledby=witnesses]")
        page.locator("#entry").fill("3")
        page.get_by_role("button", name="Prove it").click()
        assert page.get_by_text("Entry 3 is in the log").is_visible()
        with page.expect_download() as coming:
            page.get_by_role("link", name="Download the receipt").click()
        assert "entry-3.receipt" == coming.value.suggested_filename
        coming.value.save_as(tmp_path / "kept")
    receipt = Receipt.parse((tmp_path / "kept").read_bytes())
    proven = check(receipt, known.logs, known.witness_keys)
    assert (3, (WITNESS,)) == (proven.seq, proven.opened.witnessed_by)


def test_what_is_no_entry_is_said(money: Staged) -> None:
    """A number that is none, one that no checkpoint has; never a fault."""
    with signed_in(money.served.directory, "zhanar", money.address) as client:
        until(lambda: "● cosigns" in client.get("/en/console/record").text)
        for asked, said in (
            ("-1", "a whole number from 0"), ("07", "a whole number"), ("1e3", "a whole number"),
            ("<b>", "a whole number"), ("9" * 30, "a whole number"),
            ("999999999", "No checkpoint has this entry yet"),
        ):  # fmt: skip
            got = client.get("/en/console/record", params={"entry": asked})
            assert (200, True) == (got.status_code, said in got.text), asked
            assert "<b>" not in re.findall(r'value="([^"]*)"', got.text)
        for name in ("x", "999999999", "1%00", "-1"):
            assert 404 == client.get(f"/en/console/record/receipt/{name}").status_code


def test_an_audit_is_made_beside_the_work(money: Staged) -> None:
    """Begun by a button, shown when it is done: every law holds; no hold outlives its ground."""
    with signed_in(money.served.directory, "zhanar", money.address) as client:
        assert "None." in client.get("/en/console/record").text
        assert 303 == posted(client, "/en/console/record/audit").status_code

        def made() -> str | None:
            text = client.get("/en/console/record").text
            return text if "entries were read" in text and "is being made" not in text else None

        text = until(made)
        assert 13 == text.count("● holds")
        assert "broken" not in text


def test_who_looked_and_what_was_told_is_listed(money: Staged) -> None:
    """The last first, with the entry to prove it by; whom, only as one or all."""
    recall = stolen(money, "looks")
    [hold] = holds_of(money, recall)
    money.call("MULEBANK", "GET", f"/v1/holds/{hold.id}")  # tells it its customer's account
    with (
        signed_in(money.served.directory, "bolat", money.address) as officer,
        signed_in(money.served.directory, "zhanar", money.address) as auditor,
    ):
        officer.get(f"/en/console/report/{recall.report}")
        text = auditor.get("/en/console/record/views").text
        [first] = re.findall(r"<tbody>(.*?)</tr>", text, re.DOTALL)[:1]
        assert "bolat" in first
        assert recall.report[:12] in first
        assert hold.account[:8] not in text

        def told() -> str | None:  # the vault's acts come into the log within a second
            shown = auditor.get("/en/console/record/reveals").text
            return shown if hold.id in shown else None

        text = until(told)
        assert "its own customer" in text
        assert hold.account[:8] not in text
        assert 200 == auditor.get("/en/console/record/reveals?page=77").status_code


def test_a_hold_without_its_ground_would_be_named() -> None:
    """Should there ever be one: its report fell, and it stands."""
    centre = room()
    report = centre.report(attested=True)
    [hold] = centre.hold(report)
    state = centre.state
    assert has_ground(state.reports[report.id])
    assert [] == still_wrong(state, [hold.id], state.at_ms)
    state.put(replace(state.reports[report.id], status="cleared"))
    assert [hold.id] == still_wrong(state, [hold.id], state.at_ms)
    assert [] == still_wrong(state, [hold.id], hold.until_ms), "it is over"


def test_the_law_in_force_is_everybodys_to_read(money: Staged) -> None:
    """With its hash, and the file to keep; each figure in the reader's language."""
    law = load_law(LAW)
    for name in PEOPLE:
        with signed_in(money.served.directory, name, money.address) as client:
            text = client.get("/en/console/law").text
            assert law.hash in text
            assert "3 business days" in text
            assert "to be checked by a lawyer" in text
    with signed_in(money.served.directory, "ivan", money.address) as client:
        text = client.get("/ru/console/law").text
        assert "рабочих дня" in text
        assert "Казахстан: закон о платежах, статья 25-1" in text
        assert "no rule found" not in text
        assert LAW.read_text("utf-8") == client.get("/kk/console/law/text").text


@pytest.mark.axe(
    "/console/record", "/console/record/reveals", "/console/record/views", "/console/law"
)
def test_everybody_can_read_it(money: Staged, browser: Browser) -> None:
    """Nothing for axe in two themes and three languages; nothing to scroll sideways on a phone."""
    with signed_in(money.served.directory, "zhanar", money.address) as client:
        posted(client, "/en/console/record/audit")
        until(lambda: "entries were read" in client.get("/en/console/record").text)
        with Log.open(money.served.directory, writable=False) as log:
            assert log.size > 1
    found = []
    for theme in SHOWN_THEMES:
        with reading(browser, money.address, theme=theme, viewport=PHONE) as page:
            sit_down(page, money.served.directory, "zhanar", money.address)
            for language in LANGUAGES:
                for place in ("record?entry=1", "record/reveals", "record/views", "law"):
                    page.goto(f"{money.address}/{language}/console/{place}")
                    assert page.locator("h1").count() == 1
                    found += [f"{language} {theme} {place} {one}" for one in violations(page)]
                    assert not too_wide_at(page), (language, place)
    assert [] == found
