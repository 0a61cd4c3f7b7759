"""A client for the service of a centre: judge a payment, send facts, ask again, follow decisions.

    from arasha.client import Client
    from arasha.events.records import PaymentReceived

    with Client("http://127.0.0.1:8080", key="KEY-ID.SECRET") as centre:
        verdict = centre.judge(PaymentReceived(id="p-1", ...))
        if verdict.warning is not None:
            show(verdict.warning.text["kk"])

`AsyncClient` does the same with ``await``. Both ask again, with the same id, where no answer came:
the service answers the same.
"""

from arasha.client.client import AsyncClient, Client
from arasha.client.messages import CallJudged, Decided, ForPayer, Kept, Reason, Refused
from arasha.client.signals import Signals

__all__ = [
    "AsyncClient",
    "CallJudged",
    "Client",
    "Decided",
    "ForPayer",
    "Kept",
    "Reason",
    "Refused",
    "Signals",
]
