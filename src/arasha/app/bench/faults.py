"""``arasha bench faults``: what the live service loses when it is killed, and when its disk fails.

In: sizes. Out: one result per fault of METRICS, each of them a count that must be nought. The
service is a real process; its clients note what they were told, and in the end that is held against
the log (testing/history.py). The disk is a layer under SQLite and ``os.fsync`` (faulty.py) that
fails at the n-th operation of a run from an empty directory to an orderly stop; then the service
starts again on a sound one, and everything is asked again.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import httpx
import msgspec

from arasha.app.bench.faulty import CUT, Plan, Report
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import house_file
from arasha.app.commands_serve import clock
from arasha.app.http.decisions import told
from arasha.exchange.participants import Participants
from arasha.testing.disk import OVER, Fault
from arasha.testing.history import Findings, History

POLICY: Final = "policies/instant-payments.toml"

METRICS: Final = ("kills", "failed_writes", "full_disk", "power_cuts", "torn_writes")
"""The faults, in the order they are reported."""

SENDERS: Final = 4
"""Clients of a service that is about to be killed; one more sends a byte now and then."""

STOP_S: Final = 30.0
"""How long a service may take to end, seconds."""

_DISK: Final[dict[str, tuple[Fault, str]]] = {
    "failed_writes": ("fail", "a write, sync, truncation or deletion that fails"),
    "full_disk": ("full", "a disk that is full"),
    "power_cuts": ("cut", "the power cut before it, what was not synced lost or half lost"),
    "torn_writes": ("torn", "the power cut in the midst of it"),
}
_NAME: Final = "BENCHKZ"
_KILL: Final = -signal.SIGKILL
_AGAIN: Final = 60  # of the answers before the kills, so many are asked again


@dataclass
class Proof:
    """What a series of faults came to: how many struck, what was acknowledged, what is wrong."""

    faults: int = 0
    acknowledged: int = 0
    lost: int = 0
    changed: int = 0
    others: int = 0
    went_on: int = 0
    said: list[str] = field(default_factory=list)

    def add(self, found: Findings, where: str) -> None:
        """The findings after one fault."""
        self.acknowledged += found.acknowledged
        self.lost += len(found.lost)
        self.changed += len(found.changed)
        self.others += found.faults - len(found.lost) - len(found.changed)
        if found.faults:
            self.said.append(f"{where}: {found}")

    def wrong(self, where: str, what: str) -> None:
        """Something else that must not be."""
        self.others += 1
        self.said.append(f"{where}: {what}")

    @property
    def wrongs(self) -> int:
        """All that must be nought."""
        return self.lost + self.changed + self.others + self.went_on


@dataclass(frozen=True, slots=True)
class Centre:
    """A directory with a bank's key in its register, and the policy to judge by."""

    directory: Path
    policy: Path
    key: str

    @staticmethod
    def new(directory: Path, policy: Path) -> Centre:
        """A directory where no service has run."""
        participants = Participants.open(directory, lambda: clock().wall_ms)
        try:
            _, key_id, secret = participants.create(
                _NAME, "bank", by="bench", rate_per_s=100_000.0, burst=100_000, deadline_ms=20_000
            )
        finally:
            participants.close()
        return Centre(directory, policy, f"{key_id}.{secret}")


@dataclass
class Running:
    """A service that runs, or did; ``address`` is empty where it never came to listen."""

    process: subprocess.Popen[str]
    address: str
    journal: Path

    def ended(self, *, told_to: bool) -> int | None:
        """Its exit code, if it ends in time; ``told_to``: it is asked to."""
        if told_to:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            return None


@contextmanager
def running(centre: Centre, plan: Plan | None = None) -> Iterator[Running]:
    """A service over the directory, on a disk as planned, killed in the end if it still runs."""
    module = ["arasha.app.main"]
    if plan is not None:
        module = ["arasha.app.bench.faulty", msgspec.json.encode(plan).decode()]
    words = ["serve", "--data", str(centre.directory), "--policy", str(centre.policy)]
    journal = centre.directory.parent / f"{centre.directory.name}.journal"
    with journal.open("a", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *module, *words, "--port", "0"],
            stdout=subprocess.PIPE, stderr=said, text=True,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        yield Running(process, process.stdout.readline().strip(), journal)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def payment(name: str, payer: int, payee: int, amount: int) -> bytes:
    """A payment as JSON."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return (
        f'{{"fact":"payment","id":"{name}","happened_at":"{now}","payer_account":"KZ{payer:018d}",'
        f'"payee_account":"KZ{payee:018d}","amount":"{amount}.00","currency":"KZT"}}'
    ).encode()


# --- the disk -------------------------------------------------------------------------------------


def script(history: History, http: httpx.Client) -> None:
    """A short life: payments, one again, one with other content, lines, a decision read again.

    New accounts go to the vault, everything to the log; raises what httpx does when the service
    dies.
    """
    one = history.sends("s-1", payment("s-1", 1, 2, 1_000))
    _judged(history, http, "s-1", one)
    _judged(history, http, "s-1", one)
    _judged(history, http, "s-2", history.sends("s-2", payment("s-2", 3, 4, 2_000_000)))
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
    _judged(history, http, "s-5", history.sends("s-5", payment("s-5", 1, 6, 90)))


def asked_again(history: History, http: httpx.Client) -> None:
    """Everything that was sent is sent once more."""
    lines: dict[str, bytes] = {}
    for name, body in list(history.sent.items()):
        if b'"fact":"payment"' in body:
            _judged(history, http, name, body)
        else:
            lines[name] = body
    if lines:
        _kept(history, http, lines)


def _judged(history: History, http: httpx.Client, name: str, body: bytes) -> None:
    response = http.post("/v1/payments", content=body)
    assert response.status_code in (200, 503), response.text
    if response.status_code == httpx.codes.OK:
        history.answered(name, response.content)


def _kept(history: History, http: httpx.Client, lines: dict[str, bytes]) -> None:
    media = {"content-type": "application/x-ndjson"}
    response = http.post("/v1/events", content=b"\n".join(lines.values()), headers=media)
    for name, answer in zip(lines, response.content.splitlines(), strict=False):
        if not answer.startswith(b'{"outcome":"refused"'):
            history.answered(name, answer)


def _client(centre: Centre, service: Running) -> httpx.Client:
    headers = {"authorization": f"Bearer {centre.key}", "content-type": "application/json"}
    return httpx.Client(base_url=service.address, headers=headers, timeout=30)


def operations(folder: Path, policy: Path) -> list[str]:
    """What a life without faults does to the disk."""
    centre, plan = _planned(folder, policy, "none", None)
    with running(centre, plan) as service:
        with _client(centre, service) as http:
            script(History(), http)
        code = service.ended(told_to=True)
        assert code == 0, service.journal.read_text(encoding="utf-8")
    return msgspec.json.decode(Path(plan.report).read_bytes(), type=Report).seen


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
                with _client(centre, service) as http:
                    script(history, http)
            except httpx.TransportError:
                pass  # what it was told until then counts
        _stopped(service, plan, where, proof)
    with running(centre) as service:
        if not service.address:
            said = service.journal.read_text(encoding="utf-8")
            return proof.wrong(where, f"it did not start again: {said}")
        with _client(centre, service) as http:
            asked_again(history, http)
            script(history, http)
        if service.ended(told_to=True) != 0:
            proof.wrong(where, "it did not end as it should on a sound disk")
    if len(history.told) != len(history.sent):
        proof.wrong(where, "not everything was answered on a sound disk")
    return proof.add(history.check(centre.directory, told), where)


def _stopped(service: Running, plan: Plan, where: str, proof: Proof) -> None:
    """Whether the fault came, and the service ended as it must.

    After an operation that failed nothing goes on (law 4); a full disk may be waited out.
    """
    path = Path(plan.report)
    came = path.exists()
    by_itself = came and plan.fault in ("fail", *OVER)
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
        count = len(operations(folder / "sound", policy))
        for at in list(range(first, count, step))[:most]:
            struck(folder / str(at), policy, fault, at, proof)
    return proof


# --- kill -9 --------------------------------------------------------------------------------------


def kills(policy: Path, count: int, seed: int) -> Proof:
    """Kill a service so often under load; every second time its clock goes back by an hour."""
    proof, chance, history = Proof(), Random(seed), History()
    with tempfile.TemporaryDirectory(prefix="arasha-faults-") as name:
        centre = Centre.new(Path(name) / "centre", policy)
        for kill in range(count):
            plan = Plan(str(centre.directory), str(Path(name) / "report.json"),
                        back_after_s=chance.uniform(1, 3) if kill % 2 else None)  # fmt: skip
            with running(centre, plan if kill % 2 else None) as service:
                if not service.address:
                    proof.wrong(f"kill {kill}", service.journal.read_text(encoding="utf-8"))
                    break
                _killed(centre, service, history, kill, chance.uniform(0.05, 0.6))
            proof.faults += 1
            if kill % 20 == 19:  # judging the whole log again takes longer each time
                found = history.check(centre.directory, told)
                if found.faults:
                    proof.add(found, f"kill {kill}")
        with running(centre) as service:
            with _client(centre, service) as http:
                for one in list(history.told)[:: max(1, len(history.told) // _AGAIN)]:
                    _judged(history, http, one, history.sent[one])
            if service.ended(told_to=True) != 0:
                proof.wrong("the end", "it did not end as it should")
        proof.add(history.check(centre.directory, told), "the end")
    return proof


def _killed(centre: Centre, service: Running, history: History, kill: int, after_s: float) -> None:
    threads = [
        threading.Thread(target=_send, args=(centre, service, history, f"{kill}-{sender}"))
        for sender in range(SENDERS)
    ]
    threads.append(threading.Thread(target=_dribble, args=(centre, service, history, f"{kill}-s")))
    for thread in threads:
        thread.start()
    time.sleep(after_s)
    service.process.kill()
    assert service.process.wait() == _KILL
    for thread in threads:
        thread.join()


def _send(centre: Centre, service: Running, history: History, name: str) -> None:
    """One payment after the other until the service dies; some that were sent before."""
    chance = Random(name)
    with _client(centre, service) as http:
        for number in range(1_000_000):
            this = f"k{name}-{number}"
            with history.lock:
                if history.sent and chance.random() < 0.2:
                    this = chance.choice(list(history.sent)[-2_000:])
            payer, payee, amount = (chance.randrange(1, most) for most in (30, 30, 2_000_000))
            try:
                _judged(
                    history, http, this, history.sends(this, payment(this, payer, payee, amount))
                )
            except httpx.TransportError:
                return


def _dribble(centre: Centre, service: Running, history: History, name: str) -> None:
    """A payment a byte at a time, until the service dies or it is answered."""
    this = f"k{name}"
    body = history.sends(this, payment(this, 1, 2, 3))

    def slowly() -> Iterator[bytes]:
        for at in range(len(body)):
            time.sleep(0.002)
            yield body[at : at + 1]

    with _client(centre, service) as http:
        try:
            answer = http.post("/v1/payments", content=slowly())
        except httpx.TransportError:
            return
    if answer.status_code == httpx.codes.OK:
        history.answered(this, answer.content)


# --- results --------------------------------------------------------------------------------------


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """The results, one fault after the other."""
    policy = house_file(POLICY)
    proof = kills(policy, sizes.fault_kills, seed=1)
    yield [result("kills", proof, "kill -9 under load; each second time the clock went back")]
    for place, (metric, (fault, what)) in enumerate(_DISK.items()):
        proof = disk(fault, policy, step=sizes.fault_step, first=place % sizes.fault_step)
        yield [result(metric, proof, what)]


def result(metric: str, proof: Proof, what: str) -> Result:
    """A series of faults as a row: all that went wrong, which must be nothing."""
    return Result(
        metric, proof.wrongs, "faults of ours", "at_most", 0,
        note=what + "".join(f"; {one}" for one in proof.said[:3]),
        beside={
            "struck": proof.faults, "acknowledged": proof.acknowledged, "lost": proof.lost,
            "answered_differently": proof.changed, "went_on": proof.went_on,
            "other": proof.others,
        },
    )  # fmt: skip
