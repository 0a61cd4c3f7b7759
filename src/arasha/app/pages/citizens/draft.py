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
from arasha.app.pages.citizens.typed import ago_ms, amount, dialled
from arasha.events.identifiers import account_fault
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

URGENT_MS: Final = 24 * 3_600_000
"""Money that left less long ago may still be stopped."""

CURRENCY: Final = "KZT"

Faults = Mapping[str, str]
"""The text's name of what is wrong, by field."""


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """What was typed, and when the first step was sent: "20 minutes ago" is counted from there."""

    typed: Mapping[str, str]
    begun_ms: int

    def __getitem__(self, field: str) -> str:
        """What was typed into a field; empty where nothing was."""
        return self.typed.get(field, "")

    @property
    def paid_ms(self) -> int | None:
        """When the money left; None where that cannot be read."""
        ago = ago_ms(self["ago"], self["unit"])
        return None if ago is None else self.begun_ms - ago

    def is_urgent(self, now_ms: int) -> bool:
        """Whether the money has left within a day."""
        return self.paid_ms is not None and now_ms - self.paid_ms < URGENT_MS

    def faults(self, step: int, banks: Collection[str]) -> Faults:
        """What is wrong in a step."""
        return _FAULTS[step - 1](self, banks)

    def first_wrong(self, banks: Collection[str]) -> int | None:
        """The first step in which something is wrong."""
        return next((s for s in range(1, LAST) if self.faults(s, banks)), None)

    def complained(self, now: datetime) -> Complained | Faults:
        """What the door takes; or, of what it does not take, the field and why."""
        assert self.paid_ms is not None, "its first step has been looked at"
        said = {
            "bank": self["bank"], "payer_account": self["payer_account"],
            "payee_account": self["payee_account"], "amount": amount(self["amount"]),
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
    return Draft(typed, min(int(begun), now_ms) if known else now_ms)


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
        account = draft[name]
        if not account or len(account) > MAX_IDENTIFIER_CHARS:
            faults[name] = f"report.wrong.{name}"
        elif account_fault(account):
            faults[name] = "report.wrong.mistyped"
    if draft["payee_account"] and draft["payee_account"] == draft["payer_account"]:
        faults["payee_account"] = "report.wrong.same"
    money = amount(draft["amount"])
    if money is None or not money.strip("0."):
        faults["amount"] = "report.wrong.amount"
    if draft["payee_bank"] and draft["payee_bank"] not in banks:
        faults["payee_bank"] = "report.wrong.bank"
    if len(draft["number"]) > MAX_IDENTIFIER_CHARS:
        faults["number"] = "report.wrong.number"
    return faults


def _third(draft: Draft, banks: Collection[str]) -> Faults:  # noqa: ARG001 - one signature
    return {}


_FAULTS: Final[tuple[Callable[[Draft, Collection[str]], Faults], ...]] = (_first, _second, _third)
