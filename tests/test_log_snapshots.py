"""Snapshots come back as they were, or say why not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from arasha.errors import KeyDestroyed, SnapshotError
from arasha.log import snapshots
from arasha.log.keys import KeyStore, Retention, period_named

MAY = period_named("2018-05")
POLICY = "ab" * 32
ARRAYS: dict[str, NDArray[np.generic]] = {
    "big": np.arange(3_000_000),  # three chunks
    "empty": np.zeros((0, 4), np.uint16),
    "scalar": np.array(5.5),
    "table": np.arange(12, dtype=np.uint8).reshape(3, 4)[:, ::2],
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory whose key of May 2018 exists."""
    KeyStore(tmp_path).create(Retention.FACTS, MAY)
    return tmp_path


def test_a_snapshot_comes_back(directory: Path) -> None:
    """Arrays of any shape and layout, and the plain values, unchanged."""
    meta: snapshots.Meta = {"events": 12, "name": "x", "share": 0.5, "on": True, "none": None}
    path = snapshots.save(directory, 77, MAY, POLICY, ARRAYS, meta)
    back = snapshots.load(path, POLICY)
    assert (77, POLICY, meta) == (back.seq, back.policy_hash, back.meta)
    assert list(ARRAYS) == list(back.arrays)
    for name, array in ARRAYS.items():
        assert array.dtype == back.arrays[name].dtype
        np.testing.assert_array_equal(array, back.arrays[name], strict=True)
    assert 0o600 == path.stat().st_mode & 0o777


@settings(deadline=None, max_examples=30,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    hnp.arrays(
        st.sampled_from([np.int64, np.uint8, np.float64, np.bool_]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
    )
)
def test_any_array_comes_back(directory: Path, array: NDArray[np.generic]) -> None:
    """Whatever the type and the shape."""
    back = snapshots.load(snapshots.save(directory, 1, MAY, POLICY, {"a": array}, {}))
    np.testing.assert_array_equal(array, back.arrays["a"], strict=True)


def test_the_latest_that_fits_is_found(directory: Path) -> None:
    """Not beyond the seq asked for, and of the same policy; a damaged one is passed over."""
    for seq in (10, 20, 30):
        snapshots.save(directory, seq, MAY, POLICY, {}, {})
    snapshots.save(directory, 25, MAY, "cd" * 32, {}, {})

    def found(at_most: int) -> int | None:
        path = snapshots.latest(directory, at_most, POLICY)
        return None if path is None else snapshots.load(path).seq

    assert [None, 10, 20, 30] == [found(9), found(10), found(29), found(1000)]
    (_, path) = snapshots.listed(directory)[-1]
    path.write_bytes(b"rubbish")
    assert 20 == found(1000)


def test_every_flipped_byte_is_noticed(directory: Path) -> None:
    """In the header, the wrapped key, a length or a chunk: SnapshotError, never other arrays."""
    path = snapshots.save(directory, 5, MAY, POLICY, {"a": np.arange(4)}, {"x": 1})
    content = path.read_bytes()
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        with pytest.raises(SnapshotError):
            snapshots.load(path)
    for wrong in (content[:-1], content + b"x", b"", content[: len(content) // 2]):
        path.write_bytes(wrong)
        with pytest.raises(SnapshotError, match="damaged"):
            snapshots.load(path)


def test_other_versions_and_policies_are_refused(directory: Path) -> None:
    """Each with what was expected and what was found."""
    path = snapshots.save(directory, 5, MAY, POLICY, {}, {})
    with pytest.raises(SnapshotError, match="another policy") as error:
        snapshots.load(path, "cd" * 32)
    assert ("cd" * 32, POLICY) == (error.value.expected, error.value.found)
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":2'))
    with pytest.raises(SnapshotError, match="another version"):
        snapshots.load(path)
    with pytest.raises(SnapshotError, match="damaged"):
        snapshots.load(directory / "nowhere")


def test_without_the_month_s_key_nothing_is_written(directory: Path) -> None:
    """No snapshot outlives, or precedes, the key it hangs on; no file is left."""
    with pytest.raises(KeyDestroyed):
        snapshots.save(directory, 5, MAY + 1, POLICY, {}, {})
    assert [] == list((directory / "snapshots").iterdir())


def test_what_a_crash_left_is_swept(directory: Path) -> None:
    """A temporary file is no snapshot, and the next save removes it."""
    (directory / "snapshots").mkdir()
    stale = directory / "snapshots" / f"{9:020d}-abab.new"
    stale.write_bytes(b"half")
    assert [] == snapshots.listed(directory)
    snapshots.save(directory, 5, MAY, POLICY, {}, {})
    assert not stale.exists()


def test_the_plain_state_is_not_in_the_file(directory: Path) -> None:
    """Arrays and meta are encrypted."""
    array = np.arange(1_000, 2_000)
    content = snapshots.save(directory, 5, MAY, POLICY, {"a": array}, {"canary": "w"}).read_bytes()
    assert array[:4].tobytes() not in content
    assert b"canary" not in content


def test_destroying_overwrites_the_wrapped_key(directory: Path) -> None:
    """A second name of the file shows a snapshot that cannot be opened any more."""
    path = snapshots.save(directory, 5, MAY, POLICY, {"a": np.arange(4)}, {})
    second = directory / "snapshots" / "second"
    second.hardlink_to(path)
    snapshots.destroy(path)
    assert not path.exists()
    with pytest.raises(SnapshotError):
        snapshots.load(second)
    snapshots.destroy(path)


@pytest.mark.parametrize("arrays", [ARRAYS, {}, {"empty": np.zeros((0, 4), np.uint16)}])
def test_the_plain_values_are_read_alone(
    directory: Path, arrays: dict[str, NDArray[np.generic]]
) -> None:
    """Without the arrays; what cannot be read has none."""
    path = snapshots.save(directory, 77, MAY, POLICY, arrays, {"taken_for": "a test"})
    assert {"taken_for": "a test"} == snapshots.meta_of(path)
    damaged = bytearray(path.read_bytes())
    damaged[120:] = b""
    path.write_bytes(damaged)
    assert snapshots.meta_of(path) is None
    assert snapshots.meta_of(directory / "none") is None
