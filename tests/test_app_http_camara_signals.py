"""Each asking is an entry, is counted, and outlives kills, restarts and a takeover."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from arasha.app.postgresql_server import Server
from arasha.engine.again import stretches
from arasha.engine.askings import MAX_ASKED_24H, MAX_OF_A_BANK, MAX_OF_A_SIGNAL
from arasha.events.records import SimChanged
from arasha.events.reference import digest16
from arasha.events.schema import SIGNAL_CLASSES, SIGNALS, Kind
from arasha.events.symbols import code_text
from arasha.log.log import Log
from service_samples import Served, now, participant, serving

POLICY = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
NUMBER = "+77050000001"
CHECK = "/sim-swap/v2/check"
SWAPPED, QUOTA = (200, {"swapped": True}), "QUOTA_EXCEEDED"
TAKEOVER_S = 60  # only ends a test that hangs


def keys_of(directory: Path) -> dict[str, str]:
    """A switch and two banks."""
    return {
        "SWITCH": participant(directory, "SWITCH", "operator"),
        "BANKKZKA": participant(directory, "BANKKZKA", may_read=("signals",)),
        "OTHERBNK": participant(directory, "OTHERBNK", may_read=("signals",)),
    }


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """An operator's directory."""
    return tmp_path / "operator"


@pytest.fixture
def keys(directory: Path) -> dict[str, str]:
    """Its participants."""
    return keys_of(directory)


@pytest.fixture
def served(directory: Path, keys: dict[str, str]) -> Iterator[Served]:
    """The operator; three hours ago a SIM was swapped."""
    with serving(directory, POLICY, "--role", "operator", keys=keys) as service:
        swapped(service)
        yield service


def swapped(service: Served) -> None:
    """The operator tells of a SIM that was swapped three hours ago."""
    at = now() - timedelta(hours=3)
    with service.client("SWITCH") as switch:
        list(switch.send([SimChanged(id="s", happened_at=at, number=NUMBER, change="swapped")]))


def asked(service: Served, payment: str, number: str = NUMBER, name: str = "BANKKZKA",
          hours: int = 24) -> httpx.Response:  # fmt: skip
    """One asking about a payment."""
    body = json.dumps({"phoneNumber": number, "maxAge": hours}).encode()
    return service.request("POST", CHECK, body, name=name, headers={"x-correlator": payment})


def told(response: httpx.Response) -> tuple[int, object]:
    """Its status and answer."""
    return response.status_code, response.json()


def entries(directory: Path) -> list[tuple[str, bytes, str, str]]:
    """Who asked, about which payment, which signal, what was told: as the log has it."""
    with Log.open(directory, writable=False) as log:
        return [
            (
                str(code_text(sender.tobytes())), payment.tobytes(),
                SIGNALS[int(signal)], SIGNAL_CLASSES[int(answer)],
            )
            for facts, _, _ in stretches(log, log.size)
            for kind, sender, payment, signal, answer in zip(
                facts.kinds, facts.symbol("sender"), facts.symbol("payment"),
                facts.number("signal"), facts.number("answer"), strict=True,
            )
            if kind == Kind.SIGNAL
        ]  # fmt: skip


def test_each_asking_is_an_entry_with_the_class_of_what_was_told(
    served: Served, directory: Path
) -> None:
    """Asked twice, there are two; of a number that is not served, or not far enough back, too."""
    for hours in (24, 168, 2):
        asked(served, "p-1", hours=hours)
    asked(served, "p-2", name="OTHERBNK")
    assert 404 == asked(served, "p-3", "+77059999999").status_code
    assert 400 == asked(served, "p-4", hours=2_400).status_code
    assert 0 == served.stop()
    assert [
        ("BANKKZKA", digest16("BANKKZKA", "p-1"), "sim_swap", "changed_within_day"),
        ("BANKKZKA", digest16("BANKKZKA", "p-1"), "sim_swap", "changed_within_week"),
        ("BANKKZKA", digest16("BANKKZKA", "p-1"), "sim_swap", "none"),
        ("OTHERBNK", digest16("OTHERBNK", "p-2"), "sim_swap", "changed_within_day"),
        ("BANKKZKA", digest16("BANKKZKA", "p-3"), "sim_swap", "not_known_here"),
    ] == entries(directory)


def test_the_limits_are_shared_with_call_risk_and_outlive_a_kill(
    served: Served, directory: Path, keys: dict[str, str]
) -> None:
    """Two banks, two interfaces, one budget of payments a number; and of answers a payment."""
    for turn in range(MAX_ASKED_24H - 1):
        if turn % 2:
            assert SWAPPED == told(asked(served, f"p-{turn}"))
        else:
            body = json.dumps({"payment": f"p-{turn}", "number": NUMBER}).encode()
            response = served.request("POST", "/v1/signals/call-risk", body, name="OTHERBNK")
            assert 200 == response.status_code
    for _ in range(MAX_OF_A_SIGNAL):
        assert SWAPPED == told(asked(served, "last"))
    served.kill()
    with serving(directory, POLICY, "--role", "operator", keys=keys) as again:
        for payment in ("last", "one-more"):
            refused = asked(again, payment)
            assert (429, QUOTA) == (refused.status_code, refused.json()["code"])
            assert "3600" == refused.headers["retry-after"]
        body = json.dumps({"payment": "and-more", "number": NUMBER}).encode()
        assert 429 == again.request("POST", "/v1/signals/call-risk", body).status_code
        assert SWAPPED == told(asked(again, "p-1"))
        assert 404 == asked(again, "one-more", "+77050000009").status_code


def test_nobody_is_watched_by_asking_at_once(served: Served) -> None:
    """Answers on their way to the record count like those that are there."""
    with ThreadPoolExecutor(16) as pool:
        statuses = Counter(
            pool.map(lambda turn: asked(served, f"at-once-{turn}").status_code, range(60))
        )
    assert {200: MAX_OF_A_BANK, 429: 60 - MAX_OF_A_BANK} == statuses


def test_what_was_known_before_a_kill_is_told_after_it(
    served: Served, directory: Path, keys: dict[str, str]
) -> None:
    """From the log alone."""
    paths = (CHECK, "/sim-swap/v2/retrieve-date", "/device-swap/v1/retrieve-date")
    body = json.dumps({"phoneNumber": NUMBER}).encode()
    before = [served.request("POST", path, body).json() for path in paths]
    served.kill()
    with serving(directory, POLICY, "--role", "operator", keys=keys) as again:
        assert before == [again.request("POST", path, body).json() for path in paths]


def test_a_standby_tells_nothing_until_it_has_taken_over(
    tmp_path: Path, postgresql: Server
) -> None:
    """Nothing could be put on record there; then it knows what the writer knew."""
    words = ("--role", "operator", "--database", str(postgresql.new_database()), "--standby")
    with serving(tmp_path / "a", POLICY, *words) as writer:
        writer.keys.update(keys_of(tmp_path / "a"))
        (tmp_path / "b" / "keys").mkdir(parents=True, mode=0o700)
        shutil.copy(tmp_path / "a" / "keys" / "master.key", tmp_path / "b" / "keys")
        until(lambda: writer.request("GET", "/v1/decisions/x", name="SWITCH"), not_yet=401)
        swapped(writer)
        with serving(tmp_path / "b", POLICY, *words, keys=writer.keys) as standby:
            assert SWAPPED == told(asked(writer, "p-1"))
            for _ in range(MAX_OF_A_SIGNAL + 1):
                refused = asked(standby, "p-1")
                assert (503, "UNAVAILABLE") == (refused.status_code, refused.json()["code"])
            writer.kill()
            until(lambda: standby.request("GET", "/health/ready", name=None), not_yet=503)
            assert SWAPPED == told(asked(standby, "p-1"))


def until(ask: Callable[[], httpx.Response], *, not_yet: int) -> None:
    """Ask until the answer has another status."""
    end = time.monotonic() + TAKEOVER_S
    while ask().status_code == not_yet:
        assert time.monotonic() < end
        time.sleep(0.1)
