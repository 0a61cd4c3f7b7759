"""A room with the law of Kazakhstan, people who work in it, and the way through it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from arasha.cases.acts import (
    CENTRE,
    Act,
    Actor,
    Entry,
    HoldsPlaced,
    LawChosen,
    NumbersFound,
    NumberSigns,
    ReportTaken,
    Target,
)
from arasha.cases.calendar import DAY_MS, HOUR_MS
from arasha.cases.law import Law
from arasha.cases.law_document import load_law
from arasha.cases.perform import perform
from arasha.cases.projection import Done, Projection
from arasha.cases.records import Case, Hold, Recall, Report
from arasha.cases.refusals import Refusal
from arasha.cases.state import State

ROOT = Path(__file__).resolve().parents[1]
NOW_MS = 1_772_422_200_000  # Monday 2026-03-02 08:30 in Kazakhstan
KZT = 398
VICTIM, MULE, SECOND, THIRD, STRANGER = (f"{digit}" * 32 for digit in "12345")
NUMBERS = tuple(f"{digit}" * 32 for digit in "6789")  # an operator's, the last another's
PAYMENT, OTHER_PAYMENT = "a" * 32, "b" * 32
VICTIMS_BANK, BANK, OTHER_BANK = "BANKKZKA", "MULEBANK", "OTHERBNK"


def person(name: str, *roles: str) -> Actor:
    """Somebody of the centre."""
    return Actor("person", name, roles)


def bank(name: str) -> Actor:
    """A participant."""
    return Actor("participant", name)


ANALYST = person("aigul", "analyst")
OFFICER = person("bolat", "officer")
SECOND_OFFICER = person("dana", "officer")
THIRD_OFFICER = person("erlan", "officer")
PROSECUTOR = person("gulnara", "authority")
AUDITOR = person("zhanar", "auditor")
ADMINISTRATOR = person("ivan", "administrator")
AUTHOR = person("kairat", "policy_author")
PUBLISHER = person("leila", "policy_publisher")
HELD = Actor("appellant", "")


@cache
def kz() -> Law:
    """The law file of Kazakhstan."""
    return load_law(ROOT / "law" / "kz.toml")


_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference(number: int) -> str:
    """A reference as it would be drawn, but the same each time."""
    text = ""
    for _ in range(20):
        number, digit = divmod(number, 32)
        text = _ALPHABET[digit] + text
    return text


def signs(number: str) -> NumberSigns:
    """What was seen of a number: forty calls to strangers, few taken, none received."""
    return NumberSigns(number, 40, 39, 8, 1, 0, 0, number != NUMBERS[3])


@dataclass
class Room:
    """A state, a clock, and the entries so far."""

    projection: Projection = field(default_factory=Projection)
    at_ms: int = NOW_MS
    entries: list[Entry] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))

    @property
    def state(self) -> State:
        return self.projection.state

    def ask(self, by: Actor, act: Act) -> Done | Refusal:
        """Ask for an act now."""
        entry = Entry(self.at_ms, by, act)  # type: ignore[arg-type]  # any of them
        seq = len(self.entries)
        result = perform(self.state, entry, seq)
        if isinstance(result, Refusal):
            return result
        self.entries.append(entry)
        return self.projection.taken(seq, entry, result)

    def do(self, by: Actor, act: Act) -> Done:
        """Have it done."""
        done = self.ask(by, act)
        assert isinstance(done, Done), done
        return done

    def later(self, *, hours: float = 0, days: float = 0) -> None:
        """Let time pass."""
        self.at_ms += int(hours * HOUR_MS + days * DAY_MS)

    def reference(self) -> str:
        return reference(next(self.numbers))

    # Steps of the way through.

    def report(self, **values: Any) -> Report:
        """A report of 1,000.00 KZT, attested by the victim's bank."""
        number = len(self.entries) + 1
        defaults: dict[str, Any] = {
            "report": f"{number:032x}", "place": number * 10, "sender": VICTIMS_BANK,
            "bank": VICTIMS_BANK, "amount_minor": 100_000, "currency": KZT, "payer": VICTIM,
            "payee": MULE, "payee_bank": BANK, "paid_ms": self.at_ms - HOUR_MS,
            "payment": PAYMENT, "attested": True,
        }  # fmt: skip
        done = self.do(CENTRE, ReportTaken(**(defaults | values)))
        return next(one for one in done.changes if isinstance(one, Report))

    def hold(self, report: Report, *targets: tuple[str, str, int]) -> list[Hold]:
        """Provisional holds; by default of the whole amount at the first account."""
        wanted = targets or ((report.payee, report.payee_bank or "", report.amount_minor),)
        act = HoldsPlaced(report.id, tuple(Target(*target, self.reference()) for target in wanted))
        return [one for one in self.do(CENTRE, act).changes if isinstance(one, Hold)]

    def found(self, *numbers: str, tied: tuple[str, ...] = ()) -> Case:
        """A case about numbers that look like a SIM box."""
        act = NumbersFound(
            len(self.entries), "sim_box", tuple(map(signs, numbers)), tuple(map(signs, tied))
        )
        return next(one for one in self.do(CENTRE, act).changes if isinstance(one, Case))

    def hold_now(self, hold: Hold) -> Hold:
        """The hold as it is now."""
        return self.state.holds[hold.id]

    def recall_now(self, recall: Recall) -> Recall:
        """The recall as it is now."""
        return self.state.recalls[recall.id]

    def case_of(self, report: Report) -> Case:
        """The case that a report is in."""
        return self.state.cases[self.state.reports[report.id].case]


def room(law: str | None = None) -> Room:
    """A room with the law of Kazakhstan in force, or that text's."""
    made = Room()
    made.do(CENTRE, LawChosen(law or kz().text))
    return made
