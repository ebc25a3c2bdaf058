"""The work that every subject runs, and the record each completion leaves.

Imported by QueueFlow's environment and by the peers', so it stands on the standard library alone. A job carries one
JSON object of ``PAYLOAD_BYTES`` bytes: ``t0`` (wall clock in ns when it was made), ``ms`` (how long the handler sleeps,
0 = no-op) and padding. A completion is one write(2) of one fixed-size record to a file opened with O_APPEND: such
writes do not tear or overwrite each other, whatever thread or process makes them, so the file's size counts jobs.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
import time
from enum import StrEnum
from typing import TypedDict

RECORD = struct.Struct("<q")  # ns from t0 to the handler's first line
PAYLOAD_BYTES = 100
RECORDS_VARIABLE = "BENCH_RECORDS"
URL_VARIABLE = "BENCH_URL"
PARTITIONS_VARIABLE = "BENCH_PARTITIONS"


class Payload(TypedDict):
    """What a job carries; see the module's docstring."""

    t0: int
    ms: int
    pad: str


class Kind(StrEnum):
    """How a handler is written; the value is its job type everywhere."""

    SYNC = "noop"
    ASYNC = "anoop"


class _Output:
    """The record file of this process, opened at the first job so that a forking server shares nothing."""

    descriptor: int | None = None


def payload(ms: int = 0) -> Payload:
    """Return a payload stamped now that is ``PAYLOAD_BYTES`` long in compact JSON."""
    return {"t0": time.time_ns(), "ms": ms, "pad": _padding(len(str(ms)))}


def url() -> str:
    """Return the address of the server under test."""
    return os.environ[URL_VARIABLE]


def run(payload: Payload) -> None:
    """Do the job in a thread or process: sleep as asked, leave one record."""
    waited = time.time_ns() - payload["t0"]
    if payload["ms"]:
        time.sleep(payload["ms"] / 1000)
    _record(waited)


async def arun(payload: Payload) -> None:
    """Do the same job on an event loop."""
    waited = time.time_ns() - payload["t0"]
    if payload["ms"]:
        await asyncio.sleep(payload["ms"] / 1000)
    _record(waited)


def _record(waited: int) -> None:
    if _Output.descriptor is None:
        _Output.descriptor = os.open(os.environ[RECORDS_VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(_Output.descriptor, RECORD.pack(waited))


def _padding(digits: int) -> str:
    return _PADDING[: len(_PADDING) - digits]


_BARE = len(json.dumps({"t0": 10**18, "ms": 0, "pad": ""}, separators=(",", ":"))) - 1  # without the digits of ms
_PADDING = "x" * (PAYLOAD_BYTES - _BARE)
