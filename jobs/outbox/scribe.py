"""The thread that writes the outbox, on one connection of its own: what comes together is committed together."""

from __future__ import annotations

import atexit
import os
import queue
import threading
import time
from collections.abc import Sequence
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError, connections

from jobs.conf import Config
from jobs.connections import brief, own
from jobs.errors import QueueFlowError
from jobs.logs import get_logger
from jobs.models import OutboxEntry

from . import table
from .away import closed
from .clock import database_ms
from .room import Held, Room

log = get_logger(__name__)
WAIT_SECONDS: Final = 2.0  # for an entry to be put down; then it is refused
IDLE_SECONDS: Final = 5.0
BATCH: Final = 500  # entries in one transaction
COUNT_SECONDS: Final = 1.0  # for which a count of the outbox holds, but for what this process adds
NEAR_SECONDS: Final = 0.1  # the same where less than a NEARth of a bound is left
NEAR: Final = 20
END_SECONDS: Final = 2.0


class Ticket:
    """Entries of one caller, who waits for what becomes of them."""

    def __init__(self, entries: Sequence[OutboxEntry], config: Config) -> None:
        self.entries = entries
        self.config = config
        self.found: list[OutboxEntry | QueueFlowError] = []
        self.error: Exception | None = None
        self.done = threading.Event()
        self.begun = False
        self.until = time.monotonic() + WAIT_SECONDS

    def settle(self, error: Exception | None = None) -> None:
        """Let the caller go on."""
        self.error = error
        self.done.set()

    def begin(self) -> bool:
        """Whether somebody still waits for it, so that it is to be written. Who has given up before is not surprised.

        It is noted first: who gives up and finds nothing noted knows that nothing will be written.
        """
        self.begun = True
        return time.monotonic() < self.until


class Scribe:
    """One a process. Its thread starts with the first entry. Not for an event loop: its calls wait."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a forked child does: thread and connection are its parent's."""
        self._lock = threading.Lock()
        self._tickets: queue.SimpleQueue[Ticket | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._counted, self._held = float("-inf"), Held()

    def add(self, entries: Sequence[OutboxEntry], config: Config) -> list[OutboxEntry | QueueFlowError]:
        """What `table.add` says of the entries, committed.

        Raises StoreUnavailable after two seconds; they may be committed all the same if it says so.
        """
        ticket = Ticket(entries, config)
        self._put(ticket)
        if not ticket.done.wait(WAIT_SECONDS):
            raise closed(TimeoutError("it is too slow"), may_be_done=ticket.begun)
        if ticket.error is not None:  # which may be that of the commit
            raise closed(ticket.error, may_be_done=True) from ticket.error
        return ticket.found

    def close(self) -> None:
        """Write what is left, close the connection, end the thread. The next entry starts another."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._tickets.put(None)
        if thread is not None:
            thread.join(END_SECONDS)

    def _put(self, ticket: Ticket) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._tickets = queue.SimpleQueue()  # each thread has its own, which ends with its end
                self._thread = threading.Thread(target=self._run, args=(self._tickets,), name="outbox", daemon=True)
                self._thread.start()
            self._tickets.put(ticket)

    def _run(self, tickets: queue.SimpleQueue[Ticket | None]) -> None:
        with own(table.alias()) as using:
            ending = False
            while not ending:
                batch, ending = self._next(tickets, using)
                self._write(batch, using)

    def _next(self, tickets: queue.SimpleQueue[Ticket | None], using: str) -> tuple[list[Ticket], bool]:
        """What has come, and whether it is the end. Waits until there is something."""
        batch: list[Ticket] = []
        wait = None if connections[using].connection is None else IDLE_SECONDS
        try:
            while sum(len(ticket.entries) for ticket in batch) < BATCH:
                ticket = tickets.get(timeout=wait)
                if ticket is None:
                    return batch, True
                batch.append(ticket)
                wait = 0.0
        except queue.Empty:
            if not batch:
                connections[using].close()
        return batch, False

    def _write(self, batch: list[Ticket], using: str) -> None:
        batch = [ticket for ticket in batch if ticket.begin()]
        if not batch:
            return
        try:
            _make_durable(using)
            with brief(using):
                since, now_ms = time.monotonic(), database_ms(using)
                for ticket in batch:
                    room = self._room(using, ticket, since)
                    ticket.found = table.add(ticket.entries, using, room, now_ms)
                    self._held = room.held
        except Exception as error:
            self._counted = float("-inf")
            away = isinstance(error, OperationalError | InterfaceError)  # so it is for all of them
            if away:
                connections[using].close()
            if away or len(batch) == 1:
                self._refused(batch, error)
            else:  # one of them is at fault
                for ticket in batch:
                    self._write([ticket], using)
        else:
            for ticket in batch:
                ticket.settle()

    def _room(self, using: str, ticket: Ticket, since: float) -> Room:
        """What may come of the ticket's. Counted now and then, and once in a transaction (the present one began at
        `since`) where there seems to be no room for all of it."""
        room = Room.of(ticket.config, self._held)
        more = Held(len(ticket.entries), sum(entry.size for entry in ticket.entries))
        bounds = list(zip(self._held, more, (room.entries, room.size), strict=True))
        is_near = any(held + adds > most - most // NEAR for held, adds, most in bounds)
        is_full = any(held + adds > most for held, adds, most in bounds)
        age = time.monotonic() - self._counted
        if age >= (NEAR_SECONDS if is_near else COUNT_SECONDS) or (is_full and self._counted < since):
            self._counted, room.held = time.monotonic(), table.held_by(table.waiting(using))
        return room

    def _refused(self, batch: list[Ticket], error: Exception) -> None:
        level = log.warning if isinstance(error, DatabaseError | InterfaceError) else log.error
        level("the outbox cannot be written", requests=len(batch), error=str(error).strip())
        for ticket in batch:
            ticket.settle(error)


def _make_durable(using: str) -> None:
    """Let SQLite answer a commit only when it is on the disk: what is put down has to outlive a loss of power."""
    connection = connections[using]
    if connection.vendor == "sqlite" and connection.connection is None:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")


scribe: Final = Scribe()  # this process's
os.register_at_fork(after_in_child=scribe.forget)
atexit.register(scribe.close)
