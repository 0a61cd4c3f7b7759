"""Words of memory by address, for the window kernel.

A compiled function that is handed NumPy arrays is handed seven words for each, counts references to
it, and checks every index for a negative one; the window kernel touches a hundred words a payment
and paid seventeen times the price of the work itself (measured: 8.5 µs against 0.5). So inside it,
and nowhere else, memory is an int64 address. The arrays behind the addresses are owned by
``State``, which holds them for as long as a kernel runs.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic


def _load(bits: int) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer())
        word = builder.load(pointer)
        return word if bits == 64 else builder.sext(word, ir.IntType(64))

    return generate


def _store(bits: int) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer())
        word = arguments[1] if bits == 64 else builder.trunc(arguments[1], ir.IntType(bits))
        builder.store(word, pointer)
        return context.get_dummy_value()

    return generate


@intrinsic
def get64(typing_context: Any, address: Any) -> Any:
    """The int64 at an address."""
    return types.int64(types.int64), _load(64)


@intrinsic
def get32(typing_context: Any, address: Any) -> Any:
    """The int32 at an address, as int64."""
    return types.int64(types.int64), _load(32)


@intrinsic
def put64(typing_context: Any, address: Any, word: Any) -> Any:
    """Write an int64."""
    return types.void(types.int64, types.int64), _store(64)


@intrinsic
def put_float(typing_context: Any, address: Any, number: Any) -> Any:
    """Write a float64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.DoubleType().as_pointer())
        builder.store(arguments[1], pointer)
        return context.get_dummy_value()

    return types.void(types.int64, types.float64), generate


@intrinsic
def get8(typing_context: Any, address: Any) -> Any:
    """The int8 at an address, as int64."""
    return types.int64(types.int64), _load(8)


@intrinsic
def put32(typing_context: Any, address: Any, word: Any) -> Any:
    """Write the low 32 bits of an int64."""
    return types.void(types.int64, types.int64), _store(32)


@intrinsic
def put8(typing_context: Any, address: Any, word: Any) -> Any:
    """Write the low 8 bits of an int64."""
    return types.void(types.int64, types.int64), _store(8)
