"""Followed: who paid whom, held so that money can be followed forward and back.

In: batches of facts in the order of the log, with the place (``seq``) and time (``known_at``) of
each. Out: payments with links, an account's newest and oldest payments, a payment's ordinal by its
digest. Kept beside the policy's state and not in it (docs/decisions/0013-*.md says why): what is
followed must not depend on which windows a policy has, and a trace must name accounts and entries.

An account here is a token in one currency: money in two currencies is never one sum. What is older
than ``keep_ms`` is let go, its tokens with it. The arena is a function of the facts alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arasha.errors import SnapshotError, StateFull
from arasha.events.columns import Facts
from arasha.events.reference import digests_of
from arasha.events.schema import MAX_AMOUNT_MINOR, MISSING, OUTCOMES, Kind
from arasha.flows import kernels_arena as kernels
from arasha.flows.kernels_arena import (
    ACCOUNT_WORDS,
    ACCOUNTS,
    FREE,
    HEAD,
    INDEX_MASK,
    MASK,
    NONE,
    ORDINALS,
    REJECTED,
    RETURN,
    ROW_WORDS,
    TABLE_MASK,
    TABLE_USED,
    TAIL,
)
from arasha.flows.kernels_back import payers_of
from arasha.flows.ways_out import CRYPTO, ways_of

PAYMENTS_MAX: Final = 2**28
"""Most payments held at once, unless the site states less; 16 GB."""

BANKS_MAX: Final = 2**16 - 1
"""Most banks told apart."""

KEEP_MS: Final = 80 * 86_400_000
"""How long a payment is held unless the site says otherwise: as long as Brazil's MED 2.0 follows
money, 80 days."""

FIRST_PLACES: Final = 1024
LOAD_MAX: Final = 0.75
"""Largest share in use of the table of accounts and of the index."""

PAYERS_LOOKED_AT: Final = 1_000
"""Payments into an account that are looked at to tell who pays into it."""

_OTHER: Final = -1
_DIGEST_BITS: Final = 44
_TIME_BITS, _SEQ_BITS = 44, 40


class Arrays(NamedTuple):
    """The arena's memory, as kernels take it."""

    rows: NDArray[np.int64]  # [places, ROW_WORDS]
    rows_32: NDArray[np.int32]  # the same memory
    accounts: NDArray[np.int64]  # [accounts, ACCOUNT_WORDS]
    accounts_32: NDArray[np.int32]  # the same memory
    by_token: NDArray[np.int32]  # account + 1, by token and currency
    by_digest: NDArray[np.int32]  # ordinal + 1


class Arena:
    """The payments of one history, linked by payer and payee."""

    def __init__(self, *, keep_ms: int = KEEP_MS, payments_max: int = PAYMENTS_MAX) -> None:
        self.keep_ms = keep_ms
        self._payments_max = payments_max
        self.about = np.zeros(kernels.ABOUT_WORDS, np.int64)
        self.about[MASK] = self.about[TABLE_MASK] = self.about[INDEX_MASK] = FIRST_PLACES - 1
        self.about[FREE] = NONE
        rows = np.zeros((FIRST_PLACES, ROW_WORDS), np.int64)
        accounts = np.zeros((FIRST_PLACES, ACCOUNT_WORDS), np.int64)
        self.arrays = _arrays(
            rows, accounts, np.zeros(FIRST_PLACES, np.int32), np.zeros(FIRST_PLACES, np.int32)
        )
        self._banks: dict[bytes, int] = {}
        self._names = [""]  # of banks, by number
        self._currencies: set[int] = set()
        self._next_seq = 0

    def __len__(self) -> int:
        """Payments held, returns among them."""
        return int((self.about[TAIL] - self.about[HEAD]) & ORDINALS)

    @property
    def accounts(self) -> int:
        """Accounts held: tokens in a currency."""
        return int(self.about[TABLE_USED])

    @property
    def bytes_used(self) -> int:
        """Bytes of rows and accounts in use and of both tables.

        Arrays grow by doubling; what was never written is not in memory.
        """
        made = int(self.about[ACCOUNTS])
        tables = self.arrays.by_token.nbytes + self.arrays.by_digest.nbytes
        return len(self) * ROW_WORDS * 8 + made * ACCOUNT_WORDS * 8 + tables

    def observe(
        self,
        facts: Facts,
        known_at: NDArray[np.int64],
        seqs: NDArray[np.int64] | None = None,
        digests: NDArray[np.uint64] | None = None,
    ) -> None:
        """Take in the payments of a batch, and what became of earlier ones.

        ``known_at`` int64[n] ms never falls from call to call; ``seqs`` int64[n] are the facts'
        places in the log, by default one after the other; ``digests`` uint64[n, 2] are those of
        events/reference.py, made here if not given. Raises StateFull at the stated limit, before
        anything is taken in.
        """
        n = len(facts)
        seqs = self._next_seq + np.arange(n, dtype=np.int64) if seqs is None else seqs
        if n:
            self._next_seq = int(seqs[-1]) + 1
            assert 0 <= int(known_at[0])
            assert int(known_at[-1]) < 2**_TIME_BITS
            assert int(seqs[-1]) < 2**_SEQ_BITS
        sort = _sorts(facts)
        rows = np.flatnonzero(sort != _OTHER)
        if not len(rows):
            return
        facts, sort = facts.take(rows), sort[rows]
        payments = sort == 0
        own = digests[rows] if digests is not None else np.zeros((len(rows), 2), np.uint64)
        if digests is None and payments.any():
            own[payments] = digests_of(facts.take(np.flatnonzero(payments)))
        named = np.where(payments[:, None], own, facts.symbol("payment"))
        amounts = np.where(facts.number("amount") == MISSING, 0, facts.number("amount"))
        assert int(amounts.max()) <= MAX_AMOUNT_MINOR
        numbers = np.stack(
            (
                amounts, np.maximum(facts.number("currency"), 0), known_at[rows], seqs[rows],
                ways_of(facts), self._banks_of(facts, "payer_bank"),
                self._banks_of(facts, "payee_bank"),
            ), 1,
        )  # fmt: skip
        self._currencies.update(np.unique(numbers[payments, 1]).tolist())
        parties = (facts.symbol("payer_account"), facts.symbol("payee_account"))
        ids = np.ascontiguousarray(np.concatenate((*parties, named), 1)).view(np.int64)
        self._make_room(len(rows))
        kernels.take_in(tuple(self.arrays), self.about, sort, ids, numbers, self.keep_ms)

    def ordinal_of(self, digest: NDArray[np.uint64]) -> int | None:
        """The payment named by a digest uint64[2] (events/reference.py); None if it is not held."""
        low, high = digest.view(np.int64).tolist()
        kept = kernels.digest_44(low, high)
        found = kernels.find_payment(self.arrays.by_digest, self.arrays.rows, self.about, kept)
        return None if found == NONE else int(found)

    def account_of(self, token: NDArray[np.uint64], currency: int) -> int | None:
        """The account of a token uint64[2] in a currency (ISO 4217 number); None if not held."""
        low, high = token.view(np.int64).tolist()
        found = kernels.find_account(
            self.arrays.by_token, self.arrays.accounts, self.about, low, high, currency
        )
        return None if found == NONE else int(found)

    def accounts_of(self, token: NDArray[np.uint64]) -> list[int]:
        """The accounts of a token uint64[2], one for each currency in which it is held."""
        found = [self.account_of(token, currency) for currency in sorted(self._currencies)]
        return [account for account in found if account is not None]

    def name_exchanges(self, tokens: NDArray[np.uint64]) -> int:
        """Money paid to these accounts (tokens uint64[n, 2]) leaves for a crypto exchange.

        How many accounts of theirs are held. One that comes later has to be named then.
        """
        held = [account for token in tokens for account in self.accounts_of(token)]
        self.arrays.accounts[held, kernels.OF_ACCOUNT] &= 2**60 - 1
        self.arrays.accounts[held, kernels.OF_ACCOUNT] |= CRYPTO << 60
        return len(held)

    def forget_exchanges(self, tokens: NDArray[np.uint64]) -> None:
        """Money paid to these accounts is followed through them again."""
        held = [account for token in tokens for account in self.accounts_of(token)]
        self.arrays.accounts[held, kernels.OF_ACCOUNT] &= 2**60 - 1

    def payers_of(self, account: int, since_ms: int, most: int) -> int:
        """How many accounts paid into one since then; no more than ``most`` are told apart, nor
        more than `PAYERS_LOOKED_AT` payments looked at.
        """
        out = np.empty(most, np.int64)
        found: int = payers_of(
            tuple(self.arrays), self.about, account, since_ms, PAYERS_LOOKED_AT, out
        )
        return found

    def token_of(self, account: int) -> bytes:
        """The token of an account, 16 bytes."""
        return self.arrays.accounts[account, :2].tobytes()

    def bank_of(self, account: int) -> str | None:
        """The bank of an account as payments named it last, None if none did."""
        number = int(self.arrays.accounts[account, kernels.OF_ACCOUNT] >> 16) & BANKS_MAX
        if not number:
            return None
        return self._names[number]

    def currency_of(self, account: int) -> int:
        """The currency of an account, its ISO 4217 number."""
        return int(self.arrays.accounts[account, kernels.OF_ACCOUNT]) & 0xFFFF

    def save(self) -> dict[str, NDArray[np.int64]]:
        """The arena as named arrays, for a snapshot: payments held and their accounts, no older.

        Arrays of accounts are views: write them out before going on.
        """
        ordinals = (int(self.about[HEAD]) + np.arange(len(self))) & ORDINALS
        names = b"".join(self._banks).ljust(16, b"\0")
        return {
            "about": self.about.copy(),
            "rows": self.arrays.rows[ordinals & int(self.about[MASK])].reshape(-1),
            "accounts": self.arrays.accounts[: int(self.about[ACCOUNTS])].reshape(-1),
            "banks": np.frombuffer(names, np.int64),
            "currencies": np.array(sorted(self._currencies), np.int64),
            "next_seq": np.array([self._next_seq]),
        }

    def restore(self, arrays: Mapping[str, NDArray[np.int64]]) -> None:
        """Take over the arrays of ``save``; what was held is forgotten.

        Raises SnapshotError when they are of something else.
        """
        names = {"about", "rows", "accounts", "banks", "currencies", "next_seq"}
        fits = set(arrays) == names and len(arrays["about"]) == kernels.ABOUT_WORDS
        if not fits or len(arrays["rows"]) % ROW_WORDS or len(arrays["accounts"]) % ACCOUNT_WORDS:
            raise SnapshotError(
                "the snapshot is of something else than an arena of payments",
                expected=", ".join(sorted(names)),
                found=", ".join(sorted(arrays)),
                hint="start without it: the log rebuilds the arena",
            )
        about = self.about
        about[:] = arrays["about"]
        held, made = len(self), int(about[ACCOUNTS])
        rows = np.zeros((_doubled(FIRST_PLACES, held + 1), ROW_WORDS), np.int64)
        about[MASK] = len(rows) - 1
        ordinals = (int(about[HEAD]) + np.arange(held)) & ORDINALS
        rows[ordinals & int(about[MASK])] = arrays["rows"].reshape(held, ROW_WORDS)
        accounts = np.zeros((_doubled(FIRST_PLACES, made), ACCOUNT_WORDS), np.int64)
        accounts[:made] = arrays["accounts"].reshape(made, ACCOUNT_WORDS)
        index = np.zeros(_doubled(FIRST_PLACES, int(held / LOAD_MAX) + 1), np.int32)
        table = np.zeros(_doubled(FIRST_PLACES, int(made / LOAD_MAX) + 1), np.int32)
        about[INDEX_MASK], about[TABLE_MASK] = len(index) - 1, len(table) - 1
        kernels.rehash(rows, about, index)
        kernels.retable(accounts, about, table)
        self.arrays = _arrays(rows, accounts, table, index)
        codes = [
            code for code in np.split(arrays["banks"], len(arrays["banks"]) // 2) if code.any()
        ]
        self._banks = {code.tobytes(): number for number, code in enumerate(codes, 1)}
        self._names = ["", *(code.rstrip(b"\0").decode("ascii") for code in self._banks)]
        self._currencies = set(arrays["currencies"].tolist())
        self._next_seq = int(arrays["next_seq"][0])

    def _banks_of(self, facts: Facts, column: str) -> NDArray[np.int64]:
        """Each fact's bank as a number, 0 if unknown. Beyond BANKS_MAX banks are unknown."""
        codes = facts.symbols.get(column)
        if codes is None:
            return np.zeros(len(facts), np.int64)
        texts = np.ascontiguousarray(codes).view("V16").reshape(-1)
        some, places = np.unique(texts, return_inverse=True)
        numbers = np.zeros(len(some), np.int64)
        for place, code in enumerate(some):
            name = code.tobytes()
            if name.strip(b"\0") and (name in self._banks or len(self._banks) < BANKS_MAX):
                numbers[place] = self._banks.setdefault(name, len(self._banks) + 1)
                if len(self._banks) == len(self._names):
                    self._names.append(name.rstrip(b"\0").decode("ascii"))
        return numbers[places]

    def _make_room(self, coming: int) -> None:
        """Grow what so many payments could fill. Kernels never allocate."""
        needed = len(self) + coming
        if needed > self._payments_max:
            raise StateFull(
                "the arena of payments is full",
                expected=f"at most {self._payments_max:,} payments held",
                found=f"{needed:,}",
                hint="hold payments for fewer days, or raise the limit",
            )
        a, about = self.arrays, self.about
        rows, accounts, table, index = a.rows, a.accounts, a.by_token, a.by_digest
        if needed > len(rows):
            rows = self._wider(rows, needed)
        if int(about[ACCOUNTS]) + 2 * coming > len(accounts):
            accounts = np.zeros(
                (_doubled(len(accounts), int(about[ACCOUNTS]) + 2 * coming), ACCOUNT_WORDS),
                np.int64,
            )
            accounts[: len(a.accounts)] = a.accounts
        if needed > LOAD_MAX * len(index):
            index = np.zeros(_doubled(len(index), int(needed / LOAD_MAX) + 1), np.int32)
            about[INDEX_MASK] = len(index) - 1
            kernels.rehash(rows, about, index)
        used = int(about[TABLE_USED]) + 2 * coming
        if used > LOAD_MAX * len(table):
            table = np.zeros(_doubled(len(table), int(used / LOAD_MAX) + 1), np.int32)
            about[TABLE_MASK] = len(table) - 1
            kernels.retable(accounts, about, table)
        self.arrays = _arrays(rows, accounts, table, index)

    def _wider(self, old: NDArray[np.int64], needed: int) -> NDArray[np.int64]:
        """A ring with room for so many, holding what the old one holds at their ordinals."""
        rows = np.zeros((_doubled(len(old), needed), ROW_WORDS), np.int64)
        first, held = int(self.about[HEAD]), len(self)
        while held:
            at, to = first & (len(old) - 1), first & (len(rows) - 1)
            count = min(held, len(old) - at, len(rows) - to)
            rows[to : to + count] = old[at : at + count]
            first, held = (first + count) & ORDINALS, held - count
        self.about[MASK] = len(rows) - 1
        return rows


def _sorts(facts: Facts) -> NDArray[np.int64]:
    """0 for a payment that says who paid whom, REJECTED or RETURN for an outcome, else _OTHER."""
    sort = np.full(len(facts), _OTHER, np.int64)
    sort[facts.kinds == Kind.PAYMENT] = 0
    for status, word in ((REJECTED, "rejected"), (RETURN, "returned")):
        outcome = facts.number("outcome") == OUTCOMES.index(word)
        sort[(facts.kinds == Kind.OUTCOME) & outcome] = status
    return sort


def _arrays(
    rows: NDArray[np.int64],
    accounts: NDArray[np.int64],
    table: NDArray[np.int32],
    index: NDArray[np.int32],
) -> Arrays:
    return Arrays(rows, rows.view(np.int32), accounts, accounts.view(np.int32), table, index)


def _doubled(size: int, needed: int) -> int:
    while size < needed:
        size *= 2
    return size
