"""What the service tells systemd: that it is ready, that it stops, that it is still alive.

In: the environment that systemd gives (``NOTIFY_SOCKET``, ``WATCHDOG_USEC``, sd_notify(3)). Out: a
datagram a message. Started by anything else it has nobody to tell, and says nothing.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
ALIVE: Final = "WATCHDOG=1"

_LONGEST_PATH: Final = 107  # of an address of Unix, bytes


@dataclass(frozen=True, slots=True)
class Notify:
    """Whom to tell, and how often, in seconds, that we are alive; None: nobody asks."""

    address: str | None = None
    alive_s: float | None = None

    @staticmethod
    def of(environment: Mapping[str, str], pid: int | None = None) -> Notify:
        """As the environment says; ``pid`` is this process's own unless given."""
        address = environment.get("NOTIFY_SOCKET", "")
        if address[:1] not in ("/", "@") or len(address.encode()) > _LONGEST_PATH:
            return Notify()
        asked = environment.get("WATCHDOG_USEC", "")
        meant = environment.get("WATCHDOG_PID", "")
        mine = meant in ("", str(os.getpid() if pid is None else pid))
        watched = asked.isdigit() and int(asked) > 0 and mine
        return Notify(address, int(asked) / 2e6 if watched else None)

    def tell(self, what: str) -> bool:
        """Say it, if there is anybody to say it to; whether it was taken."""
        if self.address is None:
            return False
        place = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as talking:
            try:
                talking.sendto(what.encode(), place)
            except OSError:
                return False  # whoever listened is gone: no reason to stop judging payments
        return True
