from __future__ import annotations

from arasha.app.bench.load import status_of

REPLY = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\nretry-after: 1\r\n\r\nbusy"


def test_a_reply_counts_when_it_is_whole() -> None:
    """Cut at any byte it is not there yet; whole, its status is told."""
    assert 503 == status_of(REPLY)
    assert {None} == {status_of(REPLY[:at]) for at in range(len(REPLY))}
