"""A log that was put back from an older copy is found out: a witness has seen more of it.

Where on the path: between *kept* and *shown*, before anything is signed. In: how many entries were
signed as far as this log knows, and the sizes of the last checkpoints that its witnesses have
cosigned. Out: nothing, or LogDamaged. What is signed is kept before a witness sees it, so a witness
is never further than an honest log remembers. A witness may err or lie, though, and must not be
able to silence a log for ever: a person can overrule what it said, up to that size, on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from arasha.errors import LogDamaged
from arasha.log.record import Keeping

OVERRULED: Final = "record-overruled"
"""Under which name it is kept which witness was overruled, by its address, up to which size."""


def refuse_rollback(
    signed_size: int, seen: Mapping[str, int], overruled: Mapping[str, int]
) -> None:
    """Raise LogDamaged when one of these witnesses, by address, has cosigned more than was signed
    here, and nobody has overruled that.
    """
    ahead = {
        url: size
        for url, size in seen.items()
        if size > signed_size and size > overruled.get(url, 0)
    }
    if not ahead:
        return
    url, size = max(ahead.items(), key=lambda one: one[1])
    raise LogDamaged(
        f"{url} has cosigned {size:,} entries of this log, and {signed_size:,} were signed here: "
        "an older copy of the log was put in its place",
        expected=f"at most {signed_size:,} entries", found=f"{size:,}",
        hint="find the newer log; where entries are lost, arasha log key DIR --origin NEW; where "
        "the witness is wrong, arasha log resume DIR --witnesses FILE --overrule NAME --reason …",
    )  # fmt: skip


def overruled_in(keeping: Keeping) -> dict[str, int]:
    """Which witnesses were overruled, up to which size."""
    kept = keeping.kept(OVERRULED)
    return {} if kept is None else msgspec.json.decode(kept, type=dict[str, int])


def overrule(keeping: Keeping, seen: Mapping[str, int]) -> None:
    """What these witnesses have cosigned up to there keeps nothing from being signed any more."""
    before = keeping.kept(OVERRULED)
    known = overruled_in(keeping)
    keeping.keep(OVERRULED, msgspec.json.encode({**known, **seen}), instead_of=before)
