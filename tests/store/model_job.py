"""One job of the model."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.states import State
from jobs.types import Priority


@dataclass
class ModelJob:
    """One job as it should be."""

    id: str
    type: str
    queue: str
    priority: Priority
    max_retries: int
    retention: int
    key: str
    until: int
    state: State = State.PENDING
    due: int = 0
    token: str = ""
    deadline: int = 0
    attempts: int = 0
    executions: int = 0
    releases: int = 0
    snoozes: int = 0
    version: int = 1
    cancelling: bool = False
    finished: int = 0
    order: int = 0
    position: int = 0
    tags: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()  # those under which the index of tags has it
