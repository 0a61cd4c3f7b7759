"""The arguments that several commands share, each with its name and its line of help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from arasha.errors import UsageError

PaymentsFile = Annotated[
    Path,
    Parameter(help="Payments to judge, sorted by time: CSV or Parquet, or a folder that holds it."),
]
PolicyFile = Annotated[Path, Parameter(help="The policy, a TOML file.")]
OwnPolicy = Annotated[
    Path | None,
    Parameter(help="The policy, a TOML file; by default the one that comes with Arasha."),
]
OwnLaw = Annotated[
    Path | None,
    Parameter(help="The law file, TOML; by default the one that comes with Arasha."),
]
MappingFile = Annotated[
    Path | None, Parameter(help="How the file's columns are named, if the policy does not say so.")
]
LogDirectory = Annotated[Path, Parameter(help="The directory of the log.")]
OutDirectory = Annotated[Path, Parameter(help="Where to write; made if it is not there.")]
Language = Annotated[
    Literal["kk", "ru", "en", "all"], Parameter(help="The language of the reasons.")
]
AsJson = Annotated[
    bool,
    Parameter(
        name="--json",
        negative=(),
        help="Print one JSON object and no progress.",
        show_default=False,
    ),
]
ShadowPolicy = Annotated[
    Path | None,
    Parameter(help="A second policy, which judges the same payments silently beside the first."),
]
By = Annotated[
    str | None, Parameter(help="Who, for the record; by default the user of this system.")
]
DataDirectory = Annotated[Path, Parameter(help="The directory of the centre.")]


def acting(by: str | None) -> str:
    """Who acts: as said, or the name this process runs under."""
    import getpass

    try:
        return by or getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError(
            "this system does not say who you are", expected="--by with a name"
        ) from error
