"""What can be wrong with a request about schedules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jobs.errors import InvalidJob, QueueFlowError, UnknownJobType

STORED: Final = "the stored payload is not what the handler takes now"


class InvalidSchedule(InvalidJob):
    """A schedule that can never be. `problems`: a sentence by field in wire notation; `field`, `detail`: the first."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        field, detail = next(iter(self.problems.items()))
        super().__init__(field, detail)
        self.detail = detail


class UnknownHandler(InvalidSchedule):
    """Neither this process nor any live worker has a handler for its type; nothing else is wrong with it."""

    code = UnknownJobType.code


def unquoted(error: InvalidSchedule) -> InvalidSchedule:
    """The refusal for somebody who may not see the stored payload, which a handler's words may quote."""
    said = {field: STORED if field.startswith("payload") else words for field, words in error.problems.items()}
    return type(error)(said)


class NoSuchSchedule(QueueFlowError):
    """No schedule goes by this name (any more)."""

    code = "not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"no schedule {name}")
        self.name = name


class ScheduleExists(QueueFlowError):
    """A schedule goes by this name already."""

    code = "conflict"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a schedule {name} already")
        self.name = name


class StaleSchedule(QueueFlowError):
    """Somebody has changed the schedule meanwhile; `current` is its version now."""

    code = "conflict"

    def __init__(self, name: str, current: int) -> None:
        super().__init__(f"the schedule {name} has changed meanwhile: its version is {current}")
        self.name = name
        self.current = current


class TooManySchedules(QueueFlowError):
    """There are as many schedules as there can be."""

    code = "conflict"

    def __init__(self, most: int) -> None:
        super().__init__(f"there are {most:,} schedules, which is the most there can be")
        self.most = most
