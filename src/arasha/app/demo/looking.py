"""Whether the console of a demonstration answers: somebody sits down and looks at the queue.

In: its address. Out: one line about what stands there.
"""

from __future__ import annotations

import re
from typing import Final

import httpx

SEAT: Final = "officer"

PATIENCE_S: Final = 120.0
"""How long an answer is waited for, seconds: the first pages are made while much else begins."""

_TOKEN: Final = re.compile(r'name="form_token" value="([0-9a-f]+)"')
_WAITING: Final = re.compile(r'href="/en/console/case/(c[0-9.]+)"')


def look(address: str) -> str:
    """Sit down, and count the cases of the queue's first page. Raises RuntimeError."""
    with httpx.Client(base_url=address, timeout=PATIENCE_S) as client:
        page = client.get("/en/demo")
        token = _TOKEN.search(page.text)
        if page.status_code != 200 or token is None:
            raise RuntimeError(f"the demonstration's page answers {page.status_code}")
        client.post("/en/demo/sit", data={"form_token": token[1], "seat": SEAT})
        queue = client.get("/en/console/queue")
        if queue.status_code != 200:
            raise RuntimeError(f"the queue answers {queue.status_code}")
        cases = len(set(_WAITING.findall(queue.text)))
        return f"The console answers: {cases} cases on the first page of its queue."
