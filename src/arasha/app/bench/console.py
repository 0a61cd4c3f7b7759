"""``arasha bench console``: how long the service makes somebody at the console wait for a page.

In: sizes. Out: for each address of `ADDRESSES` the 95th percentile of the time from a request to
its whole answer, over loopback, one request after the other. The service is a process of its own
and has everything in it (console_centre.py). A further page is a further line of the list.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from arasha.app.bench.console_centre import LAW, POLICY, Made, make, sessions
from arasha.app.bench.results import Result
from arasha.app.bench.running import Running, running
from arasha.app.bench.sizes import QUICK, Sizes
from arasha.app.bench.traffic import house_file
from arasha.cases.state import State

QUEUE_MS: Final = 80
PAGE_MS: Final = 150
"""What a page may take at most, milliseconds; the queue less."""

WARM_UP: Final = 3
"""Visits of each page that do not count: the first finds nothing loaded."""

EACH_PERSON: Final = 80
"""Visits of one person: with more they would be told to come less often."""

_SEED: Final = 20_261_130
_READY_S: Final = 600.0
_LOOK_S: Final = 1.0
_IDLE_LOOKS: Final = 3
_IDLE_SHARE: Final = 0.08  # of one core, when nobody asks for anything


@dataclass(frozen=True, slots=True)
class Address:
    """A page: what its row is called, where it is, who looks at it, and how long it may take, ms.

    What stands in braces is filled in anew for each visit (`Drawing`): ``case``, ``subject``,
    ``report`` and ``bank`` of an open case, ``hold`` and ``recall`` of one that has them,
    ``closed`` of a closed one.
    """

    name: str
    path: str
    role: str = "officer"
    reach_ms: float = PAGE_MS

    @property
    def metric(self) -> str:
        """The name of its row."""
        return f"console_{self.name}_p95"


ADDRESSES: Final = (
    Address("queue", "console/queue?kind=all", reach_ms=QUEUE_MS),
    Address("queue_narrowed", "console/queue?typology=loan&bank={bank}", reach_ms=QUEUE_MS),
    Address("queue_deep", "console/queue?kind=all&page=200", reach_ms=QUEUE_MS),
    Address("case", "console/case/{case}"),
    Address("party", "console/case/{case}/party/{subject}"),
    Address("recalls", "console/recalls"),
    Address("recall", "console/recall/{recall}"),
    Address("trace", "console/report/{report}"),
    Address("appeals", "console/appeals"),
    Address("requests", "console/requests"),
    Address("policies", "console/policies", role="policy_author"),
    Address("team", "console/team"),
    Address("record", "console/record", role="auditor"),
    Address("reveals", "console/record/reveals", role="auditor"),
    Address("views", "console/record/views", role="auditor"),
    Address("law", "console/law"),
    Address("go", "console/go"),
    Address("keys", "console/keys"),
    Address("mine", "console/mine"),
)
"""Every page that is measured."""

METRICS: Final = tuple(one.metric for one in ADDRESSES)
"""The promises, in the order they are reported."""


@dataclass(frozen=True, slots=True)
class ConsoleSizes:
    """Payments and cases of the centre, and how often each page is looked at."""

    payments: int
    cases: int
    visits: int


FULL: Final = ConsoleSizes(1_000_000, 50_000, 200)
FEW: Final = ConsoleSizes(50_000, 2_500, 40)


def measure(sizes: Sizes) -> Iterator[list[Result]]:
    """All pages of one centre; quick: of a smaller one."""
    yield measured(FEW if sizes is QUICK else FULL)


def measured(sizes: ConsoleSizes) -> list[Result]:
    """All pages of one centre of that size."""
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder:
        made = make(Path(folder), sizes.payments, sizes.cases)
        return looked_at(Path(folder), made, sizes.visits)


def looked_at(directory: Path, made: Made, visits: int) -> list[Result]:
    """Every page of that centre, so many times each."""
    people = -(-(visits + WARM_UP) // EACH_PERSON)
    tokens = [
        sessions(directory, f"b{place}", one.role, people) for place, one in enumerate(ADDRESSES)
    ]
    with running(directory, POLICY, "--law", str(house_file(LAW))) as served:
        _wait(served)
        drawing = Drawing.of(made.state)
        return [
            _visited(served, one, some, drawing, made.note, visits)
            for one, some in zip(ADDRESSES, tokens, strict=True)
        ]


def _visited(
    served: Running, address: Address, tokens: list[str], drawing: Drawing, note: str, visits: int
) -> Result:
    """One page, so many times."""
    took, before_s, size = np.empty(visits), 0.0, 0
    with closing(HTTPConnection("127.0.0.1", served.port, timeout=300)) as client:
        for number in range(-WARM_UP, visits):
            if number == 0:
                before_s = served.processor_s() or 0.0
            path = drawing.fill(address.path)
            token = tokens[(number + WARM_UP) // EACH_PERSON]
            begin = time.perf_counter()
            size = _got(client, f"/ru/{path}", token)
            if number >= 0:
                took[number] = (time.perf_counter() - begin) * 1_000
    p50, p95 = np.percentile(took, (50, 95)).tolist()
    used_ms = ((served.processor_s() or 0.0) - before_s) * 1_000 / visits
    return Result(
        address.metric, p95, "ms", "at_most", address.reach_ms,
        note=f"{note}; {visits:,} visits of {address.path}, gzipped",
        beside={"p50_ms": p50, "max_ms": float(took.max()), "processor_ms": used_ms,
                "bytes": float(size)},
    )  # fmt: skip


def _got(client: HTTPConnection, path: str, token: str) -> int:
    """How many bytes the page has."""
    client.request("GET", path, headers={
        "cookie": f"session={token}; language=ru; form={'0' * 32}", "accept-encoding": "gzip",
    })  # fmt: skip
    answer = client.getresponse()
    body = answer.read()
    assert answer.status == 200, f"{path} is answered {answer.status}"
    return len(body)


def _wait(served: Running) -> None:
    """Until the service has nothing more to do from its start: so it seems several times."""
    until_s, idle, before = time.monotonic() + _READY_S, 0, served.processor_s() or 0.0
    while idle < _IDLE_LOOKS:
        assert time.monotonic() < until_s, "the service does not come to rest"
        time.sleep(_LOOK_S)
        used = served.processor_s() or 0.0
        idle = idle + 1 if used - before <= _IDLE_SHARE * _LOOK_S else 0
        before = used


@dataclass(frozen=True, slots=True)
class Drawing:
    """What there is to look at, and chance to draw from it."""

    state: State
    open: list[str]
    closed: list[str]
    recalls: list[str]
    holds: list[str]
    chance: Random

    @staticmethod
    def of(state: State) -> Drawing:
        """Everything of that state."""
        cases = state.cases.values()
        return Drawing(
            state, [one.id for one in cases if one.id in state.open_cases and one.reports],
            [one.id for one in cases if one.outcome is not None],
            [one.id for one in state.recalls.values() if _is_at_work(state, one.report)],
            [one.id for one in state.holds.values() if _is_at_work(state, one.report)],
            Random(_SEED),
        )  # fmt: skip

    def fill(self, path: str) -> str:
        """The address with something in it to look at."""
        if "{" not in path:
            return path
        state, recall, hold = self.state, "", ""
        case = state.cases[self.chance.choice(self.open)]
        if "{recall}" in path:
            recall = self.chance.choice(self.recalls)
            case = state.cases[state.reports[state.recalls[recall].report].case]
        if "{hold}" in path:
            hold = self.chance.choice(self.holds)
            case = state.cases[state.reports[state.holds[hold].report].case]
        report = state.reports[case.reports[0]]
        return path.format(
            case=case.id, subject=min(case.subjects), report=report.id, bank=report.bank,
            closed=self.chance.choice(self.closed), hold=hold, recall=recall,
        )  # fmt: skip


def _is_at_work(state: State, report: str) -> bool:
    """Whether the case of that report is open."""
    return state.reports[report].case in state.open_cases
