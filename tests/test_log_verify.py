"""What log/verify.py finds: every kind of damage, and the first entry it touches."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arasha.errors import LogError, LogVersionError
from arasha.log.frames import HEADER_BYTES, NONCE_BYTES
from arasha.log.keys import Retention, period_named
from arasha.log.log import Log
from arasha.log.retire import retire
from arasha.log.verify import Damage, verify
from log_samples import APRIL_MS, DAY_MS, keep, made

FRAME = 12  # entries of each frame of the sample log: six payments, six decisions
FRAMES = 12


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 12 frames of 12 entries, four frames a month."""
    return made(tmp_path_factory.mktemp("sound") / "log")


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    """A copy of it that may be damaged."""
    return Path(shutil.copytree(sound, tmp_path / "log"))


def database(directory: Path) -> apsw.Connection:
    return apsw.Connection(str(directory / "log.sqlite"))


def frame(db: apsw.Connection, first_seq: int) -> dict[str, bytes]:
    names = ("headers", "leaves", "root", "seal", "facts", "acts")
    row = db.execute(
        f"SELECT {', '.join(names)} FROM frames WHERE first_seq = ?", (first_seq,)
    ).fetchone()
    assert row is not None
    return dict(zip(names, row, strict=True))


def put(db: apsw.Connection, first_seq: int, **columns: object) -> None:
    for name, value in columns.items():
        db.execute(f"UPDATE frames SET {name} = ? WHERE first_seq = ?", (value, first_seq))


def flipped(data: bytes, at: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def without(data: bytes, width: int, i: int) -> bytes:
    return data[: width * i] + data[width * (i + 1) :]


def swapped(data: bytes, width: int, i: int, j: int) -> bytes:
    parts = [data[k : k + width] for k in range(0, len(data), width)]
    parts[i], parts[j] = parts[j], parts[i]
    return b"".join(parts)


def body_width(columns: dict[str, bytes], i: int) -> int:
    return int.from_bytes(columns["headers"][HEADER_BYTES * i + 20 :][:4], "little")


def flip_body(db: apsw.Connection) -> None:
    columns = frame(db, 24)
    at = NONCE_BYTES + body_width(columns, 0) + 3  # in the second payment, entry 26
    put(db, 24, facts=flipped(columns["facts"], at))


def flip(column: str, at: int) -> Callable[[apsw.Connection], None]:
    return lambda db: put(db, 24, **{column: flipped(frame(db, 24)[column], at)})


def remove_frame(db: apsw.Connection) -> None:
    db.execute("DELETE FROM frames WHERE first_seq = 36")


def remove_tail(db: apsw.Connection) -> None:
    db.execute("DELETE FROM frames WHERE first_seq >= 120")


def cut_entry(db: apsw.Connection) -> None:
    """Entry 26 with its header, leaf and ciphertext, and the frame's counts put right."""
    columns = frame(db, 24)
    start = NONCE_BYTES + body_width(columns, 0)
    facts = columns["facts"]
    put(
        db, 24, count=FRAME - 1, facts_count=FRAME // 2 - 1,
        headers=without(columns["headers"], HEADER_BYTES, 2),
        leaves=without(columns["leaves"], 32, 2),
        facts=facts[:start] + facts[start + body_width(columns, 2) :],
    )  # fmt: skip


def cut_header(db: apsw.Connection) -> None:
    put(db, 24, headers=without(frame(db, 24)["headers"], HEADER_BYTES, 5))


def cut_last_header(db: apsw.Connection) -> None:
    put(db, 24, headers=frame(db, 24)["headers"][:-HEADER_BYTES])


def cut_ciphertext(db: apsw.Connection) -> None:
    put(db, 24, acts=frame(db, 24)["acts"][:-5])


def swap_entries(db: apsw.Connection) -> None:
    """Two payments of one length, 26 and 30, with headers, leaves and ciphertexts."""
    columns = frame(db, 24)
    width = body_width(columns, 2)
    assert {width} == {body_width(columns, i) for i in (0, 2, 4, 6)}
    facts = columns["facts"]
    slices = swapped(facts[NONCE_BYTES : NONCE_BYTES + 6 * width], width, 1, 3)
    put(
        db, 24, headers=swapped(columns["headers"], HEADER_BYTES, 2, 6),
        leaves=swapped(columns["leaves"], 32, 2, 6),
        facts=facts[:NONCE_BYTES] + slices + facts[NONCE_BYTES + 6 * width :],
    )  # fmt: skip


def swap_leaves(db: apsw.Connection) -> None:
    put(db, 24, leaves=swapped(frame(db, 24)["leaves"], 32, 3, 4))


def swap_frames(db: apsw.Connection) -> None:
    for old, new in ((24, -1), (60, 24), (-1, 60)):
        db.execute("UPDATE frames SET first_seq = ? WHERE first_seq = ?", (new, old))


def move_frame(db: apsw.Connection) -> None:
    db.execute("UPDATE frames SET first_seq = 25 WHERE first_seq = 24")


def repeat_frame(db: apsw.Connection) -> None:
    columns = "count, period, facts_count, headers, leaves, root, seal, facts, acts"
    db.execute(f"INSERT INTO frames SELECT 30, {columns} FROM frames WHERE first_seq = 24")


def add_frame(db: apsw.Connection) -> None:
    columns = "count, period, facts_count, headers, leaves, root, seal, facts, acts"
    db.execute(f"INSERT INTO frames SELECT 144, {columns} FROM frames WHERE first_seq = 24")


def put_count(db: apsw.Connection) -> None:
    put(db, 24, count=FRAME - 2)


def put_head(name_at: int) -> Callable[[apsw.Connection], None]:
    def damage(db: apsw.Connection) -> None:
        head = db.execute("SELECT value FROM meta WHERE name = 'head'").fetchone()
        assert head is not None
        db.execute("UPDATE meta SET value = ? WHERE name = 'head'", (flipped(head[0], name_at),))

    return damage


CASES: list[tuple[str, Callable[[apsw.Connection], None], int, Damage]] = [
    ("a byte of a body", flip_body, 26, Damage.CHANGED),
    ("a byte of the facts' tag", flip("facts", -1), 24, Damage.CHANGED),
    ("a byte of the acts' tag", flip("acts", -1), 25, Damage.CHANGED),
    ("a byte of a nonce", flip("facts", 0), 24, Damage.CHANGED),
    ("a header's seq", flip("headers", 3 * HEADER_BYTES), 27, Damage.CHANGED),
    ("a header's time", flip("headers", 4 * HEADER_BYTES + 8), 28, Damage.CHANGED),
    ("a header's length", flip("headers", 4 * HEADER_BYTES + 23), 28, Damage.CHANGED),
    ("a header's kind", flip("headers", 6 * HEADER_BYTES + 24), 30, Damage.CHANGED),
    ("a leaf", flip("leaves", 7 * 32), 31, Damage.CHANGED),
    ("a root", flip("root", 9), 24, Damage.CHANGED),
    ("a seal", flip("seal", 9), 24, Damage.CHANGED),
    ("a frame's count", put_count, 34, Damage.CHANGED),
    ("a frame removed", remove_frame, 36, Damage.REMOVED),
    ("the tail removed", remove_tail, 120, Damage.REMOVED),
    ("an entry cut out", cut_entry, 26, Damage.REMOVED),
    ("a header cut out", cut_header, 29, Damage.REMOVED),
    ("the last header cut off", cut_last_header, 35, Damage.REMOVED),
    ("a ciphertext cut short", cut_ciphertext, 35, Damage.CHANGED),
    ("two entries swapped", swap_entries, 26, Damage.REORDERED),
    ("two leaves swapped", swap_leaves, 27, Damage.REORDERED),
    ("two frames swapped", swap_frames, 24, Damage.REORDERED),
    ("a frame moved", move_frame, 24, Damage.REORDERED),
    ("a frame repeated inside", repeat_frame, 36, Damage.REORDERED),
    ("a frame after the head", add_frame, 144, Damage.ADDED),
    ("the head's root", put_head(20), 144, Damage.UNREADABLE),
    ("the head's time", put_head(8), 143, Damage.CHANGED),
]


@pytest.mark.parametrize(
    ("damage", "seq", "kind"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_the_first_bad_entry_is_named(
    copy: Path, sound: Path, damage: Callable[[apsw.Connection], None], seq: int, kind: Damage
) -> None:
    """Each damage is found, at the entry it touches first, with the root of all before it."""
    with database(copy) as db:
        damage(db)
    db.close()
    verdict = verify(copy)
    assert (False, seq, kind) == (verdict.ok, verdict.seq, verdict.damage)
    assert f"entry {seq} was {kind}: " == verdict.sentence[: len(f"entry {seq} was {kind}: ")]
    with Log.open(sound, writable=False) as log:
        assert log.root(verdict.size) == verdict.root
    assert verdict.size == seq or "authentic" in verdict.sentence or kind is Damage.CHANGED


def test_a_sound_log_is_sound(sound: Path) -> None:
    """All entries are counted, the root is the log's, progress comes to the end."""
    calls: list[tuple[int, int]] = []
    verdict = verify(sound, on_progress=lambda done, of: calls.append((done, of)))
    with Log.open(sound, writable=False) as log:
        assert (True, log.size, log.root(), 0) == (
            verdict.ok, verdict.size, verdict.root, verdict.closed,
        )  # fmt: skip
    assert FRAMES * FRAME == verdict.size
    assert [(FRAME * (i + 1), verdict.size) for i in range(FRAMES)] == calls


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_single_byte_of_a_frame_can_be_changed(
    sound: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """Wherever a byte of any frame is flipped, the frame is named, or an entry of it."""
    copy = tmp_path / "flipped"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(sound, copy)
    first = FRAME * data.draw(st.integers(0, FRAMES - 1))
    column = data.draw(st.sampled_from(["headers", "leaves", "root", "seal", "facts", "acts"]))
    with database(copy) as db:
        at = data.draw(st.integers(0, len(frame(db, first)[column]) - 1))
        put(db, first, **{column: flipped(frame(db, first)[column], at)})
    db.close()
    verdict = verify(copy)
    assert not verdict.ok
    assert verdict.seq is not None
    assert first <= verdict.seq < first + FRAME


def test_a_log_in_use_can_be_verified(copy: Path) -> None:
    """The writer goes on; the verdict is of what was there."""
    with Log.open(copy) as log:
        keep(log, 2, 500, APRIL_MS + 70 * DAY_MS)
        assert (True, 148) == (verify(copy).ok, verify(copy).size)


def test_a_retired_month_still_verifies_and_still_shows_damage(copy: Path) -> None:
    """Without the key, ciphertexts are checked against the leaves, tags against the seal."""
    with Log.open(copy) as log:
        retire(log, Retention.FACTS, "2018-04", widest_window_ms=DAY_MS, by="x", reason="y")
    assert (True, 24) == (verify(copy).ok, verify(copy).closed)
    with database(copy) as db:
        flip("facts", -1)(db)
    db.close()
    assert (24, Damage.CHANGED) == (verify(copy).seq, verify(copy).damage)


def test_a_log_rewritten_with_all_its_hashes_is_caught_by_the_key(copy: Path) -> None:
    """Whoever can write leaves, roots and head but has no key cannot change a readable body."""
    from dataclasses import replace

    from arasha.log import frames, merkle
    from arasha.log.driver import Head
    from arasha.log.store import Store

    store = Store(copy, writable=False)
    stored = [store.frame_holding(12 * i) for i in range(FRAMES)]
    known_at = store.head().last_known_at_ms
    store.close()
    frontier = merkle.Frontier()
    with database(copy) as db:
        for i, row in enumerate(stored):
            assert row is not None
            facts = row.facts
            assert facts is not None
            changed = replace(row, facts=flipped(facts, 40)) if i == 2 else row
            rows = changed.header_rows()
            leaves = frames.leaf_hashes(
                changed.headers, rows["length"].astype(np.int64), rows["class"] == 1,
                changed.facts, changed.acts,
            )  # fmt: skip
            frontier = frontier.extended(leaves)
            changed = replace(changed, leaves=leaves, root=frontier.root())
            put(db, row.first_seq, leaves=leaves, root=changed.root, facts=changed.facts,
                seal=changed.expected_seal())  # fmt: skip
        db.execute(
            "UPDATE meta SET value = ? WHERE name = 'head'", (Head(frontier, known_at).pack(),)
        )
    db.close()
    verdict = verify(copy)
    assert (24, Damage.CHANGED) == (verdict.seq, verdict.damage)
    assert "not authentic" in verdict.sentence


def test_an_older_copy_is_caught_by_a_noted_root(sound: Path, copy: Path) -> None:
    """A whole older log is sound in itself; a size and root noted elsewhere tell."""
    with Log.open(copy) as log:
        keep(log, 1, 900, APRIL_MS + 90 * DAY_MS)
        noted = (log.size, log.root())
        earlier = (30, log.root(30))
    assert verify(copy, noted=noted).ok
    assert verify(copy, noted=earlier).ok
    assert (144, Damage.REMOVED) == (
        verify(sound, noted=noted).seq, verify(sound, noted=noted).damage,
    )  # fmt: skip
    assert "rewritten" in verify(copy, noted=(30, bytes(32))).sentence


def test_corrupt_pages_give_a_verdict(copy: Path) -> None:
    """A file whose pages are overwritten is unreadable from some entry on; no traceback."""
    path = copy / "log.sqlite"
    content = bytearray(path.read_bytes())
    content[8192 * 3 :] = b"\xff" * (len(content) - 8192 * 3)
    path.write_bytes(content)
    verdict = verify(copy)
    assert not verdict.ok
    assert "cannot be read" in verdict.sentence or "was" in verdict.sentence
    path.write_bytes(b"\0" * 100)
    assert Damage.UNREADABLE == verify(copy).damage


def read_all(directory: Path) -> None:
    with Log.open(directory) as log:
        for _ in log.read():
            pass


@pytest.mark.parametrize("at", range(7))
def test_any_page_overwritten_gives_a_verdict(copy: Path, at: int) -> None:
    """Whichever page is filled with rubbish, there is a verdict or a clear error."""
    path = copy / "log.sqlite"
    content = bytearray(path.read_bytes())
    assert 7 * 8192 == len(content)
    content[at * 8192 + 100 : (at + 1) * 8192] = bytes(range(256)) * 31 + bytes(156)
    path.write_bytes(content)
    verdict = verify(copy)
    assert not verdict.ok
    with pytest.raises(LogError):
        read_all(copy)


def test_no_log_and_another_version_are_errors(tmp_path: Path, copy: Path) -> None:
    """These are not damage: verify says so with exceptions."""
    with pytest.raises(LogError, match="no log here"):
        verify(tmp_path / "nowhere")
    database(copy).pragma("user_version", 2)
    with pytest.raises(LogVersionError, match="another version"):
        verify(copy)


def test_periods_are_where_the_sample_says() -> None:
    """The sample log begins in April 2018 (guards the other tests' arithmetic)."""
    assert period_named("2018-04") == 2018 * 12 + 3
