"""What schemathesis has to know of ours: a body of lines is one fact a line, and so is its answer.

Named to it by SCHEMATHESIS_HOOKS.
"""

from __future__ import annotations

from typing import Any

import msgspec
import schemathesis

LINES = "application/x-ndjson"


@schemathesis.serializer(LINES)
def serialize(ctx: Any, value: Any) -> bytes:
    """A generated fact as the only line."""
    return value if isinstance(value, bytes) else msgspec.json.encode(value) + b"\n"


@schemathesis.deserializer(LINES)
def deserialize(ctx: Any, response: Any) -> Any:
    """The answer to the only line."""
    return msgspec.json.decode(response.content.splitlines()[0])


@schemathesis.check
def lines_are_refused(ctx: Any, response: Any, case: Any) -> None:
    """A line that breaks the schema is refused in its own answer: the request itself is fine."""
    generation = case.meta.generation if case.meta is not None else None
    if case.media_type != LINES or response.status_code != 200 or generation is None:
        return
    told = deserialize(ctx, response)
    if generation.mode.is_negative:
        assert told["outcome"] == "refused", "a line that breaks the schema was taken"
