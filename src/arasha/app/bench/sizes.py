"""How much each benchmark of the engine takes in: the whole, or what a quick look needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sizes:
    """Payments, unless said otherwise. ``window_payments`` and ``replay_payments`` None: all of
    the handbook's. ``single_warm`` are known before single payments are judged, and
    ``service_accounts`` to a service under load: so many that none pays every other second.
    """

    window_payments: int | None
    window_rounds: int
    replay_payments: int | None
    replay_rounds: int
    single_warm: int | None
    singles: int
    durable_singles: int
    held: int
    held_fewer: int
    hub: int
    batches: int
    cached_starts: int
    service_seconds: float = 30.0
    service_accounts: int = 100_000
    overload_seconds: float = 60.0
    restart_entries: int = 5_000_000
    call_peer_calls: int = 200_000
    fault_kills: int = 200
    fault_step: int = 1


FULL: Final = Sizes(
    window_payments=None,
    window_rounds=5,
    replay_payments=None,
    replay_rounds=3,
    single_warm=None,
    singles=20_000,
    durable_singles=5_000,
    held=10_000_000,
    held_fewer=1_000_000,
    hub=1_000_000,
    batches=150,
    cached_starts=3,
)

QUICK: Final = Sizes(
    window_payments=100_000,
    window_rounds=3,
    replay_payments=100_000,
    replay_rounds=1,
    single_warm=100_000,
    singles=3_000,
    durable_singles=500,
    held=2_500_000,
    held_fewer=250_000,
    hub=100_000,
    batches=40,
    cached_starts=1,
    service_seconds=2.0,
    service_accounts=10_000,
    overload_seconds=2.0,
    restart_entries=10_000,
    call_peer_calls=20_000,
    fault_kills=5,
    fault_step=40,
)
