"""One message to one receiver, over real connections: what is sent, and what is made of replies."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from arasha.exchange.addresses import Network, network_of
from arasha.exchange.posting import MAX_HEAD_BYTES, Fault, Outcome, Poster, outcome_of
from arasha.exchange.signatures import Fault as WrongSignature
from arasha.exchange.webhooks import SigningKey, Webhook
from outbox_samples import (
    Behaviour,
    answering,
    closing,
    dripping,
    endless_head,
    gigabyte,
    receiving,
    silent,
)
from tls_samples import Authority, authority

KEY = SigningKey("00112233445566aa", bytes(range(32)), 0)
BODY = b'{"id": "1.0"}'
NO_TLS = (Fault.NO_TRUST, Fault.NO_REPLY, Fault.NO_CONNECTION, Fault.TOO_SLOW)
"""What comes of TLS with a receiver that speaks none; it depends on who gives up first."""


def post(
    url: str, *, tls: ssl.SSLContext | None = None, networks: Sequence[Network] = (),
    timeout_s: float = 5.0,
) -> Outcome:  # fmt: skip
    """Post once."""
    poster = Poster(
        networks=networks, tls=tls or ssl.create_default_context(), nonce=lambda: "5b1c",
        wall_s=time.time, timeout_s=timeout_s,
    )  # fmt: skip
    return asyncio.run(poster.post(Webhook("BANK", url, frozenset(), (KEY,)), BODY))


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority for certificates of 127.0.0.1."""
    return authority(tmp_path_factory.mktemp("tls"))


def test_a_message_is_signed_over_method_host_path_and_body() -> None:
    """The receiver checks it with the public half; what was changed on the way does not fit."""
    with receiving() as receiver:
        assert Outcome(None, 204) == post(receiver.url)
    [got] = receiver.got
    assert ("POST", "/hook", BODY) == (got.method, got.path, got.body)
    assert "application/cloudevents+json" == got.header("content-type")
    public = KEY.public.hex()
    assert None is got.fault(KEY.key_id, public)
    changed = type(got)(got.method, got.path, got.headers, BODY.replace(b"1", b"2"), got.at_s)
    assert WrongSignature.WRONG_DIGEST is changed.fault(KEY.key_id, public)
    moved = type(got)(got.method, "/other", got.headers, got.body, got.at_s)
    assert WrongSignature.WRONG_SIGNATURE is moved.fault(KEY.key_id, public)
    other = SigningKey("x", bytes(32), 0).public.hex()
    assert WrongSignature.WRONG_SIGNATURE is got.fault(KEY.key_id, other)


REPLIES = """
200 OK                       -           0
204 No Content               -           0
301 Moved                    redirected  0
307 Temporary Redirect       redirected  0
400 Bad Request              refused     0
404 Not Found                refused     0
408 Request Timeout          busy        0
410 Gone                     gone        0
429 Too Many Requests        busy        7
500 Oh                       failed      0
503 Service Unavailable      busy        7
"""


@pytest.mark.parametrize("line", REPLIES.strip().splitlines())
def test_a_status_becomes_what_it_means(line: str) -> None:
    """2xx is taken; nothing else is, and a redirect leads nowhere."""
    status, *_, fault, after = line.split()
    reply = f"HTTP/1.1 {' '.join(line.split()[:-2])}\r\n"
    if after != "0":
        reply += f"Retry-After: {after}\r\n"
    elsewhere = "Location: http://127.0.0.1:1/\r\n"
    named = None if fault == "-" else Fault(fault)
    assert Outcome(named, int(status), int(after)) == outcome_of(
        (reply + elsewhere + "\r\n").encode()
    )


@pytest.mark.parametrize("head", [b"\r\n\r\n", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 2\r\n\r\n",
                                  b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 999 ?\r\n\r\n"])  # fmt: skip
def test_what_is_no_reply_is_none(head: bytes) -> None:
    """Nothing is guessed."""
    assert Outcome(Fault.NO_REPLY) == outcome_of(head)


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [
        (answering(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\n\r\n"), "redirected"),
        (answering(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), None),
        (answering(b"HTTP/1.1 100 Continue\r\n\r\n" * 9), "no_reply"),
        (gigabyte, None),
        (endless_head, "no_reply"),
        (closing, "no_reply"),
        (dripping, "too_slow"),
        (silent, "too_slow"),
    ],
)
def test_a_hostile_receiver_costs_little_and_ends(behaviour: Behaviour, fault: str | None) -> None:
    """Bounded time and memory, whatever it answers."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with receiving(behaviour) as receiver:
        started = time.monotonic()
        outcome = post(receiver.url, timeout_s=0.5)
    assert (fault, True) == (outcome.fault, time.monotonic() - started < 5)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 64 << 10
    assert MAX_HEAD_BYTES < 1 << 20


def test_where_nobody_listens_there_is_no_connection() -> None:
    """And a name that stands for nothing has no address: no label has more than 63 letters."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert Outcome(Fault.NO_CONNECTION) == post(f"http://127.0.0.1:{port}/")
    assert Outcome(Fault.NO_ADDRESS) == post(f"https://{'a' * 64}.example/")


def test_a_private_address_is_not_connected_to_unless_it_was_named() -> None:
    """Not one packet goes there. A name that the URL does not call loopback is judged likewise."""
    assert Outcome(Fault.ADDRESS_REFUSED) == post("https://10.255.255.1/")
    assert Outcome(Fault.ADDRESS_REFUSED) == post("https://169.254.169.254/latest")
    with receiving() as receiver:
        hidden = receiver.url.replace("http:", "https:").replace("127.0.0.1", "127.1")
        assert Outcome(Fault.ADDRESS_REFUSED) == post(hidden)
        named = post(hidden, networks=[network_of("127.0.0.0/8")], timeout_s=2)
    assert named.fault in NO_TLS


def test_tls_must_be_of_somebody_trusted(trusted: Authority) -> None:
    """A certificate of an authority that we do not know is none."""
    with receiving(tls=trusted.server) as receiver:
        assert Outcome(Fault.NO_TRUST) == post(receiver.url)
        assert Outcome(None, 204) == post(receiver.url, tls=trusted.client)
        elsewhere = receiver.url.replace("127.0.0.1", "localhost")
        assert Outcome(Fault.NO_TRUST) == post(elsewhere, tls=trusted.client)
    assert 1 == len(receiver.got)


def test_a_plain_receiver_behind_https_is_not_talked_to(tmp_path: Path) -> None:
    """What does not speak TLS gets no message."""
    with receiving() as receiver:
        found = post(receiver.url.replace("http:", "https:"), timeout_s=2)
    assert found.fault in NO_TLS
    assert [] == receiver.got
