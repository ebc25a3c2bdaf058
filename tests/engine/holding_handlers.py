"""Handlers that keep the interpreter for themselves, for tests that ask where they are."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import select
import time
from pathlib import Path
from typing import Any

from jobs import handler

LIBC = ctypes.PyDLL(None)  # its functions are called without letting the interpreter go


@handler("holds")
def holds(payload: dict[str, Any]) -> float:
    """Calls itself, then holds the interpreter for some seconds. Returns for how many it did."""
    return _deeper(payload.get("depth", 0), payload["seconds"])


def _deeper(depth: int, seconds: float) -> float:
    return _deeper(depth - 1, seconds) if depth else _hold(seconds)


def _hold(seconds: float) -> float:
    begun = time.monotonic()
    LIBC.usleep(int(seconds * 1e6))  # job body
    return time.monotonic() - begun


class _Awaited(ctypes.Structure):
    """What `poll` waits for."""

    _fields_ = (("fd", ctypes.c_int), ("events", ctypes.c_short), ("found", ctypes.c_short))


@handler("holds-until")
def holds_until(payload: dict[str, Any]) -> int:
    """Holds the interpreter until the named pipe can be read. Returns 1, or -1 when a signal has met the call."""
    pipe = _Awaited(os.open(payload["pipe"], os.O_RDWR), select.POLLIN, 0)
    return int(LIBC.poll(ctypes.byref(pipe), 1, -1))


@handler("backtracks")
def backtracks(payload: Any) -> None:
    """Looks for a pattern for ever."""
    re.match(r"(a+)+$", "a" * 64 + "b")


@handler("idles")
def idles(payload: dict[str, Any]) -> None:
    """Says that it has begun, then sleeps."""
    Path(payload["file"]).write_text("begun\n")
    time.sleep(600)  # job body


@handler("awaits")
async def awaits(payload: dict[str, Any]) -> None:
    """Says that it has begun, then sleeps on the loop."""
    Path(payload["file"]).write_text("begun\n")
    await asyncio.sleep(600)  # job body


@handler("holds-loop")
async def holds_loop(payload: dict[str, Any]) -> None:
    """Holds the loop, and the interpreter with it."""
    _hold(payload["seconds"])
