"""``arasha bench NAME``: measure what the documents promise, on this machine, beside its peers.

In: the name of a benchmark. Out: a table, or with --json one object as docs/benchmarks.md says.
"""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.options import AsJson

Name = Annotated[
    Literal[
        "engine",
        "service",
        "calls",
        "faults",
        "handbook",
        "flows",
        "amlsim",
        "amlgentex",
        "country",
        "trace",
        "console",
        "all",
    ],
    Parameter(help="Which benchmark, or all in one report but for faults, which take an hour."),
]
Quick = Annotated[
    bool,
    Parameter(
        name="--quick", negative=(), show_default=False,
        help="The same measures on less data, in under 45 seconds.",
    ),
]  # fmt: skip


def bench(name: Name, *, quick: Quick = False, json: AsJson = False) -> None:
    """Measure what Arasha promises about speed and memory, beside its peers in the same run.

    A whole run takes several minutes, 8 GiB of memory and 2 GB in the folder for temporary files
    (TMPDIR). Keep the machine quiet meanwhile.
    """
    from arasha.app.bench import (
        amlgentex,
        amlsim,
        calls,
        console,
        country,
        engine,
        faults,
        flows,
        handbook,
        machine,
        results,
        service,
        sizes,
        trace,
    )  # fmt: skip

    every = {"engine": engine, "handbook": handbook, "flows": flows, "amlsim": amlsim}
    every |= {"amlgentex": amlgentex, "country": country, "service": service, "trace": trace}
    every |= {"calls": calls, "console": console}
    chosen = list(every.values()) if name == "all" else [(every | {"faults": faults})[name]]
    described, commit = machine.describe(), machine.commit()
    measured: list[results.Result] = []
    with terminal.progress(f"Measuring {name}", len(chosen), quiet=json) as advance:
        for module in chosen:
            found = [
                one for some in module.measure(sizes.QUICK if quick else sizes.FULL) for one in some
            ]
            measured += sorted(found, key=lambda one: module.METRICS.index(one.metric))
            advance(1)
    report = results.Report(name, quick, described, commit, tuple(measured))
    if json:
        terminal.say_json(report.as_object())
    else:
        results.print_table(report)
