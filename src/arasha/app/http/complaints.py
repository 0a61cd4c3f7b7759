"""A citizen's own report, at the door: ``POST /v1/reports`` without a key, and what became of it.

In: what a person without an account can say: which bank, whose accounts, how much, when. Out: a
reference to follow it by. The accounts become tokens here and go to the vault; the bank is asked at
once. What the person says of a payment is believed where the log has it so: the same accounts, and
no more than was paid; else it goes to the bank without one. Of money that was sent to a telephone
number the bank says to whose account, by its payment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from arasha.app.http import problems
from arasha.app.http.connection import Request
from arasha.app.http.door import Door
from arasha.app.http.problems import Problem, of_reject
from arasha.app.http.recovering import drawn_reference
from arasha.app.http.shown import code, money, time_of
from arasha.cases import intake
from arasha.cases.acts import APPELLANT, ComplaintMade
from arasha.cases.projection import Done
from arasha.cases.records import Complaint, RecallStatus
from arasha.cases.refusals import Refusal
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.events.identifiers import is_card, number_fault, refused_account
from arasha.events.records import (
    Amount,
    Code,
    CurrencyCode,
    Id,
    Identifier,
    Instant,
    ReportFiled,
    Typology,
    milliseconds,
    money_of,
)
from arasha.events.reference import digest16
from arasha.events.rejects import Refusal as Unfit
from arasha.events.schema import PartyKind

if TYPE_CHECKING:
    from arasha.app.http.acting import Acting


class Complained(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody without an account says: ``bank`` is their own, as participants are named;
    ``payment`` what their bank calls the payment, where the receipt says so. ``payee_account`` may
    be the telephone number that was paid, as +77015550142: their bank knows the account.
    """

    bank: Code
    payer_account: Identifier
    payee_account: Identifier
    amount: Amount
    currency: CurrencyCode
    paid_at: Instant
    payee_bank: Code | None = None
    payment: Id | None = None
    number: Identifier | None = None
    typology: Typology | None = None

    def __repr__(self) -> str:
        """Nothing of it: a traceback must not show an identifier."""
        return "<Complained>"

    @property
    def to_number(self) -> bool:
        """Whether it was sent to a telephone number. No account begins with a plus."""
        return self.payee_account.startswith("+") and number_fault(self.payee_account) is None


def read(body: bytes, now: datetime) -> Complained | Problem:
    """The complaint of a body, or why it is none."""
    try:
        said = msgspec.json.decode(body, type=Complained)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        pointer = "#/" + where.strip("`$.").replace(".", "/") if where else None
        return Problem(
            problems.REFUSED, what, reason="bad_complaint", pointer=pointer,
            expected=", ".join(Complained.__struct_fields__),
        )  # fmt: skip
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Problem(problems.MALFORMED, expected="a JSON object", reason="bad_json")
    report = ReportFiled(
        id="complaint", happened_at=said.paid_at, payer_account=said.payer_account,
        payee_account=said.payee_account, number=said.number, amount=said.amount,
        currency=said.currency,
    )  # fmt: skip
    if fault := refused_account(report, 1):
        return of_reject(fault)
    for name in ("payer_account", "payee_account"):
        if is_card(getattr(said, name)):
            return Problem(
                problems.REFUSED, pointer=f"#/{name}", reason="card",
                expected="an account, or a telephone number where that was paid; no card's number",
            )  # fmt: skip
    amount = money_of(report)
    if isinstance(amount, Unfit):
        return Problem(
            problems.REFUSED, pointer="#/amount", reason=amount.word,
            expected="an amount in the currency's decimals, such as 1500.00",
        )  # fmt: skip
    if not 0 <= milliseconds(said.paid_at) <= milliseconds(now):
        return Problem(problems.REFUSED, pointer="#/paid_at", reason="time_out_of_range",
                       expected="a time that has been")  # fmt: skip
    return said


def act_of(said: Complained, door: Door, writer: Writer, reference: str) -> ComplaintMade:
    """The act, with tokens; the vault keeps what they hide first. In the writing thread."""
    payer = door.party(PartyKind.ACCOUNT, said.payer_account)
    payee = door.party(PartyKind.ACCOUNT, said.payee_account)
    number = None if said.number is None else door.party(PartyKind.NUMBER, said.number)
    door.keep_hidden()
    report = ReportFiled(
        id="complaint", happened_at=said.paid_at, amount=said.amount, currency=said.currency
    )
    amount = money_of(report)
    assert isinstance(amount, tuple), "it has been looked at"
    act = ComplaintMade(
        reference, said.bank, *amount, payer, payee, milliseconds(said.paid_at), said.payee_bank,
        number=number, typology=said.typology, to_number=said.to_number,
    )  # fmt: skip
    if said.payment is None:
        return act
    payment = digest16(said.bank, said.payment)
    paid = intake.payment_named(writer.log, payment)
    fits = paid is not None and is_of(paid, act)
    return msgspec.structs.replace(act, payment=payment.hex()) if fits else act


def is_of(paid: intake.Seen, said: ComplaintMade | Complaint) -> bool:
    """Whether a payment can be the one that is complained of: the same accounts, or the same payer
    where a telephone number was paid, and no less.
    """
    same = (paid.payer, paid.currency) == (said.payer, said.currency)
    to_same = paid.payee is not None and (said.to_number or paid.payee == said.payee)
    return same and to_same and said.amount_minor <= (paid.amount_minor or 0)


async def make(
    acting: Acting, said: Complained, request: Request
) -> tuple[str, Complaint] | Refusal | Problem:
    """Take a citizen's report; the reference by which it is followed, and what was made."""
    desk = acting.desk
    if said.bank not in desk.door.participants.register.names("participant"):
        return Problem(problems.REFUSED, pointer="#/bank", reason="bank_not_found",
                       expected="a bank that takes part here")  # fmt: skip
    limited = acting.visitors.complaining(request, desk.clock().steady_ns / 1e9)
    if limited is not None:
        return limited
    reference = drawn_reference()
    done = await acting.office.find_and_do(
        APPELLANT, lambda writer, _: act_of(said, desk.door, writer, reference)
    )
    if isinstance(done, Refusal | Problem):
        return done
    assert isinstance(done, Done), "a complaint is an act"
    (complaint,) = (one for one in done.changes if isinstance(one, Complaint))
    return reference, complaint


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of the money of a complaint that its bank stands for, minor units."""

    held_minor: int
    returned_minor: int
    recall: RecallStatus | None


def standing_of(state: State, complaint: Complaint) -> Standing | None:
    """Where its money stands; None while the bank has not attested it."""
    report = state.reports.get(complaint.id)
    if report is None:
        return None
    holds = list(state.holds_of_ground(report.ground))  # the bank may have reported it before
    asked = [state.recall_of[one] for one in state.grounds[report.ground] if one in state.recall_of]
    return Standing(
        sum(hold.held_minor or 0 for hold in holds if hold.holds_at(state.at_ms)),
        sum(hold.returned_minor for hold in holds),
        state.recalls[asked[0]].status if asked else None,
    )


def followed(state: State, complaint: Complaint) -> dict[str, Any]:
    """What whoever made it may know: where it stands, and what of the money is held or back."""
    told: dict[str, Any] = {
        "kind": "complaint", "status": complaint.status, "bank": complaint.bank,
        "amount": money(complaint.amount_minor, complaint.currency),
        "currency": code(complaint.currency), "made_at": time_of(complaint.made_ms),
        "answer_by": time_of(complaint.answer_due_ms), "over_at": time_of(complaint.over_ms),
        "lapses_at": time_of(complaint.lapses_ms), "held": None, "returned": None, "recall": None,
    }  # fmt: skip
    standing = standing_of(state, complaint)
    if standing is None:
        return told
    return told | {
        "held": money(standing.held_minor, complaint.currency),
        "returned": money(standing.returned_minor, complaint.currency),
        "recall": None if standing.recall is None else standing.recall.value,
    }
