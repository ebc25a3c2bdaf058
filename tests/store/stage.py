"""One store of two that are compared, with a client and a worker that can lose a reply."""

from __future__ import annotations

from typing import Any

from jobs.store.consumer import Consumer
from jobs.types import Claim
from tests.support.breaking import Losing
from tests.support.jobs import StoreKit, failed


class Stage:
    """One store of the two: a kit whose pooled client and whose worker's channel can lose a reply."""

    def __init__(self, kit: StoreKit) -> None:
        self.kit = kit
        self.client: Any = Losing(kit.client)
        for part in (
            kit.producer,
            kit.operator,
            kit.keeper,
            kit.store.registry,
            kit.store.operations,
            kit.store.markers,
            kit.store.buckets,
            kit.store.history,
            kit.store.tag_index,
            kit.store.triage,
            kit.store.scaling,
            kit.store.pool_history,
            kit.store.simulations,
            kit.type_pauses,
        ):
            part._client = self.client  # type: ignore[assignment]
        self.worker: Consumer = kit.worker("the-worker")
        self.channel = Losing(self.worker._channel)
        self.worker._channel = self.channel  # type: ignore[assignment]
        self.claim: Claim = None  # type: ignore[assignment]

    def claimed(self, *, cancelled: bool = False, **options: Any) -> None:
        """Put a job into the worker's hands."""
        self.claim = self.kit.claimed(self.worker, job_id="the-job", deduplication_key="the-key", **options)
        if cancelled:
            self.kit.operator.cancel(["the-job"])

    def dead(self) -> None:
        """Let a job die."""
        self.claimed()
        self.worker.fail([failed(self.claim, final=True)])

    def waiting(self) -> None:
        """Enqueue a job for later, whose time has come."""
        self.kit.enqueue("the-job", delay_ms=1000, deduplication_key="the-key")
        self.kit.advance(2000)

    def lose(self, name: str) -> None:
        """Lose the reply to the next script `name`."""
        self.client.lose(name)
        self.channel.lose(name)
