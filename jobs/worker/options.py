"""What a pool is told on its command line, with the configuration's values where it says nothing."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from jobs.errors import ConfigError
from jobs.types import DEFAULT_QUEUE

MOST_QUEUES: Final = 64
_NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,64}\Z")
_QUEUE = re.compile(r"(?!\.{1,2}(?::|\Z))([a-z0-9_.-]{1,64})(?::([0-9]{1,4}))?\Z")


class PoolOptions(msgspec.Struct, frozen=True, kw_only=True):
    """One supervisor's orders. `queues` are (name, weight), none for those of the handlers.

    Durations in seconds, memory in MiB, 0 for no limit.
    """

    name: str = "default"
    queues: tuple[tuple[str, int], ...] = ((DEFAULT_QUEUE, 1),)
    least: int = 1
    most: int = 1
    concurrency: int = 5
    grace: float = 30.0
    max_jobs: int = 0
    max_memory: int = 0
    health_port: int | None = None
    handler_modules: tuple[str, ...] = ()
    supervisor: str = ""  # the name of the one that has these orders

    def checked(self) -> PoolOptions:
        """These options. Raises ConfigError for what cannot work."""
        if not _NAME.match(self.name):
            raise ConfigError(f"--name {self.name!r} is refused: give 1 to 64 of A-Z a-z 0-9 _ . -, but not . or ..")
        if not 0 <= self.least <= self.most or self.most < 1:
            raise ConfigError(
                f"--min {self.least} --max {self.most} is refused: give 0 <= min <= max and a max above 0"
            )
        if not 1 <= self.concurrency <= 1000:
            raise ConfigError(f"--concurrency {self.concurrency} is refused: give 1 to 1000")
        if self.max_jobs < 0 or self.max_memory < 0:
            raise ConfigError("--max-jobs and --max-memory take a number above 0, or 0 for no limit")
        if self.health_port is not None and not 0 <= self.health_port <= 65_535:
            raise ConfigError(f"--health-port {self.health_port} is refused: give a port")
        return self


def parse_queues(text: str) -> tuple[tuple[str, int], ...]:
    """The (name, weight) pairs of `a:3,b:1`; the weight is 1 where none is given. Raises ConfigError."""
    pairs: dict[str, int] = {}
    for part in text.split(","):
        match = _QUEUE.match(part.strip())
        if not match or match[1] in pairs:
            hint = (
                "give names of a-z 0-9 _ . - (not . or ..) with a weight from 0 to 9999 or none, like mail:3,default:1"
            )
            raise ConfigError(f"--queues {text!r} is refused: {hint}, each queue once")
        pairs[match[1]] = int(match[2] or 1)
    if len(pairs) > MOST_QUEUES:
        raise ConfigError(f"--queues has {len(pairs)} queues, more than {MOST_QUEUES}")
    return tuple(pairs.items())
