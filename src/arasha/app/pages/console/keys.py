"""The keys of the console: which there are, in the order in which they are told.

Pages bear them as ``data-key``; assets/keys.js presses what bears them.
"""

from __future__ import annotations

from typing import Final

KEYS: Final = (
    ("n", "next"), ("j", "down"), ("k", "up"), ("x", "tick"), ("t", "take"), ("b", "fraud"),
    ("r", "legitimate"), ("u", "unclear"), ("h", "confirm"), ("w", "worth"), ("s", "snooze"),
    ("e", "escalate"), ("z", "undo"), ("/", "write"), ("?", "keys"), ("Ctrl K", "go"),
)  # fmt: skip
"""Each key, and the word of what it does (texts/shell.toml)."""
