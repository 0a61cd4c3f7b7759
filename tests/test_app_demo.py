"""What a demonstration is made of: a past of one piece with its present, a draft."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from arasha.app.demo.identified import Identified
from arasha.app.demo.proposing import earlier, read
from arasha.app.shipped import default_policy
from arasha.country import names
from arasha.country.busy import busy
from arasha.country.society import Society
from arasha.events.schema import PartyKind
from arasha.policy.document import load
from arasha.vault.tokens import Tokens
from rehearsal_samples import POLICY


def test_a_draft_acts_from_fewer_points_on() -> None:
    """Of the policy that comes with Arasha, with its model: nothing else is another one."""
    ours = load(default_policy())
    text = earlier(ours.source.read_text("utf-8"))
    assert text is not None
    draft, minded = read(text, ours)
    assert draft is not None
    assert (80, 200) == (draft.thresholds.warn, draft.thresholds.hold)
    assert (ours.rules, ours.features) == (draft.rules, draft.features)
    assert ours.model == draft.model
    assert () == minded


@pytest.mark.parametrize("points", ["", "warn = 1\nhold = 2\n"])
def test_of_few_points_there_is_no_draft(tmp_path: Path, points: str) -> None:
    """Without thresholds, or where it would be the same one."""
    path = tmp_path / "few.toml"
    head, _, tail = POLICY.partition("[thresholds]\nwarn = 200\nhold = 400\n")
    path.write_text(f"{head}[thresholds]\n{points}{tail}" if points else head + tail)
    text = earlier(path.read_text())
    assert text is None or read(text, load(path))[0] is None


def test_a_party_has_the_token_that_the_door_makes() -> None:
    """Of the very identifier that its bank sends, also of an account that is opened later; nobody
    has none.
    """
    society = Society.make(1, 300, busy(date(2026, 3, 2)))
    door = Tokens(bytes(32))
    reader = Identified(society, Tokens(bytes(32)))
    for kind, made in (
        (PartyKind.ACCOUNT, names.accounts), (PartyKind.NUMBER, names.numbers),
        (PartyKind.DEVICE, names.devices),
    ):  # fmt: skip
        found = reader.symbols(kind, np.array([5, -1, 0], np.int32))
        texts = made(society, 0, 6).to_pylist()
        assert [door.of(kind, texts[5]), bytes(16), door.of(kind, texts[0])] == [
            one.tobytes() for one in found
        ]
    later = society.open_account(3, 1, society.start_ms)
    [token] = reader.symbols(PartyKind.ACCOUNT, np.array([later], np.int32))
    [text] = names.accounts(society, later, later + 1).to_pylist()
    assert door.of(PartyKind.ACCOUNT, text) == token.tobytes()
    assert [token.tobytes().hex()] == reader.account_tokens(later, later + 1)
