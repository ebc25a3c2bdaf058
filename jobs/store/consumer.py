"""One worker's side of the store: claims, and every way out of `active`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, TypeVar

from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.types import Claim

from . import codec
from .channel import Channel
from .claiming import Woken, claims_of, keys_of_claim, order_of
from .codes import SettleCode
from .failing import failing_item, failing_ring
from .keyring import Keyring
from .keys import Keys
from .limits import Limits
from .measures import Measure
from .outcomes import Completed, Discarded, Failed, Parked, Released, Snoozed, execution_of
from .packing import Arg

REPLY_TTL_MS = 600_000
ANSWER_TTL_MS = 10_000
MAX_BATCH = 250
T = TypeVar("T")
WANT_AT = 6  # ARGV index, from 0, of how many jobs `claim` takes
RESULTS_FROM = 6  # ARGV index before the first result of `complete`
MAX_BATCH_BYTES = 2 * 1024 * 1024


class Consumer:
    """Claims and settles over one channel. One thread owns it; a worker has one for claims and one for settling.

    `incarnation` is 16 hex digits made after the fork. Requests are numbered; after StoreUnavailable, `repeat()`
    sends the last one again and gets the answer that was lost, however far the first one came.
    """

    def __init__(
        self, channel: Channel, keys: Keys, worker: str, incarnation: str, name: str, limits: Limits, offset_ms: int = 0
    ) -> None:
        self._channel = channel
        self._keys = keys
        self._worker = worker
        self._incarnation = incarnation
        self._limits = limits
        self._reply = keys.reply(incarnation, name)
        self._number = 0
        self._claims: Iterator[int] = count(1)
        self._last: Callable[[], Any] | None = None
        self.offset_ms = offset_ms

    def count_claims(self, numbers: Iterator[int]) -> None:
        """Number claims like this from now on: where one incarnation has several consumers that claim."""
        self._claims = numbers

    @property
    def unanswered(self) -> bool:
        """True while the answer to the last request is missing: `repeat` comes before any other."""
        return self._last is not None

    def repeat(self) -> Any:
        """The answer to the last request that was not answered. Raises StoreUnavailable like the first time."""
        if self._last is None:
            raise RuntimeError("every request was answered")
        try:
            answer = self._last()
        except (StoreUnavailable, StoreMisconfigured):
            raise
        except Exception:  # it was answered, and will not be answered otherwise
            self._last = None
            raise
        self._last = None
        return answer

    def interrupt(self) -> None:
        """Makes what the owner waits for fail now, with StoreUnavailable. The one method for another thread."""
        self._channel.interrupt()

    def close(self) -> None:
        """Drops the connection."""
        self._channel.close()

    def claim(self, queues: Sequence[tuple[str, int]], want: int) -> list[Claim]:
        """At most `want` jobs (250 a call) of the (queue, weight) pairs, in the order in which they should start.

        want = 0 claims nothing but passes a wake-up token on that this worker may have taken.
        """
        token, args = self._claim_args(queues, want)
        ring = keys_of_claim(self._keys, self._reply, queues)
        return self._send("claim", ring, args, lambda reply: claims_of(token, reply))

    def wait_and_claim(self, queues: Sequence[tuple[str, int]], want: int, control: str, seconds: float) -> Woken:
        """Waits for a wake-up token or an order; claims when one comes or the time is over.

        The server does the one right after the other: no way there and back lies between a job and its worker. After
        StoreUnavailable `repeat()` brings the jobs that were claimed, and claims no others.
        """
        token, args = self._claim_args(queues, want)
        ring = keys_of_claim(self._keys, self._reply, queues)
        request = self._numbered(args)
        wait = ("BLPOP", control, *(self._keys.wake(queue) for queue, _ in queues), f"{seconds:.3f}")
        try:
            woken, reply = self._channel.block_and_run(seconds, wait, "claim", ring, request)
        except StoreUnavailable:
            request[WANT_AT] = 0
            self._last = lambda: claims_of(token, self._channel.run("claim", ring, request))
            raise
        claims = claims_of(token, reply)
        return Woken("", claims, woken) if isinstance(woken, StoreError) else Woken(order_of(woken, control), claims)

    def wait(self, queues: Sequence[str], control: str, seconds: float) -> str:
        """Waits for a wake-up token or an order: the order's text, or '' for a token or nothing."""
        keys = (control, *(self._keys.wake(queue) for queue in queues))
        reply = self._channel.block(seconds, "BLPOP", *keys, f"{seconds:.3f}")
        return order_of(reply, control)

    def orders(self, control: str) -> list[str]:
        """All orders that wait for this worker, for one that is too busy to `wait`."""
        return [order.decode(errors="replace") for order in self._channel.call("LPOP", control, 100) or ()]

    def answer(self, ticket: str, reply: bytes) -> None:
        """Leaves an answer for whoever waits for it by `ticket`; it lapses soon."""
        self._channel.run("answer", (self._keys.mailbox(ticket),), (reply, ANSWER_TTL_MS))

    def complete(self, items: Sequence[Completed]) -> list[SettleCode]:
        """Records completions."""
        keys = self._keys
        kept = (keys.result, keys.history, keys.progress, keys.log)
        ring = self._ring(keys.completed, *kept, keys.expiring, keys.tagged(""))
        results: list[bytes] = []
        packed = []
        for item in items:
            if item.result:
                results.append(item.result)
            at = RESULTS_FROM + len(results) if item.result else 0
            row = (item.claim.id, item.claim.token, item.started_ms, item.duration_ms, at, self._dedup(ring, item))
            packed.append(row)
        caps = (self._limits.retention_max, self._limits.retention_max_bytes)
        return self._send("complete", ring.keys, [*caps, codec.pack(packed), *results], _codes)

    def fail(self, items: Sequence[Failed]) -> list[SettleCode]:
        """Records failures: OK means another attempt follows, EXHAUSTED that the job is dead."""
        ring = failing_ring(self._keys, self._reply)
        return self._settle("fail", ring, [failing_item(self._keys, ring, item) for item in items])

    def release(self, items: Sequence[Released]) -> list[SettleCode]:
        """Gives jobs back. EXHAUSTED: nothing was written, the job must be failed instead."""
        keys = self._keys
        ring = self._ring(keys.cancelled, keys.history, keys.expiring, *keys.gate)
        packed = []
        for item in items:
            record = item.claim.record
            index = ring.add(keys.pending(record.queue, record.priority), keys.wake(record.queue))
            trace = "" if item.started_ms < 0 else _trace(item, "released")
            packed.append((item.claim.id, item.claim.token, trace, index, self._dedup(ring, item)))
        return self._settle("release", ring, packed, self._limits.max_releases)

    def snooze(self, items: Sequence[Snoozed]) -> list[SettleCode]:
        """Puts jobs off for their handlers."""
        ring = self._put_off_ring()
        packed = [
            (item.claim.id, item.claim.token, item.delay_ms, _trace(item, "snoozed"), self._dedup(ring, item))
            for item in items
        ]
        return self._settle("snooze", ring, packed)

    def park(self, items: Sequence[Parked]) -> list[SettleCode]:
        """Puts jobs off whose type this worker does not know."""
        ring = self._put_off_ring()
        packed = [
            (item.claim.id, item.claim.token, item.delay_ms, "", self._dedup(ring, item), int(item.known))
            for item in items
        ]
        return self._settle("park", ring, packed)

    def discard(self, items: Sequence[Discarded]) -> list[SettleCode]:
        """Ends jobs as cancelled."""
        keys = self._keys
        ring = self._ring(keys.cancelled, keys.history, keys.expiring)
        packed = [
            (item.claim.id, item.claim.token, item.started_ms, item.duration_ms, item.reason[:200],
             _trace(item, "discarded"), self._dedup(ring, item))
            for item in items
        ]  # fmt: skip
        return self._settle("discard", ring, packed)

    def renew(self, claims: Sequence[Claim]) -> list[SettleCode]:
        """Prolongs leases. CANCELLED: renewed, and a cancel is asked for."""
        keys = self._keys
        args = (self.offset_ms, self._limits.lease_ms, codec.pack([(claim.id, claim.token) for claim in claims]))
        return _codes(self._channel.run("renew", (*keys.core, keys.unused, keys.active), args))

    def report(
        self, items: Sequence[tuple[Claim, str, Sequence[str]]], measures: Sequence[Measure] = (), lost: int = 0
    ) -> list[SettleCode]:
        """Keeps (claim, progress or '' for unchanged, new log lines) of running jobs; measures; how many were lost."""
        keys = self._keys
        ring = self._ring(keys.progress, keys.log)
        packed = [(claim.id, claim.token, text, lines) for claim, text, lines in items]
        rows = [(ring.add(keys.measures(each.type)), each.series, each.adds, repr(each.value)) for each in measures]
        return self._send("report", ring.keys, [codec.pack(packed), codec.pack(rows), lost], _codes)

    def _put_off_ring(self) -> Keyring:
        keys = self._keys
        return self._ring(keys.scheduled, keys.cancelled, keys.history, keys.expiring, keys.timer_channel)

    def _ring(self, *keys: str) -> Keyring:
        return Keyring(self._keys.core, self._reply, self._keys.active, keys)

    def _dedup(self, ring: Keyring, item: Any) -> int:
        return ring.add_deduplication(self._keys, item.claim.record.deduplication_key)

    def _settle(self, name: str, ring: Keyring, items: list[Any], *limits: int) -> list[SettleCode]:
        return self._send(name, ring.keys, [*limits, codec.pack(items)], _codes)

    def _claim_args(self, queues: Sequence[tuple[str, int]], want: int) -> tuple[str, list[Arg]]:
        token = f"{self._incarnation}.{next(self._claims)}"
        args: list[Arg] = [token, self._worker, self._limits.lease_ms, min(want, MAX_BATCH), MAX_BATCH_BYTES]
        return token, [*args, *self._limits.weights, *(part for line in queues for part in line)]

    def _numbered(self, args: Sequence[Arg]) -> list[Arg]:
        if self._last is not None:
            raise RuntimeError("the last request was not answered: repeat it first")
        self._number += 1
        return [self.offset_ms, self._number, REPLY_TTL_MS, *args]

    def _send(self, name: str, ring: list[str], args: list[Arg], decode: Callable[[Any], T]) -> T:
        numbered = self._numbered(args)

        def send() -> T:
            return decode(self._channel.run(name, ring, numbered))

        try:
            return send()
        except StoreUnavailable:
            self._last = send
            raise


def _trace(item: Released | Snoozed | Discarded, outcome: str) -> str:
    reason = "" if isinstance(item, Released) else item.reason[:200]
    return codec.execution(execution_of(item.claim, outcome, item.started_ms, item.duration_ms, reason=reason))


def _codes(reply: list[int]) -> list[SettleCode]:
    return [SettleCode(code) for code in reply]
