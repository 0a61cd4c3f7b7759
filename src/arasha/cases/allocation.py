"""How several victims share what one account still holds, in exact whole minor units.

In: a pot, and what each victim lost into it, in the order in which it came in. Out: each one's
share. Whatever the rule: no share is more than was lost, and all shares together are the smaller of
the pot and the losses, so nothing is created and nothing is left over.

    pro rata                  everybody the same part of the loss, as a court would
    last in, first returned   from the latest payment backwards (Taiwan's rule): where money passes
                              through quickly the last to come in is what is still there
"""

from __future__ import annotations

from collections.abc import Sequence

from arasha.cases.law import Allocation


def allocate(rule: Allocation, pot_minor: int, losses_minor: Sequence[int]) -> list[int]:
    """The shares, in the order of the losses; the first loss is the one that came in first.

    >>> allocate("pro_rata", 100, [100, 50, 50])
    [50, 25, 25]
    >>> allocate("last_in_first_returned", 100, [100, 50, 30])
    [20, 50, 30]
    """
    assert pot_minor >= 0
    assert all(loss >= 0 for loss in losses_minor)
    if rule == "last_in_first_returned":
        return _last_in_first_returned(pot_minor, losses_minor)
    return _pro_rata(pot_minor, losses_minor)


def _pro_rata(pot_minor: int, losses_minor: Sequence[int]) -> list[int]:
    """By largest remainder; of equal remainders the one that came in first gets the unit."""
    total = sum(losses_minor)
    pot_minor = min(pot_minor, total)
    if total == 0:
        return [0] * len(losses_minor)
    shares = [pot_minor * loss // total for loss in losses_minor]
    remainders = [pot_minor * loss % total for loss in losses_minor]
    left = pot_minor - sum(shares)
    for place in sorted(range(len(shares)), key=lambda i: (-remainders[i], i))[:left]:
        shares[place] += 1
    return shares


def _last_in_first_returned(pot_minor: int, losses_minor: Sequence[int]) -> list[int]:
    shares = []
    for loss in reversed(losses_minor):
        share = min(loss, pot_minor)
        pot_minor -= share
        shares.append(share)
    return shares[::-1]
