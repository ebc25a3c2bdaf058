"""Sends outcomes to the store in batches, one script call a kind, and says what the store made of each."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from time import monotonic
from typing import Any, Final

from jobs.errors import QueueFlowError, StoreError, StoreMisconfigured, StoreUnavailable
from jobs.logs import get_logger
from jobs.patience import Patience, Telling
from jobs.store.codes import SettleCode
from jobs.store.consumer import Consumer
from jobs.store.outcomes import Completed, Discarded, Failed, Outcome, Parked, Released, Snoozed

from .contact import Contact
from .held import Held

MOST_BYTES: Final = 2 * 1024 * 1024
_log = get_logger(__name__)
_VERBS: Final[dict[type, str]] = {
    Completed: "complete", Failed: "fail", Released: "release", Snoozed: "snooze", Parked: "park", Discarded: "discard",
}  # fmt: skip


class GaveUp(Exception):
    """The store did not answer until the deadline of a drain."""


class Refusal(Enum):
    """How an outcome was refused, by whoever answers."""

    FOR_NOW = "for now"  # the store, or something before it, has answered with what says nothing about the outcome
    FOR_EVER = "for ever"  # it cannot be written down


class Dispatch:
    """Owns the consumer "s" for one thread, `who` in the log. What is not answered is repeated until it is."""

    def __init__(self, consumer: Consumer, contact: Contact, who: str = "settler") -> None:
        self._consumer = consumer
        self._contact = contact
        self._patience = Patience(who)
        self._telling = Telling(who)
        self._hurry = threading.Event()
        self._deadline = math.inf

    def hurry(self, deadline: float) -> None:
        """Give up at that monotonic instant, and try more often until then. For another thread."""
        self._deadline = deadline
        self._hurry.set()

    def interrupt(self) -> None:
        """Make the call that is under way fail now. For another thread."""
        self._consumer.interrupt()

    def close(self) -> None:
        """Drop the connection."""
        self._consumer.close()

    def settle(self, jobs: Sequence[Held]) -> Iterator[tuple[Held, SettleCode | Refusal]]:
        """Settle jobs whose outcome is known, with the store's answer for each as it comes."""
        kinds: dict[type, list[Held]] = {}
        for held in jobs:
            kinds.setdefault(type(held.outcome), []).append(held)
        for kind, members in kinds.items():
            verb = getattr(self._consumer, _VERBS[kind])
            for batch in _by_size(members):
                yield from self._send(verb, batch)

    def ask(self, call: Callable[[], Any]) -> Any:
        """The answer to a call of the consumer, however long that takes.

        Raises GaveUp, and StoreError for what waiting does not mend: a bug, or a key that holds something else.
        """
        again = call
        while True:
            try:
                answer = again()
            except StoreUnavailable as error:
                self._wait(error)
                again = self._consumer.repeat if self._consumer.unanswered else call
            except StoreMisconfigured as error:
                self._wait(error)
            else:
                self._patience.succeeded()
                self._contact.settler_heard()
                return answer

    def _send(
        self, verb: Callable[[Any], list[SettleCode]], batch: list[Held]
    ) -> Iterator[tuple[Held, SettleCode | Refusal]]:
        try:
            codes = self.ask(lambda: verb([held.outcome for held in batch]))
        except (QueueFlowError, ValueError, TypeError, OverflowError) as error:  # the latter: it cannot be written down
            if len(batch) == 1:
                yield batch[0], self._refused(batch[0], error)
                return
            for held in batch:  # one bad record must not hold up the others
                yield from self._send(verb, [held])
            return
        yield from zip(batch, codes, strict=True)

    def _refused(self, held: Held, error: Exception) -> Refusal:
        if isinstance(error, StoreError):
            self._telling.failed(error)
            return Refusal.FOR_NOW
        _log.error("the store cannot take an outcome", **held.names, error=str(error)[:500])
        return Refusal.FOR_EVER

    def _wait(self, error: StoreError) -> None:
        self._contact.settler_failed(error)
        if monotonic() > self._deadline:
            raise GaveUp from error
        if self._hurry.is_set():
            threading.Event().wait(0.05)
        else:
            self._hurry.wait(self._patience.failed(error))


def _by_size(jobs: list[Held]) -> Iterator[list[Held]]:
    """Batches whose results and errors together are not too large for one script."""
    batch: list[Held] = []
    size = 0
    for held in jobs:
        more = _size(held.outcome)
        if batch and size + more > MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(held)
        size += more
    if batch:
        yield batch


def _size(outcome: Outcome | None) -> int:
    if isinstance(outcome, Failed):
        return len(outcome.failure.message) + len(outcome.failure.traceback)
    return len(outcome.result) if isinstance(outcome, Completed) else 0
