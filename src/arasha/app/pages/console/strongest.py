"""The one sentence about a case: its strongest facts, each where it is known and nowhere else.

In: the case, its payment with the highest score, what was said lately of that payment's account and
number. Out: a sentence such as "Held: first payment to an account opened 3 days ago, during a call
of 10–30 minutes"; of several payments how many from how many people to whom, and then the strongest
of them. Each language has its own clauses; nothing is guessed where a fact is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from arasha.app.http.following import Following
from arasha.app.http.lately import Answered, Lately
from arasha.app.pages.console.rows import MARK
from arasha.app.pages.console.seen import Seen
from arasha.app.pages.site import View
from arasha.app.pages.stopped import Reason, Stopped
from arasha.policy.reasons import ABOUT

CALL_MS: Final = 3_600_000
"""How long before a payment an answer about calls may have been given to belong to it, ms."""

YOUNG_MS: Final = 180 * 86_400_000
"""Up to which age it is told how old an account is, ms."""

CALLS: Final = frozenset({
    "call_risk", "new_callers", "call_forwarding", "origination", "number_recycling", "tenure",
})  # fmt: skip
"""Signals whose answers policies count among calls: of calls, and of the number that has them."""

HEARD_MS: Final = 24 * 3_600_000
"""How far before a payment answers about its payer's number are told, ms."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said of a payment's payee and its payer's number before it; ``first``: its payer is
    not known to have paid its payee before, None where that is not known.
    """

    first: bool | None
    opened_ms: int | None
    answers: list[Answered]
    users: int
    """How many accounts had paid from its device by then, its own among them; 0: none is known."""

    @property
    def noticed(self) -> list[Answered]:
        """The answers that say something."""
        return [one for one in self.answers if one.answer != "none"]

    @property
    def unnoticed(self) -> list[str]:
        """What was asked without anything being noticed, each once: the signals' words."""
        return list(dict.fromkeys(one.signal for one in self.answers if one.answer == "none"))

    def call(self, payment: Stopped) -> Answered | None:
        """The last answer that says that somebody was on a call then."""
        since_ms = payment.known_ms - CALL_MS
        return next(
            (
                one
                for one in reversed(self.answers)
                if one.answer.startswith("on_call_") and one.known_ms >= since_ms
            ),
            None,
        )


def heard_of(name: str, payment: Stopped, following: Following) -> Heard:
    """What had been said by the time of that payment, which has that digest."""

    def look(lately: Lately) -> Heard:
        answers, users = [], 0
        if payment.number is not None:
            since_ms = payment.known_ms - HEARD_MS
            answers = lately.answers(payment.number, since_ms, payment.seq)
        if payment.device is not None:
            users = len(lately.users_of(payment.device, payment.known_ms))
        opened_ms = lately.opened_ms(payment.payee, payment.known_ms)
        return Heard(first, opened_ms, answers, users)

    first = following.is_first(name)
    return following.lately(look)


def told_of(reasons: Sequence[Reason], payment: Stopped, heard: Heard | None) -> list[Reason]:
    """The reasons that a page says: what moved the model is left out where it is about calls and
    nothing is known of any. The decision keeps it.
    """
    noticed = [] if heard is None else heard.noticed
    of_calls = payment.on_call or any(one.signal in CALLS for one in noticed)
    return [
        one for one in reasons if one.points or one.rule or of_calls or one.texts != ABOUT["calls"]
    ]


def sentence(
    seen: Seen, payments: Mapping[str, Stopped], name: str | None, heard: Heard | None, view: View
) -> Markup:
    """The sentence; of a question, or where no payment can be read, a shorter one. ``payments`` are
    those that can be read, ``name`` is the strongest.
    """
    t = view.texts
    if seen.row.is_question:
        return t("case.says_question", n=len(seen.parties))
    if name is None:
        return t("sentence.reported_only", n=seen.row.reports, alerts=view.number(seen.row.alerts))
    first = payments[name]
    lead = t(f"sentence.{_lead(seen, name, first)}")
    if seen.is_several:
        return t("sentence.whole", lead=lead, clauses=_several(seen, payments, view))
    return _whole(lead, seen, first, heard, view)


def strongest(
    seen: Seen, payments: Mapping[str, Stopped], name: str | None, heard: Heard | None, view: View
) -> Markup | None:
    """The same of the strongest of several; None where it is one."""
    if name is None or not seen.is_several:
        return None
    return _whole(view.texts("sentence.the_strongest"), seen, payments[name], heard, view)


def _whole(lead: Markup, seen: Seen, first: Stopped, heard: Heard | None, view: View) -> Markup:
    """Where only the payment itself can be told of, the strongest rule of its decision follows."""
    clauses = [
        _payment(first, heard, view),
        *_call(first, heard, view),
        *_people(seen, first, view),
    ]
    said = view.texts("sentence.whole", lead=lead, clauses=Markup(", ").join(clauses))
    rule = next((one for one in first.reasons if one.points), None)
    if len(clauses) > 1 or rule is None:
        return said
    return Markup("{} {}.").format(said, rule.briefly(view.language))


def _lead(seen: Seen, name: str, first: Stopped) -> str:
    """What became of it: somebody may have reported that it went although it was to be stopped."""
    if not first.was_stopped:
        return "went"
    is_reported = any(one.payment == name for one in seen.reports)
    return "stopped_went" if is_reported and not seen.is_several else first.action


def _several(seen: Seen, payments: Mapping[str, Stopped], view: View) -> Markup:
    """How many payments from how many people to whom, and how much."""
    t, alerts = view.texts, seen.case.alerts
    known = [payments[one.payment] for one in alerts if one.payment in payments]
    subjects = {one.subject for one in alerts}
    banks = {one.payee_bank for one in alerts if one.payee_bank}
    to = t("sentence.accounts", n=len(subjects))
    if len(subjects) == 1 and seen.is_open:  # what is over names nobody
        to = Markup("•••• {}").format(min(subjects)[:MARK])
    if len(banks) == 1:
        to = Markup("{} ({})").format(to, min(banks))
    payers = len({one.payer for one in known})
    from_payers = t("sentence.payers" if len(known) == len(alerts) else "sentence.payers_least",
                    n=payers)  # fmt: skip
    money = view.money(sum(one.amount_minor for one in alerts), seen.case.currency)
    return t("sentence.several", n=len(alerts), payers=from_payers, to=to, money=money)


def _payment(first: Stopped, heard: Heard | None, view: View) -> Markup:
    opened_ms = None if heard is None else heard.opened_ms
    age_ms = None if opened_ms is None else first.known_ms - opened_ms
    is_first = first.new_payee if heard is None or heard.first is None else heard.first
    if age_ms is not None and 0 <= age_ms <= YOUNG_MS:
        word = "sentence.first_to_new" if is_first else "sentence.to_new"
        return view.texts(word, span=view.span(age_ms))
    if not is_first and first.new_payee:  # the decision weighed it otherwise: neither is said
        return view.texts("sentence.plain")
    return view.texts("sentence.first" if is_first else "sentence.payment")


def _call(first: Stopped, heard: Heard | None, view: View) -> list[Markup]:
    call = None if heard is None else heard.call(first)
    if call is not None:
        return [view.texts(f"sentence.{call.answer}")]
    return [view.texts("sentence.on_call")] if first.on_call else []


def _people(seen: Seen, first: Stopped, view: View) -> list[Markup]:
    """By how many people the number that a report names was reported, and the payee."""
    clauses = []
    numbers = [one.token for one in seen.parties if one.part == "number"]
    by_number = max((seen.people.get(one, 0) for one in numbers), default=0)
    if by_number:
        clauses.append(view.texts("sentence.number_people", n=by_number))
    if by_payee := seen.people.get(first.payee, 0):
        clauses.append(view.texts("sentence.payee_people", n=by_payee))
    return clauses
