from __future__ import annotations

from pathlib import Path

import pytest

from arasha.policy.document import load
from policy_samples import faults, names, with_rules, written


def with_texts(kk: str, ru: str, en: str) -> str:
    """A policy with a rule of those texts and features n, share and wrong."""
    text = with_rules(
        "n > 1 and share > 0.5",
        features="n = 'hour(happened_at)'\nshare = 'n / 24'\nwrong = 'amount + 1'",
    )
    for language, told in (("kk", kk), ("ru", ru), ("en", en)):
        text = text.replace(f'text.{language} = "-"', f'text.{language} = "{told}"')
    return text


def test_the_values_are_in_order_of_first_use(tmp_path: Path) -> None:
    """Kazakh first; each once; fields and features alike."""
    text = with_texts("{share} {n} {amount}", "{n} {amount} {share}", "{n} {n} {amount} {share}")
    text = text.replace("wrong = 'amount + 1'", "")
    (rule,) = load(written(tmp_path, text)).rules
    assert ("share", "n", "amount") == rule.values


@pytest.mark.parametrize(
    ("placeholder", "what"),
    [
        ("{nn}", "unknown name 'nn'"),
        ("{device}", "'device' cannot be shown"),
        ("{payer_bank}", "'payer_bank' cannot be shown"),
        ("{amount:percent}", "'amount' is no share"),
        ("{new_device:percent}", "'new_device' is no share"),
        ("{n:d}", "unknown format 'd'"),
        ("{}", "this is not a placeholder"),
    ],
)
def test_placeholders_that_cannot_be_filled_are_refused(
    tmp_path: Path, placeholder: str, what: str
) -> None:
    """In each language, at their places."""
    text = with_texts(placeholder, placeholder, placeholder)
    found = [fault for fault in faults(tmp_path, text) if fault.name == "placeholder"]
    assert [what] * 3 == [fault.what for fault in found]
    assert {12} == {fault.column for fault in found}


def test_a_feature_that_is_wrong_is_said_once(tmp_path: Path) -> None:
    """Where it is defined, not where it is shown."""
    assert ["type"] == names(tmp_path, with_texts("{wrong}", "{wrong}", "{wrong}"))


def test_all_languages_show_the_same(tmp_path: Path) -> None:
    """In any order; one that lacks a value is pointed at."""
    text = with_texts("{n} {amount}", "{amount} {n}", "{n}").replace("wrong = 'amount + 1'", "")
    (fault,) = faults(tmp_path, text)
    assert "the text in English lacks {amount}" == fault.hint


def test_missing_languages_are_named_together(tmp_path: Path) -> None:
    """One fault a rule."""
    text = with_rules("new_device").replace('text.kk = "-"\n', "").replace('text.en = "-"\n', "")
    (fault,) = faults(tmp_path, text)
    assert "the reason is not there in Kazakh and English" == fault.what
    assert "a text in Russian" == fault.found
