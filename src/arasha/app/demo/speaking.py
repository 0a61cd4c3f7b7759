"""How banks of the demonstration speak with its service: one fact after the other, over HTTP.

In: a fact, the bank whose it is. Out: the action for it. A bank that is told to come again does so;
one that gets no verdict in time asks again, and goes on without one where there is none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx
import msgspec

from arasha.country.facts import TENGE
from arasha.events.decisions import ACTIONS
from arasha.events.money import CURRENCY_OF_NUMERIC, format_minor

ANSWER_S: Final = 60.0
"""How long the answer to a fact is waited for, seconds: a busy machine is no fault."""

AGAIN_S: Final = 0.25
"""How long after it was told to come again a bank does, seconds."""

PATIENCE_S: Final = 20.0
"""How long a fact or an act is tried again while the service is busy, seconds."""

_ALLOW: Final = ACTIONS.index("allow")
_NO_VERDICT: Final = 504
_COME_AGAIN: Final = (429, 503, _NO_VERDICT)


class Stopped(Exception):
    """The service is being stopped: the country stands still. Stays in this folder."""


class Speaking:
    """The banks' way to one service. ``ending``: set when the country is to stand still."""

    def __init__(
        self, keys: Mapping[str, str], ending: threading.Event, patience_s: float = PATIENCE_S
    ) -> None:
        self._keys, self._ending, self._patience_s = keys, ending, patience_s
        self._http = httpx.Client(timeout=ANSWER_S)
        self.address = ""
        self.payments = self.stopped = 0

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def say(self, fact: dict[str, Any]) -> int:
        """The action for one fact, ``allow`` where it is no payment or gets no verdict. Raises
        Stopped; RuntimeError where the service refuses it; httpx.TransportError where it is gone.
        """
        bank = fact["sender"]
        told = {name: _written(name, value) for name, value in fact.items() if name != "sender"}
        judged = fact["fact"] == "payment"
        answer = self._answer(bank, msgspec.json.encode(told), judged=judged)
        if answer.status_code == _NO_VERDICT:
            return _ALLOW
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"a {fact['fact']} was refused: {answer.text}")
        if not judged:
            return _ALLOW
        action = ACTIONS.index(answer.json()["action"])
        self.payments += 1
        self.stopped += action >= ACTIONS.index("hold")
        return action

    def _answer(self, bank: str, body: bytes, *, judged: bool) -> httpx.Response:
        """The answer, asked for again while it is to come again and there is patience left."""
        path = "/v1/payments" if judged else "/v1/events"
        headers = {
            "authorization": f"Bearer {self._keys[bank]}",
            "content-type": "application/json" if judged else "application/x-ndjson",
        }
        until = time.monotonic() + self._patience_s
        while True:
            if self._ending.is_set():
                raise Stopped
            try:
                answer = self._http.post(self.address + path, content=body, headers=headers)
            except httpx.TransportError:
                if self._ending.wait(AGAIN_S):
                    raise Stopped from None
                raise
            if answer.status_code not in _COME_AGAIN or time.monotonic() > until:
                return answer
            self._ending.wait(AGAIN_S)


def _written(name: str, value: Any) -> Any:
    """A value as JSON says it."""
    if name == "amount":
        return format_minor(value, CURRENCY_OF_NUMERIC[TENGE])
    return value.isoformat() if isinstance(value, datetime) else value
