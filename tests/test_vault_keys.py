from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from arasha.errors import InputError, StoreError, UsageError
from arasha.vault.keys import MASTER_FILE, Master, key_of_text, load_key, load_or_create_key

TOKEN = bytes(range(16))
KEY = b"k" * 32


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    """32 bytes, mode 0600; nothing else is left in the directory."""
    path = tmp_path / "keys" / "some.key"
    key = load_or_create_key(path, "the tests")
    assert (32, 0o600) == (len(key), path.stat().st_mode & 0o777)
    assert key == load_or_create_key(path, "the tests")
    assert [path] == list(path.parent.iterdir())


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    """A short file, a missing one, one that others may read; the bytes are not repeated."""
    path = tmp_path / "x.key"
    with pytest.raises(InputError, match="cannot be read"):
        load_key(path, "the tests")
    path.write_bytes(b"secret but short")
    path.chmod(0o600)
    with pytest.raises(InputError, match="16 bytes") as fault:
        load_key(path, "the tests")
    assert "secret" not in str(fault.value)
    path.write_bytes(KEY)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="mode 0640"):
        load_key(path, "the tests")


def test_the_master_key_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    """The file that is named, else the text, else the directory's own, which is made."""
    own = Master.load_or_create(tmp_path)
    assert (tmp_path / MASTER_FILE).exists()
    assert own.mark() == Master.load_or_create(tmp_path).mark()
    assert Master(KEY).mark() == Master.load_or_create(tmp_path, None, KEY.hex()).mark()
    with pytest.raises(InputError, match="cannot be read"):
        Master.load_or_create(tmp_path, tmp_path / "mistyped.key", create=False)
    assert not (tmp_path / "mistyped.key").exists()
    other = Master.load_or_create(tmp_path, tmp_path / "other.key", KEY.hex())
    assert other.mark() not in (own.mark(), Master(KEY).mark())


@pytest.mark.parametrize("text", ["", "00", "x" * 64, "0" * 63])
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    """64 hexadecimal digits; the text is not repeated."""
    with pytest.raises(InputError, match="64 hexadecimal digits") as fault:
        key_of_text(text, "the vault")
    assert not text or text not in str(fault.value)


def test_a_wrapped_key_is_bound_to_its_token_and_master() -> None:
    """It opens under the same two and no others, and not when a bit of it is changed."""
    master = Master(b"m" * 32)
    wrapped = master.wrap(TOKEN, KEY)
    assert KEY == master.unwrap(TOKEN, wrapped)
    changed = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for other, token, bytes_ in (
        (Master(b"n" * 32), TOKEN, wrapped),
        (master, TOKEN[::-1], wrapped),
        (master, TOKEN[:-1] + b"\0", wrapped),
        (master, TOKEN, changed),
    ):
        with pytest.raises(StoreError, match="damaged"):
            other.unwrap(token, bytes_)


def test_a_master_key_is_not_shown_or_pickled() -> None:
    """Neither a traceback nor another process sees it."""
    assert "<Master>" == repr(Master(KEY))
    with pytest.raises(TypeError, match="not copied"):
        pickle.dumps(Master(KEY))
