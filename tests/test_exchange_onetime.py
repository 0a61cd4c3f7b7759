"""Codes by RFC 6238, and those on paper."""

from __future__ import annotations

import pytest

from arasha.exchange import onetime

SECRET = b"12345678901234567890"  # RFC 6238, appendix B


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ],
)
def test_the_codes_of_the_standard(at_s: int, code: str) -> None:
    """The last six digits of its table; each once."""
    step = onetime.step_of(SECRET, code, at_s * 1_000, -1)
    assert at_s // 30 == step
    assert None is onetime.step_of(SECRET, code, at_s * 1_000, at_s // 30)


def test_what_is_no_code() -> None:
    """Other digits than ASCII's, too few, too many."""
    for said in ("", "28708", "2870820", "٢٨٧٠٨٢", "28708a", "\ud800" * 6):
        assert None is onetime.step_of(SECRET, said, 59_000, -1)


def test_codes_on_paper_are_different_and_read_kindly() -> None:
    """O is 0, I and L are 1; each is one person's."""
    codes = onetime.new_recovery_codes()
    assert onetime.RECOVERY_CODES == len(set(codes))
    plain = onetime.recovery_hash("aigul", "00000-11111-22222-33333")
    assert plain == onetime.recovery_hash("aigul", "ooooo iIlL1 22222 33333")
    assert plain != onetime.recovery_hash("bolat", "00000-11111-22222-33333")
    assert None is onetime.recovery_hash("aigul", "00000-11111-22222-3333U")
