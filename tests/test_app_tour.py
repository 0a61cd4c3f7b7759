from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from app_samples import POLICY, handbook_file, run
from arasha.app import tour
from arasha.app.terminal import Exit
from arasha.engine.judgements import none
from arasha.errors import UsageError
from reports_samples import judgements


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand card payments."""
    return handbook_file(tmp_path_factory.mktemp("tour"))


def test_the_tour_shows_it_all_and_can_be_given_again(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures, one decision in three languages, the page, a sound log; twice in one directory."""
    out = tmp_path / "handbook"
    for _ in range(2):
        assert tour.tour(file, POLICY, out) == Exit.OK
        text, complaints = capsys.readouterr()
        assert complaints == ""
        for expected in (
            "frauds found", "good payments bothered", "hold: payment", " kk ", " ru ", " en ",
            "are as they were written", "To try next",
        ):  # fmt: skip
            assert expected in text
        assert (out / "backtest.html").is_file()


def test_the_commands_to_try_next_work(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each as it is printed."""
    assert tour.tour(file, POLICY, tmp_path / "out") == Exit.OK
    last = capsys.readouterr().out.partition("To try next")[2].splitlines()
    commands = [shlex.split(line)[1:] for line in last if "arasha " in line]
    assert {"explain", "policy", "backtest", "log"} == {command[0] for command in commands}
    for command in commands:
        assert run(*command).returncode == Exit.OK, command


def test_only_what_a_tour_made_is_removed(tmp_path: Path) -> None:
    """A directory with a stranger's files is refused; in our own a stranger's file stays."""
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(UsageError, match="no tour has made"):
        tour.make_room(tmp_path)
    ours = tmp_path / "ours"
    tour.make_room(ours)
    (ours / "keys").mkdir()
    for name in ("keys/tokens.key", "log.sqlite", "decisions-00000.parquet", "notes.txt"):
        (ours / name).touch()
    tour.make_room(ours)
    assert {"notes.txt", tour.MARK} == {path.name for path in ours.iterdir()}


def test_data_are_found_where_arasha_data_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, else beside the repository, else nowhere."""
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("ARASHA_DATA", str(tmp_path / "named"))
    assert tour.find_data(root) is None
    beside = tmp_path / "shared" / "data" / tour.DATA_FILE
    named = tmp_path / "named" / tour.DATA_FILE
    for expected in (beside, named):
        expected.parent.mkdir(parents=True)
        expected.touch()
        assert expected == tour.find_data(root)


def test_data_are_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second time the file is taken as it is."""
    made = tour.make_data(tmp_path / "out", customers=20, terminals=30, days=5)
    before = made.stat().st_mtime_ns
    assert made == tour.make_data(tmp_path / "out")
    assert before == made.stat().st_mtime_ns
    assert "payments in" in capsys.readouterr().out
    assert [made] == list(made.parent.iterdir())


def test_the_largest_held_fraud_is_chosen() -> None:
    """Held, a fraud, in the currency of most payments; none where there is none."""
    rows: list[dict[str, object]] = [
        {"action": 2, "truth": 1, "amount": 5, "currency": 398},
        {"action": 2, "truth": 1, "amount": 7, "currency": 398},
        {"action": 2, "truth": 0, "amount": 9, "currency": 398},
        {"action": 3, "truth": 1, "amount": 9, "currency": 398},
        {"action": 2, "truth": 1, "amount": 99, "currency": 840},
    ]
    some = judgements(rows)
    assert int(some.seq[1]) == tour.largest_stopped(some)
    assert tour.largest_stopped(judgements(rows[2:4])) is None
    assert tour.largest_stopped(none()) is None
    assert int(judgements(rows[4:]).seq[0]) == tour.largest_stopped(judgements(rows[4:]))


def test_the_policies_are_found_in_the_checkout(root: Path) -> None:
    """Above the package, wherever it is called from."""
    assert root == tour.repository()


def test_a_file_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sentence and the exit code of wrong usage, no traceback."""
    root = tmp_path / "root"
    (root / "policies").mkdir(parents=True)
    (root / "policies" / "handbook.toml").write_bytes(POLICY.read_bytes())
    (root / "mappings").symlink_to(POLICY.parent.parent / "mappings")
    monkeypatch.setattr(tour, "repository", lambda: root)
    assert tour.main([str(tmp_path / "none.parquet")]) == Exit.USAGE
    assert "none.parquet" in capsys.readouterr().err
