"""What comes with Arasha: the policy and the law file that hold where nobody names others.

In a checkout ``policies`` and ``law`` in the package are links to the repository's folders; in a
wheel they are folders of their own with the same files, each policy's model beside it.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from arasha.errors import Place, UsageError

DEFAULT: Final = "instant-payments.toml"
DEFAULT_LAW: Final = "kz.toml"
CALLS: Final = "calls.toml"


def default_policy() -> Path:
    """The policy of instant payments, with its model in the folder beside it.

    Raises UsageError where it was left out.
    """
    return _shipped("policies", DEFAULT, "policy")


def calls_policy() -> Path:
    """The policy of an operator over calls. Raises UsageError where it was left out."""
    return _shipped("policies", CALLS, "policy")


def default_law() -> Path:
    """The law file of Kazakhstan. Raises UsageError where it was left out."""
    return _shipped("law", DEFAULT_LAW, "law")


def _shipped(folder: str, name: str, option: str) -> Path:
    place = Path(str(files("arasha"))) / folder / name
    if not place.is_file():
        raise UsageError(
            f"the {option} that comes with Arasha is not here",
            where=Place(file=str(place)),
            hint=f"install Arasha whole, or name a {option} file with --{option}",
        )
    return place.resolve()
