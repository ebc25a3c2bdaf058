"""The shape of everything that has a say in the health of an installation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import ClassVar, Final

from jobs.api.gateway import Lane, get_gateway
from jobs.errors import ConfigError, StoreError
from jobs.inspection.status import Health, Part
from jobs.store.store import Store

THREADS: Final = 8


class HealthPart(ABC):
    """One part. The setting QUEUEFLOW_HEALTH_PARTS names the classes; each is made once a process, without arguments.

    A critical part that is unhealthy makes the whole unhealthy, any other one makes it degraded. A part that raises, or
    that has not answered after `seconds`, is broken. Never asked twice at once: whoever asks meanwhile waits along.
    """

    name: ClassVar[str]
    critical: ClassVar[bool] = False
    seconds: ClassVar[float] = 1.5

    @abstractmethod
    def look(self) -> Part:
        """How it is, in a thread of its own. May raise anything."""

    def start(self) -> Future[Part]:
        """Begin to look."""
        return _threads().submit(self.look)

    def broken(self, error: Exception) -> Part:
        """What is said of it when looking at it raised, or took too long (TimeoutError)."""
        why = f"no answer within {self.seconds:g} s" if isinstance(error, TimeoutError) else type(error).__name__
        status: Health = "unhealthy" if self.critical else "degraded"
        return Part(name=self.name, status=status, detail=f"it cannot be looked at: {why}")


class StorePart(HealthPart):
    """A part that can only be seen through the store."""

    def look(self) -> Part:
        """How it is, by the store of this process."""
        return self.start().result()

    @abstractmethod
    def look_at(self, store: Store) -> Part:
        """How it is. May raise anything."""

    def start(self) -> Future[Part]:
        """Begin to look, on the threads that the web process has for its store."""
        return get_gateway().start(self.look_at, Lane.HEALTH)

    def broken(self, error: Exception) -> Part:
        """Nobody can tell without a store, which says so itself."""
        if isinstance(error, StoreError | ConfigError | TimeoutError):
            return Part(name=self.name, status="degraded", detail="it cannot be seen while the store is away")
        return super().broken(error)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="health")
