"""How a command ends."""

from __future__ import annotations

from enum import IntEnum

from django.core.management.base import CommandError

from jobs.errors import JobNotFound, QueueFlowError, StoreError, StoreSpoilt

from .printable import safe


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NOT_FOUND = 3
    INTERRUPTED = 130  # as a shell reports the end by SIGINT
    BROKEN_PIPE = 141  # as it reports the end by SIGPIPE


class UsageError(CommandError):
    """What was asked for makes no sense. Exit code 2."""

    def __init__(self, text: str) -> None:
        super().__init__(safe(text), returncode=Exit.USAGE)


class NotFound(CommandError):
    """There is no such thing. Exit code 3."""

    def __init__(self, text: str) -> None:
        super().__init__(safe(text), returncode=Exit.NOT_FOUND)


def as_command_error(error: QueueFlowError) -> CommandError:
    """The end of a command that met an error of the engine, in one sentence."""
    if isinstance(error, JobNotFound):
        return NotFound(str(error))
    if isinstance(error, StoreError):
        trouble = "is damaged" if isinstance(error, StoreSpoilt) else "does not answer"
        return CommandError(safe(f"the store {trouble}: {error}"), returncode=Exit.REFUSED)
    text = str(error)
    return CommandError(safe(text), returncode=Exit.REFUSED)
