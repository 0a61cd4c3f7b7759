"""The client itself: requests out, answers in, and asking again where none came.

In: records (events/records.py). Out: answers (messages.py). What cannot be answered is tried again
with the same id, after a pause that doubles or that the service names; a request that the service
refuses is raised at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import httpx
import msgspec

from arasha.client.messages import Answer, CallJudged, Decided, Kept, Refused
from arasha.client.signals import (
    CALL_RISK,
    WITHIN_S,
    Question,
    Signals,
    call_risk_facts,
    gathered,
    questions_about,
)
from arasha.errors import ServiceRefused, ServiceUnavailable
from arasha.events.json import encode
from arasha.events.records import CallMade, PaymentReceived, Record, SignalAnswered

ATTEMPTS: Final = 5
"""How often a request is made at most."""

FIRST_PAUSE_S: Final = 0.1
"""How long is waited before the second attempt, seconds; twice as long before each further one."""

LONGEST_PAUSE_S: Final = 5.0
"""How long is waited at most, whatever the service says, seconds."""

TIMEOUT_S: Final = 10.0
"""How long an answer is waited for, seconds."""

BATCH: Final = 1_000
"""Facts of one request of ``send``."""

AGAIN: Final = frozenset({408, 429, 503, 504})
"""Statuses after which a request is made again."""

_ANSWER: Final = msgspec.json.Decoder(Answer)
_ONE: Final = msgspec.json.Decoder(Decided | CallJudged | Kept)
_PROBLEM: Final = msgspec.json.Decoder(dict[str, object])
_JSON: Final = {"content-type": "application/json"}
_NDJSON: Final = {"content-type": "application/x-ndjson"}


class Client:
    """A client that waits. Use it as a context manager, from one thread."""

    def __init__(
        self,
        address: str,
        *,
        key: str,
        timeout_s: float = TIMEOUT_S,
        attempts: int = ATTEMPTS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """``key`` is ``KEY-ID.SECRET``, as ``arasha participant create`` tells it."""
        self._http = httpx.Client(
            base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=timeout_s,
            transport=transport,
        )  # fmt: skip
        self._attempts = attempts

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def judge(self, payment: PaymentReceived) -> Decided:
        """The verdict on a payment. Raises ServiceRefused, ServiceUnavailable."""
        response = self._asked("POST", "/v1/payments", encode(payment), _JSON)
        return _decided(response.content)

    def ring(self, call: CallMade) -> CallJudged:
        """The verdict on a call, of an operator's own service. Raises as `judge`."""
        response = self._asked("POST", "/v1/calls", encode(call), _JSON)
        return _judged(response.content)

    def ask(self, payment: str, number: str) -> tuple[SignalAnswered, ...]:
        """What an operator says of the payer of a payment, as facts for the bank's own Arasha: to
        be sent there before the payment. Raises as `judge`; what is not answered stays unknown.
        """
        body = msgspec.json.encode({"payment": payment, "number": number})
        response = self._asked("POST", CALL_RISK, body, _JSON)
        return call_risk_facts(response.content, number)

    def ask_within(self, payment: str, number: str, *, within_s: float = WITHIN_S) -> Signals:
        """All that an operator says of the payer of a payment, asked at once: call risk, and the
        signals of CAMARA. It takes no longer than that, and raises nothing: what is not answered
        in time, or not at all, is named as missing, makes no fact, and so accuses nobody.
        """
        questions = list(questions_about(payment, number, datetime.now(UTC)))
        pool = ThreadPoolExecutor(len(questions), "arasha-ask")
        asked = {pool.submit(self._put, one, payment, within_s): one for one in questions}
        done, _ = wait(asked, within_s)
        pool.shutdown(wait=False, cancel_futures=True)
        return gathered({
            one: (future.exception() or future.result()) if future in done else None
            for future, one in asked.items()
        })  # fmt: skip

    def _put(self, question: Question, payment: str, within_s: float) -> httpx.Response:
        content, headers = msgspec.json.encode(question.body), _JSON | {"x-correlator": payment}
        return self._http.post(question.path, content=content, headers=headers, timeout=within_s)

    def send(self, facts: Iterable[Record]) -> Iterator[Answer]:
        """An answer to each fact, in order; BATCH of them go in one request."""
        rest = iter(facts)
        while batch := list(islice(rest, BATCH)):
            response = self._asked("POST", "/v1/events", _lines(batch), _NDJSON)
            yield from _answers(response.content, len(batch))

    def decision(
        self, fact_id: str, *, sender: str | None = None
    ) -> Decided | CallJudged | Kept | None:
        """What is known of a fact sent before; None when nothing is. ``sender`` for the centre."""
        response = self._asked("GET", _place(fact_id, sender), None, {}, missing=True)
        return (
            None if response.status_code == httpx.codes.NOT_FOUND else _ONE.decode(response.content)
        )

    def stream(self, after: int | None = None) -> Generator[Decided, None, None]:
        """Decisions as they are made, behind entry ``after``; it ends when the service does."""
        timeout = httpx.Timeout(TIMEOUT_S, read=None)
        with self._http.stream(
            "GET", "/v1/stream", headers=_last(after), timeout=timeout
        ) as response:
            if response.status_code != httpx.codes.OK:
                response.read()
                raise _refusal(response)
            for line in response.iter_lines():
                if line.startswith("data: "):
                    yield _decided(line.removeprefix("data: ").encode())

    def _asked(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], *,
        missing: bool = False,
    ) -> httpx.Response:  # fmt: skip
        fault: httpx.HTTPError | None = None
        response: httpx.Response | None = None
        for attempt in range(self._attempts):
            fault, response = None, None
            try:
                response = self._http.request(method, path, content=body, headers=headers)
            except (httpx.TransportError, httpx.TimeoutException) as error:
                fault = error
            if response is not None and _is_final(response, missing=missing):
                return response
            if attempt + 1 < self._attempts:
                time.sleep(_pause_s(attempt, response))
        raise _given_up(response, fault, self._attempts) from fault


class AsyncClient:
    """The same, for those who must not wait: each method is awaited."""

    def __init__(
        self,
        address: str,
        *,
        key: str,
        timeout_s: float = TIMEOUT_S,
        attempts: int = ATTEMPTS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``key`` is ``KEY-ID.SECRET``, as ``arasha participant create`` tells it."""
        self._http = httpx.AsyncClient(
            base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=timeout_s,
            transport=transport,
        )  # fmt: skip
        self._attempts = attempts

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def judge(self, payment: PaymentReceived) -> Decided:
        """The verdict on a payment. Raises ServiceRefused, ServiceUnavailable."""
        response = await self._asked("POST", "/v1/payments", encode(payment), _JSON)
        return _decided(response.content)

    async def ring(self, call: CallMade) -> CallJudged:
        """The verdict on a call, of an operator's own service. Raises as `judge`."""
        response = await self._asked("POST", "/v1/calls", encode(call), _JSON)
        return _judged(response.content)

    async def ask(self, payment: str, number: str) -> tuple[SignalAnswered, ...]:
        """What an operator says of the payer of a payment, as facts for the bank's own Arasha: to
        be sent there before the payment. Raises as `judge`; what is not answered stays unknown.
        """
        body = msgspec.json.encode({"payment": payment, "number": number})
        response = await self._asked("POST", CALL_RISK, body, _JSON)
        return call_risk_facts(response.content, number)

    async def ask_within(
        self, payment: str, number: str, *, within_s: float = WITHIN_S
    ) -> Signals:  # fmt: skip
        """As `Client.ask_within`."""
        questions = list(questions_about(payment, number, datetime.now(UTC)))
        asked = {asyncio.create_task(self._put(one, payment, within_s)): one for one in questions}
        done, late = await asyncio.wait(asked, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return gathered({
            one: (task.exception() or task.result()) if task in done else None
            for task, one in asked.items()
        })  # fmt: skip

    async def _put(self, question: Question, payment: str, within_s: float) -> httpx.Response:
        content, headers = msgspec.json.encode(question.body), _JSON | {"x-correlator": payment}
        return await self._http.post(
            question.path, content=content, headers=headers, timeout=within_s
        )

    async def send(self, facts: Iterable[Record]) -> AsyncIterator[Answer]:
        """An answer to each fact, in order; BATCH of them go in one request."""
        rest = iter(facts)
        while batch := list(islice(rest, BATCH)):
            response = await self._asked("POST", "/v1/events", _lines(batch), _NDJSON)
            for answer in _answers(response.content, len(batch)):
                yield answer

    async def decision(
        self, fact_id: str, *, sender: str | None = None
    ) -> Decided | CallJudged | Kept | None:
        """What is known of a fact sent before; None when nothing is. ``sender`` for the centre."""
        response = await self._asked("GET", _place(fact_id, sender), None, {}, missing=True)
        return (
            None if response.status_code == httpx.codes.NOT_FOUND else _ONE.decode(response.content)
        )

    async def stream(self, after: int | None = None) -> AsyncGenerator[Decided, None]:
        """Decisions as they are made, behind entry ``after``; it ends when the service does."""
        timeout = httpx.Timeout(TIMEOUT_S, read=None)
        async with self._http.stream(
            "GET", "/v1/stream", headers=_last(after), timeout=timeout
        ) as response:
            if response.status_code != httpx.codes.OK:
                await response.aread()
                raise _refusal(response)
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    yield _decided(line.removeprefix("data: ").encode())

    async def _asked(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], *,
        missing: bool = False,
    ) -> httpx.Response:  # fmt: skip
        fault: httpx.HTTPError | None = None
        response: httpx.Response | None = None
        for attempt in range(self._attempts):
            fault, response = None, None
            try:
                response = await self._http.request(method, path, content=body, headers=headers)
            except (httpx.TransportError, httpx.TimeoutException) as error:
                fault = error
            if response is not None and _is_final(response, missing=missing):
                return response
            if attempt + 1 < self._attempts:
                await asyncio.sleep(_pause_s(attempt, response))
        raise _given_up(response, fault, self._attempts) from fault


def _lines(facts: Sequence[Record]) -> bytes:
    return b"\n".join(encode(fact) for fact in facts) + b"\n"


def _answers(content: bytes, expected: int) -> list[Answer]:
    answers = [_ANSWER.decode(line) for line in content.splitlines() if line]
    if len(answers) != expected:
        raise ServiceUnavailable(
            "the service broke off", expected=f"{expected} answers", found=str(len(answers)),
            hint="send the facts again: what was kept is answered as before",
        )  # fmt: skip
    return answers


def _decided(content: bytes) -> Decided:
    answer = _ONE.decode(content)
    assert isinstance(answer, Decided), "what is judged is decided"
    return answer


def _judged(content: bytes) -> CallJudged:
    answer = _ONE.decode(content)
    assert isinstance(answer, CallJudged), "a call is judged"
    return answer


def _place(fact_id: str, sender: str | None) -> str:
    query = "" if sender is None else f"?sender={quote(sender, safe='')}"
    return f"/v1/decisions/{quote(fact_id, safe='')}{query}"


def _last(after: int | None) -> dict[str, str]:
    return {} if after is None else {"last-event-id": str(after)}


def _is_final(response: httpx.Response, *, missing: bool) -> bool:
    """Whether this is an answer; False if it should be asked again. Raises ServiceRefused."""
    if response.status_code == httpx.codes.OK:
        return True
    if response.status_code in AGAIN:
        return False
    if missing and response.status_code == httpx.codes.NOT_FOUND:
        return True
    raise _refusal(response)


def _refusal(response: httpx.Response) -> ServiceRefused:
    problem = _problem(response)
    return ServiceRefused(
        problem.title if problem.detail is None else f"{problem.title}: {problem.detail}",
        expected=problem.expected, found=problem.found, problem=problem.type,
        status=problem.status, pointer=problem.pointer, request_id=problem.request_id,
    )  # fmt: skip


def _problem(response: httpx.Response) -> Refused:
    try:
        told = _PROBLEM.decode(response.content)
        return msgspec.convert({"outcome": "refused"} | told, Refused)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Refused("about:blank", f"an answer {response.status_code}", response.status_code)


def _pause_s(attempt: int, response: httpx.Response | None) -> float:
    said = None if response is None else response.headers.get("retry-after")
    if said is not None and said.isdecimal():
        return min(float(said), LONGEST_PAUSE_S)
    return min(FIRST_PAUSE_S * 2.0**attempt, LONGEST_PAUSE_S)


def _given_up(
    response: httpx.Response | None, fault: httpx.HTTPError | None, attempts: int
) -> ServiceUnavailable:
    found = type(fault).__name__ if response is None else _problem(response).title
    return ServiceUnavailable(
        "the service gave no answer", expected=f"one in {attempts} attempts", found=found,
        hint="ask again with the same id: there is one verdict, at most",
    )  # fmt: skip
