"""Who is there, and may they: what every route asks before it does anything.

In: a request. Out: the participant it comes from, within its rights and its rate, or the problem
that it is told. Rows of facts with tokens for identifiers, too: behind this door nothing else goes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from math import ceil, isinf
from typing import Final, NamedTuple

from arasha.app.http import problems
from arasha.app.http.connection import Request
from arasha.app.http.problems import Problem, of_reject
from arasha.errors import StoreError, SubjectErased
from arasha.events.identifiers import refused_account
from arasha.events.json import decode
from arasha.events.records import CallMade, PaymentReceived, Record
from arasha.events.rejects import Reject
from arasha.events.schema import CALL, CALL_CHANGE, Kind, PartyKind
from arasha.events.symbols import code_bytes
from arasha.exchange.acts import keep_waiting
from arasha.exchange.limits import Limits
from arasha.exchange.participants import AT_CENTRE, Participant, Participants
from arasha.exchange.signatures import Fault, Nonces, verify
from arasha.exchange.signatures import Request as Signed
from arasha.log.log import Log
from arasha.vault.calls import CallReader
from arasha.vault.driver import Tables
from arasha.vault.payments import PaymentReader
from arasha.vault.rows import Row, row_of
from arasha.vault.subjects import Vault
from arasha.vault.tokens import Hidden, Tokens

_LONGEST_WAIT_S: Final = 3_600
_OF_CALLS: Final = frozenset({CALL.word, CALL_CHANGE.word})


class Guest(NamedTuple):
    """Who asks, and when they came, on the steady clock in ns."""

    participant: Participant
    arrived_ns: int


class Door:
    """The door of one service."""

    def __init__(
        self,
        participants: Participants,
        tokens: Tokens,
        vault: Vault,
        *,
        wall_s: Callable[[], float],
        steady_ns: Callable[[], int],
        secure: bool,
        takes: frozenset[str] = AT_CENTRE,
        signin: Tables | None = None,
    ) -> None:
        """``takes``: the words of the facts that may be in this installation at all; ``signin``:
        the tables of the people's sign-in, whose acts go into the log with those of rights.
        """
        self._takes, self._signin = takes, signin
        self._ways: dict[frozenset[str], tuple[bool, bool]] = {}
        self.participants = participants
        self._tokens, self._vault = tokens, vault
        self._reader, self._calls = PaymentReader(tokens), CallReader(tokens)
        self._unkept: deque[list[Hidden]] = deque()
        self._limits = Limits()
        self._nonces = Nonces(wall_s())
        self.seen_ns: dict[str, int] = {}
        """When each participant last asked for something since this began, by the steady clock."""
        self._wall_s, self._steady_ns = wall_s, steady_ns
        self._scheme = "https" if secure else "http"

    @property
    def spoilt(self) -> bool:
        """Whether the disk failed under the register or the vault: they are not used again."""
        databases = (self.participants.register.database, self._vault.database)
        return any(database.spoilt is not None for database in databases)

    def guest(self, request: Request) -> Guest | Problem:
        """Whose key the request carries; its signature is checked where one is required."""
        head, changes = request.head, self.participants.register.changes
        if head.key is None:
            return Problem(problems.UNAUTHENTICATED, expected="Authorization: Bearer KEY-ID.SECRET")
        if head.participant is None or head.changes != changes:
            head.participant, head.changes = self.participants.authenticate(*head.key), changes
        participant = head.participant
        if participant is None:
            return Problem(problems.UNAUTHENTICATED, "the key is unknown, revoked or not its own")
        if participant.signing == "required":
            fault = self._unsigned(request, head.key[0])
            if fault is not None:
                return Problem(
                    problems.WRONG_SIGNATURE, reason=fault.value,
                    expected="a signature by RFC 9421, new, of method, path, query and body",
                )  # fmt: skip
        self.seen_ns[participant.name] = request.arrived_ns
        return Guest(participant, request.arrived_ns)

    def may_send(self, guest: Guest, fact: str) -> Problem | None:
        """Whether facts of that word may come from this participant."""
        if fact in guest.participant.may_send:
            return None
        return Problem(
            problems.FORBIDDEN, f"this participant may not send facts of the kind {fact}",
            expected=", ".join(sorted(guest.participant.may_send)) or "nothing",
        )  # fmt: skip

    def may_read(self, guest: Guest, what: str) -> Problem | None:
        """Whether this participant may read that."""
        if what in guest.participant.may_read:
            return None
        return Problem(problems.FORBIDDEN, f"this participant may not read {what}")

    def wait_s(self, guest: Guest, facts: int = 1) -> float:
        """Seconds until that many facts may come in; 0 takes them."""
        return self._limits.wait_s(guest.participant, self._steady_ns() / 1e9, facts)

    def limited(self, guest: Guest, facts: int = 1) -> Problem | None:
        """Why that many facts may not come in now."""
        wait_s = self._limits.wait_s(guest.participant, guest.arrived_ns / 1e9, facts)
        if wait_s <= 0:
            return None
        after = _LONGEST_WAIT_S if isinf(wait_s) else max(1, ceil(wait_s))
        rate, burst = guest.participant.rate_per_s, guest.participant.burst
        return Problem(
            problems.TOO_MANY, expected=f"{rate:g} facts a second, {burst} at once",
            retry_after_s=after,
        )  # fmt: skip

    def payment(self, guest: Guest, message: bytes) -> Row | Problem:
        """The message of a payment that may come, as a row; why not, when it is none or not as it
        must be. What it hides waits for ``keep_hidden``, as in ``rows``.
        """
        row = self._reader.row(message, code_bytes(guest.participant.name))
        if row is not None:
            self._note_hidden()
            return row
        record = _read(message)
        if isinstance(record, Reject):
            return of_reject(record)
        if not isinstance(record, PaymentReceived):
            return Problem(problems.REFUSED, pointer="#/fact", expected="payment",
                           reason="unknown_category", found="another fact")  # fmt: skip
        return self.rows(guest, [record])[0]

    def call(self, guest: Guest, message: bytes) -> Row | Problem:
        """The same for a call."""
        row = self._calls.row(message, guest.participant.name)
        if row is not None and row.kind == Kind.CALL:
            self._note_hidden()
            return row
        record = self.call_made(message)
        return record if isinstance(record, Problem) else self.rows(guest, [record])[0]

    def call_made(self, message: bytes) -> CallMade | Problem:
        """A call that may come, with its identifiers still raw: before it becomes a row, the owner
        of its number may have to be asked.
        """
        record = _read(message)
        if isinstance(record, Reject):
            return of_reject(record)
        if not isinstance(record, CallMade):
            return Problem(problems.REFUSED, pointer="#/fact", expected="call",
                           reason="unknown_category", found="another fact")  # fmt: skip
        return record

    def number(self, number: str) -> bytes:
        """The token of a telephone number; what it hides waits for ``keep_hidden``."""
        token = self._tokens.of(PartyKind.NUMBER, number)
        self._note_hidden()
        return token

    def overlooks(self, guest: Guest) -> bool:
        """Whether the participant may read what others sent: the centre, of payments. Over an
        operator's calls nobody stands.
        """
        return guest.participant.role == "centre" and "payment" in self._takes

    def fact(self, guest: Guest, message: bytes, line: int) -> Row | Problem:
        """The same for any fact that stands in a line, if this participant may send it, and it may
        be here at all.
        """
        payments, calls = self._short_ways(guest.participant.may_send)
        row = None
        if payments:
            row = self._reader.row(message, code_bytes(guest.participant.name))
        elif calls:
            row = self._calls.row(message, guest.participant.name)
        if row is not None:
            self._note_hidden()
            return row
        record = _read(message, line)
        if isinstance(record, Reject):
            return of_reject(record, line=line)
        word = str(record.__struct_config__.tag)
        if word not in self._takes:
            return Problem(
                problems.REFUSED, pointer="#/fact", reason="unknown_category",
                expected=", ".join(sorted(self._takes)), found=f"a {word}, which never comes here",
                line=line,
            )  # fmt: skip
        problem = self.may_send(guest, word)
        return problem or self.rows(guest, [record])[0]

    def _short_ways(self, may_send: frozenset[str]) -> tuple[bool, bool]:
        """Whether payments, and calls, of somebody who may send that are read the short way; found
        out once for all lines.
        """
        ways = self._ways.get(may_send)
        if ways is None:
            may = may_send & self._takes
            ways = self._ways[may_send] = ("payment" in may, may >= _OF_CALLS)
        return ways

    def rows(self, guest: Guest, records: Sequence[Record]) -> list[Row]:
        """The records as rows: from here on there are only tokens.

        What they hide waits for ``keep_hidden``: to be called before the rows are kept.
        """
        sender = guest.participant.name
        rows = [row_of(record, sender, self._tokens) for record in records]
        self._note_hidden()
        return rows

    def party(self, kind: PartyKind, identifier: str) -> str:
        """The token of one identifier, 32 hexadecimal digits; what it hides waits for
        ``keep_hidden``.
        """
        token = self._tokens.of(kind, identifier).hex()
        self._note_hidden()
        return token

    def _note_hidden(self) -> None:
        if new := self._tokens.taken():
            self._unkept.append(new)

    def keep_hidden(self) -> None:
        """Have the vault keep, durably, every identifier that came in; in the writing thread.

        What it raises is raised, and nothing is forgotten: it is given to the vault again.
        """
        hidden: list[Hidden] = []
        while self._unkept:
            hidden += self._unkept.popleft()
        try:
            self._vault.keep(hidden)
        except BaseException:  # the tokens are remembered: nobody else would tell of these again
            self._unkept.appendleft(hidden)
            raise

    def follow(self) -> None:
        """On a standby: see what the writer's vault has kept. What cannot be seen now can later."""
        with suppress(StoreError):
            self._vault.follow()

    def tell(self, token: str, *, to: str, reason: str) -> str | None:
        """The identifier of a participant's own customer, on record; None where it was erased.

        In the writing thread.
        """
        try:
            return self._vault.tell(bytes.fromhex(token), to=to, reason=reason)
        except SubjectErased:
            return None

    def reveal(self, token: str, *, by: str, roles: Collection[str], reason: str) -> str:
        """The identifier, to a person who may see it, on record; in the writing thread. Raises as
        the vault does.
        """
        return self._vault.reveal(bytes.fromhex(token), by=by, roles=roles, reason=reason)

    def reveals_left(self, by: str) -> int:
        """How many tokens that person may still have revealed; in the writing thread."""
        return self._vault.reveals_left(by)

    def keep_acts(self, log: Log, now_ms: int) -> int:
        """Put into the log what was done to rights and in the vault; in the writing thread."""
        databases = [self.participants.register.database, self._vault.database]
        if self._signin is not None and self._signin.spoilt is None:
            databases.append(self._signin)
        return keep_waiting(log, databases, now_ms)

    def _unsigned(self, request: Request, key_id: str) -> Fault | None:
        signer = self.participants.register.signer(key_id)
        if signer is None:
            return Fault.WRONG_KEY
        key, hmac_key = signer
        path, _, query = request.head.target.decode("latin-1").partition("?")
        headers = request.head.headers
        signed = Signed(
            request.method, self._scheme, (request.header(b"host") or b"").decode("latin-1"),
            path, query,
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers],
            request.body,
        )  # fmt: skip
        public = key.public_key is not None
        return verify(signed, key_id, key.public_key or hmac_key, self._nonces, self._wall_s(),
                      public=public)  # fmt: skip


def _read(message: bytes, line: int = 1) -> Record | Reject:
    """One fact, none of whose accounts is an IBAN that somebody mistyped."""
    record = decode(message, line)
    return record if isinstance(record, Reject) else refused_account(record, line) or record
