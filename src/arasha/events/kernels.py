"""How a function becomes a compiled kernel: one decorator, so that every kernel has the same laws.

Kernels release the interpreter lock, unless they are brief; they are cached on disk between
processes, and compiled without fast-math: the same input gives the same bits on every machine.
What is cached is found by the content of the kernel's file alone; a file that calls kernels of
others therefore says at its end what those were (tests/test_house_kernels.py writes it).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def kernel(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile the function on its first call and keep the machine code for later processes."""
    compiled = njit(cache=True, nogil=True, fastmath=False, error_model="numpy")(function)
    return cast(Callable[Arguments, Result], compiled)


def brief(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The same for one that takes microseconds of a live batch, and keeps the interpreter lock.

    To let go of it costs more than the work where another thread waits: that one is woken, and the
    lock is asked for again. With twenty such kernels a batch it was a fifth of what the service
    took.
    """
    compiled = njit(cache=True, nogil=False, fastmath=False, error_model="numpy")(function)
    return cast(Callable[Arguments, Result], compiled)


def inlined(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The same for a small helper of a hot kernel: its code is laid into every caller."""
    compiled = njit(cache=True, nogil=True, fastmath=False, error_model="numpy", forceinline=True)(
        function
    )
    return cast(Callable[Arguments, Result], compiled)
