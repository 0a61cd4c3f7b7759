"""Policies in the console: written, tried on the centre's own log, put in the shadow, published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from arasha.events.json import encode
from arasha.events.records import LabelSettled
from console_samples import enrolled, now_ms, posted, signed_in
from exchange_samples import acts_of_log
from live_samples import STRICTER, WITH_FALLBACK
from policy_samples import written
from service_samples import Served, now, participant, paying, serving
from signin_samples import code
from test_app_http_acting import LAW, call, people, until

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
    until(lambda: "data-progress" not in client.get(address).text)
    assert 303 == posted(client, f"{address}/backtest", days=days).status_code
    return str(until(lambda: ended(client.get(address).text)))


def ended(text: str) -> str | None:
    assert "came to nothing" not in text, text
    return None if "data-progress" in text else text


def test_a_fault_stands_where_it_is(made: Served) -> None:
    """With its line, what was expected and what is near; the text is not lost, nothing is kept."""
    with signed_in(made.directory, "kairat", made.address) as client:
        got = posted(client, "/en/console/policies/check", toml=BROKEN)
        assert 422 == got.status_code
        line = BROKEN[: BROKEN.index("new_paye and")].count("\n") + 1
        assert f"line {line}, column" in got.text
        assert "<mark>new_paye</mark>" in got.text
        assert "new_payee" in got.text
        assert "Қалай" not in got.text
        kept = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", got.text, re.DOTALL)
        assert kept is not None
        assert BROKEN == kept[1].replace("&#39;", "'").replace("&#34;", '"').replace("&gt;", ">")
        assert 422 == posted(client, "/en/console/policies/check", toml="").status_code
    assert not list((made.directory / "drafts").glob("*.toml"))


def test_a_draft_is_tried_on_the_centres_own_log(made: Served) -> None:
    """In a process of its own; hits now and then, precision by labels, samples without parties."""
    with signed_in(made.directory, "kairat", made.address) as client:
        name = checked(client, STRICTER)
        address = f"/en/console/policies/draft/{name}"
        assert "Backtest it first" in posted(client, f"{address}/ask").text
        assert 409 == posted(client, f"{address}/backtest", days="31").status_code
        text = tried(client, name)
    rows = dict(re.findall(r'<th scope="row">([^<]+)</th><td class="number">([^<]*)</td>', text))
    assert rows["Hits"] == "20"
    assert '<td class="number">40</td>' in text, "the draft hits every one"
    assert re.search(r"<b>20</b> payments newly hit", text)
    assert text.count("<svg") == 3
    assert "BANKKZKA → MULEBANK" in text
    assert not re.search(r"KZ-pay|p-[0-9]+\b", text)


def test_two_people_publish_what_was_tried(made: Served) -> None:
    """Asked for by the author; agreed to by the publisher, who has shown anew who she is."""
    token, secret = enrolled(made.directory, "leila", made.address)
    with signed_in(made.directory, "kairat", made.address) as client:
        name = checked(client, STRICTER)
        tried(client, name)
        asked = posted(client, f"/en/console/policies/draft/{name}/ask")
        assert 303 == asked.status_code, asked.text
        request = asked.headers["location"].rpartition("/")[2]
        page = client.get(f"/en/console/request/{request}").text
        assert "You have asked for this" in page
        content = content_of(made, request)
        own = posted(client, f"/en/console/request/{request}/approve", content=content)
        assert 403 == own.status_code
    with httpx.Client(base_url=made.address, cookies={"session": token}, timeout=60) as publisher:
        address = f"/en/console/request/{request}"
        page = publisher.get(address).text
        assert content in page
        assert "+ when = " in page
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
        assert "The request has changed" in stale.text
        done = posted(publisher, f"{address}/approve", content=content)
        assert (303, "/en/console/requests") == (done.status_code, done.headers["location"])
        assert name == call(made, "leila", "GET", "/v1/policy")["hash"]
        assert "kairat" in publisher.get("/en/console/policies").text
    said = until(lambda: confirmed(made.directory))
    assert [("leila", "password")] == said


def content_of(made: Served, request: str) -> str:
    content: str = call(made, "leila", "GET", f"/v1/requests/{request}")["content"]
    return content


def confirmed(directory: Path) -> list[tuple[str, str]]:
    """Who has confirmed who they are, by what, as the log has it."""
    bodies = [body for _, body in acts_of_log(directory)]
    return [(one["name"], one["means"]) for one in bodies if one.get("change") == "confirmed"]
