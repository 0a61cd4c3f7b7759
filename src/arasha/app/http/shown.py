"""Records of the acting part as JSON: what anybody with the right may read, and, apart from it,
the parties, which are told through something open only.

In: a record and the state it is in. Out: two parts of one object. Names of persons are told: who
acts here answers for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from arasha.app.http.answers import moment
from arasha.cases.acts import ListingAdded, NumberSuspended
from arasha.cases.pot_views import shared_pot
from arasha.cases.queue import reachable_minor
from arasha.cases.records import Appeal, Case, Hold, Listing, Recall, Request, Suspension
from arasha.cases.state import State
from arasha.events.money import CURRENCY_OF_NUMERIC, format_minor

Json = Mapping[str, Any]

TOKEN_BEGINS: Final = 8
"""Characters of a token by which a person who may see the case finds the party in it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """``plain`` names no party; ``parties`` does."""

    plain: Json
    parties: Json = field(default_factory=dict)


def time_of(at_ms: int | None) -> str | None:
    """An instant as text."""
    return None if at_ms is None else moment(at_ms)


def money(amount_minor: int | None, currency: int) -> str | None:
    """An amount as text, in its currency's decimals."""
    if amount_minor is None:
        return None
    return format_minor(amount_minor, CURRENCY_OF_NUMERIC[currency])


def code(currency: int) -> str:
    """The currency's code."""
    return CURRENCY_OF_NUMERIC[currency].code


def in_queue(state: State, case: Case) -> Json:
    """A case as the queue has it: nobody is named."""
    return {
        "id": case.id,
        "score": case.score,
        "reachable": money(reachable_minor(state, case), case.currency),
        "currency": code(case.currency),
        "opened_at": time_of(case.opened_ms),
        "due_at": time_of(case.due_ms),
        "escalated_at": time_of(case.escalated_ms),
        "question": case.is_question,
        "pattern": None if case.seen is None else case.seen.pattern,
        "alerts": len(case.alerts),
        "reports": len(case.reports),
        "status": case.status.value,
    }


def case_shown(state: State, case: Case) -> Shown:
    """A case with its notes; its parties, reports and holds apart."""
    plain = {
        **in_queue(state, case),
        "lease": {"by": case.lease_by, "until": time_of(case.lease_until_ms)}
        if case.lease_by is not None
        else None,
        "outcome": case.outcome,
        "typology": case.typology,
        "worth_it": case.worth_it,
        "merged_into": case.merged_into,
        "notes": [
            {"by": note.by, "at": time_of(note.at_ms), "text": note.text} for note in case.notes
        ],
        "attachments": [
            {
                "by": one.by, "at": time_of(one.at_ms), "sha256": one.sha256,
                "media_type": one.media_type, "size_bytes": one.size_bytes,
            }
            for one in case.attachments
        ],
    }  # fmt: skip
    reports = [state.reports[name] for name in case.reports]
    holds = [hold for report in reports for hold in state.holds_of_report(report.id)]
    parties = {
        "subjects": sorted(case.subjects),
        "ring": {
            "accounts": sorted(case.ring), "confirmed": sorted(case.confirmed),
            "ties": msgspec.to_builtins(case.ties),
        } if case.ring and case.seen is None else None,
        "numbers": _numbers(state, case),
        "alerted": [
            {"subject": one.subject, "payment": one.payment, "score": one.score,
             "amount": money(one.amount_minor, case.currency)}
            for one in case.alerts
        ],
        "reported": [
            {
                "id": one.id, "status": one.status, "attested": one.attested, "payer": one.payer,
                "payee": one.payee, "number": one.number, "typology": one.typology,
                "amount": money(one.amount_minor, one.currency), "paid_at": time_of(one.paid_ms),
                "recall": state.recall_of.get(one.id),
            }
            for one in reports
        ],
        "holds": [
            {**hold_shown(hold, state).plain, "account": hold.account} for hold in holds
        ],
    }  # fmt: skip
    return Shown(plain, parties)


def hold_shown(hold: Hold, state: State) -> Shown:
    """A hold: ground, author, basis, law, end, review, and who shares what it holds. The reference
    is the held person's alone: who has it speaks for them.
    """
    return Shown(
        {
            "id": hold.id,
            "status": hold.status.value,
            "report": hold.report,
            "bank": hold.bank,
            "amount": money(hold.amount_minor, hold.currency),
            "held": money(hold.held_minor, hold.currency),
            "returned": money(hold.returned_minor, hold.currency),
            "currency": code(hold.currency),
            "short": hold.short,
            "author": hold.author,
            "basis": hold.basis,
            "law": hold.law,
            "placed_at": time_of(hold.placed_ms),
            "until": time_of(hold.until_ms),
            "review_at": time_of(hold.review_ms),
            "over_at": time_of(hold.over_ms),
            "why": hold.why,
            "by_authority": hold.by_authority,
            "hands": sorted(hold.hands),
            "taken_over": [
                {
                    "from": one.first,
                    "amount": money(one.amount_minor, hold.currency),
                    "free_at": time_of(one.last_ms),
                }
                for one in hold.taken
            ],
            "pot": _pot_shown(state, hold),
        },
        {"account": hold.account},
    )


def _pot_shown(state: State, hold: Hold) -> Json | None:
    """Whose claims share what the hold's account holds; None where it has it alone."""
    pot = shared_pot(state, hold)
    if pot is None:
        return None
    return {
        "held": money(pot.held_minor, hold.currency),
        "rule": pot.rule,
        "claims": [
            {"hold": one.hold, "report": one.report,
             "claim": money(one.claim_minor, hold.currency),
             "held": money(one.held_minor, hold.currency), "until": time_of(one.until_ms)}
            for one in pot.claims
        ],
        "words": pot.words(lambda minor: f"{money(minor, hold.currency)} {code(hold.currency)}"),
    }  # fmt: skip


def recall_shown(state: State, recall: Recall) -> Shown:
    """A recall: step, clock, answers, the claim's score."""
    report = state.reports[recall.report]
    return Shown(
        {
            "id": recall.id,
            "report": recall.report,
            "status": recall.status.value,
            "opened_at": time_of(recall.opened_ms),
            "due_at": time_of(recall.due_ms),
            "amount": money(report.amount_minor, report.currency),
            "returned": money(recall.returned_minor, report.currency),
            "currency": code(report.currency),
            "claim": {"score": recall.score, "reasons": list(recall.reasons)},
            "notice": recall.notice,
            "asked": list(recall.asked),
            "answers": [
                {"hold": one.hold, "answer": one.answer, "code": one.code,
                 "amount": money(one.amount_minor, report.currency)}
                for one in recall.answers
            ],
        },
        {"payer": report.payer, "payee": report.payee},
    )  # fmt: skip


def appeal_shown(state: State, appeal: Appeal) -> Shown:
    """An appeal as it is open to see: its clock, and the ruling with its reason."""
    about = "listing"
    if appeal.about in state.holds:
        about = "hold"
    elif appeal.about in state.suspensions:
        about = "suspension"
    return Shown(
        {
            "id": appeal.id,
            "about": about,
            "status": appeal.status,
            "opened_at": time_of(appeal.opened_ms),
            "first_look_by": time_of(appeal.look_due_ms),
            "ruling_by": time_of(appeal.due_ms),
            "ruled_at": time_of(appeal.ruled_ms),
            "why": appeal.why,
            "erred": list(appeal.erred),
            "damages": dict(appeal.damages) if appeal.status == "upheld" else None,
        },
        {"record": appeal.about, "reviewer": appeal.reviewer},
    )


def listing_shown(listing: Listing) -> Shown:
    """A listing: ground, author, second person, end."""
    return Shown(
        {
            "id": listing.id,
            "status": listing.status,
            "party_kind": listing.party_kind,
            "case": listing.case,
            "author": listing.author,
            "second": listing.second,
            "law": listing.law,
            "from": time_of(listing.from_ms),
            "until": time_of(listing.until_ms),
            "why": listing.why,
            "told": sorted(listing.told),
        },
        {"party": listing.party},
    )


def suspension_shown(suspension: Suspension) -> Shown:
    """A suspension: ground, author, second person, law, end, and whether its holder was told."""
    return Shown(
        {
            "id": suspension.id,
            "status": suspension.status,
            "case": suspension.case,
            "basis": suspension.basis,
            "law": suspension.law,
            "author": suspension.author,
            "second": suspension.second,
            "from": time_of(suspension.from_ms),
            "until": time_of(suspension.until_ms),
            "tell_by": time_of(suspension.tell_by_ms),
            "told_at": time_of(suspension.told_ms),
            "over_at": time_of(suspension.over_ms),
            "why": suspension.why,
            "hands": sorted(suspension.hands),
        },
        {"number": suspension.number},
    )


def _numbers(state: State, case: Case) -> Json | None:
    """What was seen of an operator's numbers, and what was done about each."""
    if case.seen is None:
        return None
    suspended = {one.number: one for one in state.suspensions.values() if one.case == case.id}
    return {
        "ties": msgspec.to_builtins(case.seen.ties),
        "seen": [
            {
                **msgspec.to_builtins(one),
                "is_subject": one.number in case.subjects,
                "activated_at": time_of(one.activated_ms),
                "suspension": suspended[one.number].id if one.number in suspended else None,
            }
            for one in case.seen.signs
        ],
    }


def request_shown(request: Request) -> Json:
    """A request: exactly what will be done, and the hash to approve it by. A party is seen through
    the case; here stands the beginning of its token. A reference is the person's own.
    """
    what = msgspec.to_builtins(request.what)
    if isinstance(request.what, ListingAdded):
        del what["reference"]
        what["party"] = request.what.party[:TOKEN_BEGINS]
    if isinstance(request.what, NumberSuspended):
        del what["reference"]
        what["number"] = request.what.number[:TOKEN_BEGINS]
    return {
        "id": request.id,
        "status": request.status,
        "what": what,
        "content": request.content,
        "by": request.by,
        "asked_at": time_of(request.asked_ms),
        "lapses_at": time_of(request.lapses_ms),
        "approvals": [{"by": name, "role": role} for name, role in request.approvals],
    }
