"""Whoever has no key is counted by address, and nobody's flood shuts the others out."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.app.http import callers
from arasha.app.http.callers import Bounds, Callers, Rate, subscriber_of
from arasha.app.http.connection import Request
from arasha.app.http.heads import Head
from arasha.app.http.visitors import COMPLAINTS, PUBLIC
from live_samples import WITH_FALLBACK
from policy_samples import written
from service_samples import participant, serving
from test_app_http_acting import LAW

BOUNDS = Bounds(each=Rate(1.0, 3), together=Rate(10.0, 8))
REFERENCE = "0" * 20


def asking(peer: str, *forwarded: str) -> Request:
    """A request without a key from that socket."""
    connection: Any = SimpleNamespace(peer=peer)
    head = Head("GET", b"/v1/law")
    head.headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    return Request(connection, head)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "whose"),
    [
        (0, ["203.0.113.5"], "10.0.0.2"),  # nobody is believed
        (1, [], "10.0.0.2"),  # it did not come through the proxy
        (1, ["203.0.113.5"], "203.0.113.5"),
        (1, ["1.2.3.4, 203.0.113.5"], "203.0.113.5"),  # the left is what the client made up
        (1, ["1.2.3.4", "203.0.113.5"], "203.0.113.5"),  # the same in two headers
        (2, ["1.2.3.4, 203.0.113.5, 10.0.0.1"], "203.0.113.5"),
        (2, ["203.0.113.5"], "10.0.0.2"),  # one proxy fewer than there must be
        (1, ["203.0.113.5:4711"], "203.0.113.5"),  # with a port, as some write it
        (1, ["[2001:db8::1]:4711"], "2001:db8::"),
        (1, ["::ffff:203.0.113.5"], "203.0.113.5"),  # IPv4 that came over an IPv6 socket
        (1, ["fe80::1%eth0"], "fe80::"),
        (1, ["unknown"], "10.0.0.2"),
        (1, ["203.0.113.5,"], "10.0.0.2"),
    ],
)
def test_whose_request_it_is(proxies: int, forwarded: list[str], whose: str) -> None:
    """From the right end, as many as there are trusted proxies; else the socket's address."""
    address = ip_address(whose)
    expected = address.packed[:8] if address.version == 6 else address.packed
    request = asking("10.0.0.2", *forwarded)
    assert expected == subscriber_of(request.connection.peer, request.head.headers, proxies)


@given(st.lists(st.text(max_size=40).filter(lambda text: "," not in text), max_size=8))
def test_whatever_stands_to_the_left_changes_nothing(forged: list[str]) -> None:
    """A client that forges headers gets its own bucket each time."""
    headers = [(b"x-forwarded-for", one.encode("latin-1", "replace")) for one in forged]
    seen = [*headers, (b"x-forwarded-for", b"203.0.113.5")]
    assert ip_address("203.0.113.5").packed == subscriber_of("10.0.0.2", seen, 1)


def test_one_subscriber_has_one_bucket() -> None:
    """All of a /64 share it; the next /64, and the next IPv4 address, do not."""
    waiting = Callers({"k": BOUNDS})
    for host in ("2001:db8::1", "2001:db8::2", "2001:db8::ffff:1"):
        assert 0.0 == waiting.wait_s("k", asking(host), 0.0)
    assert 1.0 == waiting.wait_s("k", asking("2001:db8::9"), 0.0)
    assert 0.0 == waiting.wait_s("k", asking("2001:db8:0:1::9"), 0.0)
    assert 0.0 == waiting.wait_s("k", asking("192.0.2.1"), 0.0)
    assert 0.0 == waiting.wait_s("k", asking("192.0.2.2"), 0.0)


def test_who_is_sent_away_takes_nothing_from_the_others() -> None:
    """A thousand refused requests of one address leave the bucket of all as it is."""
    waiting = Callers({"k": BOUNDS})
    for _ in range(1_000):
        waiting.wait_s("k", asking("192.0.2.1"), 0.0)
    others = [waiting.wait_s("k", asking(f"192.0.2.{n}"), 0.0) for n in range(2, 9)]
    assert [0.0] * 5 == others[:5], "eight at once, three of them the flood's"
    assert all(wait > 0 for wait in others[5:]), "all together are bounded, too"


def test_kinds_do_not_wait_for_each_other() -> None:
    """Who has complained too often may still follow the complaint."""
    waiting = Callers({"complaints": BOUNDS, "public": BOUNDS})
    for _ in range(9):
        waiting.wait_s("complaints", asking("192.0.2.1"), 0.0)
    assert 0.0 == waiting.wait_s("public", asking("192.0.2.1"), 0.0)


def test_the_table_is_bounded_and_holds_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one not heard of for longest is let go; what stands for an address is a hash under a key
    that another process does not have.
    """
    monkeypatch.setattr(callers, "MAX_ADDRESSES", 3)
    wide = Bounds(each=Rate(1.0, 2), together=Rate(1e6, 1_000_000))
    waiting, other = Callers({"k": wide}), Callers({"k": wide})
    for _ in range(2):
        waiting.wait_s("k", asking("192.0.2.1"), 0.0)
    for number in range(2, 50):
        waiting.wait_s("k", asking(f"192.0.2.{number}"), 0.0)
        assert waiting.wait_s("k", asking("192.0.2.1"), 0.0) > 0, "heard of again and again"
    table = waiting._each["k"]
    assert 3 == len(table)
    assert not any(ip_address("192.0.2.1").packed in name for name in table)
    other.wait_s("k", asking("192.0.2.1"), 0.0)
    assert not set(other._each["k"]) & set(table)


def from_there(client: httpx.Client, forwarded: str) -> int:
    """A question without a key as a proxy in front of us passes it on; its status."""
    headers = {"x-forwarded-for": forwarded}
    return client.get(f"/v1/appeals/{REFERENCE}", headers=headers).status_code


def test_a_hostile_client_shuts_nobody_out(tmp_path: Path) -> None:
    """At a real service behind one proxy: the flood is told to wait, whatever it puts into its
    headers, a citizen is answered, and the journal names no address.
    """
    directory, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    words = ("--law", str(LAW), "--trusted-proxies", "1")
    with (
        serving(directory, policy, *words, keys=keys) as served,
        httpx.Client(base_url=served.address, timeout=60) as client,
    ):
        flood = [
            from_there(client, f"203.0.113.7, 192.0.2.{number}, 203.0.113.66")
            for number in range(PUBLIC.each.burst * 4)
        ]
        assert PUBLIC.each.burst < flood.count(429)
        assert 404 == from_there(client, "203.0.113.7")
        assert 0 == served.stop()
        said = served.journal.read_text()
        assert "refused" in said
        assert "203.0.113" not in said


def test_complaints_of_one_address_stay_far_below_those_of_all() -> None:
    """So that one client cannot use up what everybody has."""
    for bounds in (PUBLIC, COMPLAINTS):
        assert bounds.each.burst * 5 < bounds.together.burst + 1
        assert bounds.each.per_s * 10 <= bounds.together.per_s
