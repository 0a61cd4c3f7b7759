"""Who may do what: one table of roles and acts, for the domain, the documents and the tests.

An act's row names who may do it; where two people are needed, whom it needs besides. Nobody
has a right that is not here. ``docs/reference/roles.md`` is made from this module.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from arasha.cases.acts import Actor

ROLES: Final[dict[str, str]] = {
    "analyst": "works on cases, releases, asks for a second person",
    "officer": "the same; confirms holds, orders recalls, rules on appeals",
    "authority": "an outside authority, such as a prosecutor: consents past the law's own limit",
    "auditor": "reads what others did, and sees nobody's payments",
    "administrator": "makes participants and persons, and can see no case",
    "policy_author": "writes policies and law files, and puts none in force",
    "policy_publisher": "puts in force what an author has written",
}
"""The roles of persons, and what each is for."""

ALONE: Final = frozenset({"administrator", "authority", "auditor"})
"""Roles that go with no other: who has one of these and any other role may act in none."""

OTHERS: Final[dict[str, str]] = {
    "participant": "a bank or operator, in what concerns its own customers",
    "appellant": "anybody without an account: who complains, or holds a reference",
    "centre": "Arasha itself: takes in what the log holds, and lets ends come",
}
"""Who acts without being a person of the centre."""

_OFFICER: Final = frozenset({"officer"})
_DESK: Final = frozenset({"analyst", "officer"})
_RELEASING: Final = _DESK | {"authority"}
_POLICIES: Final = frozenset({"policy_author", "policy_publisher"})

RIGHTS: Final[dict[str, frozenset[str]]] = {
    "report_taken": frozenset({"centre"}),
    "report_attested": frozenset({"participant"}),
    "report_withdrawn": frozenset({"participant", "officer"}),
    "complaint_made": frozenset({"appellant"}),
    "complaint_lapsed": frozenset({"centre"}),
    "alert_raised": frozenset({"centre"}),
    "ring_found": frozenset({"centre"}),
    "numbers_found": frozenset({"centre"}),
    "number_suspended": _DESK,
    "suspension_told": frozenset({"participant"}),
    "suspension_lifted": _RELEASING,
    "suspension_ended": frozenset({"centre"}),
    "holds_placed": frozenset({"centre", "officer"}),
    "hold_answered": frozenset({"participant"}),
    "hold_confirmed": _OFFICER,
    "hold_reviewed": _OFFICER,
    "hold_prolonged": _OFFICER,
    "hold_released": _RELEASING,
    "hold_ended": frozenset({"centre"}),
    "recall_opened": frozenset({"participant", "officer", "centre"}),
    "recall_sent": frozenset({"officer", "centre"}),
    "recall_answered": frozenset({"participant"}),
    "receiver_agreed": frozenset({"appellant"}),
    "return_ordered": _OFFICER,
    "money_returned": frozenset({"participant"}),
    "recall_cancelled": frozenset({"participant", "officer"}),
    "case_taken": _DESK,
    "case_left": _DESK,
    "case_noted": _DESK,
    "case_attached": _DESK,
    "case_closed": _DESK,
    "case_snoozed": _DESK,
    "case_merged": _DESK,
    "case_split": _DESK,
    "case_escalated": _DESK | {"centre"},
    "case_checked": _OFFICER,
    "party_viewed": _RELEASING,
    "evidence_packed": frozenset({"officer", "authority"}),
    "listing_added": _DESK,
    "listing_told": frozenset({"centre"}),
    "listing_withdrawn": _RELEASING,
    "listing_ended": frozenset({"centre"}),
    "appeal_opened": frozenset({"appellant", "participant"}),
    "appeal_taken": _OFFICER,
    "appeal_ruled": _OFFICER,
    "requested": _DESK | {"policy_author"},
    "request_edited": _DESK | {"policy_author"},
    "request_approved": frozenset({"officer", "authority", "policy_publisher"}),
    "request_declined": _DESK | {"authority", "policy_author", "policy_publisher"},
    "request_lapsed": frozenset({"centre"}),
    "law_chosen": frozenset({"policy_author", "centre"}),
    "policy_chosen": frozenset({"policy_author"}),
    "shadow_begun": _POLICIES,
    "shadow_ended": _POLICIES,
}
"""Each act, and who may do it, or ask for it where one person is not enough."""

SECONDS: Final[dict[str, str]] = {
    "hold_prolonged": "another officer; past the law's limit the authority, too",
    "recall_sent": "another officer, where the claim's score is suspicious",
    "return_ordered": "another officer; where the law wants its notice the authority, too",
    "listing_added": "an officer who is another person",
    "number_suspended": "an officer who is another person",
    "law_chosen": "a publisher; the log's first law needs nobody",
    "policy_chosen": "a publisher; the log's first policy needs nobody",
}
"""What one person cannot do alone, and whom it needs (cases/requests.py works it out)."""

VIEWS: Final[dict[str, frozenset[str]]] = {
    "the queue": _DESK,
    "a case": _RELEASING,
    "a hold, recall, appeal or listing": _RELEASING | {"auditor"},
    "the lists of recalls and appeals": _RELEASING | {"auditor"},
    "the audit": frozenset({"auditor"}),
    "a suspension": _RELEASING | {"auditor", "participant"},
    "a request for a second person": _RELEASING | {"policy_author", "policy_publisher"},
    "the receipt of any entry": frozenset({"auditor"}),
    "practice": _DESK,
    "participants and persons": frozenset({"administrator"}),
    "drafts of policies, and backtests": _POLICIES,
    "the team: deadlines, load, second looks": _OFFICER,
    "the policy in force": frozenset(ROLES) - {"authority", "administrator"},
    "the law in force": frozenset(ROLES) | {"participant", "appellant"},
}
"""What can be read, and by whom."""


def roles_of(actor: Actor) -> frozenset[str]:
    """The words of the table that this actor is; none for a person whose roles exclude each other.

    >>> sorted(roles_of(Actor("person", "aigul", ("analyst", "officer"))))
    ['analyst', 'officer']
    >>> roles_of(Actor("person", "admin", ("administrator", "analyst")))
    frozenset()
    """
    if actor.kind != "person":
        return frozenset({actor.kind})
    roles = frozenset(actor.roles) & ROLES.keys()
    return frozenset() if len(roles) > 1 and roles & ALONE else roles


def may(actor: Actor, allowed: Collection[str]) -> bool:
    """Whether the actor is one of those."""
    return not roles_of(actor).isdisjoint(allowed)
