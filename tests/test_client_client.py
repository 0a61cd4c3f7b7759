"""The client alone: what it sends, when it asks again, and when it gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import msgspec
import pytest

from arasha.client import AsyncClient, Client, Decided, Kept, Refused
from arasha.client import client as client_module
from arasha.errors import ServiceRefused, ServiceUnavailable
from arasha.events.json import encode
from live_samples import payment

DECIDED = {
    "outcome": "decided", "payment": "p-1", "seq": 7, "known_at": "2026-01-31T09:30:00.000Z",
    "policy": {"name": "small", "hash": "0" * 64}, "action": "allow", "score": 0, "late": False,
    "degraded": False, "fallback": False, "reasons": [], "warning": None,
}  # fmt: skip
KEPT = {"outcome": "kept", "fact": "w-1", "seq": 9, "known_at": "2026-01-31T09:30:00.000Z"}
PROBLEM = {
    "type": "urn:arasha:problem:refused", "title": "The fact cannot be taken", "status": 422,
    "pointer": "#/amount", "expected": "more", "found": "less", "request_id": "r-1",
}  # fmt: skip

Replies = list[httpx.Response | Exception]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client paused; it does not really."""
    paused: list[float] = []

    async def sleep(seconds: float) -> None:
        paused.append(seconds)

    monkeypatch.setattr("arasha.client.client.time.sleep", paused.append)
    monkeypatch.setattr("arasha.client.client.asyncio.sleep", sleep)
    return paused


def service(replies: Replies, seen: list[httpx.Request]) -> httpx.MockTransport:
    """A service that gives these replies in turn."""

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        reply = replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return httpx.MockTransport(answer)


def waiting(replies: Replies, seen: list[httpx.Request]) -> Decided:
    with Client("http://centre", key="k.s", transport=service(replies, seen)) as centre:
        return centre.judge(payment(1))


def awaited(replies: Replies, seen: list[httpx.Request]) -> Decided:
    async def ask() -> Decided:
        async with AsyncClient("http://centre", key="k.s", transport=service(replies, seen)) as one:
            return await one.judge(payment(1))

    return asyncio.run(ask())


BOTH = pytest.mark.parametrize("judge", [waiting, awaited])
Judge = Callable[[Replies, list[httpx.Request]], Decided]


@BOTH
def test_where_no_answer_came_it_asks_again_with_the_same_id(
    judge: Judge, pauses: list[float]
) -> None:
    """The same bytes each time; pauses double, or are what the service says."""
    seen: list[httpx.Request] = []
    told = judge(
        [
            httpx.ConnectError("refused"),
            httpx.Response(503, headers={"retry-after": "2"}, json={}),
            httpx.ReadTimeout("silent"),
            httpx.Response(504, json={}),
            httpx.Response(200, json=DECIDED),
        ],
        seen,
    )
    assert msgspec.convert(DECIDED, Decided) == told
    assert [encode(payment(1))] * 5 == [request.content for request in seen]
    assert {"Bearer k.s"} == {request.headers["authorization"] for request in seen}
    assert [0.1, 2.0, 0.4, 0.8] == pauses


@BOTH
def test_it_gives_up_in_the_end(judge: Judge, pauses: list[float]) -> None:
    """After so many attempts it says what it found, and what to do."""
    seen: list[httpx.Request] = []
    with pytest.raises(ServiceUnavailable, match="ask again with the same id") as fault:
        judge([httpx.ConnectError("refused") for _ in range(5)], seen)
    assert "ConnectError" == fault.value.found
    assert (5, 4) == (len(seen), len(pauses))
    with pytest.raises(ServiceUnavailable):
        judge([httpx.Response(503, text="busy") for _ in range(5)], seen)


@BOTH
def test_what_is_refused_is_not_asked_again(judge: Judge, pauses: list[float]) -> None:
    """The problem is raised, with its place; one that is none, too."""
    seen: list[httpx.Request] = []
    with pytest.raises(ServiceRefused, match="The fact cannot be taken") as fault:
        judge([httpx.Response(422, json=PROBLEM)], seen)
    assert ("urn:arasha:problem:refused", 422, "#/amount", "more", "less", "r-1") == (
        fault.value.problem, fault.value.status, fault.value.pointer, fault.value.expected,
        fault.value.found, fault.value.request_id,
    )  # fmt: skip
    with pytest.raises(ServiceRefused) as fault:
        judge([httpx.Response(418, text="a teapot")], seen)
    assert 418 == fault.value.status
    assert [] == pauses


def test_facts_go_in_batches_and_come_back_one_by_one(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    """Waiting and awaited alike; a broken-off reply is no answer."""
    monkeypatch.setattr(client_module, "BATCH", 2)
    refused = {"outcome": "refused", "line": 1} | PROBLEM
    lines = [msgspec.json.encode(one) for one in (DECIDED, KEPT, refused)]

    def replies() -> Replies:
        return [
            httpx.Response(200, content=lines[0] + b"\n" + lines[1] + b"\n"),
            httpx.Response(200, content=lines[2] + b"\n"),
        ]

    async def send() -> list[object]:
        transport = service(replies(), [])
        async with AsyncClient("http://centre", key="k.s", transport=transport) as one:
            return [answer async for answer in one.send(facts)]

    facts, seen = [payment(i) for i in range(3)], list[httpx.Request]()
    with Client("http://centre", key="k.s", transport=service(replies(), seen)) as centre:
        answers = list(centre.send(facts))
    assert [Decided, Kept, Refused] == [type(answer) for answer in answers]
    assert [2, 1] == [request.content.count(b"\n") for request in seen]
    assert answers == asyncio.run(send())
    cut: Replies = [httpx.Response(200, content=lines[0] + b"\n")]
    with (
        Client("http://centre", key="k.s", transport=service(cut, [])) as centre,
        pytest.raises(ServiceUnavailable, match="broke off"),
    ):
        list(centre.send(facts))


def test_decisions_are_read_and_followed(pauses: list[float]) -> None:
    """By id, of another sender for the centre; events of a stream; None for what is not known."""
    data = msgspec.json.encode(DECIDED)
    events = b"id: 7\nevent: decision\ndata: " + data + b"\n\n: nothing new\n\n"

    def replies() -> Replies:
        return [
            httpx.Response(200, json=DECIDED), httpx.Response(404, json=PROBLEM),
            httpx.Response(200, content=events), httpx.Response(401, json=PROBLEM),
        ]  # fmt: skip

    async def awaited_alike() -> list[object]:
        transport = service(replies(), [])
        async with AsyncClient("http://centre", key="k.s", transport=transport) as one:
            found: list[object] = [await one.decision("a/b"), await one.decision("c", sender="B")]
            found += [told async for told in one.stream(after=3)]
            with pytest.raises(ServiceRefused):
                _ = [told async for told in one.stream()]
            return found

    seen: list[httpx.Request] = []
    with Client("http://centre", key="k.s", transport=service(replies(), seen)) as centre:
        found = [centre.decision("a/b"), centre.decision("c", sender="B"), *centre.stream(after=3)]
        with pytest.raises(ServiceRefused):
            list(centre.stream())
    decided = msgspec.convert(DECIDED, Decided)
    assert [decided, None, decided] == found == asyncio.run(awaited_alike())
    assert ["/v1/decisions/a%2Fb", "/v1/decisions/c?sender=B"] == [
        request.url.raw_path.decode() for request in seen[:2]
    ]
    assert ["3", None] == [request.headers.get("last-event-id") for request in seen[2:]]
