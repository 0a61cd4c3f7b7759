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
    return _shipped(DEFAULT)


def calls_policy() -> Path:
    """The policy of an operator over calls. Raises UsageError where it was left out."""
    return _shipped(CALLS)


def _shipped(name: str) -> Path:
    place = Path(str(files("arasha"))) / "policies" / name
    if not place.is_file():
        raise UsageError(
            "the policy that comes with Arasha is not here",
            where=Place(file=str(place)),
            hint="install Arasha whole, or name a policy with --policy",
        )
    return place.resolve()


def default_law() -> Path:
    """The law file of Kazakhstan. Raises UsageError where it was left out."""
    place = Path(str(files("arasha"))) / "law" / DEFAULT_LAW
    if not place.is_file():
        raise UsageError(
            "the law file that comes with Arasha is not here",
            where=Place(file=str(place)),
            hint="install Arasha whole, or name a law file with --law",
        )
    return place.resolve()
