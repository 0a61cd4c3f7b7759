"""A centre with a record and a witness, and money in it on its way back: two victims of one mule.

victim ── 250,000 ──▶ mule (MULEBANK) ── 100,000 ──▶ second mule (OTHERBNK)
other  ── 150,000 ──▶ mule
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from arasha.cases.records import Hold, Recall
from arasha.events.records import milliseconds
from arasha.log.log import Log
from arasha.log.record import begin
from arasha.log.witness import make
from live_samples import WITH_FALLBACK
from lived_samples import live
from pages_samples import BANKS, MULE, PROXY, VICTIM, Staged, steal
from policy_samples import written
from record_samples import ORIGIN, WITNESS
from recording_samples import trust_of, witnessing
from service_samples import now, participant, paying, serving
from test_app_http_acting import LAW, people, until

OTHER_VICTIM: Final = "KZ93125KZT1001300399"
SECOND_MULE: Final = "KZ27125KZT2001300777"
LIVED_DAYS: Final = 4


@contextmanager
def money_centre(folder: Path) -> Iterator[Staged]:
    """The centre, which runs."""
    directory = folder / "centre"
    keys = {name: participant(directory, name) for name in BANKS} | people(directory)
    policy = written(folder, WITH_FALLBACK)
    live(directory, milliseconds(now()), policy=policy, days=LIVED_DAYS)
    with Log.open(directory) as log:
        record = begin(log, directory, ORIGIN)
    (folder / "keys").write_text(record.keys_text)
    make(folder / "w", WITNESS)
    (folder / "w" / "trust").write_text(record.keys_text)
    with witnessing(folder / "w") as outside:
        trust = trust_of(folder, outside)
        words = ("--law", str(LAW), "--witnesses", str(trust), *PROXY)
        with serving(directory, policy, *words, keys=keys) as served:
            yield Staged(served)
            assert 0 == served.stop()


def moved_on(stage: Staged, name: str, amount: str) -> None:
    """The mule pays some of it to a second one."""
    with stage.served.client("MULEBANK") as client:
        client.judge(paying(
            name, payer_account=MULE, payee_account=SECOND_MULE, amount=amount,
            payer_bank="MULEBANK", payee_bank="OTHERBNK",
        ))  # fmt: skip


def two_victims(stage: Staged) -> tuple[Recall, Recall]:
    """The thefts of the picture, reported; the recalls of their reports."""
    from arasha.client import Decided

    with stage.served.client() as client:
        paid: dict[str, Any] = {
            "payer_account": VICTIM, "payee_account": MULE, "amount": "250000.00",
            "payer_bank": "BANKKZKA", "payee_bank": "MULEBANK",
        }  # fmt: skip
        assert isinstance(client.judge(paying("m-1", **paid)), Decided)
    moved_on(stage, "m-2", "100000.00")
    reported(stage, "m-1")
    steal(stage, "m-3", OTHER_VICTIM, amount="150000.00")
    first = until(lambda: recall_of(stage, 25_000_000))
    second = until(lambda: recall_of(stage, 15_000_000))
    return first, second


def reported(stage: Staged, payment: str) -> None:
    """The victim's bank reports it and stands for that."""
    from arasha.events.json import encode
    from arasha.events.records import ReportFiled

    report = ReportFiled(id=f"r-{payment}", happened_at=now(), payment=payment, attested=True)
    response = stage.served.request(
        "POST", "/v1/events", encode(report), headers={"content-type": "application/x-ndjson"}
    )
    assert 200 == response.status_code, response.text


def recall_of(stage: Staged, amount_minor: int) -> Recall | None:
    """The recall of the last report of that amount, once it has been sent."""
    state = stage.state()
    found = [
        one for one in state.recalls.values()
        if one.asked and state.reports[one.report].amount_minor == amount_minor
    ]  # fmt: skip
    return found[-1] if found else None


def holds_of(stage: Staged, recall: Recall) -> list[Hold]:
    """The holds that the recall asks for, by bank."""
    state = stage.state()
    return sorted((state.holds[one] for one in recall.asked), key=lambda one: one.bank)


def held(stage: Staged, hold: Hold, minor: int) -> None:
    """What the bank says it could hold."""
    short = {} if minor == hold.amount_minor else {"short": "balance"}
    stage.call(hold.bank, "POST", f"/v1/holds/{hold.id}/answer", held_minor=minor, **short)


def answered(stage: Staged, recall: Recall, hold: Hold, minor: int) -> None:
    """What the bank says to the recall."""
    said = "rejected" if minor == 0 else "accepted"
    stage.call(hold.bank, "POST", f"/v1/recalls/{recall.id}/answer", hold=hold.id, answer=said,
               amount_minor=minor)  # fmt: skip
