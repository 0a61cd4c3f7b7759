"""The people of the centre at the console: let in, invited, given roles, signed out, let go."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser

from console_samples import at_home, path_of, posted, session_of, set_up_by_password, signed_in
from exchange_samples import acts_of_log
from pages_samples import Staged, reading
from test_app_http_acting import until
from test_app_pages_console_participants import admin, found_by_axe, shown_once

LIST = "/en/console/people"


def opens(stage: Staged, token: str) -> bool:
    """Whether a person's token opens the door of the service."""
    response = httpx.get(
        f"{stage.address}/v1/cases/none", headers={"authorization": f"Bearer {token}"}, timeout=30
    )
    return response.status_code != 401


def changes(stage: Staged, name: str) -> list[str]:
    """What the log says the administrator has changed about that person."""
    acts = [body for _, body in acts_of_log(stage.served.directory) if "change" in body]
    return [one["change"] for one in acts if one.get("name") == name and one["by"] == "ivan"]


def test_a_person_from_their_token_to_their_end(stage: Staged) -> None:
    """Each change is an entry of the administrator's; who is closed can do nothing any more."""
    with admin(stage) as client:
        made = posted(client, f"{LIST}/create", name="sultan", role="analyst")
        assert 200 == made.status_code
        token = shown_once(made.text)
        assert opens(stage, token)
        page = f"{LIST}/sultan"
        assert token.partition(".")[2] not in client.get(page).text

        with signed_in(stage.served.directory, "sultan", stage.address) as own:
            assert 200 == own.get("/en/console/queue").status_code
            assert ">1," in client.get(page).text.replace("\n", "")
            assert 303 == posted(client, f"{page}/sign-out").status_code
            assert 303 == own.get("/en/console/queue").status_code

        assert 303 == posted(client, f"{page}/change", role="auditor").status_code
        with signed_in(stage.served.directory, "sultan", stage.address) as own:
            assert 403 == own.get("/en/console/queue").status_code
        session = session_of(stage.served.directory, "sultan")
        assert 303 == posted(client, f"{page}/close").status_code
        got = httpx.get(
            f"{stage.address}/en/console/queue",
            headers={"cookie": f"session={session}"},
            timeout=30,
        )
        assert 303 == got.status_code
        assert not opens(stage, token)
        assert "closed" in client.get(page).text
    wanted = ["person_created", "signed_out", "person_changed", "person_changed", "key_revoked",
              "means_forgotten"]  # fmt: skip
    found = until(lambda: one if len(one := changes(stage, "sultan")) >= len(wanted) else None)
    assert sorted(wanted) == sorted(found)  # two files have them: which is taken in first is open


def test_an_invitation_lets_them_in_once(stage: Staged, browser: Browser) -> None:
    """The link is shown once; by it they come in with a password and a code."""
    address = at_home(stage.address)
    with admin(stage) as client:
        posted(client, f"{LIST}/create", name="anar", role="analyst")
        link = shown_once(posted(client, f"{LIST}/anar/invite").text)
        assert link.startswith(f"{address}/console/invitation/")
        assert link.rpartition("/")[2] not in client.get(f"{LIST}/anar").text
        with reading(browser, address, locale="en") as page:
            _, codes = set_up_by_password(page, link)
            assert codes
            page.goto(f"{address}/en/console/")
            assert "/en/console/queue" == path_of(page)
        text = client.get(LIST).text
        assert "anar" in text
        assert "password" in text
        assert 303 == posted(client, f"{LIST}/anar/forget").status_code
        with reading(browser, address, locale="en") as page:
            page.goto(link)
            assert "does not open any more" in page.locator("h1").inner_text()


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("create", {"name": "aigul", "role": "analyst"}),
        ("create", {"name": "none"}),
        ("create", {"name": "none", "role": "emperor"}),
        ("erlan/change", {}),
        ("erlan/change", {"role": "emperor"}),
        ("ivan/close", {}),
    ],
)
def test_what_cannot_be_is_said_and_not_done(
    stage: Staged, verb: str, fields: dict[str, str]
) -> None:
    """Nobody without a role, none that is not one; and nobody shuts themselves out."""
    with admin(stage) as client:
        got = posted(client, f"{LIST}/{verb}", **fields)
        assert 422 == got.status_code
        assert 'role="alert"' in got.text
        assert 200 == client.get(LIST).status_code
        assert 404 == client.get(f"{LIST}/none").status_code
        assert 404 == posted(client, f"{LIST}/none/sign-out").status_code


def test_roles_that_stand_alone_do(stage: Staged) -> None:
    """An auditor who is an analyst, too, would check themselves."""
    with admin(stage) as client:
        token = posted(client, f"{LIST}/create", name="both")
        assert 422 == token.status_code
        found = client.get(LIST)
        form = client.post(
            f"{LIST}/create",
            data={"form_token": found.text.split('name="form_token" value="')[1][:64],
                  "name": "both", "role": ["auditor", "analyst"]},
        )  # fmt: skip
        assert 422 == form.status_code
        assert 404 == client.get(f"{LIST}/both").status_code


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("people", marks=pytest.mark.axe("/console/people")),
        pytest.param("people/erlan", marks=pytest.mark.axe("/console/people/{name:str}")),
    ],
)
def test_everybody_can_read_it(stage: Staged, browser: Browser, path: str) -> None:
    """Nothing for axe in two themes and three languages; nothing to scroll sideways on a phone."""
    assert [] == found_by_axe(stage, browser, "ivan", path)
