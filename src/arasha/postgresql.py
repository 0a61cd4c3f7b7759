"""PostgreSQL: where a database is, and a connection to it that fails in words.

In: an address as libpq reads it, a URL or ``name=value``; a directory that was told one. Out: a
connection whose commits are durable. The log and what stands beside it (log/driver.py,
vault/driver.py) both rest on this; neither knows the other.

A directory says where its centre is kept: ``DIR/database`` holds the address. A password never
stands there: it comes from libpq's own means (a service file, ``.pgpass``, PGPASSWORD) or stands in
ARASHA_DATABASE. Nothing here puts one into a message, a file or an argument.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arasha.errors import Place, UsageError

if TYPE_CHECKING:
    import psycopg

POINTER_FILE: Final = "database"
"""The file of a directory that says in which database its centre is."""

VARIABLE: Final = "ARASHA_DATABASE"
"""Environment variable of an address, which may hold a password."""

OLDEST_SERVER: Final = 14
"""PostgreSQL's oldest version that ends a session which has fallen silent."""

_SECRETS: Final = frozenset(
    {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
)
_DEFAULTS: Final = {
    "connect_timeout": "5",  # seconds
    "keepalives_idle": "5",  # seconds
    "tcp_user_timeout": "5000",  # ms
}
_EXPECTED: Final = "postgresql://[USER@][HOST[:PORT]]/DATABASE, or service=NAME"


@dataclass(frozen=True)
class Address:
    """Where a database is. As text it has no password; ``repr`` neither."""

    parts: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def of(text: str) -> Address:
        """The address as libpq reads it. Raises UsageError, which does not repeat the text."""
        driver = _driver()
        try:
            known = driver.conninfo.conninfo_to_dict(text.strip())
        except driver.Error:
            known = {}
        said = {name: str(value) for name, value in known.items() if value is not None}
        if not said:
            raise UsageError("this is no address of a PostgreSQL database", expected=_EXPECTED)
        return Address(
            {name: value for name, value in sorted(said.items()) if name not in _SECRETS},
            {name: value for name, value in said.items() if name in _SECRETS},
        )

    @cached_property
    def text(self) -> str:
        """As ``name=value``, without a password."""
        text: str = _driver().conninfo.make_conninfo("", **self.parts)
        return text

    def __str__(self) -> str:
        return self.text

    def connect(self, purpose: str, schema: str = "public") -> psycopg.Connection[Any]:
        """A connection that commits each statement by itself, durably when that returns.

        ``purpose`` is its name in the server's list of sessions, names without a schema are looked
        up in ``schema``. Raises psycopg's errors; UsageError for what must not be used.
        """
        driver = _driver()
        given = _DEFAULTS | dict(self.parts) | dict(self.secrets)
        given["application_name"] = purpose
        db: psycopg.Connection[Any] = driver.connect("", autocommit=True, **given)
        try:
            _refuse_unfit(db, self)
            # Not as an option of the connection: a user's own options stay as they are.
            row = db.execute(
                "SELECT current_setting('fsync'), set_config('search_path', %s, false),"
                " set_config('synchronous_commit', 'on', false),"
                " set_config('client_min_messages', 'warning', false)",
                (schema,),
            ).fetchone()
            if row is None or row[0] != "on":
                raise UsageError("this server does not write durably", expected="fsync = on",
                                 found="fsync = off", where=Place(file=str(self)))  # fmt: skip
        except BaseException:
            db.close()
            raise
        return db


def address_of(directory: Path) -> Address | None:
    """Where the centre of that directory is kept; None: in the directory itself."""
    path = directory / POINTER_FILE
    if not path.is_file():
        return None
    address = Address.of(path.read_text(encoding="utf-8"))
    typed = os.environ.get(VARIABLE)
    given = Address.of(typed) if typed else None
    return given if given == address else address


def remember(directory: Path, address: Address) -> None:
    """Let the directory say so from now on, durably. UsageError where it says something else."""
    known = address_of(directory)
    if known == address:
        return
    path = directory / POINTER_FILE
    if known is not None:
        raise UsageError(
            "this directory is another database's", expected=str(known), found=str(address),
            where=Place(file=str(path)), hint="choose another directory, or leave --database out",
        )  # fmt: skip
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(f"{address}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def reason(error: Exception) -> str:
    """What the server or the network said, in one line."""
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    text = str(primary or error).strip() or type(error).__name__
    return text.splitlines()[0]


def _driver() -> Any:
    """psycopg, or what to install."""
    try:
        import psycopg
    except ImportError as error:
        raise UsageError(
            "the driver of PostgreSQL is not installed", expected="psycopg 3", found=str(error),
            hint="pip install 'arasha[postgresql]'",
        ) from error  # fmt: skip
    return psycopg


def _refuse_unfit(db: psycopg.Connection[Any], address: Address) -> None:
    """Refuse a server that is too old, does not write durably, or is heard by others."""
    info = db.info
    where = Place(file=str(address))
    if info.server_version // 10_000 < OLDEST_SERVER:
        raise UsageError("this server is too old", expected=f"PostgreSQL {OLDEST_SERVER} or newer",
                         found=f"PostgreSQL {info.server_version // 10_000}",
                         where=where)  # fmt: skip
    if info.parameter_status("in_hot_standby") == "on":
        raise UsageError(
            "this server is a copy that cannot be written", expected="the primary server",
            where=where, hint="target_session_attrs=read-write lets libpq find it",
        )  # fmt: skip
    host = info.hostaddr if not info.host.startswith(("/", "@")) else ""
    if host not in ("", "127.0.0.1", "::1") and not db.pgconn.ssl_in_use:
        raise UsageError(
            "the way to this server can be listened to", expected="TLS, or this machine",
            found="a plain connection", where=where,
            hint="sslmode=verify-full in the address or the service file",
        )  # fmt: skip
