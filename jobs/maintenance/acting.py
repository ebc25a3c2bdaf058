"""What a bulk operation does to a piece of its jobs, and how it went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from jobs.states import State
from jobs.store.codes import MoveCode
from jobs.store.operation import Action, Operation, Problem
from jobs.store.operator import Moved
from jobs.store.store import Store

from .leadership import Leadership
from .walk import Found

ACTED: Final = (MoveCode.DONE, MoveCode.FLAGGED)


class Outcome(msgspec.Struct, frozen=True):
    """Jobs that were acted on, and those that refused. What moved away meanwhile is in neither."""

    done: int
    problems: list[Problem]


def act(store: Store, operation: Operation, piece: Sequence[Found], leadership: Leadership) -> Outcome:
    """Act on at most 250 jobs. Raises NotLeading."""
    moved = _send(store, operation, piece, leadership) if piece else []
    return Outcome(sum(answer.code in ACTED for answer in moved), _problems(operation, moved))


def _send(store: Store, operation: Operation, piece: Sequence[Found], leadership: Leadership) -> list[Moved]:
    ids, token = [found.id for found in piece], leadership.token
    if operation.action is Action.RETRY:
        return store.operator.retry(ids, queue=operation.queue)
    if operation.action is Action.CANCEL:
        return store.operator.cancel(ids, operation.reason)
    if operation.action is Action.RUN_NOW:
        return store.operator.run_now(ids)
    counter = "purged" if operation.action is Action.PURGE else "deleted"
    groups: dict[State | None, list[str]] = {}
    for found in piece:
        groups.setdefault(found.record.state if found.record else None, []).append(found.id)
    return [
        answer
        for state, same in groups.items()
        for answer in store.operator.delete(same, seen_in=state, counter=counter, duty=leadership.duty, token=token)
    ]


def _problems(operation: Operation, moved: Sequence[Moved]) -> list[Problem]:
    removes = operation.action in (Action.DELETE, Action.PURGE)
    problems = []
    for answer in moved:
        if answer.code is MoveCode.TAKEN:
            detail = f"its deduplication key is held by job {answer.holder}"
            problems.append(Problem(answer.id, "duplicate_job", detail))
        elif answer.code is MoveCode.SPOILT:
            problems.append(
                Problem(answer.id, "store_error", "the key of its queue in the store does not hold its jobs")
            )
        elif answer.code is MoveCode.MOVED and not removes:  # a removal takes nothing but the state it saw
            problems.append(Problem(answer.id, "conflict", "it kept moving while it was being changed"))
    return problems
