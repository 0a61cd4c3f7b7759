"""Love that is real: gifts and help to somebody not known a month ago.

Looks like: romance. Source: assumed.
"""

from __future__ import annotations

from arasha.country.plots import asked, at_most, stranger
from arasha.country.script import EVENING, Lookalike, Script, Stage

LOOKALIKE = Lookalike("new_friendship", EVENING)


def play(stage: Stage) -> Script:
    """Payments of an evening, some larger, now and then one back; and long calls."""
    p, chance = stage.parameter, stage.chance
    gift = chance.lognormal(p("first_gift_kzt"), 0.8)
    person = stage.person(min_balance=asked(gift))
    friend = None if person is None else stranger(stage, person)
    if person is None or friend is None:
        return
    for _ in range(2 + chance.poisson(p("more_gifts"))):
        if chance.happens(p("call_share")):
            minutes = chance.lognormal(p("talk_minutes"), 0.9)
            yield stage.call(friend.number, person.number, minutes=minutes)
            yield stage.wait(minutes=2 + chance.exponential(20))
        amount = at_most(stage, person, asked(gift))
        if not amount:
            return
        yield stage.pay(
            person.account, friend.account, amount, by=person, role="gift",
            purpose="GIFT" if chance.happens(0.2) else "",
        )  # fmt: skip
        if chance.happens(p("back_share")):
            yield stage.wait(days=chance.exponential(3))
            back = at_most(stage, friend, asked(gift * chance.uniform()))
            if back:
                yield stage.pay(friend.account, person.account, back, by=friend, role="gift back")
        gift *= chance.lognormal(p("growth"), 0.5)
        yield stage.wait(days=chance.exponential(p("pause_days")))
        yield stage.until(17 + 6 * chance.uniform())
