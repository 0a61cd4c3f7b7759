"""Officers, the authority, who is held, and who rules on appeals: what people do about holds.

In: what came of acts. Out: acts of persons and appellants, each at a time of its own. Simulated
people do not see the truth; how often they find it is stated (tables/recovery.toml). The limits
they act within are the law's, and `arasha.cases.perform` keeps them: what they ask too late or for
too long is refused::

    hold answered ─▶ an officer looks: confirmed, or released ─▶ recall answered ─▶ who is held was
    heard ─▶ return asked for by one, agreed to by another and by the authority ─▶ ordered
             ╰─ meanwhile an appeal may be opened, taken up and ruled on by a third
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from arasha.cases.acts import (
    Actor,
    AppealOpened,
    AppealRuled,
    AppealTaken,
    Askable,
    HoldAnswered,
    HoldConfirmed,
    HoldProlonged,
    HoldReleased,
    RecallOpened,
    RecallSent,
    RequestApproved,
    Requested,
    ReturnOrdered,
    content_of,
)
from arasha.cases.projection import Done
from arasha.cases.records import Appeal, Hold, HoldStatus, Recall, RecallStatus, Request
from arasha.country.agenda import Agenda
from arasha.country.casework import Work
from arasha.country.chance import Chance
from arasha.country.known import Known
from arasha.country.parameters import Parameters
from arasha.country.script import HOUR_MS, MINUTE_MS

OFFICER: Final = Actor("person", "bolat", ("officer",))
SECOND: Final = Actor("person", "dana", ("officer",))
REVIEWER: Final = Actor("person", "erlan", ("officer",))
AUTHORITY: Final = Actor("person", "gulnara", ("authority",))
APPELLANT: Final = Actor("appellant", "held")

BASIS: Final = "kz:25-1"
"""The article that officers name."""

_WAIT_MS: Final = 4 * HOUR_MS
"""How long an officer waits for a ruling before looking again, ms."""

_NEAR_MS: Final = 24 * HOUR_MS
"""A hold whose end is nearer than this is prolonged first, ms."""


class Officers:
    """The people of every installation; each has its own, who go by the same names."""

    def __init__(
        self,
        parameters: Parameters,
        agenda: Agenda,
        known: Known,
        is_true: Callable[[str], bool],
        seed: int,
    ) -> None:
        self._parameters, self._agenda, self._known = parameters, agenda, known
        self._is_true = is_true  # of a report, by its name
        self._seed = seed

    def told(self, work: Work, done: Done) -> None:
        """See to what an act has brought about."""
        at_ms, act = done.entry.at_ms, done.entry.act
        for change in done.changes:
            match change:
                case Hold() if isinstance(act, HoldAnswered) and act.hold == change.id:
                    if change.holds_at(at_ms):
                        self._held(work, change, at_ms)
                case Recall() if isinstance(done.entry.act, RecallOpened):
                    if change.score >= work.law.recall.suspicion:
                        self._suspicious(work, change, at_ms)
                case Recall() if change.status is RecallStatus.ANSWERED:
                    self._agenda.put(at_ms, partial(self._order, work, change.id))
                case Appeal() if change.opened_ms == at_ms and change.reviewer is None:
                    self._appealed(work, change, at_ms)
                case _:
                    pass

    # --- a hold -----------------------------------------------------------------------------------

    def _held(self, work: Work, hold: Hold, at_ms: int) -> None:
        """An officer will look; who is held has been told, and may contest it."""
        chance = self._chance("looks", work, hold.id)
        hours = self._hours(chance, "officers.look_hours")
        part = self._has_part(hold)
        name = "part_confirmed_share" if part else "no_part_released_share"
        found = chance.happens(self._parameters[f"officers.{name}"])
        act = HoldConfirmed(hold.id, BASIS) if found == part else HoldReleased(hold.id, "not_fraud")
        if not (part and not found):  # else nobody comes to it, and it lapses
            self._agenda.put(at_ms + hours, lambda now: work.do(OFFICER, act, now))
        share = "part_appeal_share" if part else "appeal_share"
        if chance.happens(self._parameters[f"held_people.{share}"]):
            due_ms = at_ms + self._hours(chance, "held_people.appeal_hours")
            contest = AppealOpened(hold.reference)
            self._agenda.put(due_ms, lambda now: self._contest(work, hold.id, contest, now))

    def _contest(self, work: Work, hold: str, act: AppealOpened, now_ms: int) -> None:
        """Nobody contests what is over."""
        if work.state.holds[hold].holds_at(now_ms):
            work.do(APPELLANT, act, now_ms)

    # --- an appeal --------------------------------------------------------------------------------

    def _appealed(self, work: Work, appeal: Appeal, at_ms: int) -> None:
        chance = self._chance("rules", work, appeal.id)
        hold = work.state.holds[appeal.about]
        look_ms = at_ms + self._hours(chance, "rulings.look_hours", "rulings.spread")
        rule_ms = look_ms + self._hours(chance, "rulings.rule_hours", "rulings.spread")
        name = "part_upheld_share" if self._has_part(hold) else "no_part_upheld_share"
        upheld = chance.happens(self._parameters[f"rulings.{name}"])
        why = "No part in the fraud was shown." if upheld else "The money came from the fraud."
        erred = ("rule:trace",) if self._is_true(hold.report) else ("report",)
        act = AppealRuled(appeal.id, upheld, why, erred if upheld else ())
        self._agenda.put(look_ms, lambda now: work.do(REVIEWER, AppealTaken(appeal.id), now))
        self._agenda.put(rule_ms, lambda now: work.do(REVIEWER, act, now))

    # --- a recall ---------------------------------------------------------------------------------

    def _suspicious(self, work: Work, recall: Recall, at_ms: int) -> None:
        """The claim looks like abuse: two people, who find some of the false ones."""
        chance = self._chance("suspects", work, recall.id)
        declined = self._parameters["officers.false_claim_declined_share"]
        look_ms = at_ms + self._hours(chance, "officers.look_hours")
        if not self._is_true(recall.report) and chance.happens(declined):
            for hold in work.state.holds_of_report(recall.report):
                act = HoldReleased(hold.id, "not_fraud")
                self._agenda.put(look_ms, partial(work.do, OFFICER, act))
            return
        what = RecallSent(recall.id)
        self._agenda.put(look_ms, lambda now: self._ask(work, what, now, authority=False))

    def _order(self, work: Work, name: str, now_ms: int) -> None:
        """Ask for the return as soon as everybody was heard and no appeal is open."""
        state, law = work.state, work.law
        recall = state.recalls[name]
        agreed = [state.holds[one.hold] for one in recall.answers if one.amount_minor]
        live = [hold for hold in agreed if hold.holds_at(now_ms)]
        if recall.status is not RecallStatus.ANSWERED or not live:
            return
        heard_ms = max(
            law.recall.hearing.after(hold.answered_ms or now_ms, law.calendar) for hold in live
        )
        contested = any(
            state.appeals[state.appeal_about[hold.id]].status == "open"
            for hold in live
            if hold.id in state.appeal_about
        )
        if now_ms < heard_ms:
            self._agenda.put(heard_ms, lambda now: self._order(work, name, now))
            return
        for hold in live:
            self._prolong(work, hold, now_ms)
        if contested:
            self._agenda.put(now_ms + _WAIT_MS, lambda now: self._order(work, name, now))
            return
        order = ReturnOrdered(name, f"n-{name}")
        if not self._ask(work, order, now_ms, authority=law.recall.sanction):
            again_ms = now_ms + _WAIT_MS  # others come first in the pot, as things are
            self._agenda.put(again_ms, lambda now: self._order(work, name, now))

    def _prolong(self, work: Work, hold: Hold, now_ms: int) -> None:
        """Two officers prolong what would end before the money can go back, within the law."""
        law = work.law
        if hold.status is HoldStatus.PROVISIONAL or hold.until_ms - now_ms > _NEAR_MS:
            return
        until_ms = min(
            law.hold.prolonging.after(hold.until_ms, law.calendar),
            law.hold.limit.after(hold.placed_ms, law.calendar),
        )
        if until_ms > hold.until_ms:
            self._ask(work, HoldProlonged(hold.id, until_ms), now_ms, authority=False, soon=True)

    def _ask(
        self, work: Work, what: Askable, now_ms: int, *, authority: bool, soon: bool = False
    ) -> bool:
        """One asks; another reads it and agrees; then the authority, where the law wants it. Not
        where nobody could agree to it.
        """
        asked = work.do(OFFICER, Requested(what), now_ms)
        if not isinstance(asked, Done):
            return False
        [request] = [one for one in asked.changes if isinstance(one, Request)]
        agree = RequestApproved(request.id, content_of(what))
        chance = self._chance("agrees", work, request.id)
        mean = self._parameters["officers.second_minutes_mean"]
        at_ms = now_ms if soon else now_ms + int(chance.exponential(mean) * MINUTE_MS)
        self._agenda.put(at_ms, lambda now: work.do(SECOND, agree, now))
        if authority:
            at_ms += self._hours(chance, "officers.notice_hours")
            self._agenda.put(at_ms, lambda now: work.do(AUTHORITY, agree, now))
        return True

    # --- chance -----------------------------------------------------------------------------------

    def _has_part(self, hold: Hold) -> bool:
        return self._known.has_part(self._known.account(hold.account))

    def _hours(self, chance: Chance, name: str, spread: str | None = None) -> int:
        """A time drawn from a median in hours, ms."""
        median = self._parameters[f"{name}_median"]
        wide = self._parameters[spread or f"{name}_spread"]
        return int(chance.lognormal(median, wide) * HOUR_MS)

    def _chance(self, what: str, work: Work, name: str) -> Chance:
        return Chance(self._seed, what, work.name, name)
