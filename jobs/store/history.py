"""History for charts: closed buckets in rings, a ring a queue and resolution, and marks on the time axis.

A ring is a list of packed buckets, oldest first. A queue has no bucket for a stretch in which nothing happened and
nothing was there; the clock, one more ring a resolution, tells such a stretch from one that nobody recorded. The ring
of all queues together has the name ALL. A cursor a resolution says which bucket was appended last, and moves with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from .client import Client
from .fencing import fenced
from .history_bucket import Gauges, HistoryBucket
from .keys import Keys
from .packing import Arg

ALL: Final = ""
RINGS: Final = {10: 360, 60: 1440, 600: 1008}  # resolution in seconds: buckets kept
MOST_MARKS: Final = 500
SPENT_MS: Final = 600_000
QUEUES_A_READ: Final = 50

T = TypeVar("T")


class Tick(msgspec.Struct, frozen=True, array_like=True):
    """An entry of the clock: bucket `number` is there, made from `covered` ten-second ones, with gauges or without."""

    number: int
    covered: int = 1
    gauged: bool = False


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Something on the time axis: when (ms), of what kind (deploy), and a word or two on it."""

    at_ms: int
    kind: str
    text: str


class Cursor(msgspec.Struct, frozen=True):
    """How far one resolution has come: `number` is complete, or, with `part`, so are its queues up to that name."""

    number: int
    part: str | None = None

    def __str__(self) -> str:
        return f"{self.number}" if self.part is None else f"{self.number}<{self.part}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """What `str` wrote; None for anything else."""
        number, sign, part = text.partition("<")
        return cls(int(number), part if sign else None) if number.isdecimal() else None


class Slice(msgspec.Struct, frozen=True):
    """A stretch that was recorded: start and end (s since 1970), how much of it (s), and what was there."""

    start: int
    end: int
    covered: int
    bucket: HistoryBucket


class History:
    """Reads and appends. Every write takes the leader's fencing token and raises NotLeading."""

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def cursors(self) -> dict[int, Cursor]:
        """How far each resolution has come; those that have not begun are left out."""
        replies = self._client.call("HMGET", self._keys.history_cursors, *RINGS)
        found = {
            seconds: Cursor.parse((raw or b"").decode(errors="replace"))
            for seconds, raw in zip(RINGS, replies, strict=True)
        }
        return {seconds: cursor for seconds, cursor in found.items() if cursor}

    def append(
        self,
        duty: str,
        token: str,
        seconds: int,
        cursors: tuple[Cursor | None, Cursor],
        buckets: Sequence[tuple[str, HistoryBucket]],
        tick: Tick | None = None,
    ) -> bool:
        """Appends buckets (queue, bucket), and `tick` when the bucket is complete; the cursor goes from one to another.

        False when it stands elsewhere, because this was done before: nothing is written. The counters of ten seconds
        that are complete go ten minutes later.
        """
        keys, (expected, after) = self._keys, cursors
        rings = [keys.history_ring(seconds, queue) for queue, _ in buckets]
        items: list[Arg] = [msgspec.msgpack.encode(bucket) for _, bucket in buckets]
        if tick:
            rings.append(keys.history_clock(seconds))
            items.append(msgspec.msgpack.encode(tick))
        most = RINGS[seconds]
        spent = f"{keys.series}{tick.number}" if tick and seconds == min(RINGS) else keys.unused
        args: tuple[Arg, ...] = (token, seconds, str(expected or ""), str(after), most, most * seconds * 1000)
        ring = (keys.leader(duty), keys.history_cursors, spent, *rings)
        reply = self._client.run("history_append", ring, (*args, SPENT_MS, *items))
        return bool(fenced(reply) == 1)

    def known(self, duty: str) -> bytes:
        """What a duty told `mark` last; b"" before."""
        found: bytes | None = self._client.call("HGET", self._keys.history_cursors, f"known:{duty}")
        return found or b""

    def mark(self, duty: str, token: str, known: bytes, marks: Sequence[Mark]) -> None:
        """Puts a duty's marks on the time axis and remembers `known`; nothing when that is what it remembers."""
        keys = self._keys
        ring = (keys.leader(duty), keys.history_marks, keys.history_cursors)
        packed = [msgspec.msgpack.encode(mark) for mark in marks]
        fenced(self._client.run("history_mark", ring, (token, f"known:{duty}", known, MOST_MARKS, *packed)))

    def marks(self, since_ms: int) -> list[Mark]:
        """The marks since an instant, oldest first."""
        found = _decoded(self._client.call("LRANGE", self._keys.history_marks, 0, -1), Mark)
        return [mark for mark in found if mark.at_ms >= since_ms]

    def ticks(self, seconds: int, most: int) -> list[Tick]:
        """The last entries of a resolution's clock."""
        return _decoded(self._client.call("LRANGE", self._keys.history_clock(seconds), -most, -1), Tick)

    def buckets(self, queues: Sequence[str], seconds: int, most: int) -> dict[str, list[HistoryBucket]]:
        """The last buckets of some queues, at most `most` each, oldest first."""
        found: dict[str, list[HistoryBucket]] = {}
        for start in range(0, len(queues), QUEUES_A_READ):
            names = queues[start : start + QUEUES_A_READ]
            rings = [("LRANGE", self._keys.history_ring(seconds, name), -most, -1) for name in names]
            replies = self._client.pipeline(rings)
            found |= {name: _decoded(raw, HistoryBucket) for name, raw in zip(names, replies, strict=True)}
        return found

    def timeline(self, queue: str, seconds: int, most: int, until: int) -> list[Slice]:
        """What was recorded of a queue in the last `most` stretches of a resolution before `until` (s), oldest first.

        The end, for which there is no such bucket yet, comes from the finer rings, up to the last closed ten seconds.
        """
        levels = [each for each in sorted(RINGS, reverse=True) if each <= seconds]
        counts = [most if each == seconds else 4 * coarser // each for coarser, each in _pairs(levels)]
        commands = []
        for level, count in zip(levels, counts, strict=True):
            commands.append(("LRANGE", self._keys.history_clock(level), -count, -1))
            commands.append(("LRANGE", self._keys.history_ring(level, queue), -count, -1))
        replies = self._client.pipeline(commands)
        slices: list[Slice] = []
        end = 0
        for at, level in enumerate(levels):
            ticks = [tick for tick in _decoded(replies[2 * at], Tick) if end <= tick.number * level < until]
            buckets = {each.number: each for each in _decoded(replies[2 * at + 1], HistoryBucket)}
            slices += [_slice(tick, level, buckets.get(tick.number)) for tick in ticks]
            end = slices[-1].end if ticks else end
        return slices


def _pairs(levels: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip([levels[0], *levels[:-1]], levels, strict=True))


def _slice(tick: Tick, seconds: int, bucket: HistoryBucket | None) -> Slice:
    idle = HistoryBucket(tick.number, gauges=Gauges() if tick.gauged else None)
    start = tick.number * seconds
    return Slice(start, start + seconds, tick.covered * min(RINGS), bucket or idle)


def _decoded(raw: Sequence[bytes], kind: type[T]) -> list[T]:
    """What can be decoded: foreign bytes are a gap."""
    decoder = msgspec.msgpack.Decoder(kind)
    found = []
    for each in raw:
        try:
            found.append(decoder.decode(each))
        except msgspec.MsgspecError:
            continue
    return found
