"""Participants at the console: made, changed, their keys, closed; each change an entry."""

from __future__ import annotations

import re
from contextlib import closing

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser

from arasha.exchange.outbox import Due, Outbox, State, Tried
from console_samples import posted, signed_in, sit_down
from exchange_samples import acts_of_log
from pages_samples import DESK, PHONE, SHOWN_THEMES, Staged, reading, too_wide_at, violations
from test_app_http_acting import until

LIST = "/en/console/participants"
LIMITS = {"rate": "50", "burst": "100", "deadline": "800"}


def admin(stage: Staged) -> httpx.Client:
    """The administrator's browser."""
    return signed_in(stage.served.directory, "ivan", stage.address)


def opens(stage: Staged, key: str) -> bool:
    """Whether a key opens the door of the service."""
    response = httpx.get(
        f"{stage.address}/v1/decisions/none", headers={"authorization": f"Bearer {key}"}, timeout=30
    )
    return response.status_code != 401


def shown_once(text: str) -> str:
    """The secret of the page that answers its making."""
    found = re.search(r'class="code breaking once">([^<]+)<', text)
    assert found is not None, text
    return found[1]


def changes(stage: Staged, name: str) -> list[tuple[str, str]]:
    """What the log says was changed about that name, and by whom."""
    acts = [body for _, body in acts_of_log(stage.served.directory) if "change" in body]
    return [(one["change"], one["by"]) for one in acts if one.get("name") == name]


def test_a_participant_from_its_first_key_to_its_end(stage: Staged) -> None:
    """Made, seen, rotated with an overlap, revoked, changed, closed: as the command line does it,
    each an entry with the administrator's name, and a secret on no page but the first.
    """
    with admin(stage) as client:
        made = posted(client, f"{LIST}/create", name="NEWBANK", role="bank", **LIMITS)
        assert 200 == made.status_code
        first = shown_once(made.text)
        page = f"{LIST}/NEWBANK"
        assert first.partition(".")[2] not in client.get(page).text
        assert opens(stage, first)
        assert "last seen" in client.get(page).text

        rotated = posted(client, f"{page}/rotate", overlap="1")
        second = shown_once(rotated.text)
        assert opens(stage, first)
        assert opens(stage, second)
        assert 303 == posted(client, f"{page}/revoke", key=first.partition(".")[0]).status_code
        assert not opens(stage, first)

        fields = {**LIMITS, "rate": "7.5", "signing": "required", "send": "payment"}
        assert 303 == posted(client, f"{page}/change", **fields).status_code
        text = client.get(page).text
        assert 'value="7.5"' in text
        assert re.search(r'name="signing" value="required" checked', text)
        in_russian = client.get(page.replace("/en/", "/ru/")).text
        assert 'исход платежа <code class="note">outcome</code>' in in_russian
        assert 'показатели службы <code class="note">metrics</code>' in in_russian

        assert 303 == posted(client, f"{page}/webhook", url="https://bank.example/told").status_code
        assert "https://bank.example/told" in client.get(page).text
        assert 303 == posted(client, f"{page}/close").status_code
        assert not opens(stage, second)
        assert "closed" in client.get(page).text
        assert "bank.example" not in client.get(page).text
    wanted = ["participant_created", "key_rotated", "key_revoked", "participant_changed",
              "webhook_set", "participant_changed", "key_revoked", "webhook_removed"]  # fmt: skip
    found = until(lambda: one if len(one := changes(stage, "NEWBANK")) >= len(wanted) else None)
    assert [(change, "ivan") for change in wanted] == found


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("create", {"name": "BANKKZKA", "role": "bank", **LIMITS}),
        ("create", {"name": "x" * 17, "role": "bank", **LIMITS}),
        ("create", {"name": "FRESH", "role": "emperor", **LIMITS}),
        ("create", {"name": "FRESH", "role": "bank", **LIMITS, "rate": "-1"}),
        ("create", {"name": "FRESH", "role": "bank", **LIMITS, "rate": "inf"}),
        ("create", {"name": "FRESH", "role": "bank", **LIMITS, "public_key": "no key"}),
        ("OTHERBNK/change", {**LIMITS, "burst": "many"}),
        ("OTHERBNK/change", {**LIMITS, "send": "gossip"}),
        ("OTHERBNK/rotate", {"overlap": "999999"}),
        ("OTHERBNK/revoke", {"key": "0123456789abcdef"}),
        ("OTHERBNK/webhook", {"url": "ftp://bank.example"}),
    ],
)
def test_what_cannot_be_is_said_and_not_done(
    stage: Staged, verb: str, fields: dict[str, str]
) -> None:
    """On the page, in the reader's language; the register stays as it was."""
    with admin(stage) as client:
        before = client.get(f"{LIST}/OTHERBNK").text
        got = posted(client, f"{LIST}/{verb}", **fields)
        assert 422 == got.status_code
        assert 'role="alert"' in got.text
        assert "FRESH" not in client.get(LIST).text
        strip = re.compile(r'value="[0-9a-f]{64}"')
        assert strip.sub("", before) == strip.sub("", client.get(f"{LIST}/OTHERBNK").text)


def test_a_public_key_is_taken(stage: Staged) -> None:
    """That of Ed25519, as PEM; the page shows that it is one."""
    pem = (
        Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    with admin(stage) as client:
        made = posted(client, f"{LIST}/create", name="SIGNBANK", role="bank",
                      public_key=pem.decode(), signing="required", **LIMITS)  # fmt: skip
        assert 200 == made.status_code
        assert "Ed25519" in client.get(f"{LIST}/SIGNBANK").text


def test_dead_letters_are_shown_and_sent_again(stage: Staged) -> None:
    """With what was wrong; after that none is dead."""
    with closing(Outbox.open(stage.served.directory)) as outbox:
        due = Due(10**9, 0, "m-dead", "OTHERBNK", "hold.ordered", "h-dead", b"{}", 1, None)
        outbox.take_in([due], outbox.cursor or 0)
        [row] = [one for one in outbox.due("OTHERBNK", 10**15, 10) if one.subject == "h-dead"]
        outbox.note([Tried(row, State.DEAD, "status")], 1)
    with admin(stage) as client:
        text = client.get(f"{LIST}/OTHERBNK").text
        assert "1 message is tried no more" in text
        assert "hold.ordered" in text
        assert "▲ 1" in client.get(LIST).text
        assert 303 == posted(client, f"{LIST}/OTHERBNK/resend").status_code
        assert "tried no more" not in client.get(f"{LIST}/OTHERBNK").text


def test_who_is_nobody_has_no_page(stage: Staged) -> None:
    """Nor has a name that cannot be one."""
    with admin(stage) as client:
        for name in ("NOBODY", "%00", "a%2Fb", "x" * 300):
            assert 404 == client.get(f"{LIST}/{name}").status_code, name


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("participants", marks=pytest.mark.axe("/console/participants")),
        pytest.param(
            "participants/BANKKZKA", marks=pytest.mark.axe("/console/participants/{name:str}")
        ),
    ],
)
def test_everybody_can_read_it(stage: Staged, browser: Browser, path: str) -> None:
    """Nothing for axe in two themes and three languages; nothing to scroll sideways on a phone."""
    assert [] == found_by_axe(stage, browser, "ivan", path)


def found_by_axe(stage: Staged, browser: Browser, name: str, path: str) -> list[str]:
    """What axe finds on a page of the console, on a desk and a phone."""
    found: list[str] = []
    for theme, viewport in zip(SHOWN_THEMES, (DESK, PHONE), strict=True):
        with reading(browser, stage.address, theme=theme, viewport=viewport) as page:
            sit_down(page, stage.served.directory, name, stage.address)
            for language in ("kk", "ru", "en"):
                page.goto(f"{stage.address}/{language}/console/{path}")
                assert page.locator("h1").count() == 1
                found += [f"{language} {theme} {one}" for one in violations(page)]
                assert not too_wide_at(page), (language, viewport)
    return found


def test_let_in_by_hand(stage: Staged, browser: Browser) -> None:
    """In a browser, without a script: the form, the secret, and the list. What cannot be taken back
    takes a second step, which says so.
    """
    with reading(browser, stage.address, java_script_enabled=False) as page:
        sit_down(page, stage.served.directory, "ivan", stage.address)
        page.goto(f"{stage.address}/ru/console/")
        page.locator("#name").fill("BROWSER")
        page.get_by_role("button", name="Подключить").click()
        key = page.locator(".once").inner_text()
        assert opens(stage, key)
        page.get_by_role("link", name="← Участники").click()
        page.get_by_role("link", name="BROWSER").click()
        for words in ("Отозвать", "Отключить участника"):
            act = page.get_by_role("button", name=words, exact=True)
            assert act.count() == 0
            page.get_by_text(f"{words}…").click()
            assert act.is_visible()
        assert page.get_by_text("Отменить это нельзя").count() == 2
        assert opens(stage, key)
        act.click()
        assert not opens(stage, key)
