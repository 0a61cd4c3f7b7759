"""Which acts have free text: notes, and the reasons of rulings and packs. It names no account and
no number (events/free_text.py).
"""

from __future__ import annotations

from arasha.cases.acts import Act, AppealRuled, CaseNoted, EvidencePacked


def text_of(act: Act) -> str:
    """What an act says in free words; empty for nearly all."""
    match act:
        case CaseNoted():
            return act.note
        case AppealRuled() | EvidencePacked():
            return act.why
        case _:
            return ""
