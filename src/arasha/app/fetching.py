"""The files of a public record, from a directory or over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from arasha.errors import InputError, Place
from arasha.log.notes import MAX_NOTE_BYTES

TIMEOUT_S: Final = 30.0
"""How long an answer may take, seconds."""

TRIES: Final = 20
"""How often a file is asked for that is told to come later: whoever reads all tiles asks much."""

LONGEST_WAIT_S: Final = 30.0
"""How long is waited at most before it is asked for again, seconds."""

LATER: Final = frozenset({429, 503})
"""Statuses that say when to come again."""

Fetch = Callable[[str], bytes]


@contextmanager
def fetcher(place: str) -> Iterator[Fetch]:
    """A way to read the record's files at that place, an address or a directory.

    What it cannot read, or is larger than any file of a record, it raises InputError about.
    """
    if not place.startswith(("http://", "https://")):
        yield lambda path: _from_directory(Path(place), path)
        return
    import httpx

    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=True) as client:

        def fetch(path: str) -> bytes:
            where = f"{place.rstrip('/')}/{path}"
            for _ in range(TRIES):
                found = once(where)
                if isinstance(found, bytes):
                    return found
                time.sleep(found)
            raise InputError("the record is asked too much", where=Place(where),
                             found=f"told {TRIES} times to come later")  # fmt: skip

        def once(where: str) -> bytes | float:
            """The file, or how long to wait before it is asked for again, seconds."""
            try:
                with client.stream("GET", where) as response:
                    later = response.headers.get("retry-after", "")
                    if response.status_code in LATER and later.isdigit():
                        return min(float(later), LONGEST_WAIT_S)
                    if response.status_code != httpx.codes.OK:
                        raise InputError("a file of the record is not served", where=Place(where),
                                         found=f"status {response.status_code}")  # fmt: skip
                    data = b""
                    for piece in response.iter_bytes():
                        data += piece
                        if len(data) > MAX_NOTE_BYTES:
                            raise _too_large(where)
                    return data
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise InputError("the record gives no answer", found=type(error).__name__,
                                 where=Place(where)) from error  # fmt: skip

        yield fetch


def _from_directory(directory: Path, path: str) -> bytes:
    file = directory / path
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_NOTE_BYTES + 1)
    except OSError as error:
        raise InputError("a file of the record cannot be read", found=str(error.strerror),
                         where=Place(str(file))) from error  # fmt: skip
    if len(data) > MAX_NOTE_BYTES:
        raise _too_large(str(file))
    return data


def _too_large(where: str) -> InputError:
    return InputError("a file of the record is too large", where=Place(where),
                      expected=f"at most {MAX_NOTE_BYTES} bytes")  # fmt: skip
