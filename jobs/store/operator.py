"""What people do to jobs and queues: cancel, retry, delete, run now, pause, resume."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import msgspec

from jobs.errors import UnreadableRecord
from jobs.states import State
from jobs.types import Envelope, JobRecord

from . import codec
from .client import Client
from .codes import MoveCode
from .fencing import fenced
from .keyring import Keyring
from .keys import Keys
from .packing import Arg

Row = tuple[str, JobRecord | None, str]  # the text is the SHA1 of a record that is there but cannot be decoded
ANY_STATE = 0
MAX_BATCH = 250
MOST_ORDERS = 1000  # that wait for one worker


class Moved(msgspec.Struct, frozen=True):
    """What became of one job: the code, and for TAKEN the id of the job that holds the deduplication key."""

    id: str
    code: MoveCode
    holder: str = ""


Send = Callable[[Sequence[Row]], list[Moved]]


class Operator:
    """Changes asked for by people, in batches of ids. A job that moves meanwhile is read again, a few times.

    Verbs take ids and answer with a `Moved` each, in order.
    """

    def __init__(self, client: Client, keys: Keys, offset_ms: int = 0) -> None:
        self._client = client
        self._keys = keys
        self.offset_ms = offset_ms

    def cancel(self, ids: Sequence[str], reason: str = "") -> list[Moved]:
        """Ends waiting jobs; FLAGGED: it is active and its worker was asked."""
        why = reason[:200]

        def send(rows: Sequence[Row]) -> list[Moved]:
            keys = self._keys
            ring = Keyring(keys.core, keys.scheduled, keys.retrying, keys.cancelled, keys.expiring, keys.held(""))
            items = [
                (
                    job_id,
                    self._pending(ring, record),
                    self._dedup(ring, record),
                    self._control(ring, record),
                    why,
                    record.queue if record else "",
                )
                for job_id, record, _ in rows
            ]
            return _moved(rows, self._client.run("cancel", ring.keys, (self.offset_ms, codec.pack(items))))

        return self._repeated(ids, send)

    def run_now(self, ids: Sequence[str]) -> list[Moved]:
        """Makes scheduled and retrying jobs claimable at once."""

        def send(rows: Sequence[Row]) -> list[Moved]:
            keys = self._keys
            ring = Keyring(keys.core, keys.unused, keys.scheduled, keys.retrying, keys.gate)
            items = [
                (job_id, self._pending(ring, record), record.queue if record else "") for job_id, record, _ in rows
            ]
            return _moved(rows, self._client.run("run_now", ring.keys, (self.offset_ms, "", codec.pack(items))))

        return self._repeated(ids, send)

    def retry(self, ids: Sequence[str], *, queue: str = "", envelope: Envelope | None = None) -> list[Moved]:
        """Puts dead jobs back with a new attempt budget, if wished with a new envelope or on another queue."""

        def send(rows: Sequence[Row]) -> list[Moved]:
            keys = self._keys
            ring = Keyring(
                keys.core, keys.dlq, keys.dlq_groups, keys.queues, keys.gate, keys.tag_index, keys.tagged("")
            )
            edited, tags = (3, envelope.tags) if envelope else (0, ())
            items = []
            for job_id, record, _ in rows:
                target = queue or (record.queue if record else "default")
                index = ring.add(*self._target(target, record))
                by_type, by_error = self._dead(ring, record)
                fingerprint = record.fingerprint if record else ""
                dedup = self._dedup(ring, record)
                items.append((job_id, target, index, dedup, by_type, by_error, edited, fingerprint, tags))
            args: list[Arg] = [self.offset_ms, codec.pack(items), *([codec.pack(envelope)] if envelope else [])]
            codes, holders = self._client.run("retry", ring.keys, args)
            return _moved(rows, codes, holders)

        return self._repeated(ids, send)

    def delete(
        self,
        ids: Sequence[str],
        *,
        seen_in: State | None = None,
        counter: str = "deleted",
        duty: str = "",
        token: str = "",
    ) -> list[Moved]:
        """Removes jobs that nobody runs. `seen_in` spares those in another state (WRONG_STATE is then an active one).

        `counter` is deleted, pruned or purged; `duty` and `token` make it a leader's act (raises NotLeading).
        """

        def send(rows: Sequence[Row]) -> list[Moved]:
            keys = self._keys
            ring = Keyring(
                keys.core, keys.leader(duty), keys.scheduled, keys.retrying, keys.completed, keys.cancelled, keys.dlq,
                keys.active, keys.dlq_groups, keys.result, keys.history, keys.progress, keys.log, keys.expiring,
                keys.held(""), keys.tagged(""),
            )  # fmt: skip
            items = []
            for job_id, record, unreadable in rows:
                by_type, by_error = self._dead(ring, record)
                pending, dedup = self._pending(ring, record), self._dedup(ring, record)
                queue, fingerprint = (record.queue, record.fingerprint) if record else ("", "")
                known = (queue, fingerprint, unreadable)
                items.append((job_id, seen_in or ANY_STATE, pending, dedup, by_type, by_error, *known))
            reply = self._client.run("delete", ring.keys, (self.offset_ms, token, counter, codec.pack(items)))
            return _moved(rows, fenced(reply))

        return self._repeated(ids, send, tries=1 if seen_in else 3)

    def pause(self, queue: str) -> bool:
        """Stops claims from a queue. False when it was paused already."""
        keys = self._keys
        return bool(self._client.run("pause", (*keys.core, keys.paused, keys.wake(queue)), (self.offset_ms, queue)))

    def resume(self, queue: str) -> bool:
        """Lets claims go on. False when it was not paused."""
        keys = self._keys
        high, normal, low, wake = keys.queue_block(queue)
        ring = (*keys.core, keys.paused, wake, high, normal, low)
        return bool(self._client.run("resume", ring, (self.offset_ms, queue)))

    def order(self, worker: str, text: str) -> None:
        """Leaves an order (`drain`) for a worker; it lapses after a minute."""
        self._client.run("order", (self._keys.control(worker),), (text, MOST_ORDERS))

    def _repeated(
        self, ids: Sequence[str], send: Callable[[Sequence[Row]], list[Moved]], tries: int = 3
    ) -> list[Moved]:
        """Sends what was read; reads again and repeats for what moved in between."""
        answers: dict[str, Moved] = {}
        distinct = list(dict.fromkeys(ids))
        for start in range(0, len(distinct), MAX_BATCH):
            open_ids = distinct[start : start + MAX_BATCH]
            for _ in range(tries):
                answers.update((answer.id, answer) for answer in send(self._rows(open_ids)))
                open_ids = [job_id for job_id in open_ids if answers[job_id].code is MoveCode.MOVED]
                if not open_ids:
                    break
        return [answers[job_id] for job_id in ids]

    def _rows(self, ids: Sequence[str]) -> list[Row]:
        packed = self._client.call("HMGET", self._keys.metadata, *ids)
        return [_row(job_id, blob) for job_id, blob in zip(ids, packed, strict=True)]

    def _target(self, queue: str, record: JobRecord | None) -> tuple[str, str]:
        block = self._keys.queue_block(queue)
        return block[(record.priority if record else 2) - 1], block[3]

    def _pending(self, ring: Keyring, record: JobRecord | None) -> int:
        return ring.add(*self._target(record.queue, record)) if record else 0

    def _dedup(self, ring: Keyring, record: JobRecord | None) -> int:
        return ring.add_deduplication(self._keys, record.deduplication_key if record else "")

    def _dead(self, ring: Keyring, record: JobRecord | None) -> tuple[int, int]:
        if record is None or record.state is not State.DEAD:
            return 0, 0
        return ring.add(self._keys.dlq_of_type(record.type)), ring.add(self._keys.dlq_of_error(record.fingerprint))

    def _control(self, ring: Keyring, record: JobRecord | None) -> int:
        worker = record.worker if record and record.state is State.ACTIVE else ""
        return ring.add_unless_empty(worker, self._keys.control(worker))


def _row(job_id: str, packed: bytes | None) -> Row:
    if packed is None:
        return job_id, None, ""
    try:
        return job_id, codec.record(job_id, packed), ""
    except UnreadableRecord:
        return job_id, None, hashlib.sha1(packed, usedforsecurity=False).hexdigest()


def _moved(rows: Sequence[Row], codes: Sequence[int], holders: Sequence[bytes] | None = None) -> list[Moved]:
    held = [holder.decode(errors="replace") for holder in holders] if holders else [""] * len(rows)
    return [Moved(row[0], MoveCode(code), holder) for row, code, holder in zip(rows, codes, held, strict=True)]
