"""The citizens' pages, as somebody on a phone meets them: no account, and no JavaScript needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from secrets import randbelow
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from arasha.app.http.visitors import LOOKUPS
from arasha.app.pages.citizens.codes import code_of
from arasha.app.pages.citizens.draft import KINDS
from arasha.app.pages.citizens.now import to_do
from arasha.app.pages.languages import LANGUAGES
from arasha.app.pages.texts import texts_of
from arasha.cases.complaints import id_of
from arasha.cases.lookups import PUBLIC_REPORTS
from arasha.reports.public_figures import FIGURES
from pages_samples import (
    MULE,
    PHONE,
    SHOWN_THEMES,
    Staged,
    reading,
    steal,
    too_wide_at,
    violations,
    violations_everywhere,
)
from service_samples import PLAIN
from test_app_http_acting import until

MAX_BYTES = 80_000
"""Of a first load, all of it, as it comes over the wire."""

PAGES = ("", "report", "follow", "appeal", "answer", "check", "figures", "about")
HOSTILE = (
    "<script>alert(1)</script>", "' OR 1=1 --", "\u202e\u0000\ud7ff", "9" * 4_000, "🏦" * 50,
    "../../etc/passwd", "{{ 7 * 7 }}", "\r\nset-cookie: a=b", "٢٥٠٠٠٠", "NaN", "-1", "1e308",
)  # fmt: skip


@dataclass
class Citizen:
    """Somebody with a browser that runs no script."""

    client: httpx.Client
    language: str = "en"
    token: str = ""
    pages: list[str] = field(default_factory=list)

    def get(self, path: str) -> httpx.Response:
        """A page; its token is the next form's."""
        return self._kept(self.client.get(f"/{self.language}/{path}"))

    def post(self, path: str, **fields: str) -> httpx.Response:
        """A form."""
        data = {"form_token": self.token, **fields}
        return self._kept(self.client.post(f"/{self.language}/{path}", data=data))

    def _kept(self, response: httpx.Response) -> httpx.Response:
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', response.text)
        self.token = found[1] if found else self.token
        self.pages.append(response.text)
        return response


@pytest.fixture
def citizen(stage: Staged) -> Iterator[Citizen]:
    """A citizen at the first page."""
    here = {"x-forwarded-for": f"10.{'.'.join(str(randbelow(250)) for _ in range(3))}"}
    with httpx.Client(
        base_url=stage.address, follow_redirects=True, timeout=60, headers=here, verify=PLAIN
    ) as client:
        one = Citizen(client)
        one.get("")
        yield one


def told(**changed: str) -> dict[str, str]:
    """What a citizen fills in, over all steps."""
    said = {
        "ago": "20", "unit": "minutes", "typology": "safe_account", "bank": "OTHERBNK",
        "payer_account": "KZ86125KZT5004100100", "payee_account": MULE, "amount": "12 500,50",
        "payee_bank": "", "number": "8 701 555 01 42", "payment": "",
    }  # fmt: skip
    return said | changed


def code_on(page: str) -> str:
    """The code that a page shows."""
    found = re.search(r"([0-9A-Z]{5}(-[0-9A-Z]{5}){3})", page)
    assert found is not None, page
    code = code_of(found[1])
    assert code is not None
    return code


def fill(page: Page, address: str) -> None:
    """All three steps, in a browser, up to the last one."""
    page.goto(f"{address}/en/report")
    said = told()
    page.fill("#ago", said["ago"])
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Next").click()
    page.select_option("#bank", said["bank"])
    for name in ("payer_account", "amount", "payee_account", "number"):
        page.fill(f"#{name}", said[name])
    page.get_by_role("button", name="Next").click()


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_a_scam_is_reported_in_three_steps(stage: Staged, browser: Browser, script: bool) -> None:  # noqa: FBT001 - pytest's
    """On a phone; the bank is asked, a code is shown, and the code shows where it stands."""
    with reading(browser, stage.address, viewport=PHONE, java_script_enabled=script) as page:
        fill(page, stage.address)
        assert "KZ86125KZT5004100100" in page.content()
        page.get_by_role("button", name="Send it to my bank").click()
        lines = page.locator("section.urgent li").all_inner_texts()
        assert lines[0] == "End the call, and do not talk to them again."
        assert "Ring OTHERBNK on the number on your card" in lines[1]
        assert lines[2:] == [
            "Ring the police: 102.", "Keep the messages, the receipts and the list of calls.",
        ]  # fmt: skip
        assert page.get_by_text("You are not to blame").is_visible()
        code = code_on(page.content())
        complaint = stage.state().complaints[id_of(code)]
        assert ("OTHERBNK", 1_250_050, "safe_account") == (
            complaint.bank, complaint.amount_minor, complaint.typology,
        )  # fmt: skip
        assert 20 * 60_000 <= complaint.made_ms - complaint.paid_ms < 22 * 60_000
        assert complaint.number is not None
        page.goto(f"{stage.address}/en/follow")
        assert "Waiting for your bank" in page.content()
        page.get_by_role("button", name="Forget").click()
        assert 0 == page.get_by_text("Waiting for your bank").count()
        page.fill("#code", f" {code.lower()[:10]} {code.lower()[10:]}")
        page.get_by_role("button", name="Show").click()
        assert "Waiting for your bank" in page.content()
        assert code not in page.url
    stage.call("OTHERBNK", "POST", f"/v1/reports/{id_of(code)}/withdraw")


def test_a_bank_stands_for_it_and_the_citizen_sees_the_money(
    stage: Staged, citizen: Citizen
) -> None:
    """Held, as it is held; in the reader's language."""
    citizen.get("report")
    sent = citizen.post(
        "report",
        step="3",
        **told(amount="700", payer_account="KZ-mine-100001", payee_bank="MULEBANK"),
    )
    code = code_on(sent.text)
    stage.call("OTHERBNK", "POST", f"/v1/reports/{id_of(code)}/attest")
    hold = until(lambda: next(stage.state().holds_of_report(id_of(code)), None))
    stage.call(hold.bank, "POST", f"/v1/holds/{hold.id}/answer", held_minor=70_000)
    citizen.language = "ru"
    shown = citizen.get("follow").text
    assert "Ваш банк подтвердил" in shown
    assert "700,00\u00a0₸" in shown


def test_money_paid_to_a_telephone_number_is_held(stage: Staged, citizen: Citizen) -> None:
    """Its bank is asked to hold at the account of that number, and a check of the number counts it
    as one of a call: the door tells a number by its country, however it was typed.
    """
    citizen.get("report")
    paid = {"payee_account": "8 (701) 555-01-96", "payee_bank": "MULEBANK", "number": ""}
    for at in range(PUBLIC_REPORTS):
        mine = told(payer_account=f"KZ-mine-20000{at}", amount="800", **paid)
        code = code_on(citizen.post("report", step="3", **mine).text)
        stage.call("OTHERBNK", "POST", f"/v1/reports/{id_of(code)}/attest")
    hold = until(lambda: next(stage.state().holds_of_report(id_of(code)), None))
    assert "MULEBANK" == hold.bank
    assert "+77015550196" == stage.call("MULEBANK", "GET", f"/v1/holds/{hold.id}")["account"]
    citizen.get("check")
    asked = citizen.post("check", party="+7 701 555 01 96").text
    assert "3 people or more have reported this number" in asked


@pytest.mark.parametrize("field_", ["payer_account", "payee_account", "number"])
def test_the_number_of_a_card_is_not_kept(citizen: Citizen, field_: str) -> None:
    """The field says so, and it does not come back: neither there nor hidden in another step."""
    card = "4111 1111 1111 1111"
    citizen.get("report")
    for fields in ({"step": "2"}, {"step": "3"}, {"back": "1"}):
        got = citizen.post("report", **told(**{field_: card}), **fields)
        assert card not in got.text
        assert ("we have not kept it" in got.text) == ("step" in fields)


def test_how_long_ago_is_read_with_its_unit(citizen: Citizen) -> None:
    """What was written counts, and the form says back how it was read."""
    citizen.get("report")
    second = citizen.post("report", step="1", ago="около 2 часов", unit="minutes").text
    assert 'name="ago" value="2"' in second
    assert 'name="unit" value="hours"' in second


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_scam_has_its_first_line(citizen: Citizen, kind: str) -> None:
    """Where money has just left it stands above the second step, too; four lines in all."""
    citizen.get("report")
    second = citizen.post("report", step="1", **told(typology=kind)).text
    first, *rest = to_do(kind)
    assert str(texts_of("en")(f"now.{first}")) in second
    assert ["bank", "police", "keep"] == rest


def test_what_was_typed_before_goes_along_and_back(citizen: Citizen) -> None:
    """Through every step; the minutes are counted from the first."""
    citizen.get("report")
    second = citizen.post("report", step="1", ago="5", unit="hours", typology="romance")
    begun = re.search(r'name="begun" value="(\d+)"', second.text)
    assert begun is not None
    assert 'name="ago" value="5"' in second.text
    back = citizen.post("report", back="1", begun=begun[1], **told(ago="5", unit="hours"))
    assert '<option value="hours" selected>' in back.text
    assert 'name="payer_account" value="KZ86125KZT5004100100"' in back.text
    assert f'value="{begun[1]}"' in back.text


@pytest.mark.parametrize(
    ("step", "field_", "value", "said"),
    [
        ("1", "ago", "a while", "Say how long ago"), ("1", "ago", "", "Say how long ago"),
        ("1", "ago", "9999999", "Say how long ago"), ("1", "unit", "years", "Say how long ago"),
        ("1", "typology", "magic", "Choose one of the list"),
        ("2", "bank", "NOBANK", "Choose a bank"), ("2", "payer_account", "", "Give your account"),
        ("2", "payer_account", "KZ87125KZT5004100100", "The IBAN is mistyped"),
        ("2", "payer_account", "+7 701 555 01 42", "Give your account"),
        ("2", "payee_account", "KZ86 125K ZT50 0410 0100", "your own account"),
        ("2", "payee_account", "абв", "Say where the money went"),
        ("2", "payee_account", "КZ86125KZT5004100100", "An IBAN has Latin letters"),
        ("2", "payee_account", "8 701 555 01 42", "choose the bank that got it"),
        ("2", "amount", "0", "Give the amount"), ("2", "amount", "1.2.3", "Give the amount"),
        ("2", "amount", "99999999999999999999", "Give the amount"),
        ("3", "payment", "no id at all!", "Write the payment"),
        ("3", "bank", "NOBANK", "Choose a bank"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(
    citizen: Citizen, step: str, field_: str, value: str, said: str
) -> None:
    """And above, with a link to it; what was typed is kept."""
    citizen.get("report")
    got = citizen.post("report", step=step, **told(**{field_: value}))
    assert 422 == got.status_code
    assert 2 <= got.text.count(said)
    assert 'role="alert"' in got.text


def test_amounts_in_other_digits_are_read(stage: Staged, citizen: Citizen) -> None:
    """Those of Arabic, for example."""
    citizen.get("report")
    sent = citizen.post("report", step="3", **told(amount="٢٥٠", payer_account="KZ-arabic-100002"))
    assert 25_000 == stage.state().complaints[id_of(code_on(sent.text))].amount_minor


@pytest.mark.parametrize(
    "path", ["report", "follow", "appeal", "answer", "check", "appeal/open", "theme"]
)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_gets_a_kind_page(citizen: Citizen, path: str, text: str) -> None:
    """Never a fault, and nothing of it comes back as markup or a header."""
    citizen.get("")
    names = ("step", "back", "begun", "ago", "unit", "code", "party", "payer_account", "amount")
    whole = told(payer_account=f"KZ-{path}-100{HOSTILE.index(text):03}", payment=text)
    for fields in (dict.fromkeys(names, text), whole | {"step": "3"}):
        got = citizen.post(path, **fields)
        assert got.status_code in (200, 404, 422, 429), got.text
        assert "<script>alert" not in got.text
        assert "49" not in re.findall(r"value=\"([^\"]*)\"", got.text)
        assert "a" not in got.cookies


def test_an_appeal_from_the_code_to_the_ruling(stage: Staged, citizen: Citizen) -> None:
    """What is held, why, until when; contested, looked at by another, ruled on, and shown."""
    citizen.get("appeal")
    code = stage.references["hold"]
    shown = citizen.post("appeal", code=code).text
    assert "KZT\u00a0180,000.00" in shown
    assert "pension" in shown
    assert "confirmed by an officer" in shown
    opened = citizen.post("appeal/open")
    assert "Your appeal is being looked at" in opened.text
    assert "Your appeal is being looked at" in citizen.post("appeal/open").text
    state = stage.state()
    appeal = state.appeal_about[state.by_reference[code]]
    stage.call("erlan", "POST", f"/v1/appeals/{appeal}/take")
    stage.call(
        "erlan", "POST", f"/v1/appeals/{appeal}/rule", upheld=False, why="It was <b>not</b>."
    )
    ruled = citizen.get("appeal").text
    assert "Your appeal was dismissed" in ruled
    assert "It was &lt;b&gt;not&lt;/b&gt;." in ruled
    assert "appeal was dismissed" not in citizen.post("appeal/forget").text


def test_a_wrong_code_is_not_taken_along(citizen: Citizen) -> None:
    """Each page begins clean, whatever was typed into another."""
    citizen.get("appeal")
    assert 404 == citizen.post("appeal", code="ABCDE-FGHJK-MNPQR-STVWX").status_code
    for path in ("answer", "appeal", "follow"):
        clean = citizen.get(path)
        assert 200 == clean.status_code
        assert 'role="alert"' not in clean.text
    assert "No code?" in citizen.get("answer").text


@pytest.mark.parametrize("path", ["follow", "appeal", "answer"])
def test_an_unknown_code_is_told_so(citizen: Citizen, path: str) -> None:
    """Kindly, and with a way to another; what is no code is not even looked up."""
    citizen.get(path)
    got = citizen.post(path, code="ABCDE-FGHJK-MNPQR-STVWX")
    assert 404 == got.status_code
    assert "check it" in got.text
    assert 422 == citizen.post(path, code="my code").status_code


def test_a_number_is_told_of_from_three_people_on(stage: Staged, citizen: Citizen) -> None:
    """Two are told as nobody is: the page is the same to the byte, but for its token."""
    numbers = {"two": "+77015550191", "three": "+77015550192", "nobody": "+77015550193"}
    said = {}
    for people, number in ((2, "two"), (PUBLIC_REPORTS, "three")):
        for at in range(people):
            name = f"call-{number}-{at}"
            steal(stage, name, f"KZ-{name}", amount="1500.00", number=numbers[number])
    until(lambda: sum(one.number is not None for one in stage.state().reports.values()) >= 5)
    citizen.get("check")
    for who, number in numbers.items():
        local = f"8 ({number[2:5]}) {number[5:]}"
        got = citizen.post("check", party=local)
        shown = f"+7 701 555 {number[-4:-2]} {number[-2:]}"
        assert 200 == got.status_code
        assert 1 == got.text.count(shown)
        said[who] = re.sub(r'value="[0-9a-f]{64}"', "", got.text.replace(shown, ""))
    assert said["nobody"] == said["two"]
    assert "3 people or more have reported this number" in said["three"]


def test_one_person_who_reports_thrice_is_one(stage: Staged, citizen: Citizen) -> None:
    """Independent reports are counted, not reports."""
    for at in range(PUBLIC_REPORTS):
        steal(stage, f"again-{at}", "KZ-again", amount="1500.00", number="+77015550194")
    until(lambda: sum(r.payee is not None for r in stage.state().reports.values()))
    citizen.get("check")
    shown = citizen.post("check", party="+7 701 555 01 94").text
    assert "Not reported by" in shown
    assert "This is no proof of honesty." in shown


@pytest.mark.parametrize(
    ("party", "said"),
    [("", "Give a number"), ("12", "No telephone number"), ("9" * 300, "too long"),
     ("KZ87125KZT5004100100", "mistyped"), ("абв", "neither a telephone number nor an account"),
     ("KZ86 125K ZT50 0410", "mistyped"), ("мама 12", "neither"), ("870155501", "No telephone"),
     ("KZ86 125К ZT50 0410 0100", "An IBAN has Latin letters"),
     ("4111-1111-1111-1111", "looks like a card number")],
)  # fmt: skip
def test_who_cannot_be_asked_about(citizen: Citizen, party: str, said: str) -> None:
    """Is told why, beside the field."""
    citizen.get("check")
    got = citizen.post("check", party=party)
    assert 422 == got.status_code
    assert said in got.text
    assert "Not reported by" not in got.text
    assert not re.search("4111.?1111", got.text)


def test_the_figures_are_the_same_for_everybody(stage: Staged, citizen: Citizen) -> None:
    """In every language; read again they have not changed."""
    found = {}
    for language in LANGUAGES:
        citizen.language = language
        pages = [citizen.get("figures").text for _ in range(2)]
        digits = [re.findall(r"<dd><strong>([^<]+)</strong>", one) for one in pages]
        assert digits[0] == digits[1]
        found[language] = [re.sub(r"\D", "", one) for one in digits[0]]
        assert len(FIGURES) == len(found[language])
    assert found["kk"] == found["ru"] == found["en"]
    assert "Held wrongly" in pages[0]


def test_the_rules_show_the_law_in_force(citizen: Citizen) -> None:
    """With its terms, in words."""
    shown = citizen.get("about").text
    for term in ("24 hours", "3 business days", "5 business days", "15 days"):
        assert term in shown
    citizen.language = "ru"
    assert "3 рабочих дня" in citizen.get("about").text


@pytest.mark.parametrize("path", PAGES)
def test_a_first_load_is_small(stage: Staged, path: str) -> None:
    """All that a page asks for, gzipped, with its heads."""
    gzip = {"accept-encoding": "gzip"}
    with httpx.Client(base_url=stage.address, headers=gzip, timeout=60) as client:
        page = client.get(f"/kk/{path}", follow_redirects=True)
        files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
        assert files
        loaded = [page, *(client.get(one) for one in files)]
        total = sum(
            int(one.headers["content-length"]) + sum(len(a) + len(b) for a, b in one.headers.raw)
            for one in loaded
        )
    assert "htmx" not in page.text
    assert total < MAX_BYTES


@pytest.mark.axe("/report", "/follow", "/appeal", "/answer", "/check", "/figures", "/about")
def test_axe_finds_nothing(stage: Staged, browser: Browser) -> None:
    """In both themes, in all languages."""
    for path in PAGES[1:]:
        assert [] == violations_everywhere(browser, stage.address, path)


@pytest.mark.axe("/report/sent", every=False)
@pytest.mark.parametrize(
    ("language", "theme"),
    [
        ("kk", "light"),  # widths are looked at in the light
        *(
            pytest.param(language, theme, marks=pytest.mark.slow)
            for language in LANGUAGES
            for theme in SHOWN_THEMES
            if (language, theme) != ("kk", "light")
        ),
    ],
)
def test_axe_finds_nothing_on_the_way(
    stage: Staged, browser: Browser, theme: str, language: str
) -> None:
    """On pages that forms lead to, with faults and without; and none is wider than a phone."""
    found: list[str] = []

    def look(page: Page, where: str) -> None:
        assert not too_wide_at(page), where
        found.extend(f"{where}: {one}" for one in violations(page))

    with reading(browser, stage.address, theme=theme, viewport=PHONE) as page:
        button = page.locator("main form button.button").first
        page.goto(f"{stage.address}/{language}/report")
        button.click()
        look(page, "first step, faults")
        page.fill("#ago", "3")
        button.click()
        look(page, "second step")
        button.click()
        look(page, "second step, faults")
        page.select_option("#bank", "OTHERBNK")
        page.fill("#payer_account", f"KZ-axe-{theme}-{language}-100003")
        page.fill("#amount", "1 000")
        page.fill("#payee_account", MULE)
        button.click()
        look(page, "third step")
        button.click()
        look(page, "sent")
        page.goto(f"{stage.address}/{language}/follow")
        look(page, "followed")
        page.goto(f"{stage.address}/{language}/appeal")
        page.fill("#code", stage.references["hold"])
        button.click()
        look(page, "held")
        page.goto(f"{stage.address}/{language}/check")
        page.fill("#party", "+7 701 555 01 93")
        button.click()
        look(page, "checked")
    assert [] == found


def test_all_of_it_by_keyboard(stage: Staged, browser: Browser) -> None:
    """The first link skips to the content; then field by field, and Enter sends a step."""
    with reading(browser, stage.address, viewport=PHONE, java_script_enabled=False) as page:
        page.goto(f"{stage.address}/en/report")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**#main")
        page.keyboard.press("Tab")
        page.keyboard.type("15")
        page.keyboard.press("Enter")
        page.locator("[aria-current=step]", has_text="2. Which accounts").wait_for()


def test_too_many_questions_are_turned_away_kindly(stage: Staged, citizen: Citizen) -> None:
    """With a page that says what to do, and when to come again."""
    citizen.get("check")
    statuses: list[Any] = []
    for _ in range(LOOKUPS.each.burst + 60):
        got = citizen.post("check", party="+7 701 555 01 95")
        statuses.append(got.status_code)
        if got.status_code == 429:
            assert "ring your bank" in got.text
            assert int(got.headers["retry-after"]) >= 1
            break
    assert 429 == statuses[-1]
