"""A case made whole: its sentence, its neighbourhood, its papers, its history, and its shape."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from hashlib import sha256

import httpx
import pytest
from playwright.sync_api import Browser

from arasha.app.pages.languages import LANGUAGES
from arasha.cases.acts import HoldProlonged
from arasha.cases.views import named_by
from case_samples import CANARIES, PHONE, Told, told
from console_samples import TOKEN, at_home, path_of, posted, signed_in, sit_down
from pages_samples import DESK, SHOWN_THEMES, reading, too_wide_at, violations
from pages_samples import PHONE as NARROW
from service_samples import paying
from test_app_http_acting import call, until

PDF = b"%PDF-1.7\n1 0 obj"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A centre in which a held payment was reported."""
    with told(tmp_path_factory.mktemp("case")) as running:
        yield running


@pytest.fixture
def client(here: Told) -> Iterator[httpx.Client]:
    """An officer, who has the case."""
    with signed_in(here.served.directory, "erlan", here.address) as session:
        assert posted(session, f"{at(here)}/take").status_code in {303, 409}
        yield session


def at(here: Told, path: str = "") -> str:
    return f"/en/console/case/{here.case().id}{path}"


def other(here: Told, amount_minor: int) -> str:
    """The case of another of the thefts, by what was reported stolen."""
    state = here.state()
    [found] = [one for one in state.reports.values() if one.amount_minor == amount_minor]
    return found.case


def said(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)).replace("\u00a0", " ")


def sent(client: httpx.Client, path: str, data: bytes, name: str = "a.pdf") -> httpx.Response:
    """The answer to a form with a document in it, as a browser sends one."""
    token = TOKEN.search(client.get("/en/console/sign-in").text)
    assert token is not None
    return client.post(
        path, data={"form_token": token[1]}, files={"document": (name, data, "text/html")}
    )


def test_one_sentence_comes_first(here: Told, client: httpx.Client) -> None:
    """The strongest facts as they were when it was decided: what came later is not in them."""
    text = said(client.get(at(here)))
    assert (
        "Stopped, yet reported as fraud: first payment to an account opened 3 days ago, during a "
        "call of 10–30 minutes with an unfamiliar number, the number that called reported by 4 "
        "people, the payee reported by 1 person." in text
    )
    due = here.case().due_ms
    assert re.search(
        r"left until [^,]+, \d\d:\d\d, then it is passed up; nothing is released", text
    )
    assert due > here.case().opened_ms
    now = said(client.get(at(here, "?as_of=now")))
    assert "reported by 5 people, the payee reported by 2 people." in now
    assert "As of then" in now
    for language in LANGUAGES:
        page = client.get(f"/{language}/console/case/{here.case().id}")
        assert 200 == page.status_code
        assert not [one for one in CANARIES if one in page.text]


def test_the_neighbourhood_is_links_and_a_table(here: Told, client: httpx.Client) -> None:
    """Each party that the case names, and nobody else; each link is a view through this case."""
    page = client.get(at(here)).text
    picture = page.partition('class="graph"')[2].partition("</svg>")[0]
    linked = set(re.findall(r'<a href="([^"]+)"', picture))
    state = here.state()
    named = named_by(state, here.case().id)
    assert {at(here, f"/party/{one}") for one in named} == linked
    assert 6 == len(named)
    kinds = {"reported": 2, "paid": 1, "named": 2, "used": 1}
    assert kinds == {
        one: picture.count(f'class="tie {one}"') for one in ("reported", "paid", "named", "used")
    }
    table = page.partition('id="graph"')[2].partition("</table>")[0]
    assert sum(kinds.values()) == table.count("<tr>") - 1
    for link in linked:
        assert 200 == client.get(link).status_code


def test_what_the_operator_said_is_a_class(here: Told, client: httpx.Client) -> None:
    """Of the call its length and that the number is unfamiliar; of the device who has used it."""
    text = said(client.get(at(here)))
    assert "10–30 minutes, an unfamiliar number" in text
    assert "the bank: on a call" in text
    assert "2 accounts have paid from the device" in text
    assert "0 seconds" not in text


def test_the_desk_says_what_each_outcome_does(here: Told, client: httpx.Client) -> None:
    """Before it is given: how many payments and holds, how much, and that nobody else is told."""
    page = client.get(at(here)).text
    holds = [one for one in here.state().holds.values() if one.report in here.case().reports]
    held = f"KZT {sum(one.weight_minor for one in holds) / 100:,.2f}"
    said_of = dict(re.findall(r'id="follows-([a-z]+)">(.*?)</p>', page.replace("\u00a0", " ")))
    assert {
        "fraud": "2 payments (KZT 1,450,000.00) labelled as fraud; parties of which banks that ask "
        f"are told “confirmed in fraud”: 2; 2 holds ({held}) stand until their end",
        "legitimate": "2 payments (KZT 1,450,000.00) labelled as honest; parties of which banks "
        f"that ask are told “cleared”: 2; reports that fall: 2; 2 holds ({held}) released at once, "
        "their banks told; recalls cancelled: 2",
        "unclear": f"2 holds ({held}) stand until their end; nothing labelled, nothing released",
    } == said_of
    assert all(f'aria-describedby="follows-{one}"' in page for one in said_of)


def test_what_was_not_stopped_and_several_that_were(here: Told, client: httpx.Client) -> None:
    """When it left and when that was reported; then payments to the same account that are stopped:
    one table, each row opens to all of its reasons, the strongest is open, and no payer is named.
    """
    name = other(here, 30_000_000)
    text = said(client.get(f"/en/console/case/{name}"))
    assert re.search(r"Not stopped KZT 300,000.00 .*It left on .* and was reported on ", text)
    assert "Why it was stopped" not in text
    with here.served.client() as bank:
        for at_, payer in enumerate(("KZ-one", "KZ-two", "KZ-three")):
            bank.judge(paying(
                f"several-{at_}", payer_account=payer, payee_account="KZ-mule-1",
                amount=f"{at_ + 1}000.00", payer_bank="BANKKZKA", payee_bank="MULEBANK",
                payer_number=PHONE, channel="mobile",
            ))  # fmt: skip
    until(lambda: len(here.state().cases[name].alerts) == 3 or None)
    got = client.get(f"/en/console/case/{name}")
    text, [subject] = said(got), here.state().cases[name].subjects
    assert f"Held: 3 payments from 3 payers to •••• {subject[:4]} (MULEBANK), KZT 6,000.00." in text
    assert "The strongest of them: first payment to this payee" in text
    assert "3 payments were stopped" in text
    assert "Not stopped. It left on" in text
    table = got.text.partition('class="listed opening"')[2].partition("</table>")[0]
    assert [3, 1, 9] == [
        table.count(one) for one in ("<details", "<details open", '<b class="figure">+')
    ]
    assert "/party/" not in table
    assert 3 == len({one for one in re.findall("•••• ([0-9a-f]+)", table) if len(one) == 4})


def test_related_cases_share_something(here: Told, client: httpx.Client) -> None:
    """The one whose payment came from the same device, by that; no other."""
    page = client.get(at(here)).text
    related = page.partition('id="related"')[2].partition("</table>")[0]
    assert "a device" in related
    assert 1 == len(set(re.findall(r"/console/case/(c[0-9]+)", related)))


def test_a_document_goes_in_and_comes_out_as_a_file(here: Told, client: httpx.Client) -> None:
    """With its hash on the page; never shown in place; by its bytes, not by its name."""
    assert 303 == sent(client, at(here, "/attach"), PDF, name="<b>.html").status_code
    digest = sha256(PDF).hexdigest()
    page = client.get(at(here)).text
    assert digest in page
    assert "<b>.html" not in page
    got = client.get(at(here, f"/document/{digest}"))
    assert (200, PDF) == (got.status_code, got.content)
    assert got.headers["content-disposition"].startswith('attachment; filename="attachment-')
    assert ("nosniff", "no-store") == (
        got.headers["x-content-type-options"], got.headers["cache-control"],
    )  # fmt: skip
    assert 404 == client.get(at(here, f"/document/{'0' * 64}")).status_code


@pytest.mark.parametrize("data", [b"", b"MZ\x90\x00\x01", b"%PDF-" + bytes((8 << 20) + 1)])
def test_what_is_no_document_is_said(here: Told, client: httpx.Client, data: bytes) -> None:
    """Nothing, a program, or too much: on the page, and nothing is kept."""
    before = len(here.case().attachments)
    got = sent(client, at(here, "/attach"), data)
    assert got.status_code in {409, 413}, got.text[:200]
    assert before == len(here.case().attachments)


def test_a_large_form_is_for_documents_and_sessions(here: Told) -> None:
    """Elsewhere, and from who has no session, no more is read than any form has."""
    body = b"a" * 100_000
    for path in (at(here, "/attach"), at(here, "/note")):
        got = httpx.post(here.address + path, content=body, timeout=30)
        assert 413 == got.status_code


def test_the_case_leaves_as_a_pack(here: Told, client: httpx.Client) -> None:
    """For who says why; an analyst may not."""
    assert "Say what it is for" in said(posted(client, at(here, "/evidence"), why=" "))
    got = posted(client, at(here, "/evidence"), why="For the court in this case")
    assert 200 == got.status_code, got.text[:300]
    assert "attachment" in got.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(got.content)) as pack:
        assert pack.namelist()
    with signed_in(here.served.directory, "aigul", here.address) as analyst:
        assert 403 == posted(analyst, at(here, "/evidence"), why="For myself").status_code
    assert "took out a pack of evidence" in said(client.get(at(here)))


def test_the_audit_says_who_saw_what(here: Told, client: httpx.Client) -> None:
    """Each view with whose it was, from the log."""
    party = min(here.case().subjects)
    looked = client.get(at(here, f"/party/{party}"))
    assert 200 == looked.status_code
    heads = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)", looked.text)
    assert ["Reports", "Cases closed as fraud", "Cases closed as legitimate, appeals upheld"] == [
        one for one in heads if one != "In the last"
    ]
    assert "Rules count payments instead" in said(looked)
    page = client.get(at(here)).text
    trail = page.partition('id="trail"')[2]
    assert re.search(rf"erlan</td>\s*<td>looked at a party <span[^>]*>•••• {party[:8]}", trail)
    assert "looked at the case" in trail


def test_a_reviewer_is_not_told_who_decided(here: Told, client: httpx.Client) -> None:
    """Who has taken the appeal against a hold of the case sees acts, and no names but their own."""
    hold = max(here.state().holds.values(), key=lambda one: one.amount_minor)
    call(here.served, None, "POST", "/v1/appeals", reference=hold.reference)
    appeal = here.state().appeal_about[hold.id]
    with signed_in(here.served.directory, "gulnara", here.address) as other:
        assert "erlan" in said(other.get(at(here)))
    call(here.served, "dana", "POST", f"/v1/appeals/{appeal}/take")
    with signed_in(here.served.directory, "dana", here.address) as reviewer:
        text = said(reviewer.get(at(here))).partition("Audit of the case")[2]
    assert "somebody of the centre" in text
    assert "dana" in text
    assert "erlan" not in text.partition("Decision")[0]
    assert "erlan" in said(client.get(at(here)))


def test_a_later_end_is_asked_for(here: Told, client: httpx.Client) -> None:
    """By an officer, of a hold that is confirmed; nothing is prolonged by one person."""
    hold = next(one for one in here.state().holds.values() if one.report in here.case().reports)
    got = said(posted(client, at(here, "/prolong"), hold=hold.id, days="1"))
    assert "This act is not taken now" in got or "law" in got
    call(here.served, "bolat", "POST", f"/v1/holds/{hold.id}/confirm", basis="kz:25-1")
    confirmed = here.state().holds[hold.id]
    assert 303 == posted(client, at(here, "/prolong"), hold=hold.id, days="1").status_code
    state = here.state()
    [asked] = [state.requests[one] for one in state.open_requests]
    assert HoldProlonged(hold.id, confirmed.until_ms + 86_400_000) == asked.what
    assert confirmed.until_ms == state.holds[hold.id].until_ms
    assert "erlan asks until" in said(client.get(at(here)))
    for name, days, expected in (
        ("h1.0", "1", "There is no such hold"),
        (hold.id, "9999", "Choose from the list by how many days"),
    ):
        assert expected in said(posted(client, at(here, "/prolong"), hold=name, days=days))


def test_merged_and_split(here: Told, client: httpx.Client) -> None:
    """Into a case by its id, which is shown then; off again by its subject."""
    main, name = here.case(), other(here, 50_000_000)
    there = f"/en/console/case/{name}"
    [subject] = here.state().cases[name].subjects
    assert 303 == posted(client, f"{there}/take").status_code
    assert "There is no such case" in said(posted(client, f"{there}/merge", into="c999999"))
    got = posted(client, f"{there}/merge", into=main.id)
    assert (303, at(here)) == (got.status_code, got.headers["location"])
    assert "part of another case" in said(client.get(there))
    assert f'value="{subject}"' in client.get(at(here)).text
    assert "Some of the accounts" in said(posted(client, at(here, "/split"), subject="nobody"))
    assert 303 == posted(client, at(here, "/split"), subject=subject).status_code
    assert main.subjects == here.state().cases[main.id].subjects
    alone = min(main.subjects)
    assert "Some of the accounts" in said(posted(client, at(here, "/split"), subject=alone))


@pytest.mark.axe("/console/case/{name:str}")
def test_everybody_can_read_it(here: Told, browser: Browser) -> None:
    """A full case: nothing for axe, nothing to scroll sideways, in every language and theme, on a
    desk and on a phone.
    """
    found = []
    for theme, viewport in zip(SHOWN_THEMES, (DESK, NARROW), strict=True):
        with reading(browser, here.address, theme=theme, viewport=viewport) as page:
            sit_down(page, here.served.directory, "erlan", here.address)
            for language in LANGUAGES:
                page.goto(f"{here.address}/{language}/console/case/{here.case().id}")
                page.evaluate(
                    "document.querySelectorAll('details').forEach(one => one.open = true)"
                )
                found += [f"{language} {theme} {one}" for one in violations(page)]
                assert not too_wide_at(page), (language, theme)
    assert [] == found


def test_two_keystrokes_decide(here: Told, browser: Browser) -> None:
    """What it was, which kind, and Enter; a node of the picture is reached by the keyboard; then
    the case names nobody any more.
    """
    address, case = at_home(here.address), other(here, 40_000_000)
    with reading(browser, address, locale="en") as page:
        sit_down(page, here.served.directory, "dana", address)
        page.goto(f"{address}/en/console/case/{case}")
        page.keyboard.press("t")
        page.get_by_text("you have it").wait_for()
        page.locator("svg.graph a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/party/*")
        page.go_back()
        page.keyboard.press("b")
        page.keyboard.press("7")
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/queue")
        assert "/en/console/queue" == path_of(page)
        assert f"{case}: fraud, investment" == page.locator(".undo [role=status]").inner_text()
    closed = until(lambda: _closed(here, case))
    assert ("fraud", "investment", True) == closed
    with signed_in(here.served.directory, "dana", here.address) as session:
        over = session.get(f"/en/console/case/{case}").text
    assert "/party/" not in over
    assert "1 payment (KZT 400,000.00) labelled as fraud" in over.replace("\u00a0", " ")
    assert "What followed" in over
    assert not [one for one in here.state().cases[case].subjects if one[:8] in over]


def _closed(here: Told, name: str) -> tuple[str, str | None, bool | None] | None:
    case = here.state().cases[name]
    return None if case.outcome is None else (case.outcome, case.typology, case.worth_it)
