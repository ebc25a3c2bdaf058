"""A bulk operation: what was asked for, how its set of jobs is frozen, and how far it has come."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from jobs.filtering import JobFilter
from jobs.states import State

MOST_SAMPLES: Final = 20
PAST_ACTIVE: Final = (State.COMPLETED, State.CANCELLED, State.DEAD)


class Action(StrEnum):
    """What is done to each job; the values are the words of the API."""

    RETRY = "retry"
    CANCEL = "cancel"
    DELETE = "delete"
    RUN_NOW = "runNow"
    PURGE = "purge"

    @property
    def states(self) -> tuple[State, ...]:
        """The states it is for, in the order in which they are gone through: jobs move from earlier ones to later."""
        return _STATES[self]


_WAITING: Final = (State.SCHEDULED, State.RETRYING, State.BLOCKED, State.PENDING)
_STATES: Final = {
    Action.RETRY: (State.DEAD,),
    Action.CANCEL: (*_WAITING, State.ACTIVE),
    Action.DELETE: (*_WAITING, *PAST_ACTIVE),
    Action.RUN_NOW: (State.SCHEDULED, State.RETRYING),
    Action.PURGE: _WAITING,
}


class Status(StrEnum):
    """How far an operation is. `counting` finds out how many jobs there are before the first is touched."""

    COUNTING = "counting"
    RUNNING = "running"
    DONE = "done"
    ABORTED = "aborted"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """True when nothing will happen any more."""
        return self not in (Status.COUNTING, Status.RUNNING)


class Problem(msgspec.Struct, frozen=True, array_like=True):
    """Why one job could not be acted on: a code of the API and a sentence."""

    job_id: str
    code: str
    detail: str


class Named(msgspec.Struct, frozen=True, array_like=True):
    """An error that an operation is about, as its group was at the start: the group goes with its last job."""

    fingerprint: str
    line: str
    types: tuple[str, ...]


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The entry gone through last: its index ('' = none yet), score and id; for given ids, score counts them."""

    index: str = ""
    score: float = 0
    id: str = ""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation as the store keeps it. Instants are ms of server time, `rate` is jobs a second (0 = no limit).

    Its jobs are those that match `filter` and were there when it was asked for: settled by stamp `cutoff`, or made by
    then for those that wait. `given` is the number of ids in `filter.ids`, which are kept apart. `total` counts those
    that were meant at the start, None until known; `failed` counts jobs that refused and given ids that were not meant,
    some of which are in `samples`; `error` is why the whole failed. `errors` names the groups of its filter.
    `completed_before`, of a retry, says how many jobs of the types that it is about had completed when it began.
    """

    id: str
    action: Action
    filter: JobFilter
    cutoff: int
    created: int
    given: int = 0
    rate: float = 0.0
    reason: str = ""
    started_by: str = ""
    queue: str = ""  # retry: where to instead of each job's own queue
    status: Status = Status.RUNNING
    total: int | None = None
    done: int = 0
    failed: int = 0
    finished: int = 0
    cursor: Cursor = Cursor()
    samples: tuple[Problem, ...] = ()
    errors: tuple[Named, ...] = ()
    completed_before: dict[str, int] = {}
    error: str = ""
    aborted_by: str = ""

    @property
    def breadth(self) -> int | None:
        """What `done` and `failed` add up to in the end: ids where they were given, else the jobs that are meant."""
        return self.given or self.total

    @property
    def states(self) -> tuple[State, ...]:
        """The states to go through, in order."""
        wanted = self.filter.states
        return tuple(state for state in self.action.states if not wanted or state in wanted)
