"""A centre with a country in it, ready to be served: its people, its banks, its past.

In: an empty directory, how many people and days, a seed. Out: what ``arasha serve`` could serve as
it stands, and the country in memory, so that it can live on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from arasha.app.demo.past import Past
from arasha.app.demo.people import AT_WORK, SEATS
from arasha.app.demo.present import SLICE_MS as PRESENT_SLICE_MS
from arasha.app.demo.proposing import propose
from arasha.app.demo.unsynced import unsynced
from arasha.app.demo.world import Centre, Switch, World
from arasha.cases.law_document import load_law
from arasha.cases.state import State
from arasha.country.loop import SLICE_MS, Happened
from arasha.country.script import DAY_MS, LOCAL_MS
from arasha.country.society import AccountKind
from arasha.engine.drift import Drift
from arasha.errors import Place, UsageError
from arasha.events.schema import PartyKind
from arasha.exchange.crypto_exchanges import CryptoExchanges
from arasha.exchange.participants import Participants
from arasha.exchange.persons import Persons
from arasha.log.record import Record
from arasha.policy.definition import Policy
from arasha.policy.document import load
from arasha.vault.tokens import Tokens

BY: Final = "demonstration"
"""Who has let everybody in."""

LIVES_ON_DAYS: Final = 365
"""How long the country can live on."""

ORIGIN: Final = "demo.example/record"
"""The name of its public record."""


@dataclass(slots=True)
class Made:
    """A country and its centre whose past is made. ``slices`` go on where it ends, judged by
    whoever ``judges`` names; ``keys`` are the banks', as a header carries them; ``drift`` is what
    was counted of the model, ``draft`` a policy that somebody has asked for.
    """

    world: World
    centre: Centre
    slices: Iterator[Happened]
    judges: Switch
    keys: Mapping[str, str]
    told: Told
    drift: Drift | None
    draft: Policy | None


@dataclass(frozen=True, slots=True)
class Told:
    """What has come of reports. Money in tiyn; ``several`` reports had money held at more than one
    bank.
    """

    cases: int
    waiting: int
    reports: int
    several: int
    held_minor: int
    recalls: int
    returned_minor: int
    appeals: int
    upheld: int

    @staticmethod
    def of(state: State) -> Told:
        """As of now."""
        holds = list(state.holds.values())
        banks: dict[str, set[str]] = {}
        for hold in holds:
            if hold.held_minor:
                banks.setdefault(hold.report, set()).add(hold.bank)
        return Told(
            len(state.cases), len(state.open_cases), len(state.reports),
            sum(len(some) > 1 for some in banks.values()),
            sum(hold.held_minor or 0 for hold in holds), len(state.recalls),
            sum(hold.returned_minor for hold in holds), len(state.appeals),
            sum(one.status == "upheld" for one in state.appeals.values()),
        )  # fmt: skip


def now_ms() -> int:
    """The time of day."""
    return time.time_ns() // 1_000_000


def make(
    directory: Path, policy: Path, law: Path, *, people: int, days: int, seed: int,
    lived: Callable[[float], None], on_record: Callable[[Record], None],
) -> Made:  # fmt: skip
    """All of it; ``lived`` is told how many days more have passed, ``on_record`` that the log has a
    public record. Raises UsageError where there is something in the directory.
    """
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(
            "there is something in this directory", expected="an empty one, or none yet",
            where=Place(file=str(directory)), hint="arasha serve --data goes on with a centre",
        )  # fmt: skip
    directory.mkdir(parents=True, exist_ok=True)
    today = datetime.fromtimestamp((now_ms() + LOCAL_MS) / 1000, UTC).date()
    tokens = Tokens.load_or_create(directory, remember=True)
    first_day = today - timedelta(days=days)
    start_ms = (first_day - date(1970, 1, 1)).days * DAY_MS - LOCAL_MS
    with closing(Participants.open(directory, now_ms)) as participants, unsynced() as layer:
        exchanges = CryptoExchanges(participants.register)
        judged_by = load(policy)
        past = Past(
            directory, judged_by, load_law(law), start_ms, exchanges.tokens, tokens, layer
        )  # fmt: skip
        with closing(past):
            on_record(past.begin_record(ORIGIN, BY))
            judges = Switch(past)
            world = World.make(people, seed, first_day, tokens, judges)
            past.of(world)
            keys = let_in(participants, world, exchanges)
            slices = world.life.slices(days + LIVES_ON_DAYS)
            _live(past, slices, lived)
            draft = propose(directory, past.log, judged_by, past.centre.take, past.now_ms)
            told = Told.of(past.state)
    return Made(world, past.centre, slices, judges, keys, told, past.drift, draft)


def let_in(
    participants: Participants, world: World, exchanges: CryptoExchanges
) -> Mapping[str, str]:
    """Let banks and people in, and list the crypto exchanges; the banks' keys."""
    keys = {}
    for code in world.codes:
        _, key_id, secret = participants.create(code, "bank", by=BY, deadline_ms=10_000)
        keys[code] = f"{key_id}.{secret}"
    persons = Persons(participants.register)
    for name, roles in {**AT_WORK, **{seat: (seat,) for seat in SEATS}}.items():
        persons.create(name, roles, by=BY)
    accounts = world.society.accounts
    for account in np.flatnonzero(accounts.kind[: len(accounts)] == AccountKind.CRYPTO).tolist():
        [token] = world.reader.symbols(PartyKind.ACCOUNT, np.array([account], np.int32))
        exchanges.add(token.tobytes(), "exchange", by=BY, reason="an exchange of the country")
    return keys


def _live(past: Past, slices: Iterator[Happened], lived: Callable[[float], None]) -> None:
    """Let the past happen, up to a moment ago."""
    life = past.world.life
    for happened in slices:
        past.after(happened)
        lived((happened.end_ms - happened.start_ms) / DAY_MS)
        left_ms = now_ms() - happened.end_ms
        if left_ms < SLICE_MS:
            life.slice_ms = PRESENT_SLICE_MS
        if left_ms < PRESENT_SLICE_MS:
            return
