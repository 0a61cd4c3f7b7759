"""The formats of a centre's files, and what brings an older file to the present one.

In: nothing. Out: for each file its name, what it is known by, its present version, and the steps
from one version to the next. Whoever changes the tables of a file raises its version there and adds
a step here: it must give exactly the tables that a new file gets (a test compares them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from arasha.exchange.register import REGISTER_APPLICATION, REGISTER_FILE
from arasha.exchange.signin_tables import SIGNIN_APPLICATION, SIGNIN_FILE
from arasha.log.driver import LOG_FILE
from arasha.log.store import FORMAT_VERSION, LOG_APPLICATION
from arasha.vault.database import FIRST_VERSION
from arasha.vault.subjects import VAULT_APPLICATION, VAULT_FILE, VAULT_VERSION


@dataclass(frozen=True, slots=True)
class Step:
    """From one version to the next: what it is for, and its SQL, run in one transaction."""

    why: str
    sql: str


@dataclass(frozen=True, slots=True)
class Format:
    """One file: ``steps[i]`` leads from version ``i + 1`` to version ``i + 2``."""

    file: str
    application: int
    version: int
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        assert len(self.steps) == self.version - FIRST_VERSION


FORMATS: Final = (
    Format(LOG_FILE, LOG_APPLICATION, FORMAT_VERSION),
    Format(
        VAULT_FILE,
        VAULT_APPLICATION,
        VAULT_VERSION,
        (
            Step(
                "subjects end with the last month that mentions them",
                "CREATE TABLE endings ("
                "id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL,"
                " subjects INTEGER NOT NULL) STRICT",
            ),
        ),
    ),
    Format(REGISTER_FILE, REGISTER_APPLICATION, FIRST_VERSION),
    Format(SIGNIN_FILE, SIGNIN_APPLICATION, FIRST_VERSION),
)
"""Every file of a centre that has tables. Snapshots are no such file: an older one is passed over
and taken again from the log."""
