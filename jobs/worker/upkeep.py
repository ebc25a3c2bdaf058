"""The supervisor's maintenance process: kept alive, fed with reports and status, listened to."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from jobs.logs import get_logger

from .birth import Birth
from .dumps import Dumps
from .link import Link, Message
from .losses import Losses
from .orphans import kill_tree
from .pool import BACKOFF, SETTLED_AFTER
from .pulse import PulseWatch

STATUS_EVERY: Final = 1.0
SILENT_SECONDS: Final = 15.0  # without an answer to a status; then it is killed and started again
END_SECONDS: Final = 5.0  # for settling the last reports; then it is asked to end, then killed
_log = get_logger(__name__)


class Upkeep:
    """Everything about the maintenance process. `desired` is what it said last, None before that."""

    def __init__(self, birth: Birth, losses: Losses, dumps: Dumps) -> None:
        self._birth = birth
        self._losses = losses
        self._dumps = dumps
        self._streak = 0
        self._due = 0.0
        self._born = 0.0
        self._told = 0.0
        self._heard = 0.0
        self._pulses = PulseWatch(SILENT_SECONDS, monotonic())
        self._ends_at: float | None = None
        self.pid: int | None = None
        self.link: Link | None = None
        self.desired: int | None = None

    def start(self) -> None:
        """Start it if it does not run and its back-off has passed."""
        if self.pid is not None or self._ends_at is not None or monotonic() < self._due:
            return
        self.link, other = Link.pair()
        self.pid = self._birth.maintenance(other)
        other.close()
        self._born = self._heard = monotonic()
        self._told = 0.0
        self._losses.repeat(self.link, now=True)

    def listen(self) -> None:
        """Take what it says; kill it when it has stood still for too long."""
        now = monotonic()
        self._pulses.look(now)
        if self.pid is not None and self._pulses.is_silent(self._heard, now):
            _log.error("the maintenance process shows no sign of life and is killed", pid=self.pid)
            self._heard = now
            kill_tree(self.pid)
        for message in (self.link.receive() if self.link else None) or ():
            self._heard = now
            if isinstance(message.get("desired"), int):
                self.desired = message["desired"]
            if isinstance(message.get("ack"), int):
                self._losses.acknowledged(message["ack"])
            if "ask" in message:
                self._answer(self._dumps.ask(message["ask"]))
        for answer in self._dumps.answers() if self._dumps else ():
            self._answer(answer)

    def tell(self, status: dict[str, Any]) -> None:
        """Pass the status on every second, and what is not acknowledged now and then."""
        if self.link is None or monotonic() - self._told < STATUS_EVERY:
            return
        self._told = monotonic()
        self.link.send({"status": status})
        self._losses.repeat(self.link)

    def _answer(self, answer: Message | None) -> None:
        if answer is not None and self.link is not None:
            self.link.send(answer)

    def died(self, code: int) -> None:
        """It has ended; `code` below 0 is a signal."""
        if self.link is not None:
            self.link.close()
        self.pid = self.link = None
        if self._ends_at is None:
            now = monotonic()
            self._streak = 0 if now - self._born >= SETTLED_AFTER else self._streak
            delay = BACKOFF[min(self._streak, len(BACKOFF) - 1)]
            self._streak += 1
            self._due = now + delay
            _log.error("the maintenance process ended and will be started again", code=code, inSeconds=delay)

    def end(self) -> bool:
        """Ask it to settle what is left and to end; then force it. True when it has gone."""
        if self.pid is None:
            return True
        now = monotonic()
        if self._ends_at is None:
            self._ends_at = now + END_SECONDS
            if self.link is not None:
                self.link.send({"stop": True})
        elif now > self._ends_at:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM if now < self._ends_at + END_SECONDS / 2 else signal.SIGKILL)
        return False

    def close(self) -> None:
        """For a child of the supervisor, which has no business with it."""
        if self.link is not None:
            self.link.close()
