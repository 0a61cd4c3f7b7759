"""The one sentence about a case: its strongest facts, each where it is known and nowhere else.

In: the case, its payment with the highest score, what was said lately of that payment's account and
number. Out: a sentence such as "Held: first payment to an account opened 3 days ago, during a call
of 10–30 minutes". Each language has its own clauses; nothing is guessed where a fact is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from arasha.app.http.following import Following
from arasha.app.http.lately import Answered, Lately
from arasha.app.pages.console.seen import Seen
from arasha.app.pages.site import View
from arasha.app.pages.stopped import Stopped

CALL_MS: Final = 3_600_000
"""How long before a payment an answer about calls may have been given to belong to it, ms."""

YOUNG_MS: Final = 180 * 86_400_000
"""Up to which age it is told how old an account is, ms."""

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


def sentence(seen: Seen, first: Stopped | None, heard: Heard | None, view: View) -> Markup:
    """The sentence; of a question, or where no payment can be read, a shorter one. Where only the
    payment itself can be told of, the strongest rule of its decision follows.
    """
    t = view.texts
    if seen.row.is_question:
        return t("case.says_question", n=len(seen.parties))
    if first is None:
        return t("sentence.reported_only", n=seen.row.reports, alerts=view.number(seen.row.alerts))
    clauses = [
        _payment(first, heard, view),
        *_call(first, heard, view),
        *_people(seen, first, view),
    ]
    lead = "went" if not first.was_stopped else first.action
    said = t("sentence.whole", lead=t(f"sentence.{lead}"), clauses=Markup(", ").join(clauses))
    rule = next((one for one in first.reasons if one.points), None)
    if len(clauses) > 1 or rule is None:
        return said
    return Markup("{} {}.").format(said, rule.briefly(view.language))


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
