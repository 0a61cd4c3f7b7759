"""A pressed payer's pause: until when, on what basis, in three languages; and its end."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from arasha.app.http.answers import NO_PAUSE
from arasha.app.http.pauses import Pauses
from arasha.cases.reigns import LawReign
from arasha.client import Decided
from arasha.engine.recall import Verdict
from arasha.events.decisions import ACTIONS, TOLD_SHIFT
from arasha.events.json import encode
from arasha.policy import document
from arasha.policy.definition import GROUPS
from cases_samples import NOW_MS, kz
from policy_samples import POLICY, written
from service_samples import Served, participant, paying, serving
from test_app_http_acting import LAW, call, people

PRESSED = POLICY.replace(
    "[rules.much_to_a_stranger]",
    """[rules.on_the_phone]
when = 'active_call'
action = "hold"
text.kk = "Қоңырау."
text.ru = "Звонок."
text.en = "A call."

[rules.much_to_a_stranger]""",
)


def asked(served: Served, name: str) -> bytes:
    response = served.request("GET", f"/v1/decisions/{name}")
    assert 200 == response.status_code
    return response.content


def paid(served: Served, name: str, **values: Any) -> dict[str, Any]:
    response = served.request("POST", "/v1/payments", encode(paying(name, **values)))
    assert 200 == response.status_code, response.text
    found: dict[str, Any] = response.json()
    assert response.content == asked(served, name)
    return found


def hours(found: dict[str, Any]) -> float:
    """How long the payment waits."""
    until = datetime.fromisoformat(found["pause"]["until"])
    return (until - datetime.fromisoformat(found["known_at"])) / timedelta(hours=1)


def test_a_pressed_payers_payment_waits_as_long_as_the_law_lets_it(tmp_path: Path) -> None:
    """Through every door, the same after a restart and under another law."""
    directory, policy = tmp_path / "centre", written(tmp_path, PRESSED)
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")} | people(directory)
    with serving(directory, policy, keys=keys) as served:
        assert None is paid(served, "before-any-law", active_call=True)["pause"]
        assert 0 == served.stop()
    with serving(directory, None, "--law", str(LAW), keys=keys) as served:
        first = call(served, None, "GET", "/v1/law")["hash"]
        pressed = paid(served, "p-1", active_call=True, payee_account="KZ-1")
        assert ("hold", 24.0) == (pressed["action"], hours(pressed))
        pause = pressed["pause"]
        assert (first, "hold.pause", "24 hours", "press") == tuple(
            pause[name] for name in ("law", "figure", "term", "mark")
        )
        assert pause["source"]
        assert {"kk", "ru", "en"} == set(pause["text"])
        local = datetime.fromisoformat(pause["until"]) + timedelta(hours=5)
        assert all(f"{local:%H:%M %d.%m.%Y}" in text for text in pause["text"].values())
        quiet = paid(served, "p-2", amount="2000000.00", payee_account="KZ-2")
        assert ("hold", None) == (quiet["action"], quiet["pause"])
        assert None is paid(served, "p-3", payee_account="KZ-3")["pause"]
        line = encode(paying("p-4", active_call=True, payee_account="KZ-4"))
        told = served.request("POST", "/v1/events", line + b"\n").json()
        assert 24.0 == hours(told)
        before = {name: asked(served, name) for name in ("p-1", "p-2", "p-4")}
        text = LAW.read_text("utf-8").replace('pause = { is = "24', 'pause = { is = "12')
        wanted = call(served, "kairat", "POST", "/v1/law", toml=text)["changed"][0]["id"]
        content = call(served, "leila", "GET", f"/v1/requests/{wanted}")["content"]
        call(served, "leila", "POST", f"/v1/requests/{wanted}/approve", content=content)
        after = paid(served, "p-5", active_call=True, payee_account="KZ-5")
        assert 12.0 == hours(after)
        assert first != after["pause"]["law"]
        assert before == {name: asked(served, name) for name in before}
        assert 0 == served.stop()
    with serving(directory, None, keys=keys) as served:
        assert before == {name: asked(served, name) for name in before}
        assert after == json.loads(asked(served, "p-5"))
        with served.client() as client:
            decided = client.decision("p-1")
        assert isinstance(decided, Decided)
        assert decided.pause is not None
        assert pause["until"] == decided.pause.until
        assert 0 == served.stop()


def verdict(folder: Path, action: str, rules: tuple[int, ...], groups: int = 0) -> Verdict:
    policy = document.load(written(folder, PRESSED))
    return Verdict(policy, ACTIONS.index(action), 600, groups << TOLD_SHIFT, rules, (), 398)


def test_only_a_held_payment_of_a_pressed_payer_pauses(tmp_path: Path) -> None:
    """Not a warned or a blocked one, not one held for something else, none without a law."""
    pauses, calls = Pauses(), 1 << GROUPS.index("calls")
    held = verdict(tmp_path, "hold", (0,))
    assert NO_PAUSE == pauses.bytes_of(9, NOW_MS, held)
    pauses.know([LawReign(5, kz(), kz().hash)])
    assert NO_PAUSE == pauses.bytes_of(4, NOW_MS, held)
    assert None is not pauses.of(5, NOW_MS, held)
    assert None is not pauses.of(5, NOW_MS, verdict(tmp_path, "hold", (1,), calls))
    assert None is pauses.of(5, NOW_MS, verdict(tmp_path, "hold", (1,)))
    for action in ("allow", "warn", "block"):
        assert NO_PAUSE == pauses.bytes_of(5, NOW_MS, verdict(tmp_path, action, (0,), calls))


def test_no_pause_outlasts_the_law(tmp_path: Path) -> None:
    """Whatever the instant: it ends when the law's term that begins there does."""
    pauses, held, law = Pauses(), verdict(tmp_path, "hold", (0,)), kz()
    pauses.know([LawReign(0, law, law.hash)])
    chance = random.Random(5)
    for _ in range(2_000):
        at_ms = chance.randrange(4_000_000_000_000)
        pause = pauses.of(3, at_ms, held)
        assert pause is not None
        ends_ms = datetime.fromisoformat(pause.until).timestamp() * 1000
        assert at_ms < ends_ms <= law.hold.pause.after(at_ms, law.calendar) + 0.5
