"""A subject whose producer is a coroutine."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

from benchmarks.peers.base import Peer, batches
from benchmarks.work import Kind, Payload

AsyncSend = Callable[[Payload], Coroutine[Any, Any, object]]
IN_FLIGHT = 100


class AsyncPeer(Peer):
    """Enqueues with coroutines. It has no bulk call: a hundred sends under way at once are its best means."""

    bulk = f"{IN_FLIGHT} sends at once (asyncio.gather)"

    @abstractmethod
    def connected(self) -> AbstractAsyncContextManager[None]:
        """Return a context in which the producer's connections are open."""

    @abstractmethod
    def sender(self, kind: Kind) -> AsyncSend:
        """Return the coroutine function that enqueues one job."""

    def enqueue(self, kind: Kind, payloads: Iterable[Payload]) -> None:
        asyncio.run(self._each(kind, payloads))

    def enqueue_bulk(self, kind: Kind, payloads: Iterable[Payload], size: int) -> None:
        asyncio.run(self._gathered(kind, payloads, min(size, IN_FLIGHT)))

    async def _each(self, kind: Kind, payloads: Iterable[Payload]) -> None:
        async with self.connected():
            send = self.sender(kind)
            for payload in payloads:
                await send(payload)

    async def _gathered(self, kind: Kind, payloads: Iterable[Payload], size: int) -> None:
        async with self.connected():
            send = self.sender(kind)
            for batch in batches(payloads, size):
                await asyncio.gather(*map(send, batch))
