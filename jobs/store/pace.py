"""How fast a queue moves, from what its buckets of ten seconds counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

BUCKET_MS: Final = 10_000
RATED: Final = 3  # whole buckets that a queue's rates are about, at most
ENOUGH_MS: Final = 5_000  # of the bucket that is not over, from which a rate follows
LEAST_MS: Final = 1_000
LEFT: Final = ("completed", "dead")  # what leaves a queue for good; a failed execution comes back
MOVES: Final = ("in", "failed", *LEFT)  # what a queue's buckets count of its jobs and of their executions

Bucket = Mapping[str, int]


class Pace(msgspec.Struct, frozen=True):
    """Jobs a second that come in, and that end, completed or dead. Not `known` where it is not clear since when."""

    arriving: float = 0.0
    leaving: float = 0.0
    known: bool = True


def pace_of(queue: str, whole: Sequence[Bucket], running: Bucket, running_ms: int) -> Pace:
    """The pace from the freshest time that says something: `whole` buckets, oldest first, and the `running` one.

    A queue that began to move in one of them began somewhere in it: that one is left out as soon as a later one will
    do, and until then the pace is a guess, rather too low.
    """
    moved = [at for at, bucket in enumerate(whole) if _moved(queue, bucket)]
    if not moved:
        return _pace(queue, [running], max(running_ms, LEAST_MS), known=not _moved(queue, running))
    begun = moved[0] + 1 if moved[0] else 0
    window = whole[begun:][-RATED:]
    if window:
        return _pace(queue, window, len(window) * BUCKET_MS)
    if running_ms >= ENOUGH_MS:
        return _pace(queue, [running], running_ms)
    return _pace(queue, [whole[-1], running], BUCKET_MS + running_ms, known=False)


def _moved(queue: str, bucket: Bucket) -> bool:
    return any(bucket.get(f"{queue}|{what}") for what in MOVES)


def _pace(queue: str, buckets: Sequence[Bucket], milliseconds: int, *, known: bool = True) -> Pace:
    def counted(*whats: str) -> int:
        return sum(bucket.get(f"{queue}|{what}", 0) for bucket in buckets for what in whats)

    return Pace(counted("in") * 1000 / milliseconds, counted(*LEFT) * 1000 / milliseconds, known)
