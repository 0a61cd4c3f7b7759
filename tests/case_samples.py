"""A theft as a case shows it: an account that is three days old, a call, a number that others know.

In: a running service with a bank of victims. Out: the facts are in its log, in the order in which
they would come: the account, earlier reports of the number, the operator's answer, the payment that
is held, the money that goes on before, the victim's report.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from arasha.cases.records import Case
from arasha.engine.live_start import open_live
from arasha.events.json import encode
from arasha.events.records import AccountChanged, Record, ReportFiled, SignalAnswered
from arasha.log.log import Log
from arasha.log.record import begin
from arasha.policy.document import load
from pages_samples import Staged
from policy_samples import written
from record_samples import ORIGIN
from service_samples import Served, now, participant, paying, serving
from test_app_http_acting import LAW, people

BANKS: Final = ("BANKKZKA", "MULEBANK")
PAYER, PAYEE, SECOND = "KZ75125KZT1001300335", "KZ03125KZT2001300336", "KZ-second-mule"
PHONE, CALLER, DEVICE = "+77011234567", "+77079998877", "device-of-the-victim"
OTHERS: Final = tuple(f"KZ-robbed-{at}" for at in range(4))
"""Who has reported the caller's number before."""

PATIENCE_S: Final = 120
"""How long all of it may take on a machine that others use, too."""

POLICY: Final = """
[policy]
name = "called"
utc_offset = "+05:00"
fallback = "hold"

[features]
pair = 'count(payment, by=(payer_account, payee_account), window="90d")'
opened = 'last(account_change, by={account: payee_account}, window="30d", where=change == "opened")'
calls = 'count(signal, by={number: payer_number}, window="1h", where=answer != "none")'
reports = 'count(report, by=payee_account, window="30d")'

[thresholds]
warn = 300
hold = 600

[rules.stranger]
when = 'pair == 0'
points = 150
text.kk = "Төлеуші бұл алушыға бұрын төлемеген."
text.ru = "Плательщик раньше не платил этому получателю."
text.en = "The payer has not paid this payee before."

[rules.on_a_call]
when = 'calls >= 1'
points = 320
text.kk = "Төлем ұзақ қоңырау кезінде жасалуда."
text.ru = "Платёж делают во время долгого звонка."
text.en = "The payment is made during a long call."

[rules.reported_payee]
when = 'reports >= 1'
points = 260
text.kk = "Алушы туралы соңғы 30 күндегі хабарламалар: {reports}."
text.ru = "Сообщений о получателе за 30 дней: {reports}."
text.en = "Reports about the payee in 30 days: {reports}."
"""

CANARIES: Final = (PAYER, PAYEE, SECOND, PHONE, CALLER, DEVICE, *OTHERS)


class Told(Staged):
    """A service in which that has happened."""

    def wait(self, holds: int) -> None:
        """Until there are so many: each report has its own, once it is on the desk."""
        end = time.monotonic() + PATIENCE_S
        while len(self.state().holds) < holds:
            assert time.monotonic() < end, "a hold for each report"
            time.sleep(0.1)

    def case(self) -> Case:
        """The case of the held payment: two people were robbed through its account."""
        return max(self.state().cases.values(), key=lambda one: len(one.reports))


@contextmanager
def told(folder: Path, policy: Path | None = None) -> Iterator[Told]:
    """A centre of its own in which it happens."""
    directory, policy = folder / "centre", policy or written(folder, POLICY)
    open_live(directory, load(policy), 1).log.close()
    with Log.open(directory) as log:
        begin(log, directory, ORIGIN)
    keys = {name: participant(directory, name) for name in BANKS}
    keys["TELEKZ"] = participant(directory, "TELEKZ", "operator")
    keys |= people(directory)
    with serving(directory, policy, "--law", str(LAW), keys=keys) as served:
        here = Told(served)
        before(served)
        here.wait(holds=len(OTHERS))
        theft(served)
        here.wait(holds=len(OTHERS) + 1)
        yield here
        assert 0 == served.stop()


def before(served: Served) -> None:
    """The account is opened, and others are robbed by the same caller."""
    opened = now() - timedelta(days=3)
    sent(served, AccountChanged(id="opened", happened_at=opened, account=PAYEE, change="opened",
                                bank="MULEBANK"), by="MULEBANK")  # fmt: skip
    for at, other in enumerate(OTHERS):
        earlier(served, at, other)


def theft(served: Served) -> None:
    """The operator's answer, the payment, its report."""
    sent(served, SignalAnswered(
        id="signal", happened_at=now(), number=PHONE, signal="call_risk",
        answer="on_call_10_30_min_unfamiliar", operator="TELEKZ",
    ), by="TELEKZ")  # fmt: skip
    with served.client() as client:
        client.judge(paying(
            "stolen", payer_account=PAYER, payee_account=PAYEE, amount="1250000.00",
            payer_bank="BANKKZKA", payee_bank="MULEBANK", payer_number=PHONE, device=DEVICE,
            channel="mobile", active_call=True,
        ))  # fmt: skip
    sent(served, ReportFiled(
        id="report", happened_at=now(), payment="stolen", attested=True, number=CALLER,
        payer_account=PAYER, payee_account=PAYEE,
        typology="safe_account",
    ))  # fmt: skip


def earlier(served: Served, at: int, other: str) -> None:
    """Another person was robbed by the same caller; the first of them paid the same account."""
    mule = PAYEE if at == 0 else f"KZ-mule-{at}"
    with served.client() as client:
        for name, payer, payee, bank in (
            ("before", other, mule, "BANKKZKA"), ("on", mule, SECOND, "MULEBANK"),
        ):  # fmt: skip
            client.judge(paying(
                f"{name}-{at}", payer_account=payer, payee_account=payee,
                amount=f"{at + 2}00000.00",
                payer_bank=bank, payee_bank="MULEBANK", channel="mobile",
                device=DEVICE if at == 1 and name == "before" else None,
            ))  # fmt: skip
    sent(served, ReportFiled(
        id=f"report-{at}", happened_at=now(), payment=f"before-{at}", attested=True, number=CALLER,
        payer_account=other, payee_account=mule,
    ))  # fmt: skip


def sent(served: Served, record: Record, by: str = "BANKKZKA") -> None:
    """A fact, from a participant."""
    response = served.request(
        "POST", "/v1/events", encode(record), name=by,
        headers={"content-type": "application/x-ndjson"},
    )  # fmt: skip
    assert 200 == response.status_code, response.text
    assert '"kept"' in response.text, response.text
