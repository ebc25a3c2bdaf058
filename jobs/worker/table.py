"""What one worker is doing, in memory shared with its supervisor: readable when the worker is stuck or dead.

The worker writes, the supervisor reads; only `condemn` goes the other way. An entry is written before user code runs
and cleared when the store has acknowledged what became of the job, so that the entries of a dead worker are exactly
the executions that are lost with it.
"""

from __future__ import annotations

import itertools
import math
import mmap
import os
import struct
import tempfile
import threading
from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from jobs.circuit import BreakerState, BreakerView
from jobs.partitioning import MOST_PARTITIONS

ID_BYTES: Final = 128
_HEADER: Final = struct.Struct("=16sB7xQQd16x")  # incarnation, phase, settled, failed, pulse
_RECORD: Final = struct.Struct(f"=QddQB{ID_BYTES}s7x")  # claim number, start, deadline, thread, length of id, id
_INCARNATION = struct.Struct("=16s")
_TOTALS = struct.Struct("=QQ")
_PULSE = struct.Struct("=d")
_BREAKER: Final = struct.Struct("=BI")  # one more than the place of its state, 0 for none; how often it opened
_STATES: Final = tuple(BreakerState)
_PHASE_AT, _TOTALS_AT, _PULSE_AT = 16, 24, 40
_serial = itertools.count(1)


class Phase(IntEnum):
    """How far a worker is in its life."""

    STARTING = 0
    CLAIMING = 1
    DRAINING = 2
    ABANDONING = 3  # released running jobs: whatever their handlers have started is to end with the worker


class Mark(IntEnum):
    """What an entry says of its execution."""

    FREE = 0
    RUNNING = 1
    ENDED = 2  # user code is over, the store does not know yet
    OVERRAN = 3  # the same, but it ended after its deadline
    GIVEN_BACK = 4  # released by a drain, the store does not know yet


_RUNNING: Final = int(Mark.RUNNING)  # plain numbers where every job passes
_FREE: Final = int(Mark.FREE)


class Entry(NamedTuple):
    """One execution. `start` and `deadline` are seconds of the machine's monotonic clock, `thread` as Python has it."""

    mark: Mark
    token: str
    job_id: str
    start: float
    deadline: float
    thread: int = 0


class Table:
    """At most `capacity` executions of one worker. `name` is that of the memory, as the system shows it in `maps`.

    `begin`, `end`, `give_back` and `clear` may be called by any thread of the worker; each entry has one owner.
    """

    def __init__(self, fd: int, capacity: int, name: str = "") -> None:
        self.fd = fd
        self.name = name
        self.capacity = capacity
        self._memory = mmap.mmap(fd, size_of(capacity))
        whole = memoryview(self._memory)
        at = _HEADER.size
        self._marks = whole[at : at + capacity]
        self._deadlines = whole[at + capacity : at + 9 * capacity].cast("d")
        self._records_at = at + 9 * capacity
        self._breakers_at = self._records_at + capacity * _RECORD.size
        self._whole = whole
        self._free = list(range(capacity - 1, -1, -1))  # popped from the end: low entries are used again and again
        self._totals_lock = threading.Lock()

    @classmethod
    def create(cls, capacity: int) -> Table:
        """A new, empty table on memory that children inherit. `capacity` is rounded up to a multiple of 8."""
        capacity = -(-capacity // 8) * 8
        name = f"queueflow-{os.getpid()}-{next(_serial)}"
        if hasattr(os, "memfd_create"):
            fd = os.memfd_create(name)
        else:
            with tempfile.TemporaryFile(prefix=name) as file:
                fd = os.dup(file.fileno())
        os.ftruncate(fd, size_of(capacity))
        table = cls(fd, capacity, name)
        for index in range(capacity):
            table._deadlines[index] = math.inf
        return table

    def adopt(self, incarnation: str) -> None:
        """Write down which incarnation (16 hex digits) works with this table."""
        _INCARNATION.pack_into(self._memory, 0, incarnation.encode())

    def begin(self, number: int, job_id: bytes, start: float, deadline: float, thread: int = 0) -> int:
        """Enter an execution under the claim `number` before its user code runs in `thread`. Returns the entry's index.

        Raises IndexError when the table is full: then nothing may be started.
        """
        index = self._free.pop()
        at = self._records_at + index * _RECORD.size
        _RECORD.pack_into(self._memory, at, number, start, deadline, thread, len(job_id), job_id)
        self._deadlines[index] = deadline
        self._marks[index] = _RUNNING
        return index

    def end(self, index: int, overran: bool) -> None:
        """User code is over."""
        self._deadlines[index] = math.inf
        self._marks[index] = Mark.OVERRAN if overran else Mark.ENDED

    def give_back(self, index: int) -> None:
        """The job is being released though its user code still runs."""
        self._deadlines[index] = math.inf
        self._marks[index] = Mark.GIVEN_BACK

    def clear(self, index: int) -> None:
        """The store has acknowledged what became of the job."""
        self._deadlines[index] = math.inf
        self._marks[index] = _FREE
        self._free.append(index)

    def beat(self, now: float) -> None:
        """The worker's main thread is alive at that instant of the monotonic clock."""
        _PULSE.pack_into(self._memory, _PULSE_AT, now)

    def show(self, breakers: Iterable[BreakerView]) -> None:
        """Write down how the worker's breakers are, that before each server, in order."""
        for at, view in enumerate(breakers):
            place = self._breakers_at + at * _BREAKER.size
            _BREAKER.pack_into(self._memory, place, 1 + _STATES.index(view.state), view.opened)

    def count(self, settled: int, failed: int) -> None:
        """Write down that so many executions more were settled, and how many of them failed."""
        with self._totals_lock:
            before = self.totals
            _TOTALS.pack_into(self._memory, _TOTALS_AT, before[0] + settled, before[1] + failed)

    @property
    def incarnation(self) -> str:
        """Who works with it; empty before `adopt`."""
        name: bytes = _INCARNATION.unpack_from(self._memory, 0)[0]
        return name.rstrip(b"\0").decode()

    @property
    def pulse(self) -> float:
        """When the worker's main thread was last seen alive; 0 before its first beat."""
        seen: float = _PULSE.unpack_from(self._memory, _PULSE_AT)[0]
        return seen

    @property
    def breakers(self) -> list[tuple[BreakerState, int]]:
        """The state of the worker's breakers, and how often each has opened; empty before `show`."""
        area = self._whole[self._breakers_at : self._breakers_at + MOST_PARTITIONS * _BREAKER.size]
        found = itertools.takewhile(lambda entry: entry[0], _BREAKER.iter_unpack(area))
        return [(_STATES[state - 1], opened) for state, opened in found]

    @property
    def phase(self) -> Phase:
        """How far the worker is."""
        return Phase(self._memory[_PHASE_AT])

    @phase.setter
    def phase(self, phase: Phase) -> None:
        self._memory[_PHASE_AT] = phase

    @property
    def totals(self) -> tuple[int, int]:
        """Executions settled since the start, and how many of them failed."""
        settled, failed = _TOTALS.unpack_from(self._memory, _TOTALS_AT)
        return settled, failed

    def next_deadline(self) -> float:
        """The earliest deadline of what runs; infinity when nothing does."""
        return min(self._deadlines)

    def in_use(self) -> int:
        """How many entries there are."""
        return self.capacity - bytes(self._marks).count(Mark.FREE)

    def entries(self) -> list[Entry]:
        """All entries. Those of a living worker may change while they are read."""
        incarnation, found = self.incarnation, []
        for index, mark in enumerate(bytes(self._marks)):
            if mark != Mark.FREE:
                at = self._records_at + index * _RECORD.size
                number, start, deadline, thread, length, job_id = _RECORD.unpack_from(self._memory, at)
                token = f"{incarnation}.{number}"
                text = job_id[:length].decode(errors="replace")
                found.append(Entry(Mark(mark), token, text, start, deadline, thread))
        return found

    def close(self) -> None:
        """Give the memory back; the table cannot be used any more."""
        self._deadlines.release()
        self._marks.release()
        self._whole.release()
        self._memory.close()
        os.close(self.fd)


def size_of(capacity: int) -> int:
    """Bytes of a table with `capacity` entries."""
    return _HEADER.size + capacity * (1 + 8 + _RECORD.size) + MOST_PARTITIONS * _BREAKER.size
