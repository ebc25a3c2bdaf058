"""Brings entries into the store, each once, and settles what the store does not take."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from jobs.errors import StoreError
from jobs.logs import get_logger
from jobs.models import OutboxEntry
from jobs.store.store import Store

from . import table
from .batching import batches
from .delivery import NEVER, Delivery, Made, is_known
from .losses import Losses
from .room import Held
from .settling import reason_of
from .stuck import Stuck
from .unsure import settle_unsure

log = get_logger(__name__)
WINDOW: Final = Held(250, 16 * 1024**2)  # entries, and bytes of them, that are read, and deleted, at once
# Failures in a row that nobody understands, after which a queue, or a whole partition, is left alone for this time:
MOST_OF_QUEUE: Final = 50
MOST_IN_A_ROW: Final = 200
UNANSWERED: Final = ("timeout", "connection")  # how that is called which may come of what was sent


class Sender:
    """Goes through the outbox once and sends over one store; `made` hears of each job that the store has then.

    `stuck`: what is known of entries from earlier times. `has_sent`: whether the store has taken any.
    """

    def __init__(self, store: Store, using: str, made: Made, stuck: Stuck) -> None:
        self._store = store
        self._using = using
        self._delivery = Delivery(store, using, made)
        self._stuck = stuck
        self._losses = Losses(store)
        self._done: list[int] = []
        self._failed: defaultdict[str, list[int]] = defaultdict(list)  # by kind of failure
        self._in_a_row: Counter[int] = Counter()  # failures, by partition
        self._of_queue: Counter[tuple[int, str]] = Counter()
        self._doubt: StoreError | None = None
        self._met: set[int] = set()  # of what is stuck
        self.has_sent = False

    def send(self, go_on: Callable[[], bool]) -> float:
        """Send the first window's worth in order, while `go_on()`, and delete what the store has.

        Where one of several partitions is away, or one entry is stuck, its entries stay, and all others to the end of
        the outbox are sent. Returns the seconds after which it is worth going on. Raises StoreError where the store, or
        a part of it, is away, or takes nothing and nobody knows why, with the failure noted at the entries that met it,
        and DatabaseError.
        """
        settle_unsure(self._store, self._using, go_on)
        entries = table.first(self._using, WINDOW)
        last = entries[-1].pk if entries else 0
        self._send_all(entries, go_on)
        while (self._losses.failure or self._stuck) and go_on():
            entries, last = table.beyond(self._using, last, WINDOW, self._may_go)
            if not last:
                return self._end()
            self._send_all(entries, go_on)
        return 0.0

    def _end(self) -> float:
        self._stuck.keep(self._met)
        failure = self._losses.failure or (None if self.has_sent else self._doubt)
        if failure:
            raise failure
        if self._doubt:
            self._stuck.telling.failed(self._doubt)
        return 0.0 if self.has_sent else self._stuck.wait

    def _may_go(self, key: int, job_id: str) -> bool:
        if key in self._stuck:
            self._met.add(key)
        return not self._losses.hold(job_id) and self._stuck.is_due(key)

    def _send_all(self, entries: Sequence[OutboxEntry], go_on: Callable[[], bool]) -> None:
        """Send those that have not failed before together, then the others, each by itself."""
        fresh = [entry for entry in entries if entry.pk not in self._stuck]
        tried = [entry for entry in entries if entry.pk in self._stuck]
        self._met.update(entry.pk for entry in tried)
        try:
            for batch in batches(fresh, self._using, self._losses.place):
                if not go_on():
                    return
                self._send(batch)
            for entry in tried:
                if not go_on():
                    return
                if entry.pk in self._stuck:  # else it was sent with the rest of its bulk enqueue
                    self._try(entry)
        finally:
            done, self._done = self._done, []
            failed, self._failed = self._failed, defaultdict(list)
            for kind, keys in failed.items():
                table.note_failure(self._using, keys, kind.replace("_", " "))  # addresses are nobody's
            table.remove(self._using, done)

    def _send(self, batch: list[OutboxEntry]) -> None:
        if self._losses.hold_any(self._losses.place(entry.job_id) for entry in batch):
            return
        able = [entry for entry in batch if self._may_try(entry)]
        is_apart = bool(batch[0].part) and len(able) < len(batch)
        if able and not is_apart and self._is_sent(able):
            return
        for entry in able:
            self._try(entry)

    def _is_sent(self, batch: list[OutboxEntry]) -> bool:
        """Send a batch in one round trip. False: each is to be tried by itself."""
        send = self._delivery.as_one if batch[0].part else self._delivery.together
        try:
            if not send(batch):
                return False
        except StoreError as error:
            if not is_known(error) or self._is_own(batch[0], error):
                return False
            self._lose(batch[0], error)
            # Else it is the key of one of them that lies elsewhere.
            return bool(batch[0].part) or self._losses.hold(batch[0].job_id)
        for entry in batch:
            self._take(entry)
        return True

    def _try(self, entry: OutboxEntry) -> None:
        """Send an entry by itself. Refuse it where the store never takes it."""
        if not self._may_try(entry):
            return
        try:
            self._delivery.one(entry)
        except NEVER as error:
            self._refuse(entry, error)
        except StoreError as error:
            if is_known(error) and not self._is_own(entry, error):
                self._lose(entry, error)
            else:
                self._leave(entry, error)
        else:
            self._take(entry)

    def _may_try(self, entry: OutboxEntry) -> bool:
        """Whether neither it has failed a moment ago, nor its partition, nor much of its queue."""
        place = self._losses.place(entry.job_id)
        is_left = self._losses.hold(entry.job_id) or self._of_queue[place, entry.queue] >= MOST_OF_QUEUE
        return not is_left and self._stuck.is_due(entry.pk)

    def _is_own(self, entry: OutboxEntry, error: StoreError) -> bool:
        """Whether no answer may come because of what is sent from this entry on: time after time none has come, from a
        store that answers right after."""
        place = self._losses.place(entry.job_id) if error.partition is None else error.partition
        if not (error.kind in UNANSWERED and self._stuck.is_suspect(entry.pk, place)):
            return False
        try:
            self._store.parts[place].browser.probe()
        except StoreError:
            self._stuck.clear_suspicion(place)
            return False
        return True

    def _lose(self, entry: OutboxEntry, error: StoreError) -> None:
        """Raises the error where all of the store is away."""
        self._failed[error.kind].append(entry.pk)
        self._losses.note(error)

    def _leave(self, entry: OutboxEntry, error: StoreError) -> None:
        """Let an entry wait whose sending failed in a way that may be its own, and refuse it when that has shown.

        Raises the error where too many have failed so, one after the other, in all partitions.
        """
        place = self._losses.place(entry.job_id)
        self._doubt = self._doubt or error
        self._stuck.fail(entry.pk)
        self._met.add(entry.pk)
        self._in_a_row[place] += 1
        self._of_queue[place, entry.queue] += 1
        if self._stuck.is_at_fault(entry.pk, place) and table.may_refuse(self._using, entry):
            self._refuse(entry, error)
            return
        self._failed[error.kind].append(entry.pk)
        if self._in_a_row[place] >= MOST_IN_A_ROW:
            self._losses.note(error, place)

    def _take(self, entry: OutboxEntry) -> None:
        """The store has it."""
        place = self._losses.place(entry.job_id)
        self._stuck.take(place, entry.pk)
        self._in_a_row[place] = self._of_queue[place, entry.queue] = 0
        self.has_sent = True
        self._done.append(entry.pk)

    def _refuse(self, entry: OutboxEntry, error: Exception) -> None:
        log.error("a job in the outbox can never be taken", jobId=entry.job_id, type=entry.type, error=str(error))
        table.refuse(self._using, entry, reason_of(error))
        self._stuck.forget(entry.pk)
