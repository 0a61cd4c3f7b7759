"""The outbox of a real service, and real receivers on this machine."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from arasha.app.main import main
from arasha.app.postgresql_server import Server
from arasha.engine.again import compare
from arasha.events.json import encode
from arasha.events.records import LabelSettled
from arasha.events.schema import Kind, PartyKind
from arasha.exchange.outbox import OUTBOX_FILE, Outbox, State
from arasha.exchange.register import Register
from arasha.exchange.signatures import Fault, Nonces
from arasha.exchange.webhooks import Webhook, Webhooks
from arasha.log.log import Log
from arasha.log.verify import verify
from arasha.vault.tokens import Tokens
from exchange_samples import acts_of_log
from live_samples import WITH_FALLBACK
from outbox_samples import answering, dripping, failing, receiving
from policy_samples import POLICY, written
from service_samples import Served, now, participant, paying, serving


def listening(directory: Path, name: str, url: str, **options: Any) -> Webhook:
    """Set the participant's webhook, as a command beside the service does."""
    register = Register.open(directory, lambda: int(time.time() * 1000))
    try:
        return Webhooks(register).set(name, url, by="tests", **options)
    finally:
        register.close()


def settled(payment: str, *, fraud: bool, name: str = "") -> LabelSettled:
    """It is settled what the payment was."""
    return LabelSettled(id=name or f"l-{payment}", happened_at=now(), payment=payment, fraud=fraud)


def standing(directory: Path) -> dict[str, State]:
    """Where each message stands."""
    outbox = Outbox.open(directory)
    try:
        return {row.id: row.state for row in outbox.listed(list(State), most=None)}
    finally:
        outbox.close()


def test_who_is_to_know_is_told_signed_and_nobody_else(tmp_path: Path) -> None:
    """A label against the verdict is told to the payment's bank, by its own id, and to no other."""
    directory, policy = tmp_path / "centre", written(tmp_path, POLICY)
    keys = {name: participant(directory, name) for name in ("BANKKZKA", "OTHERBNK")}
    with receiving() as own, receiving() as other, serving(directory, policy, keys=keys) as served:
        hook = listening(directory, "BANKKZKA", own.url)
        listening(directory, "OTHERBNK", other.url)
        for receiver in (own, other):
            receiver.wait_for_data(change="webhook_set")
        with served.client() as client:
            seq = client.judge(paying("p-1")).seq
            client.judge(paying("p-2"))
            list(client.send([settled("p-2", fraud=False), settled("p-1", fraud=True)]))
        got = own.wait_for_data(cause="found_fraud")
        assert 0 == served.stop()
    assert {"payment": "p-1", "seq": seq, "action": "allow", "cause": "found_fraud"} == (
        got.event["data"]
    )
    assert ("arasha.decision_changed", "p-1", f"entry-{seq}") == tuple(
        got.event[name] for name in ("type", "subject", "correlationid")
    )
    key = hook.keys[0]
    nonces = Nonces(0)
    assert None is got.fault(key.key_id, key.public.hex(), nonces)
    assert Fault.REPLAYED is got.fault(key.key_id, key.public.hex(), nonces)
    assert 2 == len(own.events())  # nothing of p-2, which was decided as it was found to be
    assert ["webhook_set"] == [event["data"]["change"] for event in other.events()]
    assert {State.DELIVERED} == set(standing(directory).values())
    assert verify(directory).ok
    assert 0 == compare(directory).differing
    sent = [body for kind, body in acts_of_log(directory) if kind == Kind.SENT]
    assert {"delivered"} == {body["what"] for body in sent}
    assert sorted(standing(directory)) == sorted(n for body in sent for n in body["messages"])

    files = [path.read_bytes() for path in directory.glob(f"{OUTBOX_FILE}*")]
    assert any(b"p-1" in file for file in files)
    told = b"".join([*files, *(one.body for one in own.got), *(one.body for one in other.got)])
    tokens = Tokens.load_or_create(directory)
    for account in (paying("x").payer_account, paying("x").payee_account):
        token = tokens.of(PartyKind.ACCOUNT, account)
        for hidden in (account.encode(), token, token.hex().encode(), token.hex().upper().encode()):
            assert hidden not in told


def test_a_verdict_that_came_too_late_is_told_after_all(tmp_path: Path) -> None:
    """504 means no verdict in time; that there is one after all the log says, and the message.

    Another bank's thousands of lines make some commits long.
    """
    directory, policy = tmp_path / "centre", written(tmp_path, POLICY)
    keys = {"HASTY": participant(directory, "HASTY", deadline_ms=8)}
    keys["BANKKZKA"] = participant(directory, "BANKKZKA")
    with receiving() as receiver, serving(directory, policy, keys=keys) as served:
        listening(directory, "HASTY", receiver.url)
        receiver.wait_for_data(change="webhook_set")
        with kept_busy(served):
            unanswered = [name for name in map("p-{}".format, range(60)) if too_late(served, name)]
        found = {
            name: served.request("GET", f"/v1/decisions/{name}", name="HASTY")
            for name in unanswered
        }
        late = {name: one.json() for name, one in found.items() if one.status_code == 200}
        assert late, "no verdict came late"
        for name, verdict in late.items():
            got = receiver.wait_for_data(payment=name)
            assert ("told_too_late", verdict["seq"], verdict["action"]) == tuple(
                got.event["data"][word] for word in ("cause", "seq", "action")
            )
        assert 0 == served.stop()
    assert 0 == compare(directory).differing


def too_late(served: Served, name: str) -> bool:
    """Send a payment; whether it was told that there is no verdict in time."""
    body = encode(paying(name))
    return served.request("POST", "/v1/payments", body, name="HASTY").status_code == 504


@contextmanager
def kept_busy(served: Served) -> Iterator[None]:
    """Meanwhile the writer decides groups of payments, one behind the other, until it is killed: so
    what comes beside them is in a group whose commit takes longer than 8 ms.
    """
    over = threading.Event()

    def send(sender: int) -> None:
        with suppress(httpx.TransportError):
            for number in count():
                if over.is_set():
                    return
                names = (f"busy-{sender}-{number}-{one}" for one in range(1_000))
                served.request("POST", "/v1/events", b"\n".join(encode(paying(n)) for n in names))

    senders = [threading.Thread(target=send, args=(sender,)) for sender in range(3)]
    for one in senders:
        one.start()
    try:
        yield
    finally:
        over.set()
        for one in senders:
            one.join()


@pytest.mark.parametrize("kills", [2, pytest.param(8, marks=pytest.mark.slow)])
def test_killed_it_goes_on_where_it_was(tmp_path: Path, kills: int) -> None:
    """Kill -9, again and again, while messages go out: each arrives, in order of its subject."""
    directory, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    payments, labels = 20, 0
    with receiving(failing(3)) as receiver:
        for kill in range(kills):
            with serving(directory, policy, keys=keys) as served:
                if not kill:
                    listening(directory, "BANKKZKA", receiver.url)
                    receiver.wait_for(bool)
                with served.client() as client:
                    if not kill:
                        list(client.send([paying(f"p-{n}") for n in range(payments)]))
                    for _ in range(3):
                        some = [
                            settled(f"p-{n}", fraud=True, name=f"l-{labels}-{n}")
                            for n in range(payments)
                        ]
                        assert payments == len(list(client.send(some)))
                        labels += 1
                served.kill()
        with serving(directory, None, keys=keys) as served:
            expected = {f"p-{n}": labels for n in range(payments)}

            def all_there(_got: object) -> bool:
                return expected == {
                    name: len({e["id"] for e in by_subject(receiver.got).get(name, [])})
                    for name in expected
                }

            receiver.wait_for(all_there, 60)
            assert 0 == served.stop()
    for events in by_subject(receiver.got).values():
        firsts = list(dict.fromkeys(event["sequence"] for event in events))
        assert sorted(firsts) == firsts
    assert {State.DELIVERED} == set(standing(directory).values())
    with Log.open(directory) as log:  # nothing was sent that is not in the log
        ids = {event["id"] for events in by_subject(receiver.got).values() for event in events}
        assert max(int(name.partition(".")[0]) for name in ids) < log.size
    before = standing(directory)
    (directory / OUTBOX_FILE).unlink()
    assert 0 == main(["outbox", "rebuild", "--data", str(directory)])
    assert before == standing(directory)


def by_subject(got: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in got:
        if one.event["type"] == "arasha.decision_changed":
            found.setdefault(one.event["subject"], []).append(one.event)
    return found


def test_a_hostile_receiver_delays_nobody_else(tmp_path: Path) -> None:
    """While one receiver drips a byte a second, another gets its messages at once."""
    directory, policy = tmp_path / "centre", written(tmp_path, POLICY)
    keys = {name: participant(directory, name) for name in ("HOSTILE", "BANKKZKA")}
    with (
        receiving(dripping) as hostile,
        receiving() as kind,
        serving(directory, policy, keys=keys) as served,
    ):
        for name, receiver in (("HOSTILE", hostile), ("BANKKZKA", kind)):
            listening(directory, name, receiver.url)
            with served.client(name) as client:
                list(client.send([paying(f"p-{n}") for n in range(30)]))
        hostile.wait_for(bool)
        for name in keys:
            with served.client(name) as client:
                list(client.send([settled(f"p-{n}", fraud=True) for n in range(30)]))
        kind.wait_for(lambda got: len(got) == 31, 5)
        assert len(hostile.got) <= 4
        figures = figures_of(served, directory)
        assert figures["arasha_outbox_running"] == 1
        assert figures["arasha_outbox_due"] + figures["arasha_outbox_behind"] >= 27
        started = time.monotonic()
        assert 0 == served.stop()
        assert time.monotonic() - started < 20
    states = standing(directory)
    assert 31 == sum(state is State.DELIVERED for state in states.values())


def figures_of(served: Served, directory: Path) -> dict[str, float]:
    """The service's figures, once the outbox has told its own."""
    served.keys["CENTRE"] = participant(directory, "CENTRE", "centre")
    time.sleep(2.5)
    page = served.request("GET", "/metrics", name="CENTRE").text
    lines = [line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_what_is_dead_is_listed_and_sent_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """410 kills a message at once; a command sends it again while the service runs."""
    directory, policy = tmp_path / "centre", written(tmp_path, POLICY)
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    gone = b"HTTP/1.1 410 Gone\r\n\r\n"
    data = ["--data", str(directory)]
    with receiving(answering(gone)) as receiver, serving(directory, policy, keys=keys) as served:
        listening(directory, "BANKKZKA", receiver.url)
        receiver.wait_for(bool)
        deadline = time.monotonic() + 60
        while 1 != main(["outbox", "dead", *data, "--json"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        listed = json.loads(capsys.readouterr().out.splitlines()[-1])["messages"]
        assert [("dead", "gone", 1)] == [(m["state"], m["fault"], m["tries"]) for m in listed]
        receiver.behaviour = answering()
        assert 0 == main(["outbox", "resend", listed[0]["id"], *data, "--by", "duty"])
        receiver.wait_for(lambda got: len(got) == 2)
        assert 0 == served.stop()
    assert {State.DELIVERED} == set(standing(directory).values())
    sent = [body for kind, body in acts_of_log(directory) if kind == Kind.SENT]
    assert ["dead", "resent", "delivered"] == [body["what"] for body in sent]
    assert "duty" == sent[1]["by"]
    assert sent[0]["messages"] == sent[1]["messages"] == sent[2]["messages"]


def test_a_standby_goes_on_with_the_messages(tmp_path: Path, postgresql: Server) -> None:
    """The writer is killed with messages undelivered: who takes its place delivers them."""
    database, policy = str(postgresql.new_database()), written(tmp_path, POLICY)
    words = ("--database", database, "--standby")
    first, second = tmp_path / "a", tmp_path / "b"
    down = answering(b"HTTP/1.1 503 No\r\n\r\n")
    with receiving(down) as receiver, serving(first, policy, *words) as writer:
        writer.keys["BANKKZKA"] = participant(first, "BANKKZKA")
        listening(first, "BANKKZKA", receiver.url)
        receiver.wait_for(bool)
        (second / "keys").mkdir(parents=True, mode=0o700)
        shutil.copy(first / "keys" / "master.key", second / "keys")
        with serving(second, policy, *words, keys=writer.keys) as standby:
            with writer.client() as client:
                client.judge(paying("p-1"))
                list(client.send([settled("p-1", fraud=True)]))
            writer.kill()
            receiver.behaviour = answering()
            got = receiver.wait_for_data(cause="found_fraud", timeout_s=60)
            assert "p-1" == got.event["data"]["payment"]
            assert 0 == standby.stop()
        assert State.DELIVERED is standing(second)[got.event["id"]]
