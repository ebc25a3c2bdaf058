"""Answers those who ask where a job is that this worker has in its hands."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from jobs.errors import StoreError
from jobs.logs import get_logger
from jobs.store.consumer import Consumer
from jobs.store.stacks import StackAnswer, StackQuestion

from .frames import lines_of
from .held import Held
from .shared import Shared

_log = get_logger(__name__)


class StackAnswers:
    """For the threads that take orders; the job itself may be busy with anything and is not asked."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def give(self, words: str, consumer: Consumer) -> None:
        """Answer a question over the calling thread's consumer, unless the store is away: nobody waits for that."""
        question = StackQuestion.read(words)
        if question is None:
            _log.warning("a question is not understood", words=words[:200])
            return
        answer = self._answer(question)
        with suppress(StoreError):
            consumer.answer(question.ticket, msgspec.json.encode(answer))

    def _answer(self, question: StackQuestion) -> StackAnswer:
        found = [held for held in self._shared.ledger.find(question.job_id) if held.claim.token == question.token]
        if not found or found[0].ended:
            return StackAnswer("gone")
        if not found[0].started:
            return StackAnswer("waiting")
        lines = self._lines(found[0])
        return StackAnswer("running", lines) if self._runs(found[0]) else StackAnswer("gone")

    def _lines(self, held: Held) -> list[str]:
        try:
            return lines_of(held.task.stacks())
        except Exception as error:  # it looks at other people's objects while they change
            _log.warning("the stack of a job cannot be read", **held.names, exc_info=error)
            return [f"The stack cannot be read: {type(error).__name__}."]

    def _runs(self, held: Held) -> bool:
        """Whether what was seen was this job's: its thread may have gone on to another one while it was looked at."""
        return held in self._shared.slots.running()
