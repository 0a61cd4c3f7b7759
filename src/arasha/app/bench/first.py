"""The first decision of a fresh process: import, load a policy, decide one payment durably.

``python -m arasha.app.bench.first POLICY`` is that process; it prints the action. Measured from
outside, once with no compiled kernels on disk, then with them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from arasha.app.bench.replayed import POLICY
from arasha.app.bench.results import Result
from arasha.app.bench.sizes import Sizes
from arasha.app.bench.traffic import house_file


def first(sizes: Sizes) -> list[Result]:
    """Seconds to the first decision, kernels to be compiled and kernels cached."""
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as cache:
        cold = _start(cache)
        cached = [_start(cache) for _ in range(sizes.cached_starts)]
    note = f"a process imports, loads {POLICY}, makes a log, decides one payment durably, ends"
    return [
        Result(
            "first_decision_ever", cold, "s", "at_most", 40, note=f"{note}; no compiled kernels"
        ),
        Result(
            "first_decision", median(cached), "s", "at_most", 3,
            note=f"{note}; kernels cached, median of {sizes.cached_starts}",
        ),
    ]  # fmt: skip


def _start(cache: str) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "arasha.app.bench.first", str(house_file(POLICY))],
        env=os.environ | {"NUMBA_CACHE_DIR": cache}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - start


def main(policy: Path) -> None:
    """Decide one payment under the policy and print the action."""
    from arasha.app.bench.policies import rules_alone
    from arasha.app.bench.traffic import Nation
    from arasha.engine.decide import Centre, decide
    from arasha.log.log import Log
    from arasha.policy.definition import ACTIONS
    from arasha.policy.judge import Judge

    judge = Judge(rules_alone(policy))
    nation = Nation.of(1000)
    payment = replace(nation.payments(0, nation.times(0, 1))[0], ids=["first"])
    with tempfile.TemporaryDirectory(prefix="arasha-bench-") as folder, Log.create(folder) as log:
        decided = decide(Centre(log, judge, judge.fresh_state()), payment)
    action = int(decided.decisions.action[0])
    print("allow" if action == 0 else ACTIONS[action - 1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
