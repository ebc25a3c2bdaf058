"""What scripts answer in small integers, and what each means."""

from __future__ import annotations

from enum import IntEnum


class SettleCode(IntEnum):
    """Answers of complete, fail, reap, release, snooze, park, discard, renew and report, an item each."""

    OK = 0
    LEASE_LOST = 1
    EXHAUSTED = 2  # fail, reap: dead; release: nothing written, the attempts are used up
    CANCELLED = 3  # a cancel was asked for while it ran


class EnqueueCode(IntEnum):
    """Answers of enqueue, an item each."""

    MADE = 0
    DUPLICATE = 1
    PRESENT = 2


class MoveCode(IntEnum):
    """Answers of cancel, retry, delete, promote and run_now, an item each."""

    DONE = 0
    GONE = 1
    WRONG_STATE = 2
    MOVED = 3  # read again and repeat
    TAKEN = 4  # retry: the deduplication key has another owner
    FLAGGED = 5  # cancel: active, its worker is asked to end it
    SPOILT = 6  # promote, run_now, retry: the key of its queue and priority holds something else; nothing was written
