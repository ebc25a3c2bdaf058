"""The way from web requests to the store: threads of its own, short time-outs, and no queue of the desperate.

A request never waits for a store that does not answer: each answer is waited for 0.4 s, after failures in a row a
breaker leaves the store alone for a moment, and a request that finds all places taken is refused at once. Enqueues have
places enough for all that a burst brings in one instant: each takes well below a millisecond of its thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum
from functools import cache, partial
from typing import Final, ParamSpec, TypeVar

from jobs.circuit import Breaker
from jobs.conf import Config, get_config
from jobs.errors import StoreUnavailable
from jobs.store.breaking import demand, store_breaker
from jobs.store.store import Store

from .bears import Bears

P = ParamSpec("P")
T = TypeVar("T")

THREADS: Final = 16  # of each lane
WAITING: Final = 32  # calls that may wait for a thread of a lane
CROWD: Final = 512  # the same of enqueues; where the store is away, they wait for the first ones to find out
STORE_TIMEOUT_SECONDS: Final = 0.4  # for connecting and again for an answer
GONE_KINDS: Final = frozenset({"connection", "timeout"})


class Lane(Enum):
    """What shares threads: enqueues and probes must not wait behind what people look at."""

    ENQUEUE = "enqueue"
    OTHER = "other"
    HEALTH = "health"


class _Threads:
    """The threads of one lane, and the places before them."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"store-{name}")
        self._places = threading.Semaphore(threads + waiting)

    def submit(self, call: Callable[[Callable[[Store], T]], T], function: Callable[[Store], T]) -> Future[T]:
        """Start `call(function)` when a thread is free. Raises StoreUnavailable when all places are taken."""
        if not self._places.acquire(blocking=False):
            raise StoreUnavailable("too many requests wait for the store", "busy")
        try:
            future = self._pool.submit(call, function)
        except BaseException:
            self._places.release()
            raise
        future.add_done_callback(lambda done: self._places.release())
        return future

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


class Gateway:
    """Runs functions of a Store on threads. One a process; made at the first request."""

    def __init__(self, config: Config, *, threads: int = THREADS, waiting: int = WAITING, crowd: int = CROWD) -> None:
        self.config = config
        places = {Lane.ENQUEUE: crowd}
        self._lanes = {lane: _Threads(lane.value, threads, places.get(lane, waiting)) for lane in Lane}
        self._lock = threading.Lock()
        self._store: Store | None = None
        self.breaker = store_breaker(config, timeout=STORE_TIMEOUT_SECONDS)
        self._most = threads * len(Lane)

    async def run(self, function: Callable[[Store], T], lane: Lane = Lane.OTHER, *, bears: Bears = Bears.NOWHERE) -> T:
        """The function's answer. Raises what it raises, and StoreUnavailable at once when all places are taken.

        Where the function `bears` it, it gets an absent store if there is no other.
        """
        return await asyncio.wrap_future(self.start(function, lane, bears=bears))

    def start(self, function: Callable[[Store], T], lane: Lane, *, bears: Bears = Bears.NOWHERE) -> Future[T]:
        """The same for callers that wait otherwise."""
        call = self._call if bears is Bears.NOWHERE else partial(self._call_bearing, bears)
        return self._lanes[lane].submit(call, function)

    @property
    def breakers(self) -> tuple[Breaker, ...]:
        """The breakers before the store: one, or one for each of its servers as soon as it was asked for."""
        others = self._store.servers[1:] if self._store is not None else ()
        return self.breaker, *(part.client.breaker for part in others)

    def close(self) -> None:
        """Drop threads and connections."""
        for threads in self._lanes.values():
            threads.close()
        if self._store is not None:
            self._store.close()

    def _call(self, function: Callable[[Store], T]) -> T:
        try:
            return function(self._store or self._open())
        except StoreUnavailable as error:
            if error.kind in GONE_KINDS and self.config.is_embedded:
                self._store = None  # an embedded server may come back at another address
            raise

    def _call_bearing(self, bears: Bears, function: Callable[[Store], T]) -> T:
        try:
            return function(self._store or self._open_or_absent(bears))
        finally:
            if self.breaker.troubled and self.config.is_embedded:
                self._store = None  # as above: the function may have borne what happened

    def _open_or_absent(self, bears: Bears) -> Store:
        """The store, or an absent one, at once where another thread is looking for one that was gone."""
        config = self.config
        if bears.may(config) and self.breaker.troubled and self._lock.locked():
            return Store.absent(config, StoreUnavailable("it is being looked for"))
        try:
            return self._open()
        except StoreUnavailable as error:
            if not bears.it(config, error):
                raise
            return Store.absent(config, error)

    def _open(self) -> Store:
        """The store, looked for by one thread. Who comes meanwhile waits for it, and does not look again."""
        with self._lock:
            if self._store is None:
                self._store = self._found()
            return self._store

    def _found(self) -> Store:
        breaker = self.breaker
        demand(breaker)
        try:
            store = Store.open(self.config, timeout=STORE_TIMEOUT_SECONDS, most=self._most + 4, breaker=breaker)
        except StoreUnavailable as error:
            breaker.failed(str(error))
            raise
        breaker.ended()
        return store


@cache
def _gateway_of(config: Config) -> Gateway:
    return Gateway(config)


def get_gateway() -> Gateway:
    """This process's gateway. Raises ConfigError."""
    return _gateway_of(get_config())
