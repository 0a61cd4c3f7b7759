"""What people type, as the domain wants it: amounts, telephone numbers, how long ago.

In: text from a form, in whatever digits and spaces. Out: the same as a value, or None.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

AGO_UNITS: Final = {"minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
"""Units of "so long ago", and their ms."""

MAX_AGO: Final = 10_000

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


def dialled(number: str) -> str:
    """A telephone number with its country, as networks tell it; unchanged where it is none.

    >>> dialled("8 (701) 555-01-42"), dialled("+7 701 5550142"), dialled("bank")
    ('+77015550142', '+77015550142', 'bank')
    """
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, "KZ")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def ago_ms(count: str, unit: str) -> int | None:
    """How long ago, ms.

    >>> ago_ms("20", "minutes"), ago_ms("1", "hours"), ago_ms("-1", "days"), ago_ms("1", "years")
    (1200000, 3600000, None, None)
    """
    plain = _SPACES.sub("", _plain_digits(count))
    if unit not in AGO_UNITS or not _WHOLE.fullmatch(plain) or int(plain) > MAX_AGO:
        return None
    return int(plain) * AGO_UNITS[unit]


def _plain_digits(text: str) -> str:
    """The same text with European digits, whatever script its own are of."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in folded)
