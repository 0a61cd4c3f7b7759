"""A report that is being written: what each of its three steps asks, and what is wrong with it.

In: the fields of a form, of this step and of those before it. Out: the draft, its faults beside
their fields, and in the end what the door takes (app/http/complaints.py). Nothing is kept between
two steps but in the form itself: who stops has told nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from arasha.app.http.complaints import Complained, read
from arasha.app.http.problems import Problem
from arasha.app.pages.citizens.ago import ago
from arasha.app.pages.citizens.parties import Party, dialled, party_of
from arasha.app.pages.citizens.typed import amount
from arasha.events.identifiers import is_card
from arasha.events.records import instant
from arasha.events.schema import MAX_IDENTIFIER_CHARS

STEPS: Final[tuple[tuple[str, ...], ...]] = (
    ("ago", "unit", "typology"),
    ("bank", "payer_account", "amount", "payee_account", "payee_bank", "number", "payment"),
    (),
)
"""The fields of each step; the last one only shows them."""

LAST: Final = len(STEPS)

KINDS: Final = (
    "safe_account", "remote_access", "account_takeover", "relative_in_trouble", "marketplace",
    "investment", "loan", "romance", "parcel_code", "sim_swap", "other",
)  # fmt: skip
"""What happened, as a citizen can tell it; the most frequent first."""

PARTIES: Final = ("payer_account", "payee_account", "number")
"""Fields in which somebody may type the number of a card."""

_SAID: Final = {
    "card": "report.wrong.card", "latin": "report.wrong.latin", "mistyped": "report.wrong.mistyped",
}  # fmt: skip
"""What is told of an account that is none; of others, what is expected in that field."""

URGENT_MS: Final = 24 * 3_600_000
"""Money that left less long ago may still be stopped."""

CURRENCY: Final = "KZT"

Faults = Mapping[str, str]
"""The text's name of what is wrong, by field."""


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """What was typed, and when the first step was sent: "20 minutes ago" is counted from there.
    ``cards``: fields into which a card's number was typed, which is not kept.
    """

    typed: Mapping[str, str]
    begun_ms: int
    cards: frozenset[str] = frozenset()

    def __getitem__(self, field: str) -> str:
        """What was typed into a field; empty where nothing was."""
        return self.typed.get(field, "")

    @property
    def paid_ms(self) -> int | None:
        """When the money left; None where that cannot be read."""
        said = ago(self["ago"], self["unit"])
        return None if said is None else self.begun_ms - said.ms

    def is_urgent(self, now_ms: int) -> bool:
        """Whether the money has left within a day."""
        return self.paid_ms is not None and now_ms - self.paid_ms < URGENT_MS

    def party(self, field: str) -> Party | None:
        """Whose account or number a field has; None where it has neither."""
        found = party_of(self[field])
        return found if isinstance(found, Party) else None

    def shown(self, field: str) -> str:
        """What was typed, in groups where it is an account or a number."""
        party = self.party(field) if field in PARTIES else None
        return self[field] if party is None else party.shown

    def faults(self, step: int, banks: Collection[str]) -> Faults:
        """What is wrong in a step."""
        return _FAULTS[step - 1](self, banks)

    def first_wrong(self, banks: Collection[str]) -> int | None:
        """The first step in which something is wrong."""
        return next((s for s in range(1, LAST) if self.faults(s, banks)), None)

    def complained(self, now: datetime) -> Complained | Faults:
        """What the door takes; or, of what it does not take, the field and why."""
        assert self.paid_ms is not None, "its first step has been looked at"
        payer, payee = self.party("payer_account"), self.party("payee_account")
        assert payer is not None, "its second step has been looked at"
        assert payee is not None, "its second step has been looked at"
        said = {
            "bank": self["bank"], "payer_account": payer.written, "payee_account": payee.written,
            "amount": amount(self["amount"]),
            "currency": CURRENCY, "paid_at": instant(max(0, self.paid_ms)),
            "payee_bank": self["payee_bank"] or None, "payment": self["payment"] or None,
            "number": dialled(self["number"]) if self["number"] else None,
            "typology": self["typology"] or None,
        }  # fmt: skip
        found = read(msgspec.json.encode(said), now)
        if not isinstance(found, Problem):
            return found
        field = (found.pointer or "").removeprefix("#/")
        if field == "paid_at":
            return {"ago": "report.wrong.ago"}
        known = field if field in STEPS[1] else "payment"
        return {known: f"report.wrong.{known}"}


def draft_of(fields: Mapping[str, str], now_ms: int) -> Draft:
    """The draft of a form: only what a draft has."""
    begun = fields.get("begun", "")
    known = begun.isascii() and begun.isdigit() and len(begun) <= 15
    typed = {name: fields.get(name, "") for step in STEPS for name in step}
    said = ago(typed["ago"], typed["unit"])
    if said is not None:  # "2 hours", whatever unit was chosen beside it
        typed |= {"ago": str(said.count), "unit": said.unit}
    cards = frozenset(name for name in PARTIES if is_card(typed[name]))
    typed |= dict.fromkeys(cards, "")
    return Draft(typed, min(int(begun), now_ms) if known else now_ms, cards)


def _first(draft: Draft, banks: Collection[str]) -> Faults:  # noqa: ARG001 - one signature
    faults = {}
    if draft.paid_ms is None or draft.paid_ms < 0:
        faults["ago"] = "report.wrong.ago"
    if draft["typology"] and draft["typology"] not in KINDS:
        faults["typology"] = "report.wrong.typology"
    return faults


def _second(draft: Draft, banks: Collection[str]) -> Faults:
    faults = {}
    if draft["bank"] not in banks:
        faults["bank"] = "report.wrong.bank"
    for name in ("payer_account", "payee_account"):
        party = party_of(draft[name])
        if not isinstance(party, Party):
            faults[name] = _SAID.get(party, f"report.wrong.{name}")
        elif party.is_number and name == "payer_account":
            faults[name] = f"report.wrong.{name}"
        elif party.is_number and not draft["payee_bank"]:
            faults["payee_bank"] = "report.wrong.bank_of_number"
    payer, payee = draft.party("payer_account"), draft.party("payee_account")
    if payee is not None and payee == payer:
        faults["payee_account"] = "report.wrong.same"
    money = amount(draft["amount"])
    if money is None or not money.strip("0."):
        faults["amount"] = "report.wrong.amount"
    if draft["payee_bank"] and draft["payee_bank"] not in banks:
        faults["payee_bank"] = "report.wrong.bank"
    if len(draft["number"]) > MAX_IDENTIFIER_CHARS:
        faults["number"] = "report.wrong.number"
    return faults | dict.fromkeys(draft.cards, _SAID["card"])


def _third(draft: Draft, banks: Collection[str]) -> Faults:  # noqa: ARG001 - one signature
    return {}


_FAULTS: Final[tuple[Callable[[Draft, Collection[str]], Faults], ...]] = (_first, _second, _third)
