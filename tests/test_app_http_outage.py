"""An operator that does not answer: the bank goes on without, in its time, and accuses nobody."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arasha.client import Client
from arasha.engine.call_risk import ASKED
from arasha.errors import ServiceUnavailable
from arasha.events.records import CallChanged, CallMade, Record
from arasha.events.schema import Kind
from arasha.log.log import Log
from policy_samples import TEXTS, written
from service_samples import Served, now, participant, paying, serving

CALLS = Path(__file__).resolve().parents[1] / "policies" / "calls.toml"
WITHIN_S = 0.2
THIEF = "+77010000001"
STEPS = ("answers", "hangs", "goes on", "is gone")
PAYERS = {step: f"+7702000000{place}" for place, step in enumerate(STEPS)}

HEEDS_CALLS = f"""
[policy]
name = "heeds calls"
judges = "payment"

[features]
strangers = 'count(signal, by={{number: payer_number}}, window="1h", where=signal == "call_risk" \
and answer == "on_call_under_10_min_unfamiliar")'

[rules.on_call]
when = 'strangers >= 1'
action = "hold"
points = 900
{TEXTS}
"""


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Served]:
    """An operator whose payers are all on a call with a stranger."""
    directory = tmp_path / "operator"
    keys = {
        "SWITCH": participant(directory, "SWITCH", "operator"),
        "BANKKZKA": participant(directory, "BANKKZKA", may_read=("signals",)),
    }
    talks: list[Record] = []
    for place, number in enumerate(PAYERS.values()):
        parties: dict[str, Any] = {"caller_number": THIEF, "callee_number": number}
        talks += (
            CallMade(id=f"c-{place}", happened_at=now(), **parties),
            CallChanged(id=f"a-{place}", happened_at=now(), call=f"c-{place}", change="answered",
                        **parties),
        )  # fmt: skip
    with serving(directory, CALLS, "--role", "operator", keys=keys) as service:
        with service.client("SWITCH") as switch:
            list(switch.send(talks))
        yield service


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Served]:
    """A bank whose policy holds what is paid during a call with a stranger."""
    directory = tmp_path / "bank"
    keys = {"CORE": participant(directory, "CORE")}
    with serving(directory, written(tmp_path, HEEDS_CALLS), keys=keys) as service:
        yield service
        assert 0 == service.stop()


def judged(bank: Served, telco: Client, payment: str, number: str) -> tuple[str, bool]:
    """What is done about a payment, and whether the operator answered before it."""
    with bank.client("CORE") as own:
        try:
            signals = telco.ask(payment, number)
        except ServiceUnavailable:
            signals = ()
        list(own.send(signals))
        return own.judge(paying(payment, payer_number=number)).action, bool(signals)


def signals_kept(bank: Served) -> int:
    """Answers of operators in the bank's log."""
    with Log.open(bank.directory, writable=False) as log:
        return sum(int((frame.kinds == Kind.SIGNAL).sum()) for frame in log.read())


def test_a_bank_goes_on_without_an_operator(operator: Served, bank: Served) -> None:
    """While it answers its answer counts; while it hangs, and once it was killed, payments are
    judged without it and nobody is accused; when it goes on it is heard again.
    """
    found: dict[str, tuple[str, bool]] = {}
    with (
        operator.client(timeout_s=WITHIN_S, attempts=1) as quick,
        operator.client(timeout_s=30) as patient,
    ):
        for step in STEPS:
            if step == "hangs":
                operator.process.send_signal(signal.SIGSTOP)
            elif step == "goes on":
                operator.process.send_signal(signal.SIGCONT)
            elif step == "is gone":
                operator.kill()
            telco = quick if step in ("hangs", "is gone") else patient
            found[step] = judged(bank, telco, step.replace(" ", "-"), PAYERS[step])
    assert {
        "answers": ("hold", True), "hangs": ("allow", False), "goes on": ("hold", True),
        "is gone": ("allow", False),
    } == found  # fmt: skip
    assert 2 * len(ASKED) == signals_kept(bank)
