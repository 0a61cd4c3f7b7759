from __future__ import annotations

import pytest

from arasha.app.http import heads as module
from arasha.app.http.heads import Head, Heads

HEAD = b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n"


def test_a_head_is_known_again_with_a_body_of_its_length() -> None:
    """The same bytes, and as many behind them; nothing less, nothing more."""
    heads, head = Heads(), Head()
    heads.remember(HEAD + b"{}", head, b"{}")
    assert head is heads.of(HEAD + b"[]", len(HEAD))
    assert heads.of(HEAD + b"[", len(HEAD)) is None
    assert heads.of(HEAD + b"[] ", len(HEAD)) is None
    assert heads.of(HEAD.replace(b"POST", b"PUT"), len(HEAD) - 1) is None


def test_a_body_in_chunks_is_not_told_by_its_head() -> None:
    """Where what stands behind the head is not the body itself, the head is read each time."""
    heads = Heads()
    heads.remember(HEAD + b"2\r\n{}\r\n0\r\n\r\n", Head(), b"{}")
    assert 0 == len(heads)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many heads, none longer than so many bytes."""
    monkeypatch.setattr(module, "HEADS", 3)
    heads = Heads()
    for number in range(10):
        heads.remember(HEAD.replace(b"/", b"/%d" % number, 1) + b"{}", Head(), b"{}")
        assert len(heads) <= 3
    heads.remember(HEAD.replace(b"/", b"/" + b"x" * module.HEAD_BYTES, 1) + b"{}", Head(), b"{}")
    assert len(heads) <= 3


def test_a_head_is_taken_apart() -> None:
    """The path without escapes, the key, the media type in small letters, the request's name."""
    head = Head(target=b"/v1/a%20b?x=1")
    head.headers = [(b"authorization", b"Bearer id.secret.x"), (b"x-request-id", b"r-1"),
                    (b"content-type", b"Application/JSON; charset=utf-8")]  # fmt: skip
    head.complete("POST", "1.1", keep_alive=True)
    assert ("/v1/a b", b"x=1") == (head.path, head.query)
    assert (("id", "secret.x"), b"application/json", "r-1") == (
        head.key, head.media, head.request_id,
    )  # fmt: skip
