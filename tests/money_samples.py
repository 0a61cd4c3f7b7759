"""A centre with a record and a witness, and stolen money in it that is asked back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from arasha.cases.records import Hold, Recall
from arasha.client import Decided
from arasha.events.json import encode
from arasha.events.records import ReportFiled, milliseconds
from arasha.events.reference import digest16
from arasha.log.log import Log
from arasha.log.record import begin
from arasha.log.witness import make
from live_samples import WITH_FALLBACK
from lived_samples import live
from pages_samples import BANKS, PROXY, Staged
from policy_samples import written
from record_samples import ORIGIN, WITNESS
from recording_samples import trust_of, witnessing
from service_samples import now, participant, paying, serving
from test_app_http_acting import LAW, people, until

LIVED_DAYS: Final = 4
"""For how long the centre has worked before."""

SENDER: Final = "BANKKZKA"


@contextmanager
def money_centre(folder: Path) -> Iterator[Staged]:
    """The centre, which runs; ``folder`` has its keys and whom it trusts."""
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


def paid(stage: Staged, name: str, payer: str, payee: str, amount: str) -> None:
    """A payment from one of these accounts to another; the bank of each follows from its name."""
    banks = {"victim": SENDER, "mule": "MULEBANK", "second": "OTHERBNK"}
    at = {side: banks[one.split("-")[1]] for side, one in (("payer", payer), ("payee", payee))}
    with stage.served.client(at["payer"]) as client:
        told: dict[str, Any] = {
            "payer_account": payer, "payee_account": payee, "amount": amount,
            "payer_bank": at["payer"], "payee_bank": at["payee"],
        }  # fmt: skip
        assert isinstance(client.judge(paying(name, **told)), Decided)


def reported(stage: Staged, name: str, *, attested: bool = True) -> str:
    """The victim's bank reports that payment, and stands for the report or not yet; its id."""
    report = ReportFiled(id=f"r-{name}", happened_at=now(), payment=name, attested=attested)
    response = stage.served.request(
        "POST", "/v1/events", encode(report), headers={"content-type": "application/x-ndjson"}
    )
    assert 200 == response.status_code, response.text
    return digest16(SENDER, f"r-{name}").hex()


def stolen(stage: Staged, name: str, amount: str = "250000.00", mule: str = "") -> Recall:
    """Money of a victim goes to a mule and is reported; the recall, once banks are asked."""
    mule = mule or f"KZ-mule-{name}"
    paid(stage, name, f"KZ-victim-{name}", mule, amount)
    return recall_of(stage, reported(stage, name))


def recall_of(stage: Staged, report: str) -> Recall:
    """The recall of a report, once banks are asked."""

    def look() -> Recall | None:
        state = stage.state()
        found = state.recalls.get(state.recall_of.get(report, ""))
        return found if found is not None and found.asked else None

    found: Recall = until(look)
    return found


def holds_of(stage: Staged, recall: Recall) -> list[Hold]:
    """The holds that the recall asks for, by bank."""
    state = stage.state()
    return sorted((state.holds[one] for one in recall.asked), key=lambda one: one.bank)


def held(stage: Staged, hold: Hold, minor: int) -> None:
    """What the bank says it could hold."""
    short = "none" if minor == hold.amount_minor else "balance"
    stage.call(hold.bank, "POST", f"/v1/holds/{hold.id}/answer", held_minor=minor, short=short)


def answered(stage: Staged, recall: Recall, hold: Hold, minor: int) -> None:
    """What the bank says to the recall."""
    said = "rejected" if minor == 0 else "accepted"
    stage.call(hold.bank, "POST", f"/v1/recalls/{recall.id}/answer", hold=hold.id, answer=said,
               amount_minor=minor)  # fmt: skip


def contested(stage: Staged, hold: Hold) -> str:
    """The person who is held appeals; the appeal's id."""
    stage.call(None, "POST", "/v1/appeals", reference=hold.reference)
    state = stage.state()
    return state.appeal_about[hold.id]
