"""What a case can have been: in which order it is offered, and by which keys.

The same on every page on which somebody decides: one case, several together, practice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from arasha.cases.acts import Outcome

OUTCOMES: Final[Mapping[Outcome, str]] = {"fraud": "b", "legitimate": "r", "unclear": "u"}
"""Each outcome and its key (keys.py)."""

WORTH_IT: Final = True
"""Whether "worth the time" is ticked to begin with."""
