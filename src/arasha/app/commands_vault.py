"""``arasha vault …``: turn a token back, let a subject be forgotten, change the master key.

In: the directory of the centre, a person's own token in ARASHA_TOKEN, and a reason. Out: what the
vault hides, or the fact that it no longer does. The work is the vault's (vault/subjects.py); who
the person is, the exchange's. Each act is durable before it has any effect, and becomes an entry.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_rights import keep, now_ms, say_where
from arasha.app.database import resealing
from arasha.app.options import AsJson, By, DataDirectory, acting
from arasha.errors import UsageError

if TYPE_CHECKING:
    from arasha.exchange.persons import Person
    from arasha.vault.keys import Master
    from arasha.vault.subjects import Vault

TOKEN_VARIABLE = "ARASHA_TOKEN"
"""Environment variable of the person's own token, ``key_id.secret``."""

MASTER_VARIABLE = "ARASHA_MASTER_KEY"
"""Environment variable of the master key, 64 hexadecimal digits."""

Subject = Annotated[str, Parameter(help="The subject's token, 32 hexadecimal digits.")]
MaybeSubject = Annotated[
    str | None, Parameter(help="The subject's token, 32 hexadecimal digits; or else --of.")
]
WhyOption = Annotated[
    str, Parameter(help="Why, for the record: a sentence that names a case and no party.")
]
MasterKey = Annotated[
    Path | None,
    Parameter(
        help="The file of the master key; by default ARASHA_MASTER_KEY or DIR/keys/master.key."
    ),
]


def reveal(
    token: Subject,
    /,
    *,
    data: DataDirectory,
    reason: WhyOption,
    master_key: MasterKey = None,
    json: AsJson = False,
) -> None:
    """Show what a token hides, to an officer or auditor, fifty times a day at most.

    Who it was is told by the person's own token in ARASHA_TOKEN.
    """
    subject = token_of(token)
    person = person_of(data)
    with _vault(data, master_key) as vault:
        plain = vault.reveal(subject, by=person.name, roles=person.roles, reason=reason)
        in_log = keep(data, [vault.database])
    if json:
        terminal.say_json({"token": subject.hex(), "identifier": plain, "in_log": in_log})
        return
    terminal.say(plain)
    say_where(in_log=in_log)


def erase(
    token: MaybeSubject = None,
    /,
    *,
    data: DataDirectory,
    reason: WhyOption,
    of: Annotated[
        Literal["account", "number", "device"] | None,
        Parameter(help="Read the identifier of that kind from standard input, for no TOKEN."),
    ] = None,
    master_key: MasterKey = None,
    json: AsJson = False,
) -> None:
    """Destroy a subject's key and what it hid, for good; the record names nobody.

    For an officer or administrator, who shows that by their own token in ARASHA_TOKEN.
    """
    if (token is None) == (of is None):
        raise UsageError("which subject?", expected="a TOKEN, or --of and an identifier on stdin")
    subject = token_of(token) if token is not None else token_of_stdin(data, of or "account")
    person = person_of(data)
    with _vault(data, master_key) as vault:
        vault.erase(subject, by=person.name, roles=person.roles, reason=reason)
        in_log = keep(data, [vault.database])
    if json:
        terminal.say_json({"erased": True, "in_log": in_log})
        return
    terminal.say("The subject is forgotten.")
    say_where(in_log=in_log)


def rotate(
    *,
    data: DataDirectory,
    new_master_key: Annotated[
        Path, Parameter(help="The file of the next master key; made if it is not there.")
    ],
    master_key: MasterKey = None,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Wrap all keys of subjects under another master key, all or none. Stop the service first."""
    from arasha.log.driver import is_shared
    from arasha.log.store import kept_from_writers
    from arasha.vault.keys import Master

    who = acting(by)
    with _vault(data, master_key) as vault:
        with nullcontext() if is_shared(data) else kept_from_writers(data):
            new = Master.load_or_create(data, new_master_key)
            besides = resealing(data, master_of(data, master_key), new)
            subjects = vault.rotate(new, by=who, besides=besides)
        in_log = keep(data, [vault.database])
    if json:
        terminal.say_json({"subjects": subjects, "in_log": in_log})
        return
    terminal.say(f"{subjects:,} keys of subjects are under {new_master_key} now")
    terminal.note("Start the service with that file, and make a backup and a keyring now. Older "
                  "backups need the key before it: destroy it when they go.")  # fmt: skip
    say_where(in_log=in_log)


def master_of(data: Path, master_key: Path | None) -> Master:
    """The master key as the options and the environment say; made for a vault that is not yet."""
    from arasha.vault.driver import has_tables
    from arasha.vault.keys import Master
    from arasha.vault.subjects import VAULT_FILE

    create = not has_tables(data / VAULT_FILE)
    return Master.load_or_create(data, master_key, os.environ.get(MASTER_VARIABLE), create=create)


@contextmanager
def _vault(data: Path, master_key: Path | None) -> Iterator[Vault]:
    from arasha.vault.driver import has_tables
    from arasha.vault.subjects import VAULT_FILE, Vault

    if not has_tables(data / VAULT_FILE):
        raise UsageError("there is no vault here", expected=VAULT_FILE, found=str(data),
                         hint="the service makes it with the first payment")  # fmt: skip
    vault = Vault.open(data, master_of(data, master_key), now_ms)
    try:
        yield vault
    finally:
        vault.close()


def person_of(data: Path) -> Person:
    """Whose token stands in the environment. Raises UsageError where it is nobody's."""
    from arasha.exchange.persons import Persons
    from arasha.exchange.register import REGISTER_FILE
    from arasha.vault.driver import has_tables

    key_id, dot, secret = os.environ.get(TOKEN_VARIABLE, "").strip().partition(".")
    person = None
    if dot and has_tables(data / REGISTER_FILE):
        persons = Persons.open(data, now_ms)
        person = persons.authenticate(key_id, secret)
        persons.close()
    if person is None:
        raise UsageError(
            "who are you?", expected=f"your own token in {TOKEN_VARIABLE}",
            found="no token of a person of this centre" if dot else "nothing like a token",
            hint="arasha person create makes one",
        )  # fmt: skip
    return person


def token_of(text: str) -> bytes:
    """A token as it is written. Raises UsageError for what is none."""
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise UsageError("this is no token", expected="32 hexadecimal digits",
                         found=f"text of {len(text)} characters")  # fmt: skip
    return bytes.fromhex(text)


def token_of_stdin(data: Path, kind: str) -> bytes:
    """The token of the identifier that stands on standard input. Raises UsageError."""
    from arasha.events.schema import MAX_IDENTIFIER_CHARS, PartyKind
    from arasha.vault.tokens import Tokens

    identifier = sys.stdin.readline(MAX_IDENTIFIER_CHARS + 2).strip()
    if not 0 < len(identifier) <= MAX_IDENTIFIER_CHARS:
        raise UsageError("an identifier is needed on standard input",
                         expected=f"1 to {MAX_IDENTIFIER_CHARS} characters")  # fmt: skip
    return Tokens.load_or_create(data).of(PartyKind(kind), identifier)
