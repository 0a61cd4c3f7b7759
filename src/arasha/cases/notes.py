"""Free text: notes, and the reasons of rulings and packs. It names no account and no number.

The words stand in the log for as long as the acts do, encrypted like them; an identifier in them
would outlive its own erasure (vault/subjects.py). A note names the case or the report instead.
"""

from __future__ import annotations

import re
from typing import Final

from arasha.cases.acts import Act, AppealRuled, CaseNoted, EvidencePacked

_LONG_NUMBER: Final = re.compile(r"(?:[0-9][\s().-]{0,2}){10}")
_IBAN: Final = re.compile(r"\b[A-Za-z]{2}[0-9]{2}[A-Za-z0-9 ]{11,}")


def names_somebody(text: str) -> bool:
    """Whether the text holds what looks like an account, a card or a telephone number.

    >>> names_somebody("He rang twice, the second time from +7 701 123 45 67.")
    True
    >>> names_somebody("See report r1042; 250000.00 KZT on 2026-03-02.")
    False
    """
    return bool(_LONG_NUMBER.search(text) or _IBAN.search(text))


def text_of(act: Act) -> str:
    """What an act says in free words; empty for nearly all."""
    match act:
        case CaseNoted():
            return act.note
        case AppealRuled() | EvidencePacked():
            return act.why
        case _:
            return ""
