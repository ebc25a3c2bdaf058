"""Takes questions to workers that did not answer them to the supervisor, and brings its answers to who asked."""

from __future__ import annotations

import queue
import secrets
from time import monotonic
from typing import Final, Literal

import msgspec

from jobs.logs import get_logger
from jobs.store.stacks import WORD, StackAnswer, StackQuestion
from jobs.store.store import Store
from jobs.worker.dumped import lines_of_dump

from .duty import AT_ONCE, Duty, Result
from .mailbox import Mailbox

NAME: Final = "stacks"
LISTEN_SECONDS: Final = 5.0  # for which the server is asked to wait; then the connection is known to be whole
ANSWER_SECONDS: Final = 0.7  # for the supervisor; by then nobody waits any more
log = get_logger(__name__)


class Dumped(msgspec.Struct, frozen=True):
    """A supervisor's answer, as `jobs.worker.link` defines it; `dump` is the ticket."""

    dump: str
    state: Literal["running", "waiting", "gone", "silent"]
    text: str = ""
    beside: int = 0


class StackDesk(Duty):
    """Not a leader's duty: each supervisor's maintenance does it for its own. It listens in the first partition."""

    def __init__(self, store: Store, mailbox: Mailbox, supervisor: str) -> None:
        home = store.parts[0]
        self._control = home.keys.control(supervisor)
        self._consumer = home.consumer("maintenance", secrets.token_hex(8), "d")
        self._mailbox = mailbox

    def run_once(self) -> Result:
        """Wait for questions, and answer those that the supervisor can answer. Raises StoreError."""
        first = self._consumer.wait((), self._control, LISTEN_SECONDS)
        if not first:
            return Result(0, AT_ONCE)
        asked = {question.ticket for order in (first, *self._consumer.orders(self._control))
                 if (question := self._ask(order))}  # fmt: skip
        until, done = monotonic() + ANSWER_SECONDS, 0
        while asked and (dumped := self._hear(until - monotonic())) is not None:
            asked.discard(dumped.dump)
            if dumped.state != "silent":
                answer = StackAnswer(dumped.state, _lines(dumped), "supervisor")
                self._consumer.answer(dumped.dump, msgspec.json.encode(answer))
                done += 1
        return Result(done, AT_ONCE)

    def close(self) -> None:
        """Drop the connection."""
        self._consumer.close()

    def _ask(self, order: str) -> StackQuestion | None:
        word, _, words = order.partition(" ")
        question = StackQuestion.read(words) if word == WORD else None
        if question is None:
            log.warning("an order is not understood", order=order[:200])
        else:
            self._mailbox.ask({"ticket": question.ticket, "token": question.token, "job": question.job_id})
        return question

    def _hear(self, seconds: float) -> Dumped | None:
        """The supervisor's next answer, perhaps to an earlier question; None when none comes in time."""
        try:
            message = self._mailbox.dumps.get(timeout=max(seconds, 0.0))
            return msgspec.convert(message, Dumped)
        except queue.Empty:
            return None
        except msgspec.ValidationError as error:
            log.error("an answer of the supervisor cannot be read", error=str(error))
            return None


def _lines(dumped: Dumped) -> list[str]:
    jobs = "1 more job runs" if dumped.beside == 1 else f"{dumped.beside} more jobs run"
    return lines_of_dump(dumped.text, f"The thread of the event loop, on which {jobs}" if dumped.beside else "")
