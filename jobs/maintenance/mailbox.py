"""What lies between the thread that holds the link to the supervisor and the one that talks to the store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

import msgspec

from jobs.logs import get_logger

log = get_logger(__name__)


class LostJob(msgspec.Struct, frozen=True):
    """One execution that its worker's end cut off; `ran_ms` of user code."""

    id: str
    token: str
    ran_ms: float = 0


class Lost(msgspec.Struct, frozen=True):
    """A supervisor's report on a worker that is gone, as `jobs.worker.link` defines it."""

    worker: str
    incarnation: str
    signal: int | None = None
    exit: int | None = None
    timed_out: tuple[LostJob, ...] = ()
    running: tuple[LostJob, ...] = ()
    released: tuple[LostJob, ...] = ()


class Mailbox:
    """Reports that wait to be settled, and messages that wait to be sent. Safe for threads.

    `on_report` is called when something came in for the store's side, `on_message` when something may go out. `dumps`
    are the answers to what was asked. A report is settled when it is in each of so many `partitions`.
    """

    def __init__(self, on_report: Callable[[], None], on_message: Callable[[], None], partitions: int = 1) -> None:
        self._lock = threading.Lock()
        self._reports: dict[int, Lost] = {}
        self._open: dict[int, set[int]] = {}  # in which partitions each report is not settled yet
        self._partitions = partitions
        self._messages: list[dict[str, object]] = []
        self._on_report = on_report
        self._on_message = on_message
        self.dumps: SimpleQueue[dict[str, object]] = SimpleQueue()
        self._asked = -1  # the desired count that was passed on last

    def deliver(self, message: dict[str, object]) -> None:
        """Take a message from the supervisor. A report that nobody could ever settle is acknowledged unread."""
        if "status" in message:
            self._post({"alive": True})
        if "dump" in message:
            self.dumps.put(message)
        number = message.get("report")
        if not isinstance(number, int):
            return
        try:
            lost = msgspec.convert(message.get("lost"), Lost)
        except msgspec.ValidationError as error:
            log.error("a report of a lost worker cannot be read", report=number, error=str(error))
            self._post({"ack": number})
            return
        with self._lock:
            self._reports[number] = lost
            self._open.setdefault(number, {*range(self._partitions)})
        self._on_report()

    def reports(self, partition: int | None = None) -> list[tuple[int, Lost]]:
        """What is not settled yet, oldest first; with a partition what is not settled there."""
        with self._lock:
            found = sorted(self._reports.items())
            return [each for each in found if partition is None or partition in self._open[each[0]]]

    def settled(self, number: int, partition: int = 0) -> None:
        """A report is settled in a partition; acknowledge it, if that was the last one."""
        with self._lock:
            if number not in self._reports:
                return
            self._open[number].discard(partition)
            if self._open[number]:
                return
            del self._reports[number], self._open[number]
            self._messages.append({"ack": number})  # at once: whoever sees no report may count on its answer
        self._on_message()

    def desire(self, workers: int) -> None:
        """Pass on how many workers this supervisor should run, if that is new."""
        if workers != self._asked:
            self._asked = workers
            self._post({"desired": workers})

    def ask(self, question: dict[str, object]) -> None:
        """Ask the supervisor where a job is."""
        self._post({"ask": question})

    def outgoing(self) -> list[dict[str, object]]:
        """Messages for the supervisor, each returned once."""
        with self._lock:
            messages, self._messages = self._messages, []
            return messages

    def _post(self, message: dict[str, object]) -> None:
        with self._lock:
            self._messages.append(message)
        self._on_message()
