"""A kernel that calls another file's is compiled anew when that one changes.

Compiled code is cached by the content of the caller's file alone: with a helper changed, a
cache that outlives an upgrade would run old code on new memory. So every file says at its end what
its helpers were when last looked at; `python tests/test_house_kernels.py` writes it.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from pathlib import Path

import pytest
from numba.core.dispatcher import Dispatcher
from numba.core.extending import _Intrinsic

SOURCE = Path(__file__).parent.parent / "src"
LINE = "# What is compiled into this file from others: {}.\n"
_LINE = re.compile(r"\n*# What is compiled into this file from others: \w+\.\n")


def compiling() -> list[Path]:
    """Files with kernels."""
    decorated = re.compile(r"^@(kernel|inlined|brief)$", re.MULTILINE)
    return sorted(path for path in SOURCE.rglob("*.py") if decorated.search(path.read_text()))


def helpers(path: Path, seen: set[Path] | None = None) -> set[Path]:
    """The other files whose compiled functions this one calls, and those that they call."""
    seen = set() if seen is None else seen
    name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for value in vars(importlib.import_module(name)).values():
        if isinstance(value, Dispatcher | _Intrinsic):
            function = value.py_func if isinstance(value, Dispatcher) else value._defn
            other = Path(function.__code__.co_filename)
            if other not in seen and SOURCE in other.parents:
                seen.add(other)
                helpers(other, seen)
    return seen


def line_for(path: Path) -> str:
    """What the file must say at its end; nothing where it has no helpers."""
    others = sorted(helpers(path) - {path})
    if not others:
        return ""
    told = hashlib.sha256()
    for other in others:
        told.update(_LINE.sub("\n", other.read_text()).encode())
    return LINE.format(told.hexdigest()[:16])


@pytest.mark.parametrize("path", compiling(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_changed_helper_is_compiled_anew(path: Path) -> None:
    """Else a cache from before holds the old one in its caller."""
    found = _LINE.search(path.read_text())
    said = found.group().lstrip("\n") if found else ""
    assert line_for(path) == said, f"python {Path(__file__).name} writes the line"


def test_the_window_kernel_has_helpers() -> None:
    """The test looks at something: these three are compiled into it."""
    inside = {path.name for path in helpers(SOURCE / "arasha/features/kernels.py")}
    assert {"memory.py", "records.py", "walks.py"} <= inside


if __name__ == "__main__":
    for one in compiling():
        plain = _LINE.sub("\n", one.read_text()).rstrip("\n") + "\n"
        line = line_for(one)
        one.write_text(plain + ("\n\n" + line if line else ""))
