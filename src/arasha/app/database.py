"""A centre in PostgreSQL, as commands meet it: joining a database, keys that machines share."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arasha.errors import Place, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from arasha.log.shared_keys import SharedKeys
    from arasha.vault.keys import Master


def join(directory: Path, text: str) -> None:
    """Let the directory's centre be in that database from now on.

    A password in the text stays in this process and those it starts (ARASHA_DATABASE). Raises
    UsageError for a directory that holds a centre itself, or another database's.
    """
    from arasha import postgresql
    from arasha.cases.attachments import ATTACHMENTS_FILE
    from arasha.exchange.register import REGISTER_FILE
    from arasha.exchange.signin_tables import SIGNIN_FILE
    from arasha.log.driver import LOG_FILE
    from arasha.vault.subjects import VAULT_FILE

    address = postgresql.Address.of(text)
    files = (LOG_FILE, VAULT_FILE, REGISTER_FILE, SIGNIN_FILE, ATTACHMENTS_FILE)
    own = [one for one in files if (directory / one).exists()]
    if own and postgresql.address_of(directory) is None:
        raise UsageError(
            "this directory holds a centre of its own", expected="an empty or a new directory",
            found=", ".join(own), where=Place(file=str(directory)),
            hint="leave --database (and ARASHA_DATABASE) out, or name another directory",
        )  # fmt: skip
    postgresql.remember(directory, address)
    if address.secrets:
        os.environ[postgresql.VARIABLE] = text


def shared_keys(directory: Path, master: Master) -> SharedKeys | None:
    """The keys that the machines of the directory's centre share; None where it is alone.

    Those of the tokens and of signing in are in place then.
    """
    from arasha.exchange import sealed
    from arasha.postgresql import address_of
    from arasha.vault.tokens import KEY_FILE

    address = address_of(directory)
    if address is None:
        return None
    from arasha.log.shared_keys import SharedKeys
    from arasha.vault.tokens import Tokens

    keys = SharedKeys(address, master)
    keys.share_file(directory / KEY_FILE, "tokens")
    Tokens.load_or_create(directory)
    keys.share_file(directory / KEY_FILE, "tokens")
    keys.share_file(directory / sealed.KEY_FILE, "signin")
    sealed.Seal.load_or_create(directory)
    keys.share_file(directory / sealed.KEY_FILE, "signin")
    share_record_keys(directory, keys)
    return keys


def share_record_keys(directory: Path, keys: SharedKeys) -> None:
    """Let all machines have the keys of the log's public record."""
    from arasha.log.keys import KEYS_DIRECTORY
    from arasha.log.record import KEY_STEM, key_files

    here = {path.stem for path in key_files(directory)}
    for name in here | set(keys.names(f"{KEY_STEM}-")):
        keys.share_file(directory / KEYS_DIRECTORY / f"{name}.key", name)


def resealing(directory: Path, old: Master, new: Master) -> Callable[[Any], None]:
    """What else a change of the master key must do, in its transaction."""
    from arasha.log.driver import is_shared
    from arasha.log.shared_keys import reseal

    return partial(reseal, old=old, new=new) if is_shared(directory) else lambda _: None
