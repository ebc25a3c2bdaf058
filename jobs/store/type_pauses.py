"""Pauses of single job types: their jobs stay pending and wait apart from their queues, where no claim meets them."""

from __future__ import annotations

from time import monotonic
from typing import Any, Final

import msgspec

from jobs import limits
from jobs.errors import QueueFlowError

from . import codec, tables
from .client import Client
from .keyring import Keyring
from .keys import Keys

MOST_PAUSED: Final = 1000
MOST_LINES: Final = 500  # (queue, priority) lines that one script is given; a batch needs no more than it has jobs
BATCH: Final = 250
NOT_PAUSED, ENDED = 0, 1  # what resume_type answers; anything else: there is more to do
Line = tuple[str, int]


class TooManyPausedTypes(QueueFlowError):
    """As many job types as may be paused at once are paused."""

    code = "conflict"


class TypePause(msgspec.Struct, frozen=True):
    """Since when (ms) a type is paused, whether it is about to resume, and how many of its jobs wait apart."""

    since: int
    resuming: bool
    held: int


class Progress(msgspec.Struct, frozen=True):
    """How far a resume has come: jobs that went back to their queues, and whether more wait."""

    moved: int
    more: bool


class TypePauses:
    """Pauses and resumes job types, and lists those that are not as usual."""

    def __init__(self, client: Client, keys: Keys, offset_ms: int = 0) -> None:
        self._client = client
        self._keys = keys
        self.offset_ms = offset_ms

    def pause(self, job_type: str) -> bool:
        """Stops claims of a type on all queues, known or not. False when it was paused already.

        Raises InvalidJob for what cannot be a type, TooManyPausedTypes.
        """
        ring = (*self._keys.core, self._keys.paused, self._keys.paused_types)
        code = self._client.run("pause_type", ring, (self.offset_ms, limits.stored_type(job_type), MOST_PAUSED))
        if code == -1:
            raise TooManyPausedTypes(f"{MOST_PAUSED} job types are paused: resume one first")
        return bool(code)

    def resume(self, job_type: str, seconds: float = 0.25) -> bool:
        """Lets claims of a type go on; its held jobs start in the order they had. False when it was not paused.

        Moves held jobs back for `seconds`; what is left then, or after an error, maintenance goes on with.
        """
        return self._move(limits.stored_type(job_type), seconds, begin=True) is not None

    def go_on(self, job_type: str, seconds: float) -> Progress:
        """Moves held jobs back for `seconds` if somebody has begun to resume the type."""
        return self._move(job_type, seconds, begin=False) or Progress(0, more=False)

    def all(self) -> dict[str, TypePause]:
        """The types that are paused or about to resume, sorted."""
        found = tables.table(self._client.call("HGETALL", self._keys.paused_types))
        marks = {name: codec.pause_mark(mark) for name, mark in found.items()}
        names = sorted(marks)
        sizes = self._client.pipeline([("ZCARD", self._keys.held(name)) for name in names]) if names else []
        return {
            name: TypePause(marks[name][1], marks[name][0] >= 0, held) for name, held in zip(names, sizes, strict=True)
        }

    def _move(self, job_type: str, seconds: float, *, begin: bool) -> Progress | None:
        """None: the type is not paused, or nobody has begun to resume it."""
        until = monotonic() + seconds
        lines: list[Line] = []
        code, moved, missing = self._step(job_type, lines, begin=begin)
        if code == NOT_PAUSED:
            return None
        done = moved
        while code not in (NOT_PAUSED, ENDED) and monotonic() < until:
            lines = [*lines, *missing][-MOST_LINES:]
            code, moved, missing = self._step(job_type, lines, begin=False)
            done += moved
        return Progress(done, more=code not in (NOT_PAUSED, ENDED))

    def _step(self, job_type: str, lines: list[Line], *, begin: bool, most: int = BATCH) -> tuple[int, int, list[Line]]:
        """One batch: what became of the pause, how many jobs moved, and which lines the next ones need besides."""
        keys = self._keys
        ring = Keyring(keys.core, keys.paused, keys.paused_types, keys.held(job_type), keys.dlq)
        given = []
        for queue, priority in lines:
            block = keys.queue_block(queue)
            given.append((queue, priority, ring.add(block[priority - 1], block[3])))
        args: tuple[Any, ...] = (self.offset_ms, job_type, int(begin), most, codec.pack(given))
        code, moved, missing = self._client.run("resume_type", ring.keys, args)
        return code, moved, [(missing[i].decode(), missing[i + 1]) for i in range(0, len(missing), 2)]
