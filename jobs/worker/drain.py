"""How a worker ends: claim nothing more, give back what has not started, let the rest end, then release it."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Final

from jobs.logs import get_logger

from .lane import Lane
from .shared import Shared
from .table import Phase

FLUSH_SECONDS: Final = 5.0  # for telling the store what became of the jobs
AWAY_SECONDS: Final = 2.0  # the same where it is one of several partitions that is away
BEGIN_SECONDS: Final = 1.0  # for jobs that are about to begin when the grace period ends
_log = get_logger(__name__)


class Drain:
    """`advance` is called again and again until it says that everything is over. `grace` in seconds."""

    def __init__(self, shared: Shared, lanes: Sequence[Lane]) -> None:
        self._shared = shared
        self._lanes = lanes
        self._flushing = False
        self._deadline = 0.0

    def begin(self, grace: float) -> None:
        """Stop claiming. What runs has `grace` seconds to end."""
        self._deadline = monotonic() + grace
        for lane in self._lanes:
            lane.stop_claiming()

    def advance(self) -> bool:
        """Take the next step that is possible now. True when the store knows of everything, or will not be told."""
        for lane in self._lanes:
            lane.interrupt()
        give_back(self._shared, monotonic())
        self._take_back()
        late = monotonic() >= self._deadline
        if late:
            self._release_running()
            if self._are_about_to_begin() and monotonic() < self._deadline + BEGIN_SECONDS:
                return False
        elif any(lane.claims for lane in self._lanes) or not self._shared.slots.idle:
            return False
        if not self._flushing:
            self._flushing = True
            self._stop_settling(monotonic())
        return not any(lane.settles for lane in self._lanes)

    def _stop_settling(self, now: float) -> None:
        """End soon what is told to a partition that is away, while others are there."""
        is_any_there = not all(lane.is_away for lane in self._lanes)
        for lane in self._lanes:
            lane.stop_settling(now + (AWAY_SECONDS if is_any_there and lane.is_away else FLUSH_SECONDS))

    def _take_back(self) -> None:
        """What was passed to an executor that has not come round to it goes back too."""
        for held in self._shared.slots.held_up():
            if self._shared.slots.begins(held):
                self._shared.give_back(held)

    def _are_about_to_begin(self) -> bool:
        """Whether an executor has jobs that have not entered: nobody can release them before they do."""
        running = self._shared.slots.running()
        return any(
            held.outcome is None and held.handler is not None and held not in running
            for held in self._shared.ledger.all()
        )

    def _release_running(self) -> None:
        shared = self._shared
        for held in shared.slots.running():
            shared.table.phase = Phase.ABANDONING
            if shared.slots.left(held):
                shared.table.give_back(held.index)
                shared.give_back(held)
                _log.warning("the job did not end within the grace period and is released", **held.names)


def give_back(shared: Shared, received_before: float) -> int:
    """Give back the jobs that were received before that instant and have not started. Returns how many."""
    jobs = shared.slots.take_waiting(received_before)
    for held in jobs:
        shared.give_back(held)
    return len(jobs)
