"""The text of a checkpoint as C2SP tlog-checkpoint writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arasha.errors import InputError
from arasha.log.checkpoint import MAX_SIZE, Checkpoint, decimal
from arasha.log.notes import is_name

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@given(
    st.text(min_size=1, max_size=30).filter(is_name),
    st.integers(0, MAX_SIZE),
    st.binary(min_size=32, max_size=32),
)
def test_what_is_written_is_read(origin: str, size: int, root: bytes) -> None:
    """Any log, any size, any root."""
    checkpoint = Checkpoint(origin, size, root)
    assert checkpoint == Checkpoint.parse(checkpoint.text)


def test_the_example_of_the_specification() -> None:
    """Three lines; further ones are kept as they are."""
    text = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"
    found = Checkpoint.parse(text)
    assert ("example.com/behind-the-sofa", 20852163, ()) == (
        found.origin, found.size, found.extensions,
    )  # fmt: skip
    assert text == found.text
    assert ("more",) == Checkpoint.parse(text + "more\n").extensions


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n1\n", f"a\n1\n{ROOT}", f"\n1\n{ROOT}\n", f"a\n01\n{ROOT}\n", f"a\n-1\n{ROOT}\n",
        f"a\n{MAX_SIZE + 1}\n{ROOT}\n", f"a\n٣\n{ROOT}\n", "a\n1\nAAAA\n", f"a\n1\n{ROOT[:-1]}\n",
        f"a\n1\n{ROOT}\n\n",
    ],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    """Missing lines, sizes of another spelling or too large, roots of another length."""
    with pytest.raises(InputError, match="no checkpoint"):
        Checkpoint.parse(text)


def test_numbers_have_one_spelling() -> None:
    """ASCII digits, no zero in front."""
    assert [0, 7, 10, None, None, None, None] == [
        decimal(text) for text in ("0", "7", "10", "", "07", "1_0", "９")
    ]
