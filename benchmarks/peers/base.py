"""What a subject must offer to be measured."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import ClassVar

from benchmarks.shape import Shape
from benchmarks.work import Kind, Payload


class Peer(ABC):
    """One subject. Instances live in the subject's own environment: only they may import its library.

    The first docstring line of a subclass says how it is configured; it is printed with the results.
    """

    distributions: ClassVar[tuple[str, ...]]
    kinds: ClassVar[tuple[Kind, ...]]  # the first is its native one: used for latency and for jobs that sleep
    bulk: ClassVar[str] = ""  # how it sends many jobs at once; empty: it has no way but one by one

    @abstractmethod
    def commands(self, shape: Shape) -> list[list[str]]:
        """Return the command lines that together make a worker of that shape."""

    @abstractmethod
    def slots(self, shape: Shape) -> int:
        """Return how many jobs such a worker runs at once, over all its processes."""

    def environment(self, shape: Shape) -> dict[str, str]:
        """Return the environment variables that such a worker needs besides the common ones."""
        return {}

    @abstractmethod
    def enqueue(self, kind: Kind, payloads: Iterable[Payload]) -> None:
        """Send each payload as one job, one after another."""

    @abstractmethod
    def enqueue_bulk(self, kind: Kind, payloads: Iterable[Payload], size: int) -> None:
        """Send the payloads in batches of ``size`` by the subject's best means."""

    def versions(self) -> dict[str, str]:
        """Return distribution → version of what is under test, its Redis client included."""
        return {name: version(name) for name in (*self.distributions, "redis")}


def batches(payloads: Iterable[Payload], size: int) -> Iterator[list[Payload]]:
    """Cut ``payloads`` into lists of ``size``, the last one shorter; never reads ahead of the list it returns."""
    rest = iter(payloads)
    while batch := list(islice(rest, size)):
        yield batch


def script(name: str) -> str:
    """Return the path of a console script of the environment that runs this."""
    return str(Path(sys.executable).with_name(name))
