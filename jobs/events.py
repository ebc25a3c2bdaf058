"""What happens to jobs, announced inside this process: logs, metrics and live views subscribe.

Events are hints: a subscriber that fails is logged and the next is called. Other processes listen to the pub/sub
channel `queueflow:events`, where the store announces what it recorded, as well as it can.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec

from .logs import get_logger

logger = get_logger(__name__)


class EventName(StrEnum):
    """What can happen to a job in the process that announces it."""

    ENQUEUED = "enqueued"
    STARTED = "started"
    COMPLETED = "completed"
    RETRYING = "retrying"  # failed, with attempts left
    DEAD = "dead"
    RELEASED = "released"
    SNOOZED = "snoozed"
    PARKED = "parked"
    CANCELLED = "cancelled"
    LEASE_LOST = "lease_lost"  # whatever became of it was not recorded


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `wait_ms`: claim - ready, `duration_ms`: user code; -1 where it does not apply."""

    name: EventName
    job_id: str
    type: str
    queue: str
    attempt: int = 0
    worker: str = ""
    wait_ms: int = -1
    duration_ms: int = -1
    reason: str = ""


Subscriber = Callable[[Event], object]


class Announcer:
    """Hands each event to every subscriber, in the order in which they subscribed. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: tuple[Subscriber, ...] = ()

    def __bool__(self) -> bool:
        """True when somebody listens; whoever makes many events asks first."""
        return bool(self._subscribers)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with each event from now on; return a function that ends it.

        It runs in the thread of whoever announces, which waits for it: it must be quick.
        """
        with self._lock:
            self._subscribers = (*self._subscribers, subscriber)
        return lambda: self._unsubscribe(subscriber)

    def announce(self, event: Event) -> None:
        """Tell every subscriber. Never raises."""
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception:
                logger.exception("a subscriber failed", subscriber=repr(subscriber), announced=event.name.value)

    def _unsubscribe(self, subscriber: Subscriber) -> None:
        with self._lock:
            self._subscribers = tuple(known for known in self._subscribers if known is not subscriber)


announcer: Final = Announcer()
subscribe: Final = announcer.subscribe
announce: Final = announcer.announce
