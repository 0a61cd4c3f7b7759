"""A disk that fails under a live service, at one operation after the other.

In: which fault, a policy. Out: the proof. A life goes from an empty directory to an orderly stop;
the n-th write, sync, truncation or deletion of its disk fails (faulty.py); then the service starts
again on a sound one, and everything is asked again. The same for the process of a snapshot.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import httpx
import msgspec

from arasha.app.bench.faults_service import Centre, Proof, Running, client, judged, payment, running
from arasha.app.bench.faulty import CUT, Plan, Report
from arasha.app.http.decisions import told
from arasha.testing.disk import OVER, Fault
from arasha.testing.history import History

MOST_OPERATIONS: Final = 100
"""A snapshot takes fewer than so many."""


def script(history: History, http: httpx.Client) -> None:
    """A short life: payments, one again, one with other content, lines, a decision read again.

    New accounts go to the vault, everything to the log; raises what httpx does when the service
    dies.
    """
    one = history.sends("s-1", payment("s-1", 1, 2, 1_000))
    judged(history, http, "s-1", one)
    judged(history, http, "s-1", one)
    judged(history, http, "s-2", history.sends("s-2", payment("s-2", 3, 4, 2_000_000)))
    other = http.post("/v1/payments", content=payment("s-2", 3, 4, 5))
    assert other.status_code in (409, 503), other.text
    outcome = (
        b'{"fact":"outcome","id":"s-3","happened_at":"2026-01-31T09:30:00Z","payment":"s-1",'
        b'"outcome":"settled"}'
    )
    lines = {
        "s-3": history.sends("s-3", outcome),
        "s-4": history.sends("s-4", payment("s-4", 5, 1, 700)),
    }
    _kept(history, http, lines)
    response = http.get("/v1/decisions/s-1")
    if response.status_code == httpx.codes.OK:
        history.answered("s-1", response.content)
    judged(history, http, "s-5", history.sends("s-5", payment("s-5", 1, 6, 90)))


def asked_again(history: History, http: httpx.Client) -> None:
    """Everything that was sent is sent once more."""
    lines: dict[str, bytes] = {}
    for name, body in list(history.sent.items()):
        if b'"fact":"payment"' in body:
            judged(history, http, name, body)
        else:
            lines[name] = body
    if lines:
        _kept(history, http, lines)


def _kept(history: History, http: httpx.Client, lines: dict[str, bytes]) -> None:
    media = {"content-type": "application/x-ndjson"}
    response = http.post("/v1/events", content=b"\n".join(lines.values()), headers=media)
    for name, answer in zip(lines, response.content.splitlines(), strict=False):
        if not answer.startswith(b'{"outcome":"refused"'):
            history.answered(name, answer)


def operations(folder: Path, policy: Path) -> Report:
    """What a life without faults does to the disk."""
    centre, plan = _planned(folder, policy, "none", None)
    with running(centre, plan) as service:
        with client(centre, service) as http:
            script(History(), http)
        code = service.ended(told_to=True)
        assert code == 0, service.journal.read_text(encoding="utf-8")
    return msgspec.json.decode(Path(plan.report).read_bytes(), type=Report)


def _planned(folder: Path, policy: Path, fault: Fault, at: int | None) -> tuple[Centre, Plan]:
    folder.mkdir(parents=True)
    centre = Centre.new(folder / "centre", policy)
    report = str(folder / "report.json")
    return centre, Plan(str(centre.directory), report, fault, at, seed=at or 0)


def struck(folder: Path, policy: Path, fault: Fault, at: int, proof: Proof) -> None:
    """One life with a fault at that operation, and the next on a sound disk."""
    centre, plan = _planned(folder, policy, fault, at)
    where, history = f"{fault} at {at}", History()
    with running(centre, plan) as service:
        if service.address:
            try:
                with client(centre, service) as http:
                    script(history, http)
            except httpx.TransportError:
                pass  # what it was told until then counts
        _stopped(service, plan, where, proof)
    with running(centre) as service:
        if not service.address:
            said = service.journal.read_text(encoding="utf-8")
            return proof.wrong(where, f"it did not start again: {said}")
        with client(centre, service) as http:
            asked_again(history, http)
            script(history, http)
        if service.ended(told_to=True) != 0:
            proof.wrong(where, "it did not end as it should on a sound disk")
    if len(history.told) != len(history.sent):
        proof.wrong(where, "not everything was answered on a sound disk")
    return proof.add(history.check(centre.directory, told), where)


def _stopped(service: Running, plan: Plan, where: str, proof: Proof) -> None:
    """Whether the fault came, and the service ended as it must.

    After an operation that failed nothing goes on (law 4); a full disk may be waited out, and the
    outbox's file is made anew from the log.
    """
    path = Path(plan.report)
    came = msgspec.json.decode(path.read_bytes(), type=Report) if path.exists() else None
    by_itself = came is not None and plan.fault in ("fail", *OVER) and not _rebuilt(came, plan)
    code = service.ended(told_to=not by_itself)
    report = msgspec.json.decode(path.read_bytes(), type=Report) if path.exists() else None
    if report is None or not report.failed:
        return
    proof.faults += 1
    if code is None or (plan.fault in OVER and code != CUT):
        proof.went_on += 1
        proof.said.append(f"{where} ({report.seen[-1]}): it ended with {code}")


def disk(
    fault: Fault, policy: Path, *, step: int = 1, first: int = 0, most: int | None = None
) -> Proof:
    """A fault at every ``step``-th operation from ``first`` on, each in a directory of its own."""
    proof = Proof()
    with tempfile.TemporaryDirectory(prefix="arasha-faults-") as name:
        folder = Path(name)
        count = len(operations(folder / "sound", policy).seen)
        for at in list(range(first, count, step))[:most]:
            struck(folder / str(at), policy, fault, at, proof)
    return proof


def _rebuilt(report: Report, plan: Plan) -> bool:
    """Whether the fault came to the file of the outbox."""
    assert plan.at is not None
    return report.files[plan.at].startswith("outbox.")


def snapshots(fault: Fault, policy: Path) -> Proof:
    """A fault at each operation of the process that takes a snapshot beside a service.

    The service goes on, and the next start finds a snapshot that is whole, or none.
    """
    proof = Proof()
    with tempfile.TemporaryDirectory(prefix="arasha-faults-") as name:
        for at in range(MOST_OPERATIONS):
            if not _snapshot_struck(Path(name) / str(at), policy, fault, at, proof):
                break
    return proof


def _snapshot_struck(folder: Path, policy: Path, fault: Fault, at: int, proof: Proof) -> bool:
    """The same at one operation; whether there was one."""
    centre, plan = _planned(folder, policy, fault, at)
    where, history = f"{fault} at {at} of a snapshot", History()
    with running(centre) as service:
        with client(centre, service) as http:
            script(history, http)
            words = ["log", "snapshot", str(centre.directory)]
            run = subprocess.run(
                [sys.executable, "-m", "arasha.app.bench.faulty",
                 msgspec.json.encode(plan).decode(), *words],
                check=False, capture_output=True,
            )  # fmt: skip
            script(history, http)
        if service.ended(told_to=True) != 0:
            proof.wrong(where, "the service did not end as it should")
    failed = msgspec.json.decode(Path(plan.report).read_bytes(), type=Report).failed
    proof.faults += failed
    if failed == (run.returncode == 0):
        proof.wrong(where, f"the snapshot ended with {run.returncode}")
    with running(centre) as service, client(centre, service) as http:
        asked_again(history, http)
        if service.ended(told_to=True) != 0:
            proof.wrong(where, "it did not end as it should")
    proof.add(history.check(centre.directory, told), where)
    return failed
