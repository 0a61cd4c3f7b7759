"""Free text that people write: it names no account and no number.

Where on the path: beside *happened*. In: a note, a reason, a ruling's words. Out: whether it holds
what looks like an identifier. Such words stand in the log for as long as the acts do; an identifier
in them would outlive its own erasure. They name the case or the report instead, and a report's name
is a digest of 32 hexadecimal digits, in which ten decimal ones may well stand in a row.
"""

from __future__ import annotations

import re
from typing import Final

_LONG_NUMBER: Final = re.compile(r"(?:[0-9][\s().-]{0,2}){10}")
_IBAN: Final = re.compile(r"\b[A-Za-z]{2}[0-9]{2}[A-Za-z0-9 ]{11,}")
_DIGEST: Final = re.compile(r"\b(?=[0-9]*[a-f])[0-9a-f]{32}\b")


def names_somebody(text: str) -> bool:
    """Whether the text holds what looks like an account, a card or a telephone number.

    >>> names_somebody("He rang twice, the second time from +7 701 123 45 67.")
    True
    >>> names_somebody("See report ab12345678901234567890abcdefabcd; 250000.00 KZT on 2026-03-02.")
    False
    """
    rest = _DIGEST.sub("…", text)
    return bool(_LONG_NUMBER.search(rest) or _IBAN.search(rest))
