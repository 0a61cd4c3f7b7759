"""Whatever is sent, each answer is one that the OpenAPI document describes: schemathesis asks.

It sends what the document says is right and what it says is wrong, in every part of a request, and
holds status, media type, headers and body of each answer against it. The stream is left out: it
has no end, and test_app_http.py follows it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arasha.app.http import problems
from arasha.events.schema import FACTS
from arasha.exchange.participants import READABLE
from live_samples import WITH_FALLBACK
from policy_samples import written
from service_samples import Served, participant, serving

CONFIG = """
# A fact of the right shape may be refused for what it says (422): no schema knows all currencies.
[checks]
positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429, "5xx"]
# What is longer than the schema allows may be longer than a body, too (413).
negative_data_rejection.expected-statuses = [
    400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx",
]

# CAMARA says 400 of a day in the future or before what is monitored: no schema knows the day.
[[operations]]
include-path-regex = "^/(sim-swap|device-swap|call-forwarding|number-|kyc-|verified-)"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 403, 404, 422, 429, "5xx"]

# A wrong line is refused in its own answer; schemathesis_lines.py looks at that.
[[operations]]
include-name = "POST /v1/events"
checks.negative_data_rejection.enabled = false
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service whose one participant may do everything."""
    folder = tmp_path_factory.mktemp("openapi")
    directory = folder / "centre"
    keys = {"CENTRE": participant(directory, "CENTRE", "centre")}
    with serving(directory, written(folder, WITH_FALLBACK), keys=keys) as service:
        yield service


def asked(served: Served, folder: Path, examples: int, seed: int) -> None:
    """So many requests of each kind to each route; nothing may be found."""
    (folder / "schemathesis.toml").write_text(CONFIG)
    command = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert command is not None, "schemathesis belongs to what the tests need"
    run = subprocess.run(
        [command, "--config-file", str(folder / "schemathesis.toml"), "run",
         f"{served.address}/openapi.json", "--header",
         f"Authorization: Bearer {served.keys['CENTRE']}",
         "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(examples),
         "--seed", str(seed), "--exclude-path", "/v1/stream", "--request-timeout", "30",
         "--no-color", "--generation-database", "none"],
        cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {
            "SCHEMATHESIS_HOOKS": "schemathesis_lines", "PYTHONPATH": str(Path(__file__).parent),
        },
    )  # fmt: skip
    assert 0 == run.returncode, run.stdout[-8_000:] + run.stderr[-2_000:]
    assert '"event": "internal"' not in served.journal.read_text()


def test_every_answer_is_one_that_is_described(served: Served, tmp_path: Path) -> None:
    """A few examples of everything, right and wrong."""
    asked(served, tmp_path, 3, seed=1)


def test_every_answer_of_an_operator_is_one_that_is_described(tmp_path: Path, root: Path) -> None:
    """The same for the service of calls, by who may do everything there: a bank asks, too."""
    directory = tmp_path / "operator"
    rights: dict[str, Any] = {"may_send": tuple(FACTS), "may_read": READABLE}
    keys = {"CENTRE": participant(directory, "CENTRE", "bank", **rights)}
    policy = root / "policies" / "calls.toml"
    with serving(directory, policy, "--role", "operator", keys=keys) as service:
        asked(service, tmp_path, 3, seed=3)


@pytest.mark.slow
def test_every_answer_to_thousands_of_requests_is_one_that_is_described(
    served: Served, tmp_path: Path
) -> None:
    """The same for longer."""
    asked(served, tmp_path, 400, seed=2)


def test_a_body_for_a_route_that_takes_none_says_what_is_wrong(served: Served) -> None:
    """The route is looked at before the body's size: 404, 405, each as problem details."""
    for method, path, status in (("POST", "/nowhere", 404), ("TRACE", "/v1/payments", 405)):
        found = served.request(method, path, b"{}", name="CENTRE")
        assert (status, problems.MEDIA_TYPE.decode()) == (
            found.status_code,
            found.headers["content-type"],
        )
    assert "POST" == found.headers["allow"]


def test_a_body_without_a_line_is_malformed(served: Served) -> None:
    """There is nothing to answer, line by line."""
    found = served.request("POST", "/v1/events", b" \n\n", name="CENTRE")
    assert 400 == found.status_code
