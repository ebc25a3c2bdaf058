"""The job life cycle as data: states, transitions and who may move a job where.

The table is the single source: the docs' diagram, the store's tests and the auditor are compared with it.
Codes are what the store keeps in a job's record; they never change meaning.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple


class State(IntEnum):
    """Where a job is. The sentence beside each says who moves a job out of it."""

    SCHEDULED = 1  # the promoter, when it is due
    BLOCKED = 2  # the unblocker, when the jobs it waits for have settled
    PENDING = 3  # a worker, by a claim
    ACTIVE = 4  # the worker that holds the lease, or the reaper when the lease is lost
    RETRYING = 5  # the promoter, when its backoff has passed
    COMPLETED = 6  # the pruner, when its retention has passed
    DEAD = 7  # a person, by a retry or a delete
    CANCELLED = 8  # the pruner, when its retention has passed

    @property
    def label(self) -> str:
        """The word used on the wire and on screen."""
        return self.name.lower()

    @property
    def is_settled(self) -> bool:
        """True when the job is over unless a person acts."""
        return self in SETTLED

    @classmethod
    def from_label(cls, label: str) -> State:
        """The state a wire word names. Raises KeyError for any other word."""
        return cls[label.upper()]


# Nobody works on such a job, but somebody will.
WAITING: Final = frozenset({State.SCHEDULED, State.BLOCKED, State.PENDING, State.RETRYING})
SETTLED: Final = frozenset({State.COMPLETED, State.DEAD, State.CANCELLED})


class Transition(NamedTuple):
    """One allowed move: `verb` takes a job from `source` to `target`. None is outside: not yet made, or gone."""

    verb: str
    source: State | None
    target: State | None


def _moves(verb: str, sources: frozenset[State], targets: tuple[State | None, ...]) -> list[Transition]:
    return [Transition(verb, source, target) for source in sorted(sources) for target in targets]


_ACTIVE: Final = frozenset({State.ACTIVE})

TRANSITIONS: Final[frozenset[Transition]] = frozenset(
    [
        Transition("enqueue", None, State.PENDING),
        Transition("enqueue", None, State.SCHEDULED),
        Transition("enqueue", None, State.BLOCKED),
        *_moves("promote", frozenset({State.SCHEDULED, State.RETRYING}), (State.PENDING,)),
        *_moves("unblock", frozenset({State.BLOCKED}), (State.PENDING, State.CANCELLED)),
        Transition("claim", State.PENDING, State.ACTIVE),
        Transition("complete", State.ACTIVE, State.COMPLETED),
        *_moves("fail", _ACTIVE, (State.RETRYING, State.DEAD, State.CANCELLED)),
        *_moves("release", _ACTIVE, (State.PENDING, State.CANCELLED)),
        *_moves("snooze", _ACTIVE, (State.SCHEDULED, State.CANCELLED)),
        *_moves("park", _ACTIVE, (State.SCHEDULED, State.CANCELLED)),
        Transition("discard", State.ACTIVE, State.CANCELLED),
        *_moves("reap", _ACTIVE, (State.RETRYING, State.DEAD, State.CANCELLED)),
        *_moves("cancel", WAITING, (State.CANCELLED,)),
        *_moves("run_now", frozenset({State.SCHEDULED, State.RETRYING}), (State.PENDING,)),
        Transition("retry", State.DEAD, State.PENDING),
        *_moves("delete", WAITING | SETTLED, (None,)),
        *_moves("prune", SETTLED, (None,)),
        *_moves("purge", WAITING, (None,)),
    ]
)


def may(verb: str, source: State) -> bool:
    """True where the table allows `verb` on a job in `source`."""
    return any(move.verb == verb and move.source == source for move in TRANSITIONS)
