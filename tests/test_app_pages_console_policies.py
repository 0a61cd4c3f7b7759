"""Policies in the console: written, tried on the centre's own log, put in the shadow, published."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from arasha.app.http.drafts import Drafts
from arasha.app.pages.languages import LANGUAGES
from arasha.app.shipped import default_policy
from arasha.events.json import encode
from arasha.events.records import LabelSettled
from arasha.keeping import keyring
from arasha.keeping.backup import KeyringOrder, backup
from arasha.keeping.restore import restore
from arasha.vault.keys import Master
from console_samples import at_home, enrolled, now_ms, posted, signed_in, sit_down
from exchange_samples import acts_of_log
from live_samples import STRICTER, WITH_FALLBACK
from pages_samples import PHONE, SHOWN_THEMES, reading, too_wide_at, violations
from policy_samples import written
from service_samples import Served, now, participant, paying, serving
from signin_samples import code
from test_app_http_acting import LAW, call, people, until

ALIKE = WITH_FALLBACK.replace("points = 600", "points = 601")
"""Another policy, which decides what the first one does."""

BROKEN = STRICTER.replace("new_payee and", "new_paye and")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A centre with forty payments, of which some are settled, and its people."""
    folder = tmp_path_factory.mktemp("policies")
    directory, policy = folder / "centre", written(folder, WITH_FALLBACK)
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "MULEBANK")}
    keys |= people(directory)
    with serving(directory, policy, "--law", str(LAW), keys=keys) as served:
        with served.client() as client:
            for number in range(40):
                client.judge(paying(
                    f"p-{number}", payer_account=f"KZ-payer-{number}", payer_bank="BANKKZKA",
                    payee_account=f"KZ-payee-{number % 7}", payee_bank="MULEBANK",
                    amount=f"{(number % 4 + 1) * 500_000}.00",
                ))  # fmt: skip
        for number in range(0, 40, 2):
            settle(served, f"p-{number}", fraud=number % 4 == 2)
        yield served
        assert 0 == served.stop()


def settle(served: Served, payment: str, *, fraud: bool) -> None:
    label = LabelSettled(id=f"l-{payment}", happened_at=now(), payment=payment, fraud=fraud)
    got = served.request(
        "POST", "/v1/events", encode(label), headers={"content-type": "application/x-ndjson"}
    )
    assert 200 == got.status_code, got.text


def checked(client: httpx.Client, toml: str) -> str:
    """The hash of the draft that a text has become."""
    got = posted(client, "/en/console/policies/check", toml=toml)
    assert 303 == got.status_code, got.text
    name: str = got.headers["location"].rpartition("/")[2]
    assert re.fullmatch(r"[0-9a-f]{64}", name)
    return name


def tried(client: httpx.Client, name: str, days: str = "30") -> str:
    """The page of a draft after its backtest."""
    address = f"/en/console/policies/draft/{name}"
    in_the_end(lambda: ended(client.get(address).text))
    assert 303 == posted(client, f"{address}/backtest", days=days).status_code
    return in_the_end(lambda: ended(client.get(address).text))


@pytest.fixture(scope="module")
def found(made: Served) -> Iterator[str]:
    """The page of the stricter draft after its backtest: one process for all who need figures."""
    with signed_in(made.directory, "kairat", made.address) as client:
        yield tried(client, checked(client, STRICTER))


def as_tried(client: httpx.Client, made: Served, toml: str) -> str:
    """The hash of a draft that has the stricter one's figures."""
    drafts = made.directory / "drafts"
    name, stricter = checked(client, toml), checked(client, STRICTER)
    figures = (drafts / f"{stricter}.figures.json").read_bytes()
    (drafts / f"{name}.figures.json").write_bytes(figures)
    return name


def in_the_end(look: Callable[[], str | None]) -> str:
    """What it is when a process of its own, behind all others, has had its turn."""
    for _ in range(1_500):
        found = look()
        if found is not None:
            return found
        time.sleep(0.2)
    raise AssertionError("it takes longer than five minutes")


def ended(text: str) -> str | None:
    assert "came to nothing" not in text, text
    return None if "data-progress" in text else text


def test_a_fault_stands_where_it_is(made: Served) -> None:
    """With its line, what was expected and what is near; the text is not lost, nothing is kept."""
    drafts = made.directory / "drafts"
    before = sorted(drafts.glob("*.toml"))
    with signed_in(made.directory, "kairat", made.address) as client:
        got = posted(client, "/en/console/policies/check", toml=BROKEN)
        assert 422 == got.status_code
        line = BROKEN[: BROKEN.index("new_paye and")].count("\n") + 1
        assert f"line {line}, column" in got.text
        assert "<mark>new_paye</mark>" in got.text
        assert "new_payee" in got.text
        kept = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", got.text, re.DOTALL)
        assert kept is not None
        assert BROKEN == kept[1].replace("&#39;", "'").replace("&#34;", '"').replace("&gt;", ">")
        assert 422 == posted(client, "/en/console/policies/check", toml="").status_code
        long = posted(client, "/en/console/policies/check", toml=WITH_FALLBACK + "#" * 262_144)
        assert (422, True) == (long.status_code, "characters, and 262,144 at most" in long.text)
    assert before == sorted(drafts.glob("*.toml"))


def test_a_long_text_is_a_policy(made: Served) -> None:
    """A form of it is longer than any other: letters of three languages take six bytes each."""
    noted = WITH_FALLBACK + "# Түсіндірме.\n" * 9_000
    with signed_in(made.directory, "kairat", made.address) as client:
        name = checked(client, noted)
        assert 303 == posted(client, f"/en/console/policies/draft/{name}/drop").status_code


def test_a_draft_is_tried_on_the_centres_own_log(made: Served, found: str) -> None:
    """In a process of its own; hits now and then, precision by labels, samples without parties."""
    with signed_in(made.directory, "kairat", made.address) as client:
        name = checked(client, STRICTER.replace("points = 600", "points = 650"))
        address = f"/en/console/policies/draft/{name}"
        assert "Backtest it first" in posted(client, f"{address}/ask").text
        assert 409 == posted(client, f"{address}/backtest", days="31").status_code
    text = found
    cells = r'>Hits</th><td class="number">([0-9]+)</td><td class="number">([0-9]+)</td>'
    hits = re.search(cells, text)
    assert hits is not None
    now_hits, then_hits = int(hits[1]), int(hits[2])
    assert 20 == now_hits
    assert then_hits >= 40, "the draft hits every one"
    assert f"<b>{then_hits - now_hits}</b> payments newly hit" in text
    assert text.count("<svg") == 3
    assert "BANKKZKA → MULEBANK" in text
    assert not re.search(r"KZ-pay|p-[0-9]+\b", text)


@pytest.mark.usefixtures("found")
def test_two_people_publish_what_was_tried(made: Served) -> None:
    """Asked for by the author; agreed to by the publisher, who has shown anew who she is."""
    token, secret = enrolled(made.directory, "leila", made.address)
    with signed_in(made.directory, "kairat", made.address) as client:
        name = as_tried(client, made, ALIKE)
        asked = posted(client, f"/en/console/policies/draft/{name}/ask")
        assert 303 == asked.status_code, asked.text
        request = asked.headers["location"].rpartition("/")[2]
        page = client.get(f"/en/console/request/{request}").text
        assert "You have asked for this" in page
        with signed_in(made.directory, "zhanar", made.address) as auditor:
            listed = auditor.get("/en/console/policies").text
            assert request in listed
            assert f"/console/request/{request}" not in listed  # it is not hers to see
        content = content_of(made, request)
        own = posted(client, f"/en/console/request/{request}/approve", content=content)
        assert 403 == own.status_code
    with httpx.Client(base_url=made.address, cookies={"session": token}, timeout=60) as publisher:
        address = f"/en/console/request/{request}"
        page = publisher.get(address).text
        assert content in page
        assert "+ points = 601" in page
        assert name in page
        away = posted(publisher, f"{address}/approve", content=content)
        confirm = f"/en/console/confirm/{request}"
        assert (303, confirm) == (away.status_code, away.headers["location"])
        assert "200" == str(publisher.get(confirm).status_code)
        assert 401 == posted(publisher, f"{confirm}/code", code="000000").status_code
        shown = posted(publisher, f"{confirm}/code", code=code(secret, now_ms() + 30_000))
        assert (303, address) == (shown.status_code, shown.headers["location"])
        stale = posted(publisher, f"{address}/approve", content="0" * 64)
        assert 409 == stale.status_code
        assert "has changed: read it again" in stale.text
        before = call(made, "leila", "GET", "/v1/policy")["hash"]
        assert "the log begins with this one" in earlier(publisher)
        done = posted(publisher, f"{address}/approve", content=content)
        assert (303, address) == (done.status_code, done.headers["location"])
        assert "It was agreed to and is in force" in publisher.get(address).text
        assert name == call(made, "leila", "GET", "/v1/policy")["hash"]
        page = publisher.get("/en/console/policies").text
        assert "kairat" in page
        assert "</svg>" in page
        assert ">draft</text>" not in page
        assert before[:8] in earlier(publisher)
        assert name[:8] not in earlier(publisher), "it is in force"
    until(lambda: ("leila", "password") in confirmed(made.directory))


def earlier(client: httpx.Client) -> str:
    """What the page says of policies that are in force no more."""
    text = client.get("/en/console/policies").text
    return text.partition('id="before"')[2].partition("</section>")[0]


def content_of(made: Served, request: str) -> str:
    content: str = call(made, "leila", "GET", f"/v1/requests/{request}")["content"]
    return content


def confirmed(directory: Path) -> list[tuple[str, str]]:
    """Who has confirmed who they are, by what, as the log has it."""
    bodies = [body for _, body in acts_of_log(directory)]
    return [(one["name"], one["means"]) for one in bodies if one.get("change") == "confirmed"]


@pytest.mark.usefixtures("found")
def test_an_edit_voids_and_who_asked_may_take_it_back(made: Served) -> None:
    """The publisher's word is bound to the hash; in the end nothing waits."""
    with signed_in(made.directory, "kairat", made.address) as client:
        drafts = [
            as_tried(client, made, WITH_FALLBACK.replace("points = 600", f"points = {points}"))
            for points in (701, 702)
        ]
        asked = posted(client, f"/en/console/policies/draft/{drafts[0]}/ask")
        assert 303 == asked.status_code, asked.text[asked.text.index("<h1") :][:900]
        request = asked.headers["location"].rpartition("/")[2]
        before = content_of(made, request)
        page = client.get(f"/en/console/policies/draft/{drafts[1]}").text
        assert f"Ask for it in place of {request}" in page
        edited = posted(client, f"/en/console/policies/draft/{drafts[1]}/ask", instead=request)
        assert edited.headers["location"].endswith(f"/request/{request}")
        assert before != content_of(made, request)
        assert "points = 702" in client.get(f"/en/console/request/{request}").text
        listed = client.get("/en/console/requests").text
        assert "Waiting for others" in listed
        assert content_of(made, request)[:12] in listed
        back = posted(client, f"/en/console/request/{request}/decline")
        assert 303 == back.status_code
        assert "declined" in client.get(f"/en/console/request/{request}").text
        assert request not in client.get("/en/console/requests").text
        again = posted(client, f"/en/console/request/{request}/decline")
        assert (409, True) == (again.status_code, "was decided, or has lapsed" in again.text)


def test_a_draft_in_the_shadow_counts_and_changes_nothing(made: Served, tmp_path: Path) -> None:
    """From the next payment on, until it is ended; each is an entry. A backup has the draft: in the
    centre that is made of it the same one follows, and can be tried and asked for.
    """
    with signed_in(made.directory, "kairat", made.address) as client:
        name = checked(client, STRICTER)
        at = f"/en/console/policies/draft/{name}"
        assert 303 == posted(client, f"{at}/shadow").status_code
        assert [("shadow_begun", "kairat", name)] == in_the_shadow(made.directory)
        in_the_end(lambda: filled(client.get("/en/console/policies").text))
        with made.client() as bank:
            paid = bank.judge(paying(f"s-{now_ms()}", payer_account="KZ-shadow", amount="5000.00"))
        assert "allow" == paid.action
        in_the_end(lambda: counted(client.get("/en/console/policies").text))
        got = posted(client, f"{at}/drop")
        assert (409, True) == (got.status_code, "in the shadow: end that first" in got.text)
        again = kept_and_restored(made.directory, tmp_path)
        assert 303 == posted(client, "/en/console/policies/shadow/end").status_code
        assert "Nothing is in the shadow" in client.get("/en/console/policies").text
        assert 303 == posted(client, "/en/console/policies/shadow/end").status_code
    begun = ("shadow_begun", "kairat", name)
    assert [begun, ("shadow_ended", "kairat", name)] == in_the_shadow(made.directory)
    drafts = [one.hash for one in Drafts(again).listed()]
    assert name in drafts
    assert drafts == [one.hash for one in Drafts(made.directory).listed()]
    assert Drafts(made.directory).one(name) == Drafts(again).one(name)
    with serving(again, written(tmp_path, WITH_FALLBACK), "--law", str(LAW)) as served:
        with signed_in(again, "kairat", served.address) as client:
            in_the_end(lambda: follows(client.get("/en/console/policies").text, name))
            assert "In the shadow" in client.get(at).text
        assert 0 == served.stop()
    assert [begun] == in_the_shadow(again), "going on is nobody's act"


def in_the_shadow(directory: Path) -> list[tuple[str, str, str]]:
    """What the log says was put in the shadow and taken out of it, and by whom."""
    acts = [body for _, body in acts_of_log(directory) if "act" in body]
    return [
        (one["act"]["act"], one["by"]["name"], one["act"]["policy"])
        for one in acts if one["act"]["act"].startswith("shadow_")
    ]  # fmt: skip


def kept_and_restored(directory: Path, folder: Path) -> Path:
    """Another centre, of a backup that was made while the first one runs."""
    master = Master.load_or_create(directory, create=False)
    order = KeyringOrder(folder / "keyring", master, inside=True)
    backup(directory, folder / "backup", made_at_ms=now_ms(), order=order)
    keys = keyring.read(folder / "keyring", master)
    restore(folder / "backup", folder / "again", keys, by="tests", now_ms=now_ms())
    return folder / "again"


def follows(text: str, name: str) -> str | None:
    return text if f"{name[:8]}</span> · kairat · follows since" in text else None


def filled(text: str) -> str | None:
    return None if "being filled" in text else text


def counted(text: str) -> str | None:
    found = re.search(r"more strongly on ([0-9]+)", text)
    return text if found is not None and int(found[1]) else None


def test_what_is_in_force_is_counted(made: Served) -> None:
    """Over the time that is stated: hits, precision, people, money; by rule."""
    with signed_in(made.directory, "kairat", made.address) as client:
        in_the_end(lambda: ended(client.get("/en/console/policies").text))
        assert 409 == posted(client, "/en/console/policies/count").status_code
        assert 303 == posted(client, "/en/console/policies/count", days="30").status_code
        text = in_the_end(lambda: ended(client.get("/en/console/policies").text))
    assert "much_to_a_stranger" in text
    assert "Counted" in text
    with signed_in(made.directory, "zhanar", made.address) as auditor:
        seen = auditor.get("/en/console/policies")
        assert 200 == seen.status_code
        assert "New draft" not in seen.text
        told = auditor.get("/ru/console/policies").text
        assert re.search(r"Новый получатель <\w+ [^>]*>much_to_a_stranger<", told)
        assert 403 == auditor.get("/en/console/policies/new").status_code


@pytest.mark.axe(
    "/console/policies",
    "/console/policies/new",
    "/console/policies/draft/{name:str}",
    "/console/requests",
    "/console/request/{name:str}",
    "/console/confirm/{name:str}",
)
@pytest.mark.usefixtures("found")
def test_everybody_can_read_these_pages(made: Served, browser: Browser) -> None:
    """Nothing for axe in two themes and three languages; nothing to scroll sideways on a phone."""
    with signed_in(made.directory, "kairat", made.address) as client:
        name = as_tried(client, made, WITH_FALLBACK.replace("points = 600", "points = 801"))
        asked = posted(client, f"/en/console/policies/draft/{name}/ask")
        request = asked.headers["location"].rpartition("/")[2]
    pages = (
        ("kairat", "policies"), ("kairat", "policies/new"), ("kairat", "policies/card"),
        ("kairat", f"policies/draft/{name}"), ("leila", "requests"),
        ("leila", f"request/{request}"), ("leila", f"confirm/{request}"),
    )  # fmt: skip
    found = []
    for theme in SHOWN_THEMES:
        for person in ("kairat", "leila"):
            with reading(
                browser, made.address, theme=theme, viewport={"width": 320, "height": 700}
            ) as page:
                sit_down(page, made.directory, person, made.address)
                for path in (path for who, path in pages if who == person):
                    for language in LANGUAGES:
                        page.goto(f"{made.address}/{language}/console/{path}")
                        assert page.locator("h1").count() == 1
                        found += [f"{path} {language} {theme} {one}" for one in violations(page)]
                        assert not too_wide_at(page), (path, language)
                        assert [] == untold(page), (path, language)
    assert [] == found


def test_everybody_can_read_the_faults_of_a_text(made: Served, browser: Browser) -> None:
    """They and the text that they are in, in two themes and three languages, on a phone."""
    found = []
    for theme in SHOWN_THEMES:
        with reading(browser, made.address, theme=theme, viewport=PHONE) as page:
            sit_down(page, made.directory, "kairat", made.address)
            for language in LANGUAGES:
                page.goto(f"{made.address}/{language}/console/policies/new")
                page.locator("#toml").fill(BROKEN)
                page.locator("form:has(#toml) button").click()
                assert page.locator(".fault.error").count()
                found += [f"{language} {theme} {one}" for one in violations(page)]
                assert not too_wide_at(page), language
                assert [] == untold(page), language
    assert [] == found


@pytest.mark.axe("/console/policies/card")
def test_everybody_can_read_the_card_of_a_model(tmp_path: Path, browser: Browser) -> None:
    """That of the shipped one, which lies beside its policy."""
    directory = tmp_path / "centre"
    people(directory)
    found = []
    with serving(directory, default_policy(), "--law", str(LAW)) as served:
        for theme in SHOWN_THEMES:
            with reading(browser, served.address, theme=theme, viewport=PHONE) as page:
                sit_down(page, directory, "kairat", served.address)
                for language in LANGUAGES:
                    page.goto(f"{served.address}/{language}/console/policies/card")
                    assert page.locator("#learnt").is_visible()
                    found += [f"{language} {theme} {one}" for one in violations(page)]
                    assert not too_wide_at(page), language
                    assert [] == untold(page), language
        assert 0 == served.stop()
    assert [] == found


def untold(page: Any) -> list[str]:
    """Names of texts where a text should be."""
    names = "policies|draft|backtest|asks|asked|field|confirm|card|team|action"
    return re.findall(rf"\b(?:{names})\.[a-z_]+\b", page.inner_text("main"))


def test_written_tried_and_asked_for_in_a_browser(made: Served, browser: Browser) -> None:
    """A fault is clicked and the caret stands there; mended, tried with its progress, asked for."""
    address = at_home(made.address)
    mended = WITH_FALLBACK.replace("points = 600", "points = 901")
    with reading(browser, address, locale="en") as page:
        sit_down(page, made.directory, "kairat", address)
        page.goto(f"{address}/en/console/policies")
        page.get_by_role("link", name="New draft").click()
        page.locator("#toml").fill(mended.replace("new_payee and", "new_paye and"))
        page.get_by_role("button", name="Check the text").click()
        page.locator(".fault.error a").click()
        chosen = page.evaluate(
            "(() => { const t = document.getElementById('toml');"
            " return t.value.slice(t.selectionStart, t.selectionEnd); })()"
        )
        assert "new_paye" == chosen
        page.locator("#toml").fill(mended)
        page.get_by_role("button", name="Check the text").click()
        page.wait_for_url("**/policies/draft/*")
        assert page.get_by_role("button", name="Ask for it to be published").is_disabled()
        page.get_by_role("button", name="Backtest", exact=True).click()
        page.get_by_text("Now and then").wait_for(timeout=300_000)
        page.get_by_role("button", name="Ask for it to be published").click()
        page.wait_for_url("**/console/request/*")
        assert page.get_by_text("You have asked for this").is_visible()
        page.get_by_role("button", name="Take it back").click()
        page.wait_for_url("**/console/requests")


def test_a_passkey_is_added_by_who_has_just_shown_who_they_are(made: Served) -> None:
    """Else a session that was left open would be all that it takes."""
    token, secret = enrolled(made.directory, "erlan", made.address)
    address, confirm = "/en/console/mine/passkey", "/en/console/confirm/mine"
    with httpx.Client(base_url=made.address, cookies={"session": token}, timeout=60) as client:
        away = posted(client, address)
        assert (303, confirm) == (away.status_code, away.headers["location"])
        assert 200 == client.get(confirm).status_code
        shown = posted(client, f"{confirm}/code", code=code(secret, now_ms() + 30_000))
        assert (303, "/en/console/mine") == (shown.status_code, shown.headers["location"])
        assert 422 == posted(client, address).status_code, "looked at now, and none"
