"""The demonstration: the whole centre with a country in it, as a newcomer meets it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from arasha.app.commands_demo import said
from arasha.app.demo.making import ORIGIN, Told
from arasha.app.demo.people import AUTHOR, REASONS
from arasha.app.demo.witness import NAME
from arasha.app.pages.languages import LANGUAGES
from arasha.cases.projection import rebuilt
from arasha.cases.records import HoldStatus
from arasha.cases.roles import ROLES
from arasha.log.log import Log
from console_samples import TOKEN, path_of, posted
from pages_samples import PHONE, SHOWN_THEMES, reading, too_wide_at, violations
from rehearsal_samples import wary
from service_samples import ENVIRONMENT, serving
from test_app_http_acting import until

COUNTED = re.compile(
    r"cases (\d+)  waiting (\d+)  reports (\d+)  held at several banks (\d+)  held ([\d,]+) KZT  "
    r"recalls (\d+)  returned ([\d,]+) KZT  appeals (\d+)  upheld (\d+)"
)


@dataclass
class Shown:
    """A demonstration that runs, and what it has said."""

    process: subprocess.Popen[str]
    directory: Path
    address: str
    said: list[str]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One, with a country small enough to be made in seconds."""
    folder = tmp_path_factory.mktemp("demo")
    words = ["--data", str(folder / "centre"), "--port", "0", "--people", "1500", "--days", "8",
             "--policy", str(wary(folder)), "--for", "600"]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "arasha.app.main", "demo", *words], stdout=subprocess.PIPE,
        text=True, env=ENVIRONMENT,
    )  # fmt: skip
    lines: list[str] = []
    try:
        assert process.stdout is not None
        while not (found := re.search(r"^ +(http://\S+)/en/demo$", "".join(lines[-1:]))):
            line = process.stdout.readline()
            assert line, lines
            lines.append(line.rstrip("\n"))
        yield Shown(process, folder / "centre", found[1], lines)
        process.send_signal(signal.SIGINT)
        assert 0 == process.wait(60)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()


def test_reports_have_become_traces_holds_recalls_returns_and_appeals(shown: Shown) -> None:
    """All of it has happened when the console opens, and is in the log; and the console answers."""
    [counts] = [found for line in shown.said if (found := COUNTED.fullmatch(line))]
    assert all(int(one.replace(",", "")) > 0 for one in counts.groups()), counts[0]
    assert any("The console answers" in line for line in shown.said)
    with Log.open(shown.directory, writable=False) as log:
        state = rebuilt(log).state
    told = Told.of(state)
    assert told.reports >= int(counts[3])
    assert any(one.status == "upheld" for one in state.appeals.values())
    assert said(told).startswith("cases ")


def test_the_log_is_what_a_centre_would_have_written(shown: Shown) -> None:
    """It verifies, and the audit finds no hold past its end and no act that was not allowed."""
    for words in (["log", "verify"], ["audit"]):
        run = subprocess.run(
            [sys.executable, "-m", "arasha.app.main", *words, str(shown.directory)],
            capture_output=True, text=True, env=ENVIRONMENT, check=False,
        )  # fmt: skip
        assert 0 == run.returncode, run.stdout + run.stderr


def test_a_newcomer_finds_decides_and_explains_a_case(shown: Shown, browser: Browser) -> None:
    """From the first page, by what stands on it: a seat, Next, why, the decision."""
    with reading(browser, shown.address, locale="en") as page:
        page.goto(f"{shown.address}/en/demo")
        page.get_by_role("button", name="officer").click()
        assert "/en/console/queue" == path_of(page)
        page.get_by_role("button", name="Next").click()
        assert page.locator("h1").inner_text().startswith("Case c")
        assert len(re.split(r"[,.] ", page.locator(".sentence").inner_text())) > 1
        page.get_by_label("Fraud").check()
        page.locator("[data-submit]").click()
        page.wait_for_url("**/console/queue*")


def test_a_seat_is_for_this_machine_under_its_own_name(shown: Shown) -> None:
    """A page of elsewhere that leads its name here gets no seat; nor does a seat that is none."""
    with httpx.Client(base_url=shown.address, timeout=30) as client:
        found = TOKEN.search(client.get("/en/demo").text)
        assert found is not None
        fields = {"form_token": found[1], "seat": "officer"}
        assert 404 == client.get("/en/demo", headers={"host": "evil.example"}).status_code
        got = client.post("/en/demo/sit", data=fields, headers={"host": "evil.example"})
        assert 404 == got.status_code
        assert 404 == client.post("/en/demo/sit", data={**fields, "seat": "bolat"}).status_code
        assert "session" not in client.cookies
        assert 303 == client.post("/en/demo/sit", data=fields).status_code
        assert "session" in client.cookies
        assert "Choose a seat" in client.get("/en/console/sign-in").text


@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_seat_is_one_click(shown: Shown, browser: Browser, role: str) -> None:
    """It leads to what that role works on; each has a button, and there is nothing else to fill."""
    with reading(browser, shown.address, java_script_enabled=False, locale="en") as page:
        page.goto(f"{shown.address}/en/demo")
        assert len(ROLES) == page.locator("[name=seat]").count()
        page.locator(f"[name=seat][value={role}]").click()
        page.wait_for_url("**/en/console/*")
        assert page.locator(".mast").get_by_text(role, exact=True).is_visible()


def test_who_sits_somewhere_shows_who_they_are_by_a_button(shown: Shown) -> None:
    """For what needs it, as nobody here has a passkey; nobody else, and for a request alone."""
    with httpx.Client(base_url=shown.address, timeout=30) as client:
        found = TOKEN.search(client.get("/en/demo").text)
        assert found is not None
        token = {"form_token": found[1]}
        assert 404 == client.post("/en/demo/confirm/q1", data=token).status_code
        client.post("/en/demo/sit", data={**token, "seat": "policy_publisher"})
        assert 404 == client.post("/en/demo/confirm/c1", data=token).status_code
        confirmed = client.post("/en/demo/confirm/q1", data=token)
        assert (303, "/en/console/request/q1") == (
            confirmed.status_code, confirmed.headers["location"]
        )  # fmt: skip


@contextmanager
def sitting(shown: Shown, seat: str) -> Iterator[httpx.Client]:
    """Somebody who has sat down there."""
    with httpx.Client(base_url=shown.address, timeout=60) as client:
        found = TOKEN.search(client.get("/en/demo").text)
        assert found is not None
        fields = {"form_token": found[1], "seat": seat}
        assert 303 == client.post("/en/demo/sit", data=fields).status_code
        yield client


def test_the_auditor_proves_any_entry_under_a_witnesss_word(shown: Shown) -> None:
    """The centre has a record, which a witness beside it cosigns; who looked at whom is told, too,
    and what was revealed.
    """
    with sitting(shown, "auditor") as client:
        assert "/en/console/record" == client.get("/en/console/").headers["location"]
        text = until(lambda: cosigned(client.get("/en/console/record?entry=0").text))
        assert "Entry 0 is in the log" in text
        assert f"{ORIGIN}</dd>" in text
        looks = client.get("/en/console/record/views").text
        assert "aigul" in looks
        assert "marat" in looks
        reveals = client.get("/en/console/record/reveals").text
        assert any(reason in reveals for reason in REASONS)


def cosigned(text: str) -> str | None:
    """The page of the record, once a witness has vouched for the proof on it."""
    proof = text.partition('id="proof"')[2].partition("</section>")[0]
    return text if NAME in proof else None


def test_a_publisher_puts_in_force_what_an_author_has_tried(shown: Shown) -> None:
    """It waits with its backtest, and follows in the shadow; what is in force is counted."""
    with sitting(shown, "policy_publisher") as client:
        until(lambda: "follows since" in client.get("/en/console/policies").text)
        page = client.get("/en/console/policies").text
        assert "Counted" in page
        assert "not counted yet" not in page
        [request] = {*re.findall(r"/en/console/request/(q[0-9]+)", page)}
        address = f"/en/console/request/{request}"
        asked = client.get(address).text
        assert f"{AUTHOR.name}, " in client.get("/en/console/requests").text
        assert "+ hold = 320" in asked
        assert "The whole backtest" in asked
        content = re.search(r'name="content" value="([0-9a-f]{64})"', asked)
        assert content is not None
        confirm = client.get(f"/en/console/confirm/{request}").text
        assert "In a demonstration: it is I" in confirm, "asked for when one has sat for a while"
        done = posted(client, f"{address}/approve", content=content[1])
        assert (303, address) == (done.status_code, done.headers["location"])
        page = client.get("/en/console/policies").text
        assert f"Asked for by {AUTHOR.name}, agreed to by policy_publisher" in page


def test_an_appeal_can_be_tried(shown: Shown) -> None:
    """The first page shows the code of a confirmed hold that nobody has contested."""
    page = httpx.get(f"{shown.address}/en/demo", timeout=60).text
    found = re.search(r'to try an appeal with: <span class="code">(\w+)</span>', page)
    assert found is not None
    with Log.open(shown.directory, writable=False) as log:
        state = rebuilt(log).state
    hold = state.holds[state.by_reference[found[1]]]
    assert hold.status is HoldStatus.CONFIRMED
    assert hold.id not in state.appeal_about


def test_the_public_figures_say_when_they_begin(shown: Shown) -> None:
    """A country of a week has no month yet."""
    page = httpx.get(f"{shown.address}/en/figures", timeout=60).text
    assert "The first month, " in page
    assert "Money returned" in page


@pytest.mark.axe("/demo", "/console/confirm/{name:str}")
def test_everybody_can_read_the_seats_and_how_one_confirms(shown: Shown, browser: Browser) -> None:
    """Nothing for axe in two themes and three languages, nothing to scroll sideways on a phone;
    where others show a passkey there is a button here.
    """
    found = []
    for theme in SHOWN_THEMES:
        with reading(browser, shown.address, theme=theme, viewport=PHONE) as page:
            page.goto(f"{shown.address}/en/demo")
            page.locator("[name=seat][value=policy_publisher]").click()
            page.wait_for_url("**/en/console/*")
            for language in LANGUAGES:
                for path in ("demo", "console/confirm/q1"):
                    page.goto(f"{shown.address}/{language}/{path}")
                    found += [f"{language} {theme} {path} {one}" for one in violations(page)]
                    assert not too_wide_at(page), (language, path)
                assert page.locator("form[action$='/demo/confirm/q1'] button").is_visible()
    assert [] == found


def test_no_other_service_has_seats(tmp_path: Path) -> None:
    """Arasha serve has neither the page nor the act, whatever is in its directory."""
    with serving(tmp_path / "centre", wary(tmp_path)) as served:
        with httpx.Client(base_url=served.address, timeout=30) as client:
            assert 404 == client.get("/en/demo").status_code
            page = client.get("/en/console/sign-in").text
            assert "seat" not in page
            found = TOKEN.search(page)
            assert found is not None
            fields = {"form_token": found[1], "seat": "officer"}
            assert 404 == client.post("/en/demo/sit", data=fields).status_code
            assert "session" not in client.cookies
        assert 0 == served.stop()


def test_it_takes_no_directory_that_has_something_in_it(tmp_path: Path) -> None:
    """And says what to do; nothing of it is touched."""
    (tmp_path / "thesis.txt").write_text("x")
    run = subprocess.run(
        [sys.executable, "-m", "arasha.app.main", "demo", "--data", str(tmp_path)],
        capture_output=True, text=True, env=ENVIRONMENT, check=False,
    )  # fmt: skip
    assert (2, ["thesis.txt"]) == (run.returncode, [one.name for one in tmp_path.iterdir()])
    assert "arasha serve --data goes on with a centre" in run.stderr
