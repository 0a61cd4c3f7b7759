"""Recalls and traces on the console: from a report to the money back, and who may see what."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from arasha.app.pages.console.recall_steps import clock_of, steps_of
from arasha.app.pages.console.recalls import LATE, counts_of, shown_of
from arasha.app.pages.languages import LANGUAGES
from arasha.cases.projection import ActPlace
from arasha.cases.records import Recall, RecallStatus
from cases_samples import kz
from console_samples import posted, signed_in, sit_down
from money_samples import answered, contested, held, holds_of, paid, recall_of, reported, stolen
from pages_samples import PHONE, SHOWN_THEMES, Staged, reading, too_wide_at, violations
from test_app_http_acting import until

SOME = Recall("r1", "1" * 32, "ARASHA", opened_ms=1_000, due_ms=9_000, score=0, reasons=())


def status_of(stage: Staged, recall: Recall) -> RecallStatus:
    return stage.state().recalls[recall.id].status


def of_two_banks(stage: Staged) -> Recall:
    """A recall of long amounts: one bank agrees to part of what it holds, the other holds what is
    not protected income, and rejects.
    """
    paid(stage, "wide", "KZ-victim-wide", "KZ-mule-wide", "987654321.09")
    paid(stage, "wide-on", "KZ-mule-wide", "KZ-second-wide", "456789123.45")
    recall = recall_of(stage, reported(stage, "wide"))
    one, other = holds_of(stage, recall)
    held(stage, one, one.amount_minor)
    stage.call(other.bank, "POST", f"/v1/holds/{other.id}/answer", held_minor=45_678_912_344,
               short="protected")  # fmt: skip
    answered(stage, recall, one, one.amount_minor)
    answered(stage, recall, other, 0)
    return recall


def test_from_what_banks_answer_to_the_money_back(money: Staged, browser: Browser) -> None:
    """Without a script: the receiver lets it go by their code, an officer asks for the return on
    the recall's page, two others agree there, the bank returns it, and the page says so.
    """
    recall = stolen(money, "back")
    [hold] = holds_of(money, recall)
    held(money, hold, 20_000_000)
    answered(money, recall, hold, 20_000_000)
    directory, at = money.served.directory, f"{money.address}/en/console/recall/{recall.id}"
    with reading(browser, money.address, java_script_enabled=False) as page:
        page.goto(f"{money.address}/en/answer")
        page.locator("#code").fill(hold.reference.lower())
        page.get_by_role("button", name="Show").click()
        assert page.get_by_text("is asked back").is_visible()
        page.get_by_role("button", name="I agree").click()
        assert page.get_by_text("tick the box first").first.is_visible()
        page.get_by_label("Yes, I let the money").check()
        page.get_by_role("button", name="I agree").click()
        assert page.get_by_text("You have agreed that it goes back").is_visible()
        sit_down(page, directory, "bolat", money.address)
        page.goto(at)
        assert page.get_by_text("accepts: KZT 200,000.00").is_visible()
        assert page.get_by_text("lets it go back").is_visible()
        page.get_by_label("The authority’s notice").fill("notice 12/2026")
        page.get_by_role("button", name="Ask for the return").click()
        assert "Only the number is expected" in page.get_by_role("alert").inner_text()
        assert "notice 12/2026" == page.get_by_label("The authority’s notice").input_value()
        page.get_by_label("The authority’s notice").fill("№ 12-ЖТ / 2026")
        page.get_by_role("button", name="Ask for the return").click()
        assert page.get_by_text("Somebody asks for the return").is_visible()
        assert not page.get_by_role("button", name="Agree to exactly this").is_visible()
        for name in ("dana", "gulnara"):
            assert RecallStatus.ANSWERED is status_of(money, recall)
            sit_down(page, directory, name, money.address)
            page.goto(at)
            assert page.get_by_text("Notice: 12-ЖТ/2026.").is_visible()
            page.get_by_role("button", name="Agree to exactly this").click()
        assert RecallStatus.RETURNING is status_of(money, recall)
        money.call("MULEBANK", "POST", f"/v1/recalls/{recall.id}/returned", hold=hold.id,
                   amount_minor=20_000_000)  # fmt: skip
        page.goto(at)
        now = page.locator("[aria-current=step]").inner_text()
        assert "Completed" in now
        assert page.get_by_text("KZT 200,000.00 is back").is_visible()


def test_several_victims_are_told_their_shares(money: Staged) -> None:
    """What one account holds is divided by the law's rule, before anything goes back."""
    mule = "KZ-mule-shared"
    first = stolen(money, "shared-1", "300000.00", mule)
    second = stolen(money, "shared-2", "100000.00", mule)
    [one], [two] = holds_of(money, first), holds_of(money, second)
    held(money, one, 20_000_000)
    held(money, two, 0)
    with signed_in(money.served.directory, "bolat", money.address) as client:
        text = client.get(f"/en/console/recall/{second.id}").text.replace("\u00a0", " ")
    assert "KZT 200,000.00 is held once for several claims" in text
    shares = re.findall(r'data-label="Share if returned now">([^<]+)<', text)
    assert ["KZT 150,000.00", "KZT 50,000.00"] == shares


def test_the_authority_begins_with_what_waits_for_it(money: Staged) -> None:
    """Not with the list of recalls, in which it agrees to nothing; an officer with the queue."""
    for name, place in (("gulnara", "requests"), ("bolat", "queue")):
        with signed_in(money.served.directory, name, money.address) as client:
            assert f"/en/console/{place}" == client.get("/en/console/").headers["location"]


def test_a_list_of_all_under_way_that_names_nobody(money: Staged) -> None:
    """By step, by the page of the address; no account, and looking is no entry."""
    recall = stolen(money, "listed")
    tokens = {money.state().reports[recall.report].payee, holds_of(money, recall)[0].account}
    views = money.state().views
    with signed_in(money.served.directory, "zhanar", money.address) as client:
        for query in ("", "?show=awaiting_answer", "?show=nonsense&page=-7", "?page=99999999999"):
            got = client.get(f"/en/console/recalls{query}")
            assert 200 == got.status_code
            assert f">{recall.id}</a>" in got.text, query
            assert not [one for one in tokens if one[:8] in got.text]
        got = client.get("/en/console/recalls?show=returning")
        assert f">{recall.id}</a>" not in got.text
        page = client.get(f"/en/console/recall/{recall.id}").text
        assert not [one for one in tokens if one[:8] in page]
        assert "What can be done" not in page, "an auditor does nothing about it"
    assert views == money.state().views


def test_what_cannot_be_done_yet_is_said(money: Staged) -> None:
    """Where the rule would refuse the order, no button offers it: why, and from when, stands in its
    place; who asks nevertheless is refused, and nothing happens.
    """
    recall = stolen(money, "early")
    [hold] = holds_of(money, recall)
    with (
        signed_in(money.served.directory, "bolat", money.address) as officer,
        signed_in(money.served.directory, "aigul", money.address) as analyst,
    ):
        at = f"/en/console/recall/{recall.id}"
        got = posted(officer, f"{at}/return", notice="n-1")
        assert (409, True) == (got.status_code, "The recall is at another step" in got.text)
        got = posted(officer, f"{at}/return", notice="no such word")
        assert (422, True) == (got.status_code, "Only the number is expected" in got.text)
        held(money, hold, 25_000_000)
        answered(money, recall, hold, 25_000_000)
        page = officer.get(at).text
        assert "Can be asked for from" in page
        assert "ends before that" in page, "provisional, it lapses before the hearing is over"
        case = money.state().reports[recall.report].case
        assert re.search(rf'Confirm it in <a href="[^"]+/case/{case}#holds"', page)
        assert "Ask for the return" not in page
        assert "The receiver can still answer" in posted(officer, f"{at}/return", notice="n").text
        appeal = contested(money, hold)
        page = officer.get(at).text
        assert "An appeal is open" in page
        assert f"/console/appeal/{appeal}" in page
        assert "An appeal is open" in posted(officer, f"{at}/return", notice="n-1").text
        assert 403 == posted(analyst, f"{at}/cancel").status_code
        assert 303 == posted(officer, f"{at}/cancel").status_code
        assert "Cancelled" in officer.get(at).text
        assert "The recall is over" in posted(officer, f"{at}/cancel").text
        assert 404 == officer.get("/en/console/recall/r999999").status_code
    assert RecallStatus.CANCELLED is status_of(money, recall)


def test_why_nothing_comes_back_any_more(money: Staged) -> None:
    """The bank agreed, then the hold was released: by what, and that the recall is at its end."""
    recall = stolen(money, "let-go")
    [hold] = holds_of(money, recall)
    held(money, hold, 25_000_000)
    answered(money, recall, hold, 25_000_000)
    money.call("bolat", "POST", f"/v1/holds/{hold.id}/release", why="not_fraud")
    with signed_in(money.served.directory, "erlan", money.address) as officer:
        page = officer.get(f"/en/console/recall/{recall.id}").text
    assert f"Hold {hold.id} at MULEBANK is over (released" in page
    assert "it was found to be no fraud" in page
    assert "it can only be cancelled" in page
    assert "Ask for the return" not in page


NONSENSE = "KZ75125KZT1001300335 8 701 555 01 42"
"""What no field takes: two identifiers, with spaces in them."""

FORM = re.compile(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<(?:input|select|textarea|button)[^>]*? name="([^"]+)"[^>]*>')
ALERT = re.compile(r'role="alert"[^>]*>(?:\s|<p>)*[A-Z][^<]{10,}')


def told_of(stage: Staged, recall: Recall, appeal: str, cases: list[str]) -> list[object]:
    """All that those forms could change."""
    state = stage.state()
    holds = [one for name in cases for report in state.cases[name].reports
             for one in state.holds_of_report(report)]  # fmt: skip
    some = [state.recalls[recall.id], state.appeals[appeal], *(state.cases[one] for one in cases)]
    return [*some, *holds, list(state.requests)]


def test_a_form_that_cannot_be_read_says_so(money: Staged) -> None:
    """Each form of a case, a recall, an appeal and a trace that has a field, filled with nonsense:
    a sentence says what is wrong, and nothing is done.
    """
    recall = stolen(money, "nonsense")
    [hold] = holds_of(money, recall)
    held(money, hold, 25_000_000)
    answered(money, recall, hold, 25_000_000)
    second = stolen(money, "nonsense-2")
    [confirmed] = holds_of(money, second)
    held(money, confirmed, 25_000_000)
    answered(money, second, confirmed, 25_000_000)
    money.call("bolat", "POST", f"/v1/holds/{confirmed.id}/confirm", basis="kz:25-1")
    money.call(None, "POST", f"/v1/appeals/{confirmed.reference}/agree")
    appeal = contested(money, hold)
    reports = money.state().reports
    cases = [reports[one.report].case for one in (recall, second)]
    with (
        signed_in(money.served.directory, "erlan", money.address) as officer,
        signed_in(money.served.directory, "dana", money.address) as reviewer,
    ):
        for case in cases:
            posted(officer, f"/en/console/case/{case}/take")
        posted(reviewer, f"/en/console/appeal/{appeal}/take")
        before = told_of(money, second, appeal, cases)
        tried = set()
        for place in (
            *(f"case/{one}" for one in cases), f"recall/{second.id}", f"appeal/{appeal}",
            f"report/{recall.report}",
        ):  # fmt: skip
            client = reviewer if place.startswith("appeal") else officer
            page = client.get(f"/en/console/{place}").text
            main = page.partition("<main")[2].partition("</main>")[0]
            for action, body in FORM.findall(main):
                shown = [name for name in FIELD.findall(body) if name != "form_token"]
                kept = dict(re.findall(r'type="hidden" name="(hold)" value="([^"]+)"', body))
                if not shown:
                    continue  # a button alone, which says nothing that could be misread
                word = action.rpartition("/")[2]
                tried.add(word)
                got = posted(client, action, **(dict.fromkeys(shown, NONSENSE) | kept))
                assert 400 <= got.status_code < 500, (place, word)
                assert ALERT.search(got.text), (place, word)
    assert before == told_of(money, second, appeal, cases), "nothing was done"
    assert tried >= {
        "close", "note", "snooze", "confirm", "prolong", "release", "merge", "attach", "evidence",
        "return", "rule",
    }  # fmt: skip


def test_a_trace_with_its_bounds_is_seen_on_record(money: Staged) -> None:
    """Between what and what at each account, which bounds there are; one entry says who looked."""
    paid(money, "traced", "KZ-victim-traced", "KZ-mule-traced", "250000.00")
    paid(money, "traced-on", "KZ-mule-traced", "KZ-second-traced", "100000.00")
    recall = recall_of(money, reported(money, "traced"))
    views = money.state().views
    with signed_in(money.served.directory, "aigul", money.address) as client:
        at = f"/en/console/report/{recall.report}"
        text = client.get(at).text.replace("\u00a0", " ")
        assert 1 == money.state().views - views
        assert "KZT 150,000.00 – KZT 250,000.00 is still there" in text
        assert 2 == text.count('<rect class="least"')
        assert "Least amount followed" in text
        assert 6 == text.count(">no<"), "no bound has cut it"
        assert not [one for one in ("KZ-mule-traced", "KZ-second") if one in text]
        assert f"/en/console/recall/{recall.id}" in text
        assert "Start a recall" not in text
        case = client.get(f"/en/console/case/{money.state().reports[recall.report].case}").text
        assert at in case, "the case leads to it"
        assert 404 == client.get(f"/en/console/report/{'f' * 32}").status_code
    with signed_in(money.served.directory, "bolat", money.address) as officer:
        got = posted(officer, f"{at}/recall")
        assert (409, True) == (got.status_code, "has its recall already" in got.text)
        assert 404 == posted(officer, "/en/console/report/x/recall").status_code


def test_a_report_nobody_stands_for_asks_nothing_back(money: Staged) -> None:
    """And one that was withdrawn names nobody any more."""
    paid(money, "alone", "KZ-victim-alone", "KZ-mule-alone", "70000.00")
    report = reported(money, "alone", attested=False)
    until(lambda: report in money.state().reports)
    with signed_in(money.served.directory, "bolat", money.address) as officer:
        at = f"/en/console/report/{report}"
        text = officer.get(at).text
        assert "does not stand for the report" in text
        assert "Start a recall" not in text
        assert 409 == posted(officer, f"{at}/recall").status_code
        money.call("BANKKZKA", "POST", f"/v1/reports/{report}/withdraw")
        text = officer.get(at).text
    assert "it names nobody any more" in text
    assert money.state().reports[report].payee[:8] not in text


@pytest.mark.axe("/console/recalls", "/console/recall/{name:str}", "/console/report/{name:str}")
def test_everybody_can_read_it(money: Staged, browser: Browser) -> None:
    """Nothing for axe in two themes and three languages; nothing to scroll sideways on a phone."""
    recall = of_two_banks(money)
    places = ("recalls", f"recall/{recall.id}", f"report/{recall.report}")
    found = []
    for theme in SHOWN_THEMES:
        with reading(browser, money.address, theme=theme, viewport=PHONE) as page:
            sit_down(page, money.served.directory, "erlan", money.address)
            for language in LANGUAGES:
                for place in places:
                    page.goto(f"{money.address}/{language}/console/{place}")
                    assert page.locator("h1").count() == 1
                    found += [f"{language} {theme} {place} {one}" for one in violations(page)]
                    assert not too_wide_at(page), (language, place)
    assert [] == found


def test_a_list_is_read_again_by_itself(money: Staged, browser: Browser) -> None:
    """With the script, while somebody looks at it; not the part that they are in."""
    with reading(browser, money.address, locale="en") as page:
        sit_down(page, money.served.directory, "bolat", money.address)
        page.clock.install()
        page.goto(f"{money.address}/en/console/recalls")
        recall = stolen(money, "fresh")
        page.clock.run_for(16_000)
        page.get_by_role("link", name=recall.id, exact=True).wait_for()


@pytest.mark.parametrize(
    ("status", "acts", "expected"),
    [
        ("requested", "recall_opened@1", "REQUESTED@1 tracked answered"),
        ("tracked", "recall_opened@1", "requested@1 TRACKED@2 answered"),
        ("awaiting_answer", "recall_opened@1 request_approved@5",
         "requested@1 tracked@2 AWAITING_ANSWER@5 answered"),
        ("answered", "recall_opened@1 recall_sent@3 recall_answered@6 recall_answered@7",
         "requested@1 tracked@2 awaiting_answer@3 ANSWERED@7"),
        ("returning", "recall_sent@3 recall_answered@6 recall_answered@7 request_approved@8",
         "awaiting_answer@3 answered@7 RETURNING@8 completed"),
        ("completed", "recall_sent@3 recall_answered@6 recall_answered@7 money_returned@9",
         "answered@7 COMPLETED@9"),
        ("cancelled", "recall_sent@3 recall_cancelled@4",
         "awaiting_answer@3 answered returning completed CANCELLED@4"),
    ],
)  # fmt: skip
def test_steps_are_read_from_the_acts(status: str, acts: str, expected: str) -> None:
    """A step in capitals is the one that stands, with the second at which it was reached."""
    recall = replace(SOME, status=RecallStatus(status), asked=("h1.0", "h1.1"))
    told = [one.split("@") for one in acts.split()]
    places = [ActPlace(at, word, int(second) * 1_000) for at, (word, second) in enumerate(told)]
    said = " ".join(
        (one.status.value.upper() if one.stands == "now" else one.status.value)
        + ("" if one.reached_ms is None else f"@{one.reached_ms // 1_000}")
        for one in steps_of(recall, places, kz(), 2_000)
    )
    for word in expected.split():
        assert word in said.split(), said


def test_a_clock_runs_while_somebody_is_awaited() -> None:
    """Late ones are counted, the earliest clock stands first, those without one last."""
    waits = replace(SOME, id="r2", status=RecallStatus.AWAITING_ANSWER)
    soon = replace(waits, id="r3", due_ms=5_000)
    over = replace(waits, id="r4", status=RecallStatus.COMPLETED)
    assert [None, 9_000, None] == [clock_of(one) for one in (SOME, waits, over)]
    assert ["r3", "r2", "r1"] == [one.id for one in shown_of([SOME, waits, soon], "", 0)]
    assert ["r3"] == [one.id for one in shown_of([SOME, waits, soon], LATE, 6_000)]
    counts = counts_of([SOME, waits, soon], 6_000)
    assert (3, 1, 1, 2) == (
        counts[""], counts[LATE], counts["requested"], counts["awaiting_answer"],
    )  # fmt: skip
