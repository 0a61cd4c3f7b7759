from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from arasha.app import main
from arasha.app.bench import engine, first, machine, results, service, traffic
from arasha.app.bench.policies import rules_alone
from arasha.app.bench.results import Bound, Report, Result
from arasha.app.bench.sizes import Sizes
from arasha.app.terminal import Exit
from arasha.errors import UsageError
from arasha.policy import document
from arasha.policy.judge import Judge

TINY = Sizes(
    window_payments=3_000, window_rounds=1, replay_payments=2_000, replay_rounds=1,
    single_warm=2_000, singles=20, durable_singles=10, held=4_000, held_fewer=400, hub=2_000,
    batches=2, cached_starts=1, service_seconds=0.5, overload_seconds=0.5, restart_entries=2_000,
    call_peer_calls=500,
)  # fmt: skip
KEYS = {"metric", "value", "unit", "peer", "ratio", "reach", "met", "note", "beside"}
QUICK_GROUPS = [group for group in engine.GROUPS if group is not first.first]


def check_shape(found: dict[str, object]) -> None:
    """One result has the keys that docs/benchmarks.md names, and exactly one bound."""
    bounds = {"at_least", "at_most"} & set(found)
    assert 1 == len(bounds)
    assert set(found) == KEYS | bounds
    assert isinstance(found["value"], int | float)
    assert isinstance(found["reach"], int | float)
    assert isinstance(found["met"], bool)


@pytest.mark.parametrize("group", QUICK_GROUPS, ids=lambda group: group.__name__)
def test_a_group_of_results_has_the_promised_shape(
    group: Callable[[Sizes], list[Result]], small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each group measures promises of METRICS as JSON can hold them, whatever the sizes.

    On the way the windows' answers are compared with Polars', the restored state's with those of
    the state that was saved.
    """
    monkeypatch.setenv("ARASHA_DATA", str(small_data))
    found = group(TINY)
    assert found
    for result in found:
        assert result.metric in engine.METRICS
        check_shape(json.loads(json.dumps(result.as_object())))


@pytest.mark.parametrize("group", service.GROUPS, ids=lambda group: group.__name__)
def test_the_service_is_measured_as_a_process(
    group: Callable[[Sizes], list[Result]], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real service under load from another process; every promise is measured."""
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(root / "src"))
    found = group(TINY)
    assert found
    for result in found:
        assert result.metric in service.METRICS
        check_shape(json.loads(json.dumps(result.as_object())))


def test_without_the_handbook_data_like_it_are_made_and_named_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures never claim third-party data that were not there."""
    monkeypatch.setattr(traffic, "_ROOT", tmp_path)
    monkeypatch.setenv("ARASHA_DATA", str(tmp_path))
    assert "made-up" in traffic.handbook_name()
    assert 1_000 == len(traffic.handbook(1_000))


def test_away_from_the_repository_the_policy_is_missed_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default policy is not part of the package: the error says where to run."""
    monkeypatch.setattr(traffic, "_ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"policies/instant-payments.toml is not here"):
        traffic.house_file("policies/instant-payments.toml")


def test_a_nation_is_the_same_each_time_and_its_days_fit_the_widest_window() -> None:
    """Equal chunks give equal payments; a history ends within DAYS days; nobody pays himself."""
    nation = traffic.Nation.of(2_000)
    (once, times), (again, _) = (next(iter(nation.history(2_000))) for _ in range(2))
    assert 2_000 == len(once)
    for name, column in once.symbols.items():
        assert (column == again.symbols[name]).all()
    assert times[-1] - times[0] < traffic.DAYS * 86_400_000
    assert not (once.symbols["payer_account"] == once.symbols["payee_account"]).all(axis=1).any()


def test_the_hub_is_one_account() -> None:
    """Payments of a given payer, or to a given payee, have no other."""
    nation = traffic.Nation.of(2_000)
    paid, _ = nation.payments(1, nation.times(0, 100), payer=7)
    received, _ = nation.payments(2, nation.times(0, 100), payee=7)
    assert (paid.symbols["payer_account"] == nation.symbols[7]).all()
    assert (received.symbols["payee_account"] == nation.symbols[7]).all()


@pytest.mark.parametrize(
    ("value", "bound", "met"),
    [
        (10.0, "at_least", True), (9.9, "at_least", False),
        (10.0, "at_most", True), (10.1, "at_most", False), (None, "at_most", False),
    ],
)  # fmt: skip
def test_a_promise_is_met_at_its_reach(*, value: float | None, bound: Bound, met: bool) -> None:
    """The reach itself is enough; what was not measured is not met."""
    assert met == Result("m", value, "s", bound, 10).met


def test_the_report_is_the_object_the_documents_promise() -> None:
    """The keys are those of docs/benchmarks.md; figures are rounded to four digits."""
    result = Result("m", 1.23456, "s", "at_most", 2, "Polars 1", 0.5, "small", {"other_s": None})
    report = Report("engine", True, {"cores": 2}, None, (result,))
    assert {
        "bench": "engine", "quick": True, "machine": {"cores": 2}, "commit": None,
        "results": [
            {
                "metric": "m", "value": 1.235, "unit": "s", "peer": "Polars 1", "ratio": 0.5,
                "reach": 2, "at_most": True, "met": True, "note": "small",
                "beside": {"other_s": None},
            }
        ],
    } == report.as_object()  # fmt: skip


def test_the_table_says_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    """People see the metric, its value with its unit, what it must reach, and the conditions."""
    result = Result("restore", 3.5, "s", "at_most", 10, note="on disk", beside={"size_mb": 7.0})
    results.print_table(Report("engine", False, {"cores": 2}, "abc", (result,)))
    shown = capsys.readouterr().out
    for words in ("restore", "3.5 s", "≤ 10", "yes", "on disk", "size_mb 7", "cores"):
        assert words in shown


def test_results_come_in_the_order_of_the_promises() -> None:
    """Whatever order they were measured in."""
    mixed = [Result(name, 1.0, "s", "at_most", 1) for name in reversed(engine.METRICS)]
    assert list(engine.METRICS) == [result.metric for result in engine.in_order(mixed)]


def test_the_machine_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processor, cores, versions, load and fsync are said, and memory where it can be."""
    monkeypatch.setattr(machine, "SYNCS", 3)
    described = json.loads(json.dumps(machine.describe()))
    assert {
        "cpu", "cores", "memory_gib", "system", "python", "packages", "load_1m",
        "fsync_us_p50", "fsync_us_p99",
    } == set(described)  # fmt: skip
    resident = machine.resident_bytes()
    assert resident is None or resident > 1 << 20


def test_the_first_decision_is_printed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The process whose start is measured decides a payment and says the action."""
    first.main(root / "policies" / "instant-payments.toml")
    assert capsys.readouterr().out.strip() in {"allow", "warn", "hold", "block"}


def test_benchmarks_of_the_engine_run_the_rules_alone(root: Path) -> None:
    """Nothing of the model is left, nor what only it looks at; each rule has all it rests on."""
    path = root / "policies" / "instant-payments.toml"
    policy, alone = document.load(path), rules_alone(path)
    assert (None, (), {}) == (alone.model, alone.keep, alone.groups)
    assert policy.rules == alone.rules
    assert "new_payee" in alone.features
    assert "amount_kzt" in policy.features
    assert "amount_kzt" not in alone.features
    assert Judge(alone).fresh_state().plan.groups < Judge(policy).fresh_state().plan.groups


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Only named benchmarks exist."""
    assert Exit.USAGE == main.main(["bench", "everything"])


@pytest.mark.slow
def test_the_quick_run_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    """``arasha bench engine --quick --json`` reports every promise once, in order."""
    assert Exit.OK == main.main(["bench", "engine", "--quick", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert list(engine.METRICS) == [result["metric"] for result in found["results"]]
    for result in found["results"]:
        check_shape(result)
