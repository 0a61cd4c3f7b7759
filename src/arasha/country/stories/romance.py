"""Love by messages, and money for a visit, a parcel, an illness.

Many payments over weeks, modest at first, to one or two accounts that soon are no longer new to
the victim. Sources: 4,160 cases of 8,774 GBP on average in 2023, nearly ten payments a case, the
most of all kinds (UK Finance, Annual Fraud Report 2024). Growth and pauses: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, at_most
from arasha.country.script import EVENING, Person, Reason, Script, Stage, Story
from arasha.country.underworld import Mule, Ring

STORY = Story("romance", "romance", EVENING)


def play(stage: Stage) -> Script:
    """Requests that grow; a second account when the first is lost or it is asked of a "friend"."""
    p, chance = stage.parameter, stage.chance
    request = chance.lognormal(p("first_request_kzt"), 0.7)
    victim = stage.victim(min_balance=asked(request))
    if victim is None:
        return
    ring = stage.ring()
    beloved = _kept(stage, ring, victim)
    for _ in range(2 + chance.poisson(p("more_requests"))):
        sum_asked = at_most(stage, victim, asked(request))
        if not sum_asked:
            return
        paid = yield stage.pay(
            victim.account, beloved.account, sum_asked, by=victim, fraud=True, role="stolen"
        )
        if paid.moved:
            stage.launder(ring, paid)
        elif paid.reason is Reason.STOPPED or not (ring.adapts or paid.short):
            return
        if chance.happens(p("other_account_share")) or not (paid.moved or paid.short):
            beloved = _kept(stage, ring, victim)
        request *= chance.lognormal(p("growth"), 0.5)
        yield stage.wait(days=chance.exponential(p("pause_days")))
        yield stage.until(17 + 6 * chance.uniform())


def _kept(stage: Stage, ring: Ring, victim: Person) -> Mule:
    """A mule that is kept for this victim alone: a beloved has one name."""
    mule = ring.mule(stage, victim.account)
    ring.drop(mule.account)
    return mule
