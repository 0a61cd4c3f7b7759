"""Documents of cases: kept whole under a key of each case, and gone with it, whatever happens."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from secrets import token_bytes

import pytest

from arasha.cases import attachments
from arasha.cases.attachments import ATTACHMENTS_FILE, Attachments, Document, sniffed
from arasha.errors import KeyDestroyed, StateFull, StoreError, StoreFull
from arasha.events.schema import Kind
from arasha.log.keys import KeyStore, Retention, period_named
from arasha.testing.disk import Disk, Fault, layer

MONTH = period_named("2026-11")
PDF, PNG = b"%PDF-1.7\n%\xe2\xe3 a contract", b"\x89PNG\r\n\x1a\n a picture of a message"


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """The keys of a log that has acts of a month."""
    store = KeyStore(tmp_path)
    store.create(Retention.ACTS, MONTH)
    return store


def document(data: bytes) -> Document:
    found = Document.of(data)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        ("Алло, это банк\r\n\tдиктуйте код".encode(), "text/plain"),
        (b"<script>alert(1)</script>", "text/plain"),  # words, and served as such
        (b"", None),
        (b" \n", None),
        (b"MZ\x90\x00\x03", None),
        (b"PK\x03\x04 an archive", None),
        (b"GIF89a\x01\x00", None),
        (b"words\x00", None),
        (b"\x1b[31mred", None),
        (b"\xff\xfeU\x00T\x00F\x00", None),
    ],
)
def test_what_it_is_is_read_from_its_bytes(data: bytes, media_type: str | None) -> None:
    """Whatever its sender says."""
    assert media_type == sniffed(data)
    found = Document.of(data)
    assert media_type == (None if found is None else found.media_type)


def test_it_is_there_again_and_nowhere_in_the_clear(tmp_path: Path, keys: KeyStore) -> None:
    """Kept twice it is there once; of another case it is not there."""
    kept = Attachments.open(tmp_path, keys, token_bytes)
    kept.keep("c1", document(PDF), MONTH)
    kept.keep("c1", document(PDF), MONTH)
    kept.keep("c2", document(PNG), MONTH)
    kept.close()
    again = Attachments.open(tmp_path, KeyStore(tmp_path), token_bytes)
    pdf, png = document(PDF), document(PNG)
    assert (pdf, png) == (again.read("c1", pdf.sha256), again.read("c2", png.sha256))
    assert again.read("c1", png.sha256) is None
    assert again.read("c9", pdf.sha256) is None
    assert [(2,)] == again.database.rows("SELECT count(*) FROM attachments")
    again.close()
    files = b"".join(path.read_bytes() for path in tmp_path.glob(f"{ATTACHMENTS_FILE}*"))
    assert b"a contract" not in files
    assert b"a picture" not in files


def test_a_case_that_is_erased_has_none_any_more(tmp_path: Path, keys: KeyStore) -> None:
    """Key and bytes are nowhere in the file; the act says who and why, and nobody else; another
    case keeps its own; the case may be given new ones.
    """
    kept = Attachments.open(tmp_path, keys, token_bytes)
    kept.keep("c1", document(PDF), MONTH)
    kept.keep("c2", document(PNG), MONTH)
    rows = kept.database.rows(
        "SELECT wrapped, sealed FROM attachments JOIN case_keys USING (case_id)"
        " WHERE case_id = 'c1'"
    )
    assert 1 == kept.erase("c1", by="dana", reason="a court has ordered it")
    assert 0 == kept.erase("c1", by="dana", reason="once more")
    assert kept.read("c1", document(PDF).sha256) is None
    assert document(PNG) == kept.read("c2", document(PNG).sha256)
    (act,) = kept.database.waiting()
    told = json.loads(act.body)
    assert (Kind.RIGHTS, "attachments_erased", "c1", "dana", 1) == (
        act.kind, told["change"], told["name"], told["by"], told["documents"],
    )  # fmt: skip
    kept.keep("c1", document(PNG), MONTH)
    assert document(PNG) == kept.read("c1", document(PNG).sha256)
    kept.close()
    files = b"".join(path.read_bytes() for path in tmp_path.glob(f"{ATTACHMENTS_FILE}*"))
    for wrapped, sealed in rows:
        assert bytes(wrapped) not in files
        assert bytes(sealed) not in files


def test_it_ends_with_the_month_that_its_key_is_under(tmp_path: Path, keys: KeyStore) -> None:
    """Without the key of that month's acts nothing of it can be read."""
    kept = Attachments.open(tmp_path, keys, token_bytes)
    kept.keep("c1", document(PDF), MONTH)
    keys.destroy(Retention.ACTS, MONTH)
    with pytest.raises(KeyDestroyed):
        kept.read("c1", document(PDF).sha256)
    kept.close()


def test_what_was_changed_under_it_is_not_given_out(tmp_path: Path, keys: KeyStore) -> None:
    """A bit of the bytes, or the documents of two cases exchanged."""
    kept = Attachments.open(tmp_path, keys, token_bytes)
    kept.keep("c1", document(PDF), MONTH)
    kept.keep("c2", document(PNG), MONTH)
    [(sealed,)] = kept.database.rows("SELECT sealed FROM attachments WHERE case_id = 'c1'")
    for other in (bytes(sealed)[:-1] + bytes([bytes(sealed)[-1] ^ 1]), b""):
        with kept.database.change() as db:
            db.execute("UPDATE attachments SET sealed = ? WHERE case_id = 'c1'", (other,))
        with pytest.raises(StoreError, match="not what was kept"):
            kept.read("c1", document(PDF).sha256)
    with kept.database.change() as db:
        db.execute("UPDATE attachments SET case_id = 'c1' WHERE case_id = 'c2'")
    with pytest.raises(StoreError, match="not what was kept"):
        kept.read("c1", document(PNG).sha256)
    kept.close()


def test_a_case_holds_no_more_than_it_may(
    tmp_path: Path, keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that does not fit is not kept; what is there stays; another case has its own room."""
    monkeypatch.setattr(attachments, "MAX_CASE_BYTES", len(PDF) + 1)
    kept = Attachments.open(tmp_path, keys, token_bytes)
    kept.keep("c1", document(PDF), MONTH)
    with pytest.raises(StateFull, match="no more documents"):
        kept.keep("c1", document(b"12"), MONTH)
    kept.keep("c1", document(PDF), MONTH)
    kept.keep("c2", document(b"12"), MONTH)
    assert kept.read("c1", document(b"12").sha256) is None
    kept.close()


def run(directory: Path, keys: KeyStore, disk: Disk) -> tuple[list[bytes], bool]:
    """Keep three documents, a large one among them; those that were kept as far as we were told,
    and whether the disk's fault was told.
    """
    kept: list[bytes] = []
    with layer(disk) as vfs:
        opened = None
        failed = False
        try:
            opened = Attachments.open(directory, keys, token_bytes, vfs=vfs)
            for data in (PDF, PNG + bytes(40_000), b"words"):
                opened.keep("c1", document(data), MONTH)
                kept.append(data)
        except (StoreError, StoreFull):
            failed = True
        if opened is not None:
            opened.close()
    return kept, failed


@pytest.mark.parametrize("fault", ["fail", "full", "cut", "torn"])
def test_at_each_operation_a_fault(tmp_path: Path, keys: KeyStore, fault: Fault) -> None:
    """What was told to be kept is there, whole; the others can be kept then."""
    sound = Disk()
    kept, failed = run(tmp_path / "sound", keys, sound)
    assert (3, False) == (len(kept), failed)
    assert {"write", "sync"} <= set(sound.seen)
    for n in range(0, len(sound.seen), 2):
        disk = Disk(n, fault)
        kept, failed = run(tmp_path / str(n), keys, disk)
        assert failed or fault == "full" or "delete" in disk.seen[n]
        if fault in ("cut", "torn"):
            disk.lose(Random(n))
        again = Attachments.open(tmp_path / str(n), keys, token_bytes)
        for data in kept:
            assert document(data) == again.read("c1", document(data).sha256)
        for data in (PDF, b"words"):
            again.keep("c1", document(data), MONTH)
            assert document(data) == again.read("c1", document(data).sha256)
        again.close()
