"""Asks workers where a job in their hands is. The question travels as an order, the answer by a mailbox of its own.

A worker whose interpreter is held by code in C answers nothing. Then its supervisor is asked, by the same question.
"""

from __future__ import annotations

import secrets
from time import monotonic
from typing import Final, Literal

import msgspec

from jobs.types import JobRecord

from .channel import Channel
from .client import Client
from .keys import Keys

WORD: Final = "stack"
WORKER_SHARE: Final = 0.6  # of the time, for the worker alone; then its supervisor is asked too
SLACK_SECONDS: Final = 0.15  # by which a server may be late to say that nothing came
MOST_WAITING: Final = 50  # orders in a worker's list beyond which it is asked nothing


Side = tuple[Client, Keys]


class StackQuestion(msgspec.Struct, frozen=True):
    """What a worker is asked, then its supervisor: about the job held under this token. `ticket` names the mailbox."""

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
    """Where the job is: `running` at these lines, `waiting` in the worker for its start, or not there (any more).

    `source` is who says so.
    """

    state: Literal["running", "waiting", "gone"]
    lines: list[str] = []
    source: Literal["worker", "supervisor"] = "worker"


class _Supervised(msgspec.Struct):
    """What is read of a `WorkerInfo`."""

    supervisor: str = ""


class Stacks:
    """The side of whoever asks."""

    def __init__(self, client: Client, keys: Keys, desk: Side | None = None) -> None:
        """`desk`: where workers are known and supervisors hear, if that is elsewhere than where workers hear."""
        self._workers = (client, keys)
        self._desk = desk or self._workers

    def ask(self, job_id: str, record: JobRecord, seconds: float) -> StackAnswer | None:
        """Where an active job is; None when neither its worker nor its supervisor has answered within `seconds`.

        Raises StoreUnavailable when the store itself does not answer, little later than that.
        """
        question = StackQuestion(secrets.token_hex(8), record.token, job_id)
        until = monotonic() + seconds
        answer = self._answer(self._workers, record.worker, question, seconds * WORKER_SHARE)
        if answer is None and (supervisor := self._supervisor(record.worker)):
            answer = self._answer(self._desk, supervisor, question, until - monotonic())
        return answer

    def _answer(self, side: Side, name: str, question: StackQuestion, seconds: float) -> StackAnswer | None:
        """What somebody says; None where it listens to nothing, or does not answer."""
        client, keys = side
        if not client.run("order", (keys.control(name),), (question.order(), MOST_WAITING)):
            return None
        channel = client.channel()
        try:
            return self._await(channel, keys.mailbox(question.ticket), seconds)
        finally:
            channel.close()

    def _await(self, channel: Channel, mailbox: str, seconds: float) -> StackAnswer | None:
        seconds = max(seconds, 0.001)  # 0 is for ever
        reply = channel.block(seconds, "BLPOP", mailbox, f"{seconds:.3f}", slack=SLACK_SECONDS)
        return msgspec.json.decode(reply[1], type=StackAnswer) if reply else None

    def _supervisor(self, worker: str) -> str:
        """The name of the worker's supervisor; empty where that is not known."""
        client, keys = self._desk
        info = client.call("HGET", keys.worker_info, worker)
        try:
            return msgspec.json.decode(info or b"{}", type=_Supervised).supervisor
        except msgspec.MsgspecError:
            return ""
