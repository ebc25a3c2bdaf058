"""The maintenance side of the store: leadership, what is due, what was lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

import msgspec

from jobs.logs import get_logger
from jobs.types import Claim, JobRecord

from . import codec, tables
from .client import Client
from .codes import MoveCode, SettleCode
from .failing import failing_item, failing_ring
from .fencing import fenced
from .keyring import Keyring
from .keys import Keys
from .outcomes import Failed
from .packing import Arg
from .reader import Place

log = get_logger(__name__)
Stray = tuple[str, bytes]  # id and record of an index entry that cannot be decoded; b"" when there is no record


class Due(msgspec.Struct, frozen=True):
    """Jobs whose time has come: (id, record) each, and the instant (ms) of the next one, 0 for none."""

    now: int
    jobs: list[tuple[str, JobRecord]]
    next_ms: int
    unreadable: list[Stray] = []


class Entry(msgspec.Struct, frozen=True):
    """One entry of an index and its record: None when it cannot be decoded or, with `packed` empty, is not there."""

    place: Place
    record: JobRecord | None
    packed: bytes

    @property
    def id(self) -> str:
        """The job's id."""
        return self.place.id


class Keeper:
    """What promoter, reaper and their like do to the store. Every write takes the leader's fencing token."""

    def __init__(self, client: Client, keys: Keys, offset_ms: int = 0) -> None:
        self._client = client
        self._keys = keys
        self.offset_ms = offset_ms

    def lead(self, duty: str, holder: str, ttl_ms: int) -> str:
        """The fencing token of `holder` for `duty`, taken or kept for `ttl_ms`; '' while somebody else leads."""
        ring = (*self._keys.core, self._keys.leader(duty), self._keys.leader_term(duty), self._keys.led)
        token: bytes = self._client.run("lead", ring, (self.offset_ms, duty, holder, ttl_ms))
        return token.decode(errors="replace")

    def resign(self, duty: str, token: str) -> None:
        """Gives leadership up, so that the next candidate need not wait."""
        self._client.run("resign", (self._keys.leader(duty),), (token,))

    def leaders(self, duties: Sequence[str]) -> dict[str, str]:
        """Who leads each duty now: the holder; duties without a leader are left out."""
        tokens = self._client.call("MGET", *(self._keys.leader(duty) for duty in duties)) if duties else []
        held = {duty: token.decode(errors="replace") for duty, token in zip(duties, tokens, strict=True) if token}
        return {duty: token.rpartition(":")[0] for duty, token in held.items()}

    def vacancies(self, duties: Sequence[str]) -> dict[str, int]:
        """The duties that nobody leads, and for how many ms: not counted is what passed before the server started."""
        ring = (*self._keys.core, self._keys.led, *(self._keys.leader(duty) for duty in duties))
        vacant = self._client.run("vacancies", ring, (self.offset_ms, *duties))
        found = {duty: int(since) for duty, since in zip(duties, vacant, strict=True) if since >= 0}
        if found:
            server = re.search(rb"uptime_in_seconds:(\d+)", self._client.call("INFO", "server"))
            uptime = int(server[1]) * 1000 + self.offset_ms if server else max(found.values())
            found = {duty: min(since, uptime) for duty, since in found.items()}
        return found

    def due_scheduled(self, most: int, skip: int = 0) -> Due:
        """Scheduled jobs that are due, behind the first `skip` of them."""
        return self._due(self._keys.scheduled, most, skip)

    def due_retrying(self, most: int, skip: int = 0) -> Due:
        """Jobs whose backoff has passed, behind the first `skip` of them."""
        return self._due(self._keys.retrying, most, skip)

    def expired_leases(self, most: int) -> Due:
        """Active jobs whose lease has run out."""
        return self._due(self._keys.active, most)

    def expired_retention(self, most: int) -> Due:
        """Finished jobs whose own retention has passed."""
        return self._due(self._keys.expiring, most)

    def page(self, index: str, most: int, *, after: Place | None = None, up_to: int | None = None) -> list[Entry]:
        """At most `most` entries of an index, lowest place first, above `after`, with a score of at most `up_to`."""
        start = (f"{after.score:.0f}", tables.raw_of(after.id)) if after else ("", "")
        args = (*start, "" if up_to is None else up_to, most)
        ids, scores, records = self._client.run("page", (index, self._keys.metadata), args)
        return [
            Entry(Place(float(score), job_id), codec.readable_record(job_id, packed), packed or b"")
            for job_id, score, packed in zip(map(tables.id_of, ids), scores, records, strict=True)
        ]

    def quarantine(self, duty: str, token: str, index: str, strays: Sequence[Stray], *, bury: bool = True) -> int:
        """Takes entries without a readable record out of an index; `bury` shows those that have one in the DLQ.

        What can be no job's id only goes, with a word in the log. Returns how many went. Raises NotLeading.
        """
        keys = self._keys
        ring = (*keys.core, keys.leader(duty), index, keys.dlq)
        foreign = [stray for stray in strays if tables.is_foreign(stray[0])]
        if foreign:
            log.warning(
                "entries that are no jobs are taken out", index=index, entries=[each[0] for each in foreign[:10]]
            )
        gone = 0
        for some, shown in ((foreign, False), ([stray for stray in strays if stray not in foreign], bury)):
            gone += self._taken_out(ring, (self.offset_ms, token, int(shown)), some) if some else 0
        return gone

    def promote(self, duty: str, token: str, jobs: Sequence[tuple[str, JobRecord]]) -> list[MoveCode]:
        """Moves due jobs to their queues. Raises NotLeading."""
        keys = self._keys
        ring = Keyring(keys.core, keys.leader(duty), keys.scheduled, keys.retrying, keys.gate)
        items = [(job_id, ring.add(*self._target(record)), record.queue) for job_id, record in jobs]
        return [MoveCode(code) for code in self._fenced("promote", ring, token, items)]

    def tick(self, duty: str, token: str, period_ms: int, lease_ms: int, batch: int = 250) -> bool:
        """The reaper's clock. False while leases are being re-dated after a gap: nothing may be reaped then."""
        keys = self._keys
        ring = (*keys.core, keys.leader(duty), keys.active, keys.reaper)
        reply = self._client.run("tick", ring, (self.offset_ms, token, period_ms, lease_ms, batch))
        return bool(fenced(reply) == 1)

    def has_ticked(self) -> bool:
        """Whether the reaper's clock ever ticked in this store."""
        return bool(self._client.call("EXISTS", self._keys.reaper))

    def reap(self, duty: str, token: str, items: Sequence[Failed], *, forced: bool = False) -> list[SettleCode]:
        """Ends lost executions; `forced` where the death was seen. OK: retrying, EXHAUSTED: dead. Raises NotLeading.

        An empty token asks for no leadership: used with `forced` by whoever saw the death.
        """
        ring = failing_ring(self._keys, self._keys.leader(duty))
        rows = [failing_item(self._keys, ring, item, int(forced)) for item in items]
        return [SettleCode(code) for code in self._fenced("reap", ring, token, rows)]

    def held_by(self, incarnation: str) -> list[Claim]:
        """Everything still active under one worker incarnation's tokens. O(active jobs)."""
        held: list[Claim] = []
        ids: list[bytes] = self._client.call("ZRANGE", self._keys.active, 0, -1)
        for start in range(0, len(ids), 250):
            batch = ids[start : start + 250]
            packed = self._client.call("HMGET", self._keys.metadata, *batch)
            held += self._claims(incarnation, zip(batch, packed, strict=True))
        return held

    def _claims(self, incarnation: str, rows: Iterable[tuple[bytes, bytes | None]]) -> Iterable[Claim]:
        for raw_id, packed in rows:
            job_id = tables.id_of(raw_id)
            record = codec.readable_record(job_id, packed)
            if record and not tables.is_foreign(job_id) and record.token.partition(".")[0] == incarnation:
                yield Claim(job_id, record.token, record, None)

    def _target(self, record: JobRecord) -> tuple[str, str]:
        return self._keys.pending(record.queue, record.priority), self._keys.wake(record.queue)

    def _taken_out(self, ring: Sequence[str], args: Sequence[Arg], strays: Sequence[Stray]) -> int:
        entries: list[Arg] = []
        for job_id, packed in strays:
            entries += (tables.raw_of(job_id), hashlib.sha1(packed, usedforsecurity=False).hexdigest())
        return int(fenced(self._client.run("quarantine", ring, (*args, *entries))))

    def _fenced(self, name: str, ring: Keyring, token: str, items: Sequence[object]) -> list[int]:
        codes: list[int] = fenced(self._client.run(name, ring.keys, (self.offset_ms, token, codec.pack(items))))
        return codes

    def _due(self, index: str, most: int, skip: int = 0) -> Due:
        reply = self._client.run("due", (*self._keys.core, index), (self.offset_ms, most, skip))
        jobs: list[tuple[str, JobRecord]] = []
        unreadable: list[Stray] = []
        for raw_id, packed in zip(reply[1], reply[3], strict=True):
            job_id = tables.id_of(raw_id)
            record = codec.readable_record(job_id, packed)
            if record and not tables.is_foreign(job_id):
                jobs.append((job_id, record))
            else:
                unreadable.append((job_id, packed or b""))
        return Due(int(reply[0]), jobs, int(float(reply[4])) if reply[4] else 0, unreadable)
