"""The pause of a payer who is pressed: until when, on what basis, and what to show.

In: a verdict, and the laws that were in force. Out: what goes with the verdict of a held payment
whose reasons say that somebody presses the payer (policy/pressure.py); nothing with any other. It
follows from the log alone, so who asks again is told the same. It ends by itself, at the latest
when the law of that instant says: afterwards it is the payer who decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from arasha.app.http.answers import NO_PAUSE
from arasha.cases.law import Law
from arasha.cases.reigns import LawReign, law_at
from arasha.client.messages import Pause
from arasha.engine.recall import Verdict
from arasha.events.decisions import ACTIONS, TOLD_SHIFT
from arasha.events.records import instant
from arasha.policy.definition import Policy
from arasha.policy.pressure import is_pressed, pressing_rules
from arasha.policy.texts import LANGUAGES, Language

FIGURE: Final = "hold.pause"
"""The law file's figure that says how long."""

_HOLD: Final = ACTIONS.index("hold")
_POLICIES_KEPT: Final = 16

_TEXTS: Final[dict[Language, str]] = {
    "kk": "Бұл төлем {until} дейін кідіртілді: біреу сізді асықтырып тұрған болуы мүмкін. "
    "Сөйлесуді доғарып, банкіңізге өзіңіз хабарласыңыз. Төлемнен кез келген уақытта бас тарта "
    "аласыз; осы уақыттан кейін оны жасау-жасамауды өзіңіз шешесіз.",
    "ru": "Этот платёж ждёт до {until}: возможно, кто-то вас торопит. Прервите разговор и "
    "позвоните в свой банк сами. Отказаться от платежа можно в любое время; после этого срока вы "
    "сами решите, делать ли его.",
    "en": "This payment waits until {until}: somebody may be pressing you. End the call and ring "
    "your bank yourself. You can cancel the payment at any time; after that it is for you to "
    "decide whether to make it.",
}


class Pauses:
    """The pauses of one service; knows its laws, and is asked from the event loop."""

    def __init__(self) -> None:
        self._laws: tuple[LawReign, ...] = ()
        self._pressing: dict[int, tuple[Policy, frozenset[int]]] = {}

    def know(self, laws: Sequence[LawReign]) -> None:
        """These laws were in force; from the writing thread, before anything rests on them."""
        self._laws = tuple(laws)

    def know_more(self, seq: int, law: Law) -> None:
        """From that entry on another one is."""
        self._laws = (*self._laws, LawReign(seq, law, law.hash))

    @property
    def utc_offset_ms(self) -> int:
        """How far the country's clocks are ahead of UTC, by the latest law; 0 without one."""
        return self._laws[-1].law.calendar.utc_offset_ms if self._laws else 0

    def of(self, seq: int, known_at_ms: int, verdict: Verdict) -> Pause | None:
        """The pause of the payment at that place, if it gets one."""
        reign = self._law_of(seq, verdict)
        return None if reign is None else _pause(reign, known_at_ms)

    def bytes_of(self, seq: int, known_at_ms: int, verdict: Verdict) -> bytes:
        """The same as JSON."""
        if verdict.action != _HOLD:
            return NO_PAUSE
        pause = self.of(seq, known_at_ms, verdict)
        return NO_PAUSE if pause is None else msgspec.json.encode(pause)

    def _law_of(self, seq: int, verdict: Verdict) -> LawReign | None:
        if verdict.action != _HOLD or not self._laws:
            return None
        pressing = self._pressing_of(verdict.policy)
        if not is_pressed(pressing, verdict.rules, verdict.marks >> TOLD_SHIFT):
            return None
        return law_at(self._laws, seq)

    def _pressing_of(self, policy: Policy) -> frozenset[int]:
        """A policy is known by being the same object, as in answers.py."""
        known = self._pressing.get(id(policy))
        if known is None or known[0] is not policy:
            if len(self._pressing) >= _POLICIES_KEPT:
                self._pressing.clear()
            known = self._pressing[id(policy)] = (policy, pressing_rules(policy))
        return known[1]


def _pause(reign: LawReign, known_at_ms: int) -> Pause:
    law, figure = reign.law, reign.law.figures[FIGURE]
    until_ms = law.hold.pause.after(known_at_ms, law.calendar)
    local = instant(until_ms) + timedelta(milliseconds=law.calendar.utc_offset_ms)
    shown = f"{local:%H:%M %d.%m.%Y}"
    text: dict[str, str] = {
        language: _TEXTS[language].format(until=shown) for language in LANGUAGES
    }
    until = instant(until_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Pause(until, reign.hash, FIGURE, figure.text, figure.source, figure.mark, text)
