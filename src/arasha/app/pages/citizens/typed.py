"""Amounts of money as people type them, as the domain wants them.

In: text from a form, in whatever digits and spaces. Out: the same as a value, or None.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_CURRENCY: Final = re.compile(r"(kzt|тенге|теңге|тг\.?|₸)", re.IGNORECASE)
_SPACES: Final = re.compile(r"[\s'’_]+")
_WHOLE: Final = re.compile(r"[0-9]{1,15}")
_GROUPED: Final = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}(\1[0-9]{3})*")
_DECIMAL: Final = re.compile(r"([0-9.,]*[0-9])[.,]([0-9]{1,2})")


def amount(text: str) -> str | None:
    """An amount in major units with a point, however its thousands are parted.

    >>> amount("250 000,5 ₸"), amount("1.250.000"), amount("250,000.50"), amount("a lot")
    ('250000.5', '1250000', '250000.50', None)
    """
    plain = _SPACES.sub("", _CURRENCY.sub("", _plain_digits(text)))
    if _WHOLE.fullmatch(plain):
        return plain
    if _GROUPED.fullmatch(plain):
        return re.sub("[.,]", "", plain)
    parted = _DECIMAL.fullmatch(plain)
    if parted is None:
        return None
    whole = parted[1]
    if not _WHOLE.fullmatch(whole):
        if not _GROUPED.fullmatch(whole):
            return None
        whole = re.sub("[.,]", "", whole)
    return f"{whole}.{parted[2]}"


def _plain_digits(text: str) -> str:
    """The same text with European digits, whatever script its own are of."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in folded)
