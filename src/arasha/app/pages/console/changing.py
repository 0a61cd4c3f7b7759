"""A change of rights that a form asks for: made beside the event loop, or refused.

In: what makes it, in the exchange room. Out: what was made, or None where that says it cannot be:
the page then says so in the reader's language.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from arasha.errors import InputError, UsageError

T = TypeVar("T")


async def tried(make: Callable[[], T]) -> T | None:
    """Have it made; None where it is refused. What the disk says is no refusal, and is raised."""
    try:
        return await asyncio.to_thread(make)
    except (UsageError, InputError):
        return None
