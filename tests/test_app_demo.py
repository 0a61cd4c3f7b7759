"""The demonstration's past is of one piece with what its banks send later."""

from __future__ import annotations

from datetime import date

import numpy as np

from arasha.app.demo.identified import Identified
from arasha.country import names
from arasha.country.busy import busy
from arasha.country.society import Society
from arasha.events.schema import PartyKind
from arasha.vault.tokens import Tokens


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
