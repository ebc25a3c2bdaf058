"""What frames carry: the data of each topic, and how it is made to fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from jobs.inspection.status import Health, Part
from jobs.inspection.wire import Time, Wire, time_of
from jobs.store.operation import Operation
from monitoring.history import Charts

from .topics import Topic

MOST_BYTES: Final = 64 * 1024
ENVELOPE_BYTES: Final = 64  # of a frame around its data


class Row(Wire, frozen=True):
    """A row of a table as a page has it: one <tr>, told apart by `key`."""

    key: str
    html: str


class Status(Wire, frozen=True):
    """How things are. Figures are missing while the store is away."""

    status: Health
    sentence: str
    at: Time | None = None
    parts: list[Part] = []
    counts: dict[str, int] | msgspec.UnsetType = msgspec.UNSET
    totals: dict[str, int] | msgspec.UnsetType = msgspec.UNSET
    rates: dict[str, float] | msgspec.UnsetType = msgspec.UNSET
    paused_queues: list[str] | msgspec.UnsetType = msgspec.UNSET
    workers: dict[str, int] | msgspec.UnsetType = msgspec.UNSET
    release: str | msgspec.UnsetType = msgspec.UNSET


class Queues(Wire, frozen=True):
    """The queues with the most to look at, of `count`; the first `troubled` rows have a cause."""

    at: Time | None
    count: int
    troubled: int
    rows: list[Row]


class Workers(Wire, frozen=True):
    """Workers with a heartbeat in the last ten minutes, `alive` of them with one lately."""

    at: Time | None
    count: int
    alive: int
    rows: list[Row]


class Jobs(Wire, frozen=True):
    """The newest jobs, latest first; `created` is how many were ever enqueued."""

    at: Time | None
    created: int
    rows: list[Row]


class Older(Wire, frozen=True):
    """The cursor of the next page: of those who see payloads whole, and of those who see them masked."""

    whole: str
    masked: str


class JobList(Wire, frozen=True):
    """The first page of a list of jobs, latest first; `older` is where the next one begins, if there is one."""

    at: Time | None
    rows: list[Row]
    older: Older | None


class DeadGroup(Wire, frozen=True):
    """How many dead jobs there are of one error, and when the last of them died."""

    fingerprint: str
    count: int
    last_seen: Time | None


class Dead(Wire, frozen=True):
    """The dead-letter queue; groups largest first."""

    at: Time | None
    dead: int
    groups: list[DeadGroup]


class Progress(Wire, frozen=True):
    """How far a bulk operation is."""

    operation_id: str
    action: str
    status: str
    total: int | None
    done: int
    failed: int
    started_at: Time | None
    finished_at: Time | None


class Operations(Wire, frozen=True):
    """Bulk operations that are open or ended a moment ago, latest first."""

    at: Time | None
    items: list[Progress]


class Away(Wire, frozen=True):
    """Whether the store is away."""

    away: bool
    detail: str = ""


Data = Status | Queues | Workers | Jobs | JobList | Dead | Operations | Charts | Away
SomeData = TypeVar("SomeData", bound=Data)


class Told(msgspec.Struct, frozen=True):
    """The data of a topic as JSON text. `body` is the same without its time: equal bodies tell the same."""

    body: bytes
    text: str


def told(data: Data) -> Told:
    """What is to be said, cut so that a frame with it fits. Raises ValueError for what cannot be cut."""
    data = fitting(data)
    timeless = msgspec.structs.replace(data, at=None) if hasattr(data, "at") else data
    said = msgspec.json.encode(data)
    if len(said) > MOST_BYTES - ENVELOPE_BYTES:
        raise ValueError(f"{len(said)} bytes do not fit into a frame")
    return Told(msgspec.json.encode(timeless), said.decode())


def fitting(data: SomeData) -> SomeData:
    """The data with as much of its list as fits."""
    name = next((name for name in ("rows", "items", "groups") if hasattr(data, name)), None)
    if name is None:
        return data
    bare = msgspec.structs.replace(data, **{name: []})
    room = MOST_BYTES - ENVELOPE_BYTES - len(msgspec.json.encode(bare))
    entries = getattr(data, name)
    for place, entry in enumerate(entries):
        room -= len(msgspec.json.encode(entry)) + 1
        if room < 0:
            return msgspec.structs.replace(data, **{name: entries[:place]})
    return data


def job_list(at: Time | None, rows: list[Row], older: Callable[[int], Older | None]) -> JobList:
    """As many of the rows as fit; `older` tells where the page after so many of them begins."""
    while True:
        whole = JobList(at=at, rows=rows, older=older(len(rows)))
        data = fitting(whole)
        if data is whole:
            return whole
        rows = data.rows


def frame(seq: int, topic: Topic, text: str) -> str:
    """One frame."""
    return f'{{"seq":{seq},"topic":"{topic.value}","data":{text}}}'


def progress_of(operation: Operation) -> Progress:
    """An operation as it goes out."""
    return Progress(
        operation_id=operation.id,
        action=operation.action.value,
        status=operation.status.value,
        total=operation.total,
        done=operation.done,
        failed=operation.failed,
        started_at=time_of(operation.created),
        finished_at=time_of(operation.finished),
    )
