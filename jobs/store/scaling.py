"""What a scaler needs of the store: what it decided before, what people ordered, and how pools move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from . import tables
from .client import Client
from .due_soon import due_soon
from .fencing import fenced
from .keys import Keys
from .pace import BUCKET_MS
from .pool_history import DAY_MS, DAYS
from .registry import SUPERVISOR_SILENT_MS

MOST_STEPS: Final = 1000
STEPS_LIVE_MS: Final = 3_600_000
COUNTED: Final = ("in", "later", "ready", "completed", "failed", "dead", "ms")
RECORDED: Final = 2
MOST_COUNTED: Final = 1_000_000  # workers
GONE_MS: Final = 10_000  # that nothing is decided for a pool which is being forgotten
_MADE: Final = "made|"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the scaling of one pool.

    `desired` None: nobody has ever said how many workers it should have; `changed_ms` is when that changed last, from
    `before`. `stretch` is the stretch of time that was decided for last. `orders` counts what people ordered; `by_hand`
    and `paused` are their orders, `memory` and `steps` (oldest first) what was handed over for the next decision,
    `model` what was trained: all opaque, b"" without. `made` counts decisions by kind since the pool began.
    """

    desired: int | None = None
    before: int | None = None
    changed_ms: int = 0
    stretch: str = ""
    orders: int = 0
    by_hand: bytes = b""
    paused: bytes = b""
    memory: bytes = b""
    model: bytes = b""
    steps: tuple[bytes, ...] = ()
    made: Mapping[str, int] = {}


class Outcome(msgspec.Struct, frozen=True):
    """A decision to be recorded for a stretch of time. `workers` None leaves the desired count as it is; decisions of
    the same `kind`, one of few words, are counted together."""

    stretch: str
    workers: int | None
    memory: bytes
    step: bytes
    kind: str = "other"


class Movement(msgspec.Struct, frozen=True):
    """What ten seconds counted of some queues; `busy_ms` adds up the processing times of completed jobs.

    `arrived` are the jobs that became claimable: new ones that neither are scheduled nor held, and those that were put
    off or held and are no longer.
    """

    arrived: int = 0
    completed: int = 0
    failed: int = 0
    dead: int = 0
    busy_ms: int = 0


class Scaling:
    """Decisions are fenced and recorded once a stretch of time; a pool keeps its last 1,000. Raises StoreError."""

    def __init__(self, client: Client, keys: Keys, offset_ms: int = 0) -> None:
        self._client = client
        self._keys = keys
        self.offset_ms = offset_ms

    def kept(self, pool: str, steps: int = MOST_STEPS, *, model: bool = True) -> Kept:
        """What is known of a pool, with its last `steps` steps, and with what was trained unless `model` is False."""
        keys = self._keys
        last = ("LRANGE", keys.scaling_steps(pool), *((-steps, -1) if steps else (1, 0)))
        asked = [("HGETALL", keys.scaling(pool)), last, ("HGET", keys.pools, pool)]
        trained = [("GET", keys.scaling_model(pool))] if model else []
        state, recorded, desired, *found_model = self._client.pipeline([*asked, *trained])
        found = tables.table(state)
        return Kept(
            desired=_count(desired),
            before=_count(found.get("before")),
            changed_ms=tables.number(found.get("changed")),
            stretch=found.get("stretch", b"").decode(errors="replace"),
            orders=tables.number(found.get("orders")),
            by_hand=found.get("by_hand", b""),
            paused=found.get("paused", b""),
            memory=found.get("memory", b""),
            model=(found_model[0] if found_model else None) or b"",
            steps=tuple(recorded),
            made={kind: tables.number(value) for name, value in found.items() if (kind := _kind(name))},
        )

    def record(self, duty: str, token: str, pool: str, known: Kept, outcome: Outcome) -> bool:
        """Records what was decided from `known`, and sets the desired count. Raises NotLeading.

        False when nothing was written: this stretch is decided for, or people ordered something meanwhile.
        """
        keys = self._keys
        ring = (*keys.core, keys.leader(duty), keys.scaling(pool), keys.scaling_steps(pool), keys.pools)
        workers = "" if outcome.workers is None else outcome.workers
        head = (self.offset_ms, token, pool, outcome.stretch, known.orders, workers)
        args = (*head, outcome.memory, outcome.step, MOST_STEPS, STEPS_LIVE_MS, outcome.kind)
        return bool(fenced(self._client.run("scale", ring, args)) == RECORDED)

    def order(self, pool: str, fields: Mapping[str, bytes], workers: int | None = None) -> None:
        """Keeps orders (`by_hand`, `paused`; b"" takes one back); `workers` is to be the desired count at once."""
        keys = self._keys
        ring = (*keys.core, keys.scaling(pool), keys.pools)
        flat = [part for pair in fields.items() for part in pair]
        self._client.run("scale_order", ring, (self.offset_ms, pool, "" if workers is None else workers, *flat))

    def forget(self, pool: str, now_ms: int) -> bool:
        """Forgets a pool, with its history. False, and nothing is forgotten, while a supervisor of it is heard."""
        keys, today = self._keys, now_ms // DAY_MS
        days = [keys.pool_day(pool, day) for day in range(today - DAYS - 1, today + 2)]
        facts = (keys.scaling_steps(pool), keys.scaling_model(pool), keys.supervisor_caps(pool))
        ring = (keys.supervisors(pool), keys.pools, keys.pools_heard, keys.scaling(pool), *facts)
        said = (keys.supervisor_floors(pool), keys.supervisor_queues(pool))
        args = (self.offset_ms, pool, SUPERVISOR_SILENT_MS, GONE_MS)
        return bool(self._client.run("forget_pool", (*keys.core, *ring, *said, *days), args))

    def keep_model(self, pool: str, model: bytes) -> None:
        """Keeps what was trained for a pool in place of what was there; b"" takes it away."""
        key = self._keys.scaling_model(pool)
        self._client.call(*(("SET", key, model) if model else ("DEL", key)))

    def movements(self, queues: Sequence[str], numbers: Sequence[int]) -> list[Movement]:
        """What the ten-second buckets with these numbers counted of some queues together."""
        fields = [f"{queue}|{what}" for queue in queues for what in COUNTED]
        if not fields:
            return [Movement() for _ in numbers]
        series = self._keys.series
        replies = self._client.pipeline([("HMGET", f"{series}{number}", *fields) for number in numbers])
        sums = [[sum(map(tables.number, reply[at :: len(COUNTED)])) for at in range(len(COUNTED))] for reply in replies]
        return [Movement(new - later + ready, *rest) for new, later, ready, *rest in sums]

    def due(self, now_ms: int, within: Sequence[float]) -> dict[str, list[int]]:
        """How many jobs of each queue become claimable within so many (rising) seconds each; none of paused types."""
        return due_soon(self._client, self._keys, now_ms, within)


def bucket_number(now_ms: int) -> int:
    """The ten-second bucket that is not over."""
    return now_ms // BUCKET_MS


def _kind(field: str) -> str:
    return field.removeprefix(_MADE) if field.startswith(_MADE) else ""


def _count(raw: bytes | None) -> int | None:
    """A number of workers; None where there is none, or what cannot be one."""
    count = int(raw) if raw and tables.is_number(raw) else -1
    return count if 0 <= count <= MOST_COUNTED else None
