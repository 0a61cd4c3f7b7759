"""A witness that has seen more than was signed here stops the record, until it is overruled."""

from __future__ import annotations

from pathlib import Path

import pytest

from arasha.errors import LogDamaged
from arasha.log.rollback import overrule, overruled_in, refuse_rollback
from log_samples import created, opened

URL, OTHER = "https://w.example", "https://v.example"


@pytest.mark.parametrize(
    ("signed", "seen", "overruled", "refused"),
    [
        (7, {}, {}, False),  # nobody was asked
        (7, {URL: 0}, {}, False),  # it knows nothing of this log
        (7, {URL: 7}, {}, False),
        (7, {URL: 6, OTHER: 7}, {}, False),  # one that was silent for a while
        (7, {URL: 8}, {}, True),
        (7, {URL: 6, OTHER: 8}, {}, True),  # one is enough
        (7, {URL: 8}, {URL: 8}, False),
        (7, {URL: 9}, {URL: 8}, True),  # it has seen still more since
        (7, {URL: 8}, {OTHER: 8}, True),  # another one was overruled
        (9, {URL: 8}, {}, False),
    ],
)
def test_who_stops_it(
    signed: int, seen: dict[str, int], overruled: dict[str, int], *, refused: bool
) -> None:
    """A case a line."""
    if not refused:
        return refuse_rollback(signed, seen, overruled)
    with pytest.raises(LogDamaged, match="an older copy of the log was put in its place") as told:
        refuse_rollback(signed, seen, overruled)
    assert "--overrule" in (told.value.hint or "")
    return None


def test_what_was_overruled_is_kept_with_the_log(tmp_path: Path) -> None:
    """Each witness up to its size; another one does not undo the first."""
    with created(tmp_path) as log:
        assert {} == overruled_in(log)
        overrule(log, {URL: 8})
        overrule(log, {OTHER: 9})
        overrule(log, {URL: 10})
    with opened(tmp_path, writable=False) as log:
        assert {URL: 10, OTHER: 9} == overruled_in(log)
