"""A trial that comes to nothing says why, and the next one can begin."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from arasha.app.http.drafts import Drafts
from arasha.app.http.journal import Journal
from arasha.app.http.trials import Trials

HASH = "a" * 64


def test_where_there_is_no_log_nothing_is_found_and_that_is_said(tmp_path: Path) -> None:
    """One at a time; what it failed for is forgotten when it begins again."""
    said = io.StringIO()

    def lay_out(toml: str, folder: Path) -> Path:
        path = folder / "policy.toml"
        path.write_text(toml)
        return path

    async def tried() -> None:
        trials = Trials(tmp_path, Drafts(tmp_path), lay_out, Journal(said), lambda: 5)
        assert trials.begin(HASH, "[policy]", 7, "kairat")
        running = trials.running
        assert running is not None
        assert ("kairat", 7, 0) == (running.by, running.days, running.percent)
        assert not trials.begin("b" * 64, None, 7, "leila")
        while trials.running is not None:
            await asyncio.sleep(0.05)
        assert "there is no log here" in trials.failed[HASH]
        assert trials.begin(HASH, "[policy]", 7, "kairat")
        assert HASH not in trials.failed
        await trials.close()
        assert trials.running is None

    asyncio.run(tried())
    assert Drafts(tmp_path).figures(HASH) is None
    assert "there is no log here" in said.getvalue()
