"""How many workers there should be, and which come and go: pure policy, no processes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from .member import Member

BACKOFF: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
MOST_AT_WORK: Final = 1.0  # seconds of back-off when user code ran: what kills a worker is a job, not its start
SETTLED_AFTER: Final = 60.0  # seconds of life after which a worker's death is not held against its successor


class Debt(NamedTuple):
    """A worker that died too early: its successor comes after `due`, and `streak` deaths came before it."""

    due: float
    streak: int


class Pool:
    """`desired` stays within the bounds. The back-off before a dead worker is replaced grows with each early death."""

    def __init__(self, least: int, most: int) -> None:
        self._least = least
        self._most = most
        self._debts: list[Debt] = []
        self.desired = least

    def desire(self, workers: int) -> None:
        """So many workers are wanted."""
        self.desired = min(max(workers, self._least), self._most)

    def died(self, streak: int, lived: float, now: float, *, crashed: bool, at_work: bool = False) -> None:
        """A worker has ended that should not have; its successor waits if it crashed early, as others did before it.

        `at_work`: it took jobs down with it, so that a job is the likely cause, and the other jobs need a worker.
        """
        if not crashed:
            return
        streak = 0 if lived >= SETTLED_AFTER else streak
        delay = BACKOFF[min(streak, len(BACKOFF) - 1)]
        self._debts.append(Debt(now + (min(delay, MOST_AT_WORK) if at_work else delay), streak + 1))

    def births(self, members: Iterable[Member], now: float) -> list[int]:
        """The streaks of the workers to start now."""
        lack = max(self.desired - sum(member.counts for member in members), 0)
        self._debts = sorted(self._debts)[:lack]
        due = [debt.streak for debt in self._debts if debt.due <= now]
        fresh = [0] * (lack - len(self._debts))
        self._debts = [debt for debt in self._debts if debt.due > now]
        return fresh + due

    def surplus(self, members: Iterable[Member]) -> list[Member]:
        """The workers to drain: starting ones first, then idle ones, then those that do the least; of equals the
        youngest."""
        counting = [member for member in members if member.counts]
        counting.sort(key=lambda member: (member.table.in_use(), member.ready, -member.born))
        return counting[: max(len(counting) - self.desired, 0)]
