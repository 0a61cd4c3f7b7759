"""``/v1/reports``: a citizen's own report, and the word of the victim's bank for any report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import msgspec

from arasha.app.http import complaints, problems
from arasha.app.http.acting import Answer, Collection, Special, Verb, reply, told
from arasha.app.http.appeals import REFERENCE
from arasha.app.http.connection import Request
from arasha.app.http.office import refused
from arasha.app.http.problems import Problem
from arasha.app.http.shown import time_of
from arasha.cases.acts import Actor, ComplaintMade, ReportAttested, ReportWithdrawn
from arasha.cases.complaints import id_of
from arasha.cases.intake import payment_named
from arasha.cases.projection import Done
from arasha.cases.records import Complaint
from arasha.cases.refusals import Refusal
from arasha.cases.state import State
from arasha.cases.writer import Writer
from arasha.events.records import Id, instant
from arasha.events.reference import digest16
from arasha.events.symbols import ID_PATTERN

_ID: Final = re.compile(ID_PATTERN)
_DIGEST: Final = re.compile(r"[0-9a-f]{32}")


class PaymentNamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of its own payments a bank means, by the id it gave it."""

    payment: Id | None = None


class Reports(Collection):
    """Reports, by the id that their sender gave them or, for persons, by their digest. Citizens
    make one without a key, and follow it by the reference that they get.
    """

    public = True
    name = "reports"
    create = Verb(ComplaintMade, body=complaints.Complained)
    missing = Refusal.REPORT_NOT_FOUND
    verbs: ClassVar[Mapping[str, Verb]] = {
        "attest": Verb(ReportAttested, "report", PaymentNamed),
        "withdraw": Verb(ReportWithdrawn, "report"),
    }

    def special(self, path: str) -> Special | None:
        """``ID/attest``: the id is a name of its sender's, or the digest that messages tell."""
        name, _, word = path.rpartition("/")
        if not path:
            return self._complain
        verb = self.verbs.get(word)
        if verb is None or not _ID.fullmatch(name):
            return None

        async def named(actor: Actor, request: Request) -> Answer:
            report = name if _DIGEST.fullmatch(name) else digest16(actor.name, name).hex()
            hidden = await self.hidden_from(actor, verb, report)
            if hidden is not None:
                return hidden
            if verb.act is ReportAttested:
                return await self._attest(actor, report, request.body)
            return await self.do(actor, ReportWithdrawn(report))

        return named

    def is_own(self, state: State, participant: str, name: str) -> bool:
        """Whether it is of that bank's customer, or that participant has sent it."""
        report, complaint = state.reports.get(name), state.complaints.get(name)
        if report is not None:
            return participant in (report.bank, report.sender)
        return complaint is not None and complaint.bank == participant

    def methods(self, path: str) -> tuple[str, ...]:
        """Nothing is listed here."""
        return super().methods(path) if path else ("POST",)

    async def show(self, actor: Actor, name: str) -> Answer:
        """A complaint: to whoever has its reference, and to the bank that is asked, with its
        customer's account, which is on record; ``to_number``: whose account got the money, only the
        bank's payment can say.
        """
        office = self.acting.office
        if actor.kind == "appellant" and REFERENCE.fullmatch(name):
            name = id_of(name)
        elif actor.kind != "participant":
            return Problem(problems.NOT_FOUND, "nothing is known by this reference")
        found = await office.read(lambda state, _: _complaint(state, name))
        if isinstance(found, Problem):
            return found
        if found is None or (actor.kind == "participant" and found[0].bank != actor.name):
            return Problem(problems.NOT_FOUND, "nothing is known by this reference")
        complaint, told = found
        if actor.kind == "appellant":
            return reply(told)
        door = self.acting.desk.door
        account = await office.within(
            lambda _: door.tell(
                complaint.payer, to=actor.name, reason=f"its own account, for complaint {name}"
            )
        )
        if isinstance(account, Problem):
            return account
        return reply({
            **told, "payer_account": account, "paid_at": time_of(complaint.paid_ms),
            "to_number": complaint.to_number,
        })  # fmt: skip

    async def _complain(self, actor: Actor, request: Request) -> Answer:
        """Take a citizen's report, and give back the reference it is followed by."""
        if actor.kind != "appellant":
            return refused(Refusal.NOT_FOR_THIS_ROLE)
        said = complaints.read(request.body, instant(self.acting.desk.clock().wall_ms))
        if isinstance(said, Problem):
            return said
        made = await complaints.make(self.acting, said, request)
        if isinstance(made, Problem):
            return made
        if isinstance(made, Refusal):
            return refused(made)
        reference, complaint = made
        return reply({
            "reference": reference, "status": complaint.status, "bank": complaint.bank,
            "answer_by": time_of(complaint.answer_due_ms),
            "lapses_at": time_of(complaint.lapses_ms),
        })  # fmt: skip

    async def _attest(self, actor: Actor, report: str, body: bytes) -> Answer:
        """Stand for a report; for a complaint, the bank may say which of its payments it is, and by
        it whose account a telephone number is.
        """
        try:
            named = msgspec.json.decode(body or b"{}", type=PaymentNamed).payment
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Problem(problems.MALFORMED, expected='{} or {"payment": "…"}', reason="bad_json")

        def find(writer: Writer, _: Sequence[str]) -> ReportAttested | Problem:
            complaint = writer.state.complaints.get(report)
            known = complaint.payment if complaint is not None and complaint.to_number else None
            payment = known if named is None else digest16(actor.name, named).hex()
            paid = None if payment is None else payment_named(writer.log, bytes.fromhex(payment))
            if named is None and paid is None:
                return ReportAttested(report)
            if complaint is None or paid is None or not complaints.is_of(paid, complaint):
                return Problem(
                    problems.ACT_REFUSED, "the payment is not the one that is complained of",
                    reason="another_payment", expected="a payment of the same accounts, as large",
                )  # fmt: skip
            return ReportAttested(report, payment, paid.payee if complaint.to_number else None)

        done = await self.acting.office.find_and_do(actor, find)
        if isinstance(done, Refusal):
            return refused(done)
        if isinstance(done, Problem):
            return done
        assert isinstance(done, Done), "an act was found"
        return reply(told(done))


def _complaint(state: State, name: str) -> tuple[Complaint, dict[str, Any]] | None:
    complaint = state.complaints.get(name)
    return None if complaint is None else (complaint, complaints.followed(state, complaint))
