"""What a running service says of itself, read from ``/metrics`` and made into figures of a moment.

In: an address, a key. Out: looks, and what happened between two of them: rates, quantiles of
latency by stage, what waits, how far the model's input has drifted.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import inf, isnan
from pathlib import Path
from typing import Any, Final

import httpx

from arasha.app.http.figures import STAGES
from arasha.errors import Place, ServiceRefused, ServiceUnavailable, UsageError
from arasha.events.decisions import ACTIONS

TIMEOUT_S: Final = 5.0
"""How long an answer is waited for, seconds."""

FEATURES_SHOWN: Final = 5
"""Features that drifted most, of which the index is told."""

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One reading: when, on a clock that never goes back, and the value of each series."""

    at_s: float
    values: Mapping[tuple[str, Labels], float]

    def get(self, name: str, **labels: str) -> float:
        """The value of one series; 0 where there is none."""
        return self.values.get((f"arasha_{name}", tuple(sorted(labels.items()))), 0.0)

    def all(self, name: str) -> dict[Labels, float]:
        """Every series of that name."""
        return {key[1]: value for key, value in self.values.items() if key[0] == f"arasha_{name}"}


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds below which half, and 99 of 100, of so many stayed; None where none came."""

    p50_ms: float | None
    p99_ms: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A population stability index, and what chance alone would exceed once in twenty times."""

    name: str
    psi: float
    by_chance: float


@dataclass(frozen=True, slots=True)
class Moment:
    """Between two looks, or as of the second. ``None``: nobody can say."""

    seconds: float
    payments_per_s: float
    refused_per_s: float
    actions: dict[str, int]
    fallbacks: int
    late: int
    verdict: Latency
    stages: dict[str, Latency]
    waiting_facts: int
    entries: int
    connections: int
    streams: int
    snapshot_age_s: float | None
    snapshot_behind_entries: int
    shadow_behind_entries: int
    shadow_payments: int
    shadow_differing: int
    drift_payments: int
    score_drift: Shift | None
    feature_drift: tuple[Shift, ...]

    def as_object(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


class Watched:
    """A service that is watched. ``key`` is ``KEY-ID.SECRET``, or None to ask without one."""

    def __init__(self, address: str, key: str | None, certificates: Path | None = None) -> None:
        if not address.startswith(("http://", "https://")):
            raise UsageError("--url is no address of a service", expected="such as "
                             "http://127.0.0.1:8080", found=address)  # fmt: skip
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        trusted = ssl.create_default_context(cafile=certificates) if certificates else True
        self.address = address.rstrip("/")
        self._http = httpx.Client(headers=headers, timeout=TIMEOUT_S, verify=trusted)

    def look(self) -> Look:
        """Read the figures. Raises ServiceUnavailable, ServiceRefused."""
        from prometheus_client.parser import text_string_to_metric_families

        try:
            response = self._http.get(f"{self.address}/metrics")
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ServiceUnavailable(
                "the service cannot be reached", expected="an answer within "
                f"{TIMEOUT_S:g} s", found=str(error) or type(error).__name__,
                where=Place(file=self.address),
                hint="does it run, and is --url where it listens? arasha serve says so",
            ) from error  # fmt: skip
        at_s = time.monotonic()
        if response.status_code != httpx.codes.OK:
            raise _refused(response, self.address)
        try:
            found = {
                (sample.name, tuple(sorted(sample.labels.items()))): sample.value
                for family in text_string_to_metric_families(response.text)
                for sample in family.samples
            }
        except ValueError:
            found = {}
        if ("arasha_entries", ()) not in found:
            raise ServiceRefused("this is no service of Arasha", where=Place(file=self.address),
                                 expected="its figures at /metrics")  # fmt: skip
        return Look(at_s, found)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def key_in(path: Path | None) -> str | None:
    """The key of a file: ``KEY-ID.SECRET``, or what ``arasha participant create --json`` says."""
    if path is None:
        return None
    text = path.read_text(encoding="utf-8").strip()
    if text.startswith("{"):
        try:
            told = json.loads(text)
            text = f"{told['key_id']}.{told['secret']}"
        except (ValueError, KeyError, TypeError):
            text = ""
    if "." not in text or not text.isascii() or any(mark.isspace() for mark in text):
        raise UsageError(
            "there is no key in this file", where=Place(file=str(path)),
            expected="KEY-ID.SECRET, or the output of arasha participant create --json",
        )  # fmt: skip
    return text


def moment(before: Look, now: Look) -> Moment:
    """What happened between two looks."""
    seconds = max(now.at_s - before.at_s, 1e-9)

    def more(name: str, **labels: str) -> float:
        return max(0.0, now.get(name, **labels) - before.get(name, **labels))

    actions = {action: int(more("decisions_total", action=action)) for action in ACTIONS}
    refused = sum(
        value - before.values.get(("arasha_replies_total", labels), 0.0)
        for labels, value in now.all("replies_total").items()
        if not dict(labels)["status"].startswith("2")
    )
    shadow = {labels: int(value) for labels, value in now.all("shadow_total").items()}
    differing = sum(n for labels, n in shadow.items() if len({word for _, word in labels}) > 1)
    age_s = now.get("snapshot_age_seconds")
    score_drift, feature_drift = _drift(now)
    return Moment(
        seconds=seconds,
        payments_per_s=sum(actions.values()) / seconds,
        refused_per_s=max(0.0, refused) / seconds,
        actions=actions,
        fallbacks=int(now.get("fallbacks_total")),
        late=int(now.get("late_total")),
        verdict=latency(before, now, "verdict_seconds"),
        stages={stage: latency(before, now, "stage_seconds", stage=stage) for stage in STAGES},
        waiting_facts=int(now.get("waiting_facts")),
        entries=int(now.get("entries")),
        connections=int(now.get("connections")),
        streams=int(now.get("streams")),
        snapshot_age_s=None if isnan(age_s) else age_s,
        snapshot_behind_entries=int(now.get("snapshot_behind_entries")),
        shadow_behind_entries=int(now.get("shadow_behind_entries")),
        shadow_payments=sum(shadow.values()),
        shadow_differing=differing,
        drift_payments=int(now.get("drift_payments")),
        score_drift=score_drift,
        feature_drift=feature_drift,
    )


def latency(before: Look, now: Look, name: str, **labels: str) -> Latency:
    """Quantiles of what a histogram has counted since, straight lines between its edges."""
    edges: list[tuple[float, float]] = []
    for key, value in now.all(f"{name}_bucket").items():
        found = dict(key)
        edge = float(found.pop("le").replace("+Inf", "inf"))
        if found == labels:
            was = before.values.get((f"arasha_{name}_bucket", key), 0.0)
            edges.append((edge, value - was))
    edges.sort()
    count = int(edges[-1][1]) if edges else 0
    if count <= 0:
        return Latency(None, None, 0)
    return Latency(_quantile(edges, 0.5 * count), _quantile(edges, 0.99 * count), count)


def _quantile(edges: list[tuple[float, float]], wanted: float) -> float:
    low, below = 0.0, 0.0
    for edge, up_to in edges:
        if up_to >= wanted:
            share = (wanted - below) / (up_to - below) if up_to > below else 0.0
            return 1000 * (low if edge == inf else low + share * (edge - low))
        low, below = edge, up_to
    return 1000 * low


def _drift(now: Look) -> tuple[Shift | None, tuple[Shift, ...]]:
    score = now.get("score_drift")
    if isnan(score) or not now.get("drift_payments"):
        return None, ()
    features = [
        Shift(dict(labels)["feature"], psi, now.get("feature_drift_by_chance", **dict(labels)))
        for labels, psi in now.all("feature_drift").items()
    ]
    features.sort(key=lambda one: (-one.psi, one.name))
    return (
        Shift("score", score, now.get("score_drift_by_chance")),
        tuple(features[:FEATURES_SHOWN]),
    )


def _refused(response: httpx.Response, address: str) -> ServiceRefused:
    try:
        told = dict(response.json())
    except ValueError:
        told = {}
    where = Place(file=address)
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return ServiceRefused(
            "the service does not know this key", where=where, status=401,
            expected="--token-file with a key of a participant that may read metrics",
            hint="arasha participant create WATCH --data DIR --role centre --json > key.json",
        )  # fmt: skip
    if response.status_code == httpx.codes.FORBIDDEN:
        return ServiceRefused(
            "this participant may not read the figures", where=where, status=403,
            expected="the right to read metrics",
            hint="arasha participant change NAME --data DIR --read metrics",
        )  # fmt: skip
    return ServiceRefused(
        str(told.get("title", "the service gives no figures")), where=where,
        status=response.status_code, found=f"status {response.status_code}",
    )  # fmt: skip
