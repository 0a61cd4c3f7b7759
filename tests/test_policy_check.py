from __future__ import annotations

from pathlib import Path

import pytest

from arasha.policy.check import Draft, forbidden, order_features
from policy_samples import faults, names, with_rules


def drafts(**uses: str) -> dict[str, Draft]:
    """Features by the names they use."""
    return {name: Draft("", (), tuple(used.split())) for name, used in uses.items()}


def test_features_stand_after_those_they_use() -> None:
    """In document order where use does not decide."""
    order, rings = order_features(drafts(a="c b", b="c", c="", d="a amount"))
    assert (("c", "b", "a", "d"), ()) == (order, rings)


def test_each_ring_is_found_once() -> None:
    """From its first feature on, and what rests on it is no part of it."""
    order, rings = order_features(drafts(a="b", b="c", c="a", d="d", e="a"))
    assert (("a", "b", "c"), ("d",)) == rings
    assert {"a", "b", "c", "d", "e"} == set(order)


def test_a_feature_is_used_by_rules_texts_and_used_features(tmp_path: Path) -> None:
    """All others are warned of, unless kept."""
    features = "\n".join(
        ["a = 'amount / 2'", "b = 'a / 2'", "c = 'hour(happened_at)'", "d = 'c + 1'", "e = '5'"]
    )
    text = with_rules('b > "5 KZT"', features=features)
    for language in ("kk", "ru", "en"):
        text = text.replace(f'text.{language} = "-"', f'text.{language} = "{{e}}"')
    unused = [d.source for d in faults(tmp_path, text) if d.name == "unused-feature"]
    assert ["c = 'hour(happened_at)'", "d = 'c + 1'"] == unused
    kept = text.replace("[policy]", '[policy]\nkeep = ["d"]')
    assert [] == names(tmp_path, kept)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("hour(happened_at) > 23", ["unreachable-rule"]),
        ("hour(happened_at) >= 0", ["always-fires"]),
        ("hour(happened_at) > 22", []),
        ("new_device or not new_device", []),  # missing is possible
    ],
)
def test_conditions_that_decide_nothing_are_warned_of(
    tmp_path: Path, condition: str, found: list[str]
) -> None:
    """Never true, or always; what can be shown is in test_policy_ranges.py."""
    assert found == names(tmp_path, with_rules(condition))


def test_the_same_condition_twice_is_warned_of(tmp_path: Path) -> None:
    """However it is written."""
    assert ["duplicate-rule"] == names(
        tmp_path, with_rules("new_device and remote_access", "(new_device) and(remote_access)")
    )


def test_a_rule_without_effect_is_warned_of(tmp_path: Path) -> None:
    """Neither points nor an action."""
    assert ["no-effect"] == names(tmp_path, with_rules("new_device", rest=""))
    assert [] == names(tmp_path, with_rules("new_device", rest='action = "warn"'))


def test_a_threshold_out_of_reach_is_warned_of(tmp_path: Path) -> None:
    """All points together do not reach it."""
    text = with_rules("new_device", "remote_access")
    assert ["threshold-out-of-reach"] == names(tmp_path, f"{text}\n[thresholds]\nwarn = 11")
    assert [] == names(tmp_path, f"{text}\n[thresholds]\nwarn = 10")


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("payer_ethnicity", "ethnicity or origin"),
        ("religion", "religion"),
        ("health_spending", "health"),
        ("place_of_birth", "place of birth"),
        ("face_match", "faces, plates or voices"),
        ("number_plate", "faces, plates or voices"),
        ("gps_distance", "where people go"),
        ("faces_seen", "faces, plates or voices"),
        ("ethnicities_met", "ethnicity or origin"),
        ("churches_paid", "religion"),
        ("religion2", "religion"),
        ("traces_left", None),
        ("racing_bets", None),
        ("interface_calls", None),
        ("template_used", None),
        ("payee_number_age", None),
        ("essex_bank", None),
    ],
)
def test_what_is_forbidden_is_known_by_whole_words(name: str, about: str | None) -> None:
    """No feature and no rule of that name; words that only contain one are free."""
    assert about == forbidden(name)
