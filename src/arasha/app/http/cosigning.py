"""The centre asks its witnesses (C2SP tlog-witness, the log's side).

In: a checkpoint that was signed, and who is asked where. Out: the cosignatures that are good; of
the others the journal says why. Whoever is silent, slow or wrong keeps nobody waiting: each is
asked again with the next checkpoint, and meanwhile the record is shown without it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx

from arasha.app.http.journal import Journal
from arasha.errors import InputError
from arasha.log.checkpoint import Checkpoint
from arasha.log.notes import MAX_NOTE_BYTES, Note, Signature
from arasha.log.signing import Opened, Verifier, opened
from arasha.log.trust import Trust
from arasha.log.witness import ADD_PATH, SIZE_MEDIA, Answer, read_cosignatures, written_request

WITNESS_S: Final = 10.0
"""How long a witness may take to answer, seconds, from the asking to the last byte."""

MAX_WITNESSES: Final = 16
"""Most places that are asked: a note is to stay small."""

COSIGNED: Final = "cosigned"
SILENT: Final = "no answer"
"""What came of asking a witness, in the two plain cases."""

Prove = Callable[[int, int], Awaitable[tuple[bytes, ...]]]
"""The consistency proof from one size to another."""


@dataclass(frozen=True, slots=True)
class WitnessState:
    """A witness as the centre knows it. ``size``: entries that it is known to have cosigned;
    ``ahead``: how many it has cosigned where that is more than it was shown; ``said``: what came of
    asking it last, in words, empty before it was asked.
    """

    url: str
    names: tuple[str, ...]
    size: int
    ahead: int | None
    said: str


class Cosigning:
    """The witnesses of one service, and how far each of them is known to be."""

    def __init__(self, trust: Trust, journal: Journal, tls: ssl.SSLContext | None = None) -> None:
        self._asked = dict(list(trust.witness_urls().items())[:MAX_WITNESSES])
        self._known = dict.fromkeys(self._asked, 0)
        self._said: dict[str, str] = {}
        self._journal, self._tls = journal, tls or ssl.create_default_context()
        self.good = 0
        self.ahead: dict[str, int] = {}
        """Who has cosigned more than they were shown, by address, and how many entries."""

    @property
    def keys(self) -> tuple[Verifier, ...]:
        """The keys of all of them."""
        return tuple(key for keys in self._asked.values() for key in keys)

    def states(self) -> list[WitnessState]:
        """How each of them stands."""
        return [
            WitnessState(
                url, tuple(dict.fromkeys(key.name for key in keys)), self._known[url],
                self.ahead.get(url), self._said.get(url, ""),
            )
            for url, keys in self._asked.items()
        ]  # fmt: skip

    async def cosigned(self, note: Note, log: tuple[Verifier, ...], prove: Prove) -> Note:
        """The note with the good cosignatures of all witnesses that have not cosigned it yet."""
        found = opened(note, log, self.keys)
        have = {one.by for one in found.witnesses}
        missing = {url: keys for url, keys in self._asked.items() if not have.issuperset(keys)}
        if not missing:
            return note
        async with self._client() as client:
            answers = await asyncio.gather(
                *(self._one(client, url, keys, found, log, prove) for url, keys in missing.items())
            )
        more = tuple(one for signatures in answers for one in signatures)
        self.good = len(self._asked) - sum(not signatures for signatures in answers)
        return note.signed_by(more) if more else note

    async def newest(self, note: Note) -> dict[str, int | None]:
        """The size of the last checkpoint that each witness has cosigned, by its address; None
        where it does not say so. ``note`` was signed and shown before: it says which log is meant.

        A witness that is asked to go on from nothing refuses, and says from where it would (C2SP
        tlog-witness); one that has cosigned nothing yet may cosign it.
        """
        size = Checkpoint.parse(note.text).size
        async with self._client() as client:
            answers = await asyncio.gather(
                *(self._size(client, url, note, size) for url in self._asked)
            )
        newest = dict(zip(self._asked, answers, strict=True))
        for url, seen in newest.items():
            if seen is not None:
                self._note(url, seen, size)
        return newest

    async def _size(self, client: httpx.AsyncClient, url: str, note: Note, size: int) -> int | None:
        try:
            async with asyncio.timeout(WITNESS_S):
                answer = await _asked(client, url, written_request(0, (), note))
        except (httpx.HTTPError, httpx.InvalidURL, InputError, TimeoutError) as error:
            self._say(url, f"{SILENT}: {type(error).__name__}")
            return None
        if answer.status == HTTPStatus.NOT_FOUND:  # it looks after no log of that name
            return 0
        return size if answer.status == HTTPStatus.OK else answer.size

    def _note(self, url: str, seen: int, size: int) -> None:
        """Remember how far a witness is, which was shown a checkpoint of that size."""
        if seen > size:
            self.ahead[url] = seen
        else:
            self.ahead.pop(url, None)
            self._known[url] = seen

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=WITNESS_S, verify=self._tls, follow_redirects=False)

    async def _one(
        self,
        client: httpx.AsyncClient,
        url: str,
        keys: tuple[Verifier, ...],
        found: Opened,
        log: tuple[Verifier, ...],
        prove: Prove,
    ) -> tuple[Signature, ...]:
        """One witness's cosignatures; none where it refuses or gives no answer."""
        try:
            async with asyncio.timeout(WITNESS_S):  # httpx counts from byte to byte
                answer = await self._answer(client, url, found, prove)
                size = answer.size
                if size is not None and size != self._known[url] and size <= found.checkpoint.size:
                    self._known[url] = size  # it is further than was known here: from there, then
                    answer = await self._answer(client, url, found, prove)
            signatures = _good(answer, keys, found, log)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            self._say(url, f"{SILENT}: {type(error).__name__}")
            return ()
        except InputError as error:
            self._say(url, f"an answer that is none: {error.what}")
            return ()
        if signatures:
            self._known[url] = found.checkpoint.size
            self._say(url, COSIGNED)
        else:
            if answer.size is not None and answer.size > found.checkpoint.size:
                self.ahead[url] = answer.size
            self._say(url, _why(answer, found))
        return signatures

    async def _answer(
        self, client: httpx.AsyncClient, url: str, found: Opened, prove: Prove
    ) -> Answer:
        old, size = self._known[url], found.checkpoint.size
        if old > size:
            return Answer(409, f"{old}\n", SIZE_MEDIA)
        body = written_request(old, await prove(old, size), found.note)
        return await _asked(client, url, body)

    def _say(self, url: str, result: str) -> None:
        """Say what a witness did, when it is not what it did last time."""
        if self._said.get(url) != result:
            self._said[url] = result
            self._journal.say("witness", witness=url, result=result)


async def _asked(client: httpx.AsyncClient, url: str, body: bytes) -> Answer:
    """What a witness answers to a request. Raises InputError for too long an answer."""
    async with client.stream("POST", url + ADD_PATH, content=body) as response:
        data = b""
        async for piece in response.aiter_bytes():
            data += piece
            if len(data) > MAX_NOTE_BYTES:
                raise InputError("a witness's answer is too long")
        media = response.headers.get("content-type", "")
    return Answer(response.status_code, data.decode("utf-8", "replace"), media)


def _good(
    answer: Answer, keys: tuple[Verifier, ...], found: Opened, log: tuple[Verifier, ...]
) -> tuple[Signature, ...]:
    """The cosignatures of these keys among those that were answered. Raises InputError."""
    if answer.status != 200:
        return ()
    own = [one for one in read_cosignatures(answer.text) if any(key.made(one) for key in keys)]
    once = tuple({(one.name, one.key_id): one for one in own}.values())  # said often, kept once
    opened(found.note.signed_by(once), log, keys)
    return once


def _why(answer: Answer, found: Opened) -> str:
    """A refusal in words."""
    size = answer.size
    if size is not None and size > found.checkpoint.size:
        return (
            f"refused: it has cosigned {size} entries of this log, which has "
            f"{found.checkpoint.size}: an older copy of the log was put in its place"
        )
    if size == found.checkpoint.size:
        return f"refused: it has cosigned another log of {size} entries under this name"
    said = " ".join(answer.text.split())[:200]
    if answer.status == 422:
        return f"refused: this log does not begin with what it cosigned ({said})"
    return f"refused: {answer.status} {said}"
