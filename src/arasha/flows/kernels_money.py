"""The money of one account on a trace: what of it is disputed, by every rule at once.

Below kernels_trace.py. In: an account's money, a payment out of it. Out: how much of the payment is
disputed by each rule; the account and what was cut off for the payee. ``testing/naive_trace.py``
does the same with lists of single coins.

An account's known money stands in a row, the oldest first. By FIFO a payment cuts a run off the
front, by LIFO off the back; the run keeps its order and joins the back of the payee's row. So each
rule has a chain of pieces (amount > 0 disputed, < 0 not), linked the way it is cut::

    FIFO   head ─▶ [-300] ─▶ [+100] ─▶ [-50]          LIFO   [-300] ◀─ [+100] ◀─ [-50] ◀─ top

Haircut needs two numbers: the payment carries ``amount * disputed / known``, rounded to the nearest
minor unit (half up); the rest stays, so nothing is lost by rounding. LEAST and MOST are not a rule:
they bound what any rule can say, whatever money was there before (docs/decisions/0012-*.md).
"""

from __future__ import annotations

from typing import Final

from arasha.events.kernels import inlined, kernel

NONE: Final = -1

FIFO, LIFO, HAIRCUT, LEAST, MOST, POISON = range(6)
"""The rules, and the two ends of the interval."""

RULES: Final = 6

RECEIVED, THERE, PASSED, OUT_CASH, OUT_ABROAD, OUT_CRYPTO, UNFOLLOWED = range(7)
"""Where disputed money came in, and where it is now."""

BUCKETS: Final = 7

(
    ACCOUNT, HOP, SINCE, UNTIL, FIRST, IN_AT, OUT_AT, LOOKED, ENDED, MORE, TOLD, KNOWN,
    FIFO_HEAD, FIFO_TAIL, LIFO_TOP,
) = range(15)  # fmt: skip
"""Words of a stay: the time during which an account with disputed money is watched."""

STAY_WORDS: Final = 15

FIFO_USED, LIFO_USED, CAP = 0, 1, 2
"""Words of ``work``: pieces made for each rule, all that was reported so far."""

_NEAREST_BITS: Final = 62


@kernel
def share_of(amount, disputed, known):  # type: ignore[no-untyped-def]  # compiled
    """Amount * disputed / known to the nearest whole number, half up; disputed <= known."""
    if disputed == known:
        return amount
    if amount < 2**30 and disputed < 2**31:
        whole = amount * disputed
        quotient, rest = whole // known, whole % known
    else:
        quotient, rest = 0, 0
        for bit in range(_NEAREST_BITS - 1, -1, -1):
            rest, quotient = 2 * rest, 2 * quotient
            if rest >= known:
                rest -= known
                quotient += 1
            if (amount >> bit) & 1:
                rest += disputed
                if rest >= known:
                    rest -= known
                    quotient += 1
    return quotient + (1 if rest >= known - rest else 0)


@inlined
def _piece(pieces, work, used, amount):  # type: ignore[no-untyped-def]  # compiled
    amounts, links = pieces
    at = work[used]
    work[used] += 1
    amounts[at], links[at] = amount, NONE
    return at


@inlined
def _two_pieces(pieces, work, used, amount, disputed):  # type: ignore[no-untyped-def]  # compiled
    """(first, last) of a run: what is not disputed, then what is."""
    last = _piece(pieces, work, used, disputed)
    if disputed == amount:
        return last, last
    return _piece(pieces, work, used, disputed - amount), last


@inlined
def add_clean(stays, s, fifo, lifo, work, amount):  # type: ignore[no-untyped-def]  # compiled
    """Money that is not disputed joins the back of the row."""
    stays[s, KNOWN] += amount
    if stays[s, FIFO_TAIL] != NONE and fifo[0][stays[s, FIFO_TAIL]] < 0:
        fifo[0][stays[s, FIFO_TAIL]] -= amount
    else:
        at = _piece(fifo, work, FIFO_USED, -amount)
        join_fifo(stays, s, fifo, at, at)
    if stays[s, LIFO_TOP] != NONE and lifo[0][stays[s, LIFO_TOP]] < 0:
        lifo[0][stays[s, LIFO_TOP]] -= amount
    else:
        at = _piece(lifo, work, LIFO_USED, -amount)
        join_lifo(stays, s, lifo, at, at)


@inlined
def join_fifo(stays, s, fifo, head, tail):  # type: ignore[no-untyped-def]  # compiled
    """A run joins the back of the row kept for FIFO."""
    if stays[s, FIFO_TAIL] == NONE:
        stays[s, FIFO_HEAD] = head
    else:
        fifo[1][stays[s, FIFO_TAIL]] = head
    stays[s, FIFO_TAIL] = tail


@inlined
def join_lifo(stays, s, lifo, bottom, top):  # type: ignore[no-untyped-def]  # compiled
    """A run joins the back of the row kept for LIFO."""
    lifo[1][bottom] = stays[s, LIFO_TOP]
    stays[s, LIFO_TOP] = top


@inlined
def cut_fifo(stays, s, fifo, work, amount):  # type: ignore[no-untyped-def]  # compiled
    """(head, tail, disputed) of the run of that amount at the front; it is there."""
    amounts, links = fifo
    head, before, left, disputed = stays[s, FIFO_HEAD], NONE, amount, 0
    at = head
    while True:
        piece = amounts[at]
        size = abs(piece)
        taken = min(size, left)
        if piece > 0:
            disputed += taken
        left -= taken
        if left > 0:
            before, at = at, links[at]
            continue
        if taken == size:
            stays[s, FIFO_HEAD] = links[at]
            if links[at] == NONE:
                stays[s, FIFO_TAIL] = NONE
            links[at] = NONE
            return head, at, disputed
        sign = 1 if piece > 0 else -1
        amounts[at] = piece - sign * taken
        part = _piece(fifo, work, FIFO_USED, sign * taken)
        stays[s, FIFO_HEAD] = at
        if before == NONE:
            return part, part, disputed
        links[before] = part
        return head, part, disputed


@inlined
def cut_lifo(stays, s, lifo, work, amount):  # type: ignore[no-untyped-def]  # compiled
    """(bottom, top, disputed) of the run of that amount at the back; it is there."""
    amounts, links = lifo
    top, above, left, disputed = stays[s, LIFO_TOP], NONE, amount, 0
    at = top
    while True:
        piece = amounts[at]
        size = abs(piece)
        taken = min(size, left)
        if piece > 0:
            disputed += taken
        left -= taken
        if left > 0:
            above, at = at, links[at]
            continue
        if taken == size:
            stays[s, LIFO_TOP] = links[at]
            return at, top, disputed
        sign = 1 if piece > 0 else -1
        amounts[at] = piece - sign * taken
        part = _piece(lifo, work, LIFO_USED, sign * taken)
        stays[s, LIFO_TOP] = at
        if above == NONE:
            return part, part, disputed
        links[above] = part
        return part, top, disputed


@inlined
def pay_out(stays, s, money, fifo, lifo, work, amount, carried, runs):  # type: ignore[no-untyped-def]  # compiled
    """A payment leaves an account: ``carried`` and ``runs`` say what goes with it.

    What is known to be there may not be enough: then money came that nobody showed, just now.
    """
    if stays[s, KNOWN] < amount:
        add_clean(stays, s, fifo, lifo, work, amount - stays[s, KNOWN])
    known = stays[s, KNOWN]
    runs[0], runs[1], carried[FIFO] = cut_fifo(stays, s, fifo, work, amount)
    runs[2], runs[3], carried[LIFO] = cut_lifo(stays, s, lifo, work, amount)
    carried[HAIRCUT] = share_of(amount, money[s, HAIRCUT, THERE], known)
    for rule in range(LEAST):
        money[s, rule, THERE] -= carried[rule]
    least, most = money[s, LEAST, THERE], money[s, MOST, THERE]
    carried[MOST] = min(amount, most)
    carried[LEAST] = 0
    if stays[s, TOLD] == 1:  # what is not disputed is at most the rest of the balance
        carried[LEAST] = max(0, amount - (known - least))
        most = min(most, known - amount)
    money[s, LEAST, THERE] = max(0, least - amount)
    money[s, MOST, THERE] = most
    carried[POISON] = amount if money[s, POISON, RECEIVED] > 0 else 0
    stays[s, KNOWN] = known - amount


@kernel
def dispute(fifo, lifo, work, created, amount, disputed, carried, runs):  # type: ignore[no-untyped-def]  # compiled
    """A reported payment: at least so much of it is disputed, by every rule.

    What a rule said already is not counted twice. Its own order: what is not disputed, then what
    is. The payment of an account that is not watched has nothing in ``carried``.
    """
    work[CAP] += max(0, disputed - carried[LEAST])
    for rule in range(POISON):
        created[rule] += max(0, disputed - carried[rule])
        carried[rule] = max(carried[rule], disputed)
    created[POISON] += max(0, amount - carried[POISON])
    carried[POISON] = amount
    runs[0], runs[1] = _two_pieces(fifo, work, FIFO_USED, amount, carried[FIFO])
    runs[2], runs[3] = _two_pieces(lifo, work, LIFO_USED, amount, carried[LIFO])
    if runs[0] != runs[1]:
        fifo[1][runs[0]] = runs[1]
    if runs[2] != runs[3]:
        lifo[1][runs[3]] = runs[2]


@inlined
def receive(stays, s, money, fifo, lifo, cap, amount, carried, runs):  # type: ignore[no-untyped-def]  # compiled
    """A payment with disputed money in it comes to an account."""
    stays[s, KNOWN] += amount
    join_fifo(stays, s, fifo, runs[0], runs[1])
    join_lifo(stays, s, lifo, runs[2], runs[3])
    for rule in range(RULES):
        money[s, rule, RECEIVED] += carried[rule]
        money[s, rule, THERE] += carried[rule]
    money[s, MOST, THERE] = min(money[s, MOST, THERE], cap)
