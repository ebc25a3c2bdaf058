"""Asks workers where a job in their hands is. The question travels as an order, the answer by a mailbox of its own."""

from __future__ import annotations

import secrets
from typing import Final, Literal

import msgspec

from jobs.types import JobRecord

from .client import Client
from .keys import Keys

WORD: Final = "stack"
SLACK_SECONDS: Final = 0.15  # by which a server may be late to say that nothing came
MOST_WAITING: Final = 50  # orders in a worker's list beyond which it is asked nothing


class StackQuestion(msgspec.Struct, frozen=True):
    """What a worker is asked: about the job that it holds under this token. `ticket` names the mailbox."""

    ticket: str
    token: str
    job_id: str

    def order(self) -> str:
        """The order that carries it."""
        return f"{WORD} {self.ticket} {self.token} {self.job_id}"

    @classmethod
    def read(cls, words: str) -> StackQuestion | None:
        """The question in an order's words behind the first one; None where there is none."""
        parts = words.split(" ", 2)
        return cls(*parts) if len(parts) == 3 else None


class StackAnswer(msgspec.Struct, frozen=True):
    """Where the job is: `running` at these lines, `waiting` in the worker for its start, or not there (any more)."""

    state: Literal["running", "waiting", "gone"]
    lines: list[str] = []


class Stacks:
    """The side of whoever asks."""

    def __init__(self, client: Client, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def ask(self, job_id: str, record: JobRecord, seconds: float) -> StackAnswer | None:
        """Where an active job is; None when its worker has not answered within `seconds`, or listens to nothing.

        Raises StoreUnavailable when the store itself does not answer, little later than that.
        """
        question = StackQuestion(secrets.token_hex(8), record.token, job_id)
        control = self._keys.control(record.worker)
        if not self._client.run("order", (control,), (question.order(), MOST_WAITING)):
            return None
        channel = self._client.channel()
        try:
            mailbox = self._keys.mailbox(question.ticket)
            reply = channel.block(seconds, "BLPOP", mailbox, f"{seconds:.3f}", slack=SLACK_SECONDS)
        finally:
            channel.close()
        return msgspec.json.decode(reply[1], type=StackAnswer) if reply else None
