"""What the views for people and programs have in common: camelCase names, RFC 3339 times, durations in ms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from jobs.clock import MAX_INSTANT_MS, isoformat
from jobs.states import State
from jobs.types import Priority


def about(text: str) -> msgspec.Meta:
    """What a field means, for the OpenAPI document."""
    return msgspec.Meta(description=text)


def words(name: str, them: Iterable[str]) -> msgspec.Meta:
    """A text that is one of some words; `name` is that of the set in the OpenAPI document."""
    return msgspec.Meta(title=name, extra_json_schema={"enum": sorted(them)})


ACCEPTED: Final = "accepted"  # where a job is that the store does not have yet: in the outbox
OUTCOMES: Final = ("failed", "timed_out", "lost", "released", "snoozed", "discarded", "completed", "running")

Time = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Milliseconds = Annotated[int, msgspec.Meta(ge=0)]
JobStatus = Annotated[str, words("JobStatus", (*(state.label for state in State), ACCEPTED))]
PriorityWord = Annotated[str, words("Priority", (priority.label for priority in Priority))]
Outcome = Annotated[str, words("AttemptOutcome", OUTCOMES)]
WorkerStatus = Annotated[str, words("WorkerStatus", ("idle", "busy", "draining", "lost"))]
OpaqueJSON = msgspec.Raw


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Root of everything that goes out."""


class Merged(Wire, frozen=True):
    """Root of what is put together from all partitions."""

    partitions_away: Annotated[
        list[int] | UnsetType,
        about("Partitions of the store that are away, whose jobs are left out here; only where there are some"),
    ] = UNSET


def time_of(instant_ms: int) -> Time | None:
    """The wire's form of an instant; None for 0, which stands for never, and for what is no instant."""
    return isoformat(instant_ms) if 0 < instant_ms <= MAX_INSTANT_MS else None


def opaque(stored: bytes | None) -> msgspec.Raw | None:
    """Stored JSON as a part of an answer, byte for byte; None for nothing and for what is not JSON."""
    if not stored:
        return None
    try:
        stored.decode()
        msgspec.json.decode(stored, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return msgspec.Raw(stored)
