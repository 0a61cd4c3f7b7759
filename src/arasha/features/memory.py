"""Words of memory by address, for the window kernel.

A compiled function that is handed NumPy arrays is handed seven words for each, counts references to
it, and checks every index for a negative one; the window kernel touches a hundred words a payment
and paid seventeen times the price of the work itself (measured: 8.5 µs against 0.5). So inside it,
and nowhere else, memory is an int64 address. The arrays behind the addresses are owned by
``State``, which holds them for as long as a kernel runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir  # type: ignore[import-untyped]  # ships none
from numba.core import types
from numba.extending import intrinsic


def _word(define: Callable[..., Any]) -> Callable[..., Any]:
    """What compiled code can call; to numba's own types it has one argument more."""
    return cast(Callable[..., Any], intrinsic(define))


def _load(bits: int) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer())
        word = builder.load(pointer)
        return word if bits == 64 else builder.sext(word, ir.IntType(64))

    return generate


def _store(bits: int) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer())
        word = arguments[1] if bits == 64 else builder.trunc(arguments[1], ir.IntType(bits))
        builder.store(word, pointer)
        return context.get_dummy_value()

    return generate


@_word
def get64(_typing: Any, _address: Any) -> Any:
    """The int64 at an address."""
    return types.int64(types.int64), _load(64)


@_word
def get32(_typing: Any, _address: Any) -> Any:
    """The int32 at an address, as int64."""
    return types.int64(types.int64), _load(32)


@_word
def put64(_typing: Any, _address: Any, _word: Any) -> Any:
    """Write an int64."""
    return types.void(types.int64, types.int64), _store(64)


@_word
def put_float(_typing: Any, _address: Any, _number: Any) -> Any:
    """Write a float64."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.DoubleType().as_pointer())
        builder.store(arguments[1], pointer)
        return context.get_dummy_value()

    return types.void(types.int64, types.float64), generate


@_word
def get8(_typing: Any, _address: Any) -> Any:
    """The int8 at an address, as int64."""
    return types.int64(types.int64), _load(8)


@_word
def put32(_typing: Any, _address: Any, _word: Any) -> Any:
    """Write the low 32 bits of an int64."""
    return types.void(types.int64, types.int64), _store(32)


@_word
def put8(_typing: Any, _address: Any, _word: Any) -> Any:
    """Write the low 8 bits of an int64."""
    return types.void(types.int64, types.int64), _store(8)


@_word
def prefetch(_typing: Any, _address: Any) -> Any:
    """Ask for the cache line at an address; it may be any, nothing is read."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        byte_pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte_pointer, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte_pointer], kind)
        pointer = builder.inttoptr(arguments[0], byte_pointer)
        for_reading, keep_it, data = (ir.Constant(number, n) for n in (0, 3, 1))
        builder.call(function, [pointer, for_reading, keep_it, data])
        return context.get_dummy_value()

    return types.void(types.int64), generate


@_word
def pointer(_typing: Any, _address: Any) -> Any:
    """The address as numba.carray wants it: an array without a count of references."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), generate
