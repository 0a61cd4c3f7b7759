"""What the model of the AMLGentex benchmark knows of a transfer, in the policy language.

Ordinary windows of both parties, each as payer and as payee, and of the pair; what of an account's
doings is new to it; the flow of money. No ids, no labels; those that rest on labels, known 28 days
late, stand apart and serve one figure that is printed beside the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SPANS: Final = (1, 3, 7, 14, 28, 56, 168)
"""Days of the windows."""

QUICK_SPANS: Final = (7, 28, 168)
"""Those of a quick run."""

_ROLES: Final = {
    "out": ("payer_account", "payee_account"),
    "in": ("{payee_account: payer_account}", "payer_account"),
    "got": ("payee_account", "payer_account"),
    "gave": ("{payer_account: payee_account}", "payee_account"),
}
_PAIR: Final = "(payer_account, payee_account)"
_BACK: Final = "{payee_account: payer_account, payer_account: payee_account}"


def recipe(spans: Sequence[int] = SPANS) -> dict[str, str]:
    """Features by name; ``spans`` are some of SPANS, the longest among them."""
    features = {"amount_": "amount", "between_banks": "payer_bank != payee_bank"}
    for role, (by, other) in _ROLES.items():
        for days in spans:
            features |= _of_role(role, by, other, days)
        features |= _habit(role, by, other, spans)
        for age in ("first", "last"):
            features[f"{role}_{age}"] = f'{age}(payment, by={by}, window="168d")'
        for bank in ("payer_bank", "payee_bank"):
            features[f"{role}_{bank}s"] = f'distinct(payment.{bank}, by={by}, window="28d")'
    return features | _of_pair(spans) | _in_and_out(spans) | _flows(spans)


def labelled() -> dict[str, str]:
    """How much laundering was found with either party, as payer and as payee."""
    return {
        f"{role}_found_{days}": f'count(label, by={by}, window="{days}d", where=fraud)'
        for role, (by, _) in _ROLES.items()
        for days in (28, 56, 168)
    }


def _of_role(role: str, by: str, other: str, days: int) -> dict[str, str]:
    window = f'by={by}, window="{days}d"'
    features = {
        f"{role}_count_{days}": f"count(payment, {window})",
        f"{role}_sum_{days}": f"sum(payment.amount, {window})",
        f"{role}_distinct_{days}": f"distinct(payment.{other}, {window})",
        f"{role}_ratio_{days}": f"amount / mean(payment.amount, {window})",
        f"{role}_share_{days}": f"amount / sum(payment.amount, {window})",
    }
    if days >= 7:
        for name in ("mean", "std", "min", "max"):
            features[f"{role}_{name}_{days}"] = f"{name}(payment.amount, {window})"
        features[f"{role}_off_{days}"] = f"(amount - {role}_mean_{days}) / {role}_std_{days}"
    return features


def _habit(role: str, by: str, other: str, spans: Sequence[int]) -> dict[str, str]:
    """How much of what an account does lately is new to it, and how much of all it does is late."""
    features = {}
    for days in _among(spans, 3, 7, 14, 28):  # whom the account met then for the first time
        known = f'window="{168 - days}d", delay="{days}d"'
        new = f"{role}_new_{days}"
        features[new] = f"{role}_distinct_168 - distinct(payment.{other}, by={by}, {known})"
        for one in ("distinct", "count"):
            features[f"{new}_of_{one}"] = f"{new} / {role}_{one}_{days}"
    for days in _among(spans, 7, 28, 56, 168):
        features[f"{role}_once_{days}"] = f"{role}_distinct_{days} / {role}_count_{days}"
    for days in _among(spans, 1, 3, 7, 14, 28):
        for one in ("distinct", "count"):
            features[f"{role}_late_{one}_{days}"] = f"{role}_{one}_{days} / {role}_{one}_168"
    return features


def _of_pair(spans: Sequence[int]) -> dict[str, str]:
    features = {}
    for pair, by in (("pair", _PAIR), ("back", _BACK)):
        for days in _among(spans, 1, 7, 28, 168):
            features[f"{pair}_count_{days}"] = f'count(payment, by={by}, window="{days}d")'
        features[f"{pair}_last"] = f'last(payment, by={by}, window="168d")'
        features[f"{pair}_ratio"] = f'amount / mean(payment.amount, by={by}, window="168d")'
    return features


def _in_and_out(spans: Sequence[int]) -> dict[str, str]:
    """What both parties received against what they paid, in money and in accounts."""
    features = {}
    for days in _among(spans, 1, 3, 7, 28):
        for who, out, into in (("payer", "out", "in"), ("payee", "gave", "got")):
            features[f"{who}_through_{days}"] = f"{out}_sum_{days} / {into}_sum_{days}"
    for days in _among(spans, 3, 7, 14, 28, 168):
        for name, one, other in (
            ("payer_fan", "in", "out"), ("payee_fan", "got", "gave"), ("fans", "out", "got"),
        ):  # fmt: skip
            features[f"{name}_{days}"] = f"{one}_distinct_{days} / {other}_distinct_{days}"
    return features


def _flows(spans: Sequence[int]) -> dict[str, str]:
    features = {}
    for days in _among(spans, 7, 14, 28, 56, 168):
        span = f'window="{days}d"'
        features[f"cycle_{days}"] = f"cycle_length(payment, {span})"
        features[f"gathered_{days}"] = f"scatter_gather(payment, {span})"
        features[f"shared_{days}"] = f"shared_payees(payment, {span})"
        for who, by in (("payer", "{payee_account: payer_account}"), ("payee", "payee_account")):
            features[f"{who}_far_sources_{days}"] = f"sources_of_sources(payment, by={by}, {span})"
            for within in ("1h", "3d", "7d"):
                features[f"{who}_passed_{within}_{days}"] = (
                    f'pass_through(payment.amount, by={by}, {span}, within="{within}")'
                )
    return features | _beyond(spans)


def _beyond(spans: Sequence[int]) -> dict[str, str]:
    """Whom the payees of either party pay, in all and for each payee."""
    features = {}
    for who, role in (("payer", "out"), ("payee", "gave")):
        by = _ROLES[role][0]
        for days in _among(spans, 7, 14, 28, 56, 168):
            far = f"{who}_far_payees_{days}"
            features[far] = f'payees_of_payees(payment, by={by}, window="{days}d")'
            features[f"{far}_each"] = f"{far} / {role}_distinct_{days}"
    return features


def _among(spans: Sequence[int], *wanted: int) -> list[int]:
    return [days for days in wanted if days in spans]
