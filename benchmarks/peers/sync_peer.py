"""A subject whose producer is synchronous."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable

from benchmarks.peers.base import Peer, batches
from benchmarks.work import Kind, Payload

Send = Callable[[Payload], object]
SendMany = Callable[[list[Payload]], object]


class SyncPeer(Peer):
    """Enqueues with plain calls."""

    @abstractmethod
    def sender(self, kind: Kind) -> Send:
        """Return the call that enqueues one job."""

    def bulk_sender(self, kind: Kind) -> SendMany:
        """Return the call that enqueues a batch; asked only of subjects that name their ``bulk``."""
        raise NotImplementedError(f"{type(self).__name__} has no bulk enqueue")

    def enqueue(self, kind: Kind, payloads: Iterable[Payload]) -> None:
        send = self.sender(kind)
        for payload in payloads:
            send(payload)

    def enqueue_bulk(self, kind: Kind, payloads: Iterable[Payload], size: int) -> None:
        send = self.bulk_sender(kind)
        for batch in batches(payloads, size):
            send(batch)
