from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import PolicyError
from arasha.events.schema import PAYMENT
from arasha.features.expressions import BOOL, COUNT, FeatureValue, Logic, Unit, ValueType
from arasha.features.language import Scope, parse
from arasha.features.language_terms import name_type
from arasha.policy.document import MAX_FEATURES, MAX_POLICY_BYTES, MAX_RULES, check, load
from arasha.policy.translations import MAX_TEXT_CHARS
from policy_samples import POLICY, TEXTS, faults, names, with_rules, written


def test_a_policy_is_read(tmp_path: Path) -> None:
    """All of it, typed, features in the order of need."""
    path = written(tmp_path, POLICY)
    policy = load(path)
    assert [] == check(path)
    assert ("small", PAYMENT, 18_000_000, None) == (
        policy.name, policy.judges, policy.utc_offset_ms, policy.mapping,
    )  # fmt: skip
    assert ["pair_payments", "new_payee", "paid"] == list(policy.features)
    assert (300, 600, None) == (
        policy.thresholds.warn, policy.thresholds.hold, policy.thresholds.block,
    )  # fmt: skip
    (rule,) = policy.rules
    assert ("much_to_a_stranger", "hold", 600) == (rule.name, rule.action, rule.points)
    assert ("paid",) == rule.values
    assert isinstance(rule.when, Logic)
    assert FeatureValue("new_payee", BOOL) == rule.when.operands[0]
    assert path == policy.source


def test_types_of_features_and_fields(tmp_path: Path) -> None:
    """Whatever a text can show has a type."""
    policy = load(written(tmp_path, POLICY))
    money = ValueType("int", Unit.MONEY)
    assert (COUNT, money, money) == tuple(map(policy.type_of, ("pair_payments", "paid", "amount")))
    for name in ("device", "nothing"):
        with pytest.raises(KeyError):
            policy.type_of(name)


def test_a_mapping_is_found_beside_the_policy(tmp_path: Path) -> None:
    """Relative to the policy's file, wherever the command runs."""
    text = POLICY.replace("[policy]", '[policy]\nmapping = "../m.toml"')
    (tmp_path / "policies").mkdir()
    policy = load(written(tmp_path / "policies", text))
    assert (tmp_path / "m.toml").resolve() == policy.mapping


def test_a_policy_that_does_not_compile_raises_all_its_faults(tmp_path: Path) -> None:
    """With the diagnostics, and readable as it is."""
    path = written(tmp_path, with_rules("amuont > 5", "chanel == 5"))
    with pytest.raises(PolicyError, match="unknown name 'amuont'") as raised:
        load(path)
    assert 2 == len(raised.value.diagnostics)
    assert "2 errors" in str(raised.value)


def test_warnings_do_not_stop_a_policy(tmp_path: Path) -> None:
    """It loads all the same."""
    text = with_rules("new_device", features="n = '1'")
    assert ["unused-feature"] == names(tmp_path, text)
    assert load(written(tmp_path, text)).rules


def test_a_default_currency_completes_money(tmp_path: Path) -> None:
    """And only money that names none."""
    text = with_rules('amount > "5"', 'amount > "6 USD"')
    assert ["bad-literal"] == names(tmp_path, text)
    text = text.replace("[policy]", '[policy]\ndefault_currency = "KZT"')
    policy = load(written(tmp_path, text))
    short = with_rules('amount > "5 KZT"', 'amount > "6 USD"')
    assert policy.hash == load(written(tmp_path, short)).hash


def test_a_feature_may_be_a_table_with_names_for_people(tmp_path: Path) -> None:
    """In every language or in none."""
    table = "[features.n]\nexpression = 'amount / 2'\n"
    policy = load(written(tmp_path, with_rules('n > "5 KZT"', features=table + TEXTS)))
    assert {"n": {"kk": "-", "ru": "-", "en": "-"}} == policy.feature_texts
    policy = load(written(tmp_path, with_rules('n > "5 KZT"', features=table)))
    assert {} == policy.feature_texts


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ('name = "small"', "", "missing-key"),
        ('name = "small"', "name = 5", "shape"),
        ('name = "small"', 'name = "small"\njudges = "call"', "unknown-name"),
        ('"+05:00"', '"+25:00"', "bad-literal"),
        ('"+05:00"', '"5"', "bad-literal"),
        ("warn = 300", "warn = 700", "range"),
        ("warn = 300", "warn = 1001", "range"),
        ("warn = 300", "warn = true", "shape"),
        ("warn = 300", "wran = 300", "unknown-key"),
        ("points = 600", "points = -1", "range"),
        ("points = 600", 'points = "many"', "shape"),
        ('action = "hold"', 'action = "hodl"', "unknown-name"),
        ("when = 'new_payee and", "when = 'new_paye and", "unknown-name"),
        ("when = ", "wen = ", "unknown-key"),
        ("text.kk", "text.kz", "unknown-key"),
        ("text.en = ", "#", "missing-translation"),
        ("{paid} жіберілді", "{payd} жіберілді", "placeholder"),
        ("{paid} жіберілді", "жіберілді", "placeholder"),
        ("{paid} жіберілді", "{paid:percent} жіберілді", "placeholder"),
        ("paid = 'sum", "count = 'sum", "bad-name"),
        ("paid = 'sum", "amount = 'sum", "bad-name"),
        ("paid = 'sum", "Paid = 'sum", "bad-name"),
        ("paid = 'sum", "religion = 'sum", "forbidden"),
        ("paid = 'sum", "x = '''", "toml"),
        ("pair_payments = 'count", "pair_payments = 'new_payee and count", "cycle"),
    ],
)
def test_each_fault_is_found_by_name(tmp_path: Path, old: str, new: str, name: str) -> None:
    """One change to a policy that is right, and the fault it makes."""
    assert old in POLICY
    assert name in names(tmp_path, POLICY.replace(old, new, 1))


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    """Line and column of the very name, inside strings of every kind."""
    text = '[policy]\nname = "x"\n[rules.r]\npoints = 5\n' + TEXTS
    for written_as, line, column in (
        ("when = 'amuont > 5'\n", 8, 9),
        ('when = "channel == \\"web\\" and amuont > 5"\n', 8, 32),
        ("when = '''\nchannel == \"web\" and\n  amuont > 5'''\n", 10, 3),
        ('when = """\nchannel == "web" \\\n   and amuont > 5"""\n', 10, 8),
    ):
        (found,) = faults(tmp_path, text + written_as)
        assert (line, column, 6) == (found.line, found.column, found.length)


def test_windows_newlines_are_newlines(tmp_path: Path) -> None:
    """The same policy, the same hash, the same places."""
    path = written(tmp_path, POLICY)
    expected = load(path).hash
    path.write_bytes(POLICY.replace("\n", "\r\n").encode())
    assert expected == load(path).hash


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """Not there, a folder, too large, not UTF-8."""
    path = tmp_path / "policy.toml"
    assert ["file"] == [d.name for d in check(path)]
    assert ["file"] == [d.name for d in check(tmp_path)]
    path.write_bytes(b"#" * (MAX_POLICY_BYTES + 1))
    assert ["file"] == [d.name for d in check(path)]
    path.write_bytes(b'[policy]\nname = "\xff"')
    (found,) = check(path)
    assert "another byte in line 2" == found.found


def test_the_limits_are_the_limits(tmp_path: Path) -> None:
    """So many features, rules and letters, and no more."""
    for count, expected in ((MAX_FEATURES, []), (MAX_FEATURES + 1, ["limit"])):
        features = "\n".join(f"f{i} = '{i}'" for i in range(count))
        text = with_rules("new_device", features=features)
        assert expected == [n for n in names(tmp_path, text) if n != "unused-feature"]
    for count, expected in ((MAX_RULES, []), (MAX_RULES + 1, ["limit"])):
        text = with_rules(*(f'amount > "{i} KZT"' for i in range(count)))
        assert expected == names(tmp_path, text)
    text = with_rules("new_device")
    long = "x" * MAX_TEXT_CHARS
    assert [] == names(tmp_path, text.replace('kk = "-"', f'kk = "{long}"'))
    assert ["limit"] == names(tmp_path, text.replace('kk = "-"', f'kk = "{long}x"'))


def test_a_long_line_of_features_needs_no_deep_stack(tmp_path: Path) -> None:
    """Each rests on the one before, all of them used through the last."""
    chain = "\n".join(f"f{i} = 'f{i - 1} + 1'" for i in range(MAX_FEATURES - 1, 0, -1))
    text = with_rules(f"f{MAX_FEATURES - 1} > 5", features=f"{chain}\nf0 = 'hour(happened_at)'")
    assert [] == names(tmp_path, text)


BLOCK = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^\| `(.+)` \| (a number|money|a duration|yes or no) \|$", re.MULTILINE)


def test_the_reference_shows_policies_that_compile(root: Path, tmp_path: Path) -> None:
    """Its documents without a fault, its expressions with the types it says."""
    page = (root / "docs" / "reference" / "policy-language.md").read_text(encoding="utf-8")
    documents = BLOCK.findall(page)
    assert [[]] * len(documents) == [names(tmp_path, document) for document in documents]
    examples = EXAMPLE.findall(page)
    assert len(examples) >= 9
    for text, type_ in examples:
        expression = parse(text, Scope())
        assert not isinstance(expression, tuple), expression
        assert type_.removeprefix("a plain ") == name_type(expression.type).replace("plain ", "")


KEYS = st.sampled_from(
    ["policy", "features", "rules", "thresholds", "name", "keep", "text", "kk", "when", "points",
     "expression", "a", "b", "", "a b", "\x1b"]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        st.integers(-5, 2_000).map(str),
        st.sampled_from(["true", "1.5", "1979-05-27", "''", "'a + b'", '"{a}"', "'''\nn'''",
                         '"\\u0441"', "inf"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{k} = {v}" for k, v in table.items()) + "}"
        ),
    ),
    max_leaves=5,
)  # fmt: skip


def _quoted(key: str) -> str:
    return '"' + key.replace("\x1b", "\\u001b") + '"'


LINES = st.one_of(
    st.builds("{} = {}".format, KEYS.map(_quoted), VALUES),
    st.builds("{}.{} = {}".format, KEYS.map(_quoted), KEYS.map(_quoted), VALUES),
    st.builds("[{}]".format, KEYS.map(_quoted)),
    st.builds("[{}.{}]".format, KEYS.map(_quoted), KEYS.map(_quoted)),
    st.builds("[[{}]]".format, KEYS.map(_quoted)),
    st.text(max_size=10),
)


@given(st.lists(LINES, max_size=12))
def test_no_document_does_anything_but_load_or_be_refused(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """Any TOML and any text: diagnostics at most."""
    text = "\n".join(lines).encode("utf-8", "replace").decode()
    path = written(tmp_path_factory.getbasetemp(), text, "any.toml")
    for diagnostic in check(path):
        assert diagnostic.line <= text.count("\n") + 2
        assert diagnostic.what


def test_a_fallback_is_one_of_the_actions(tmp_path: Path) -> None:
    """It is part of the policy's version where it is declared, and of no other's."""
    plain = load(written(tmp_path, POLICY))
    for word in ("allow", "warn", "hold", "block"):
        text = POLICY.replace("[policy]", f'[policy]\nfallback = "{word}"')
        policy = load(written(tmp_path, text))
        assert (word, False) == (policy.fallback, policy.hash == plain.hash)
    assert plain.fallback is None
    for word, name in (('"hodl"', "unknown-name"), ("7", "shape")):
        text = POLICY.replace("[policy]", f"[policy]\nfallback = {word}")
        assert [name] == [one.name for one in check(written(tmp_path, text))]
