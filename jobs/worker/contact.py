"""How this process reaches the store: whether its two connections get on alike, and whether it can open any more."""

from __future__ import annotations

from time import monotonic
from typing import Final

from jobs.errors import QueueFlowError, StoreError

CUT_AFTER: Final = 1.0  # seconds without an answer to the settler after which nothing more is claimed
LEAVE_AFTER: Final = 5.0  # the same, while the claimer is answered: the trouble is in this process, not in the store


class Contact:
    """Written by the claimer's and the settler's threads, read by all."""

    def __init__(self) -> None:
        self._lost_since = 0.0
        self._claimer_heard = 0.0
        self._exhausted = False

    def failed(self, error: QueueFlowError) -> None:
        """A request of either thread failed."""
        if isinstance(error, StoreError) and error.kind == "too_many_files":
            self._exhausted = True

    def settler_failed(self, error: StoreError) -> None:
        """The store does not take an outcome now."""
        self._lost_since = self._lost_since or monotonic()
        self.failed(error)

    def settler_heard(self) -> None:
        """The store has answered the settler."""
        self._lost_since = 0.0

    def claimer_heard(self) -> None:
        """The store has answered the claimer."""
        self._claimer_heard = monotonic()

    @property
    def exhausted(self) -> bool:
        """True when this process can open no more files."""
        return self._exhausted

    @property
    def cut(self) -> bool:
        """True while outcomes cannot be brought to the store: jobs that are claimed now would only be lost."""
        return self._lost_since > 0 and monotonic() - self._lost_since > CUT_AFTER

    @property
    def trouble(self) -> str:
        """Why another process in this one's place would reach the store better; empty while it would not."""
        if self._exhausted:
            return "it can open no more files"
        since = self._lost_since
        one_sided = since > 0 and monotonic() - since > LEAVE_AFTER and self._claimer_heard > since + CUT_AFTER
        return "its outcomes do not reach the store" if one_sided else ""
