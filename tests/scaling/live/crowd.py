"""Workers that say they live, scalers that decide, and who acts between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from jobs.store.registry import WorkerInfo
from scaling.models import ScalingDecision
from scaling.record import Step
from scaling.scaler import Scaler
from tests.support.breaking import Meddler
from tests.support.jobs import StoreKit

FIRST: Final = {"strategy": "default", "minimum": 1, "maximum": 10, "cooldown_down": 0.0, "stabilization": 0.0}


def crowd(kit: StoreKit, count: int, *, started_ms: int = 0) -> None:
    """Let the first `count` workers of the pool live, and no others."""
    for seen in kit.store.registry.workers():
        kit.store.registry.leave(seen.info.id)
    for number in range(count):
        kit.store.registry.heartbeat(
            WorkerInfo(
                id=f"w-{number}",
                incarnation="0" * 16,
                pool="default",
                host="h",
                pid=number,
                queues=("default",),
                types=("echo",),
                concurrency=5,
                started_ms=started_ms,
            )
        )


def decided(kit: StoreKit, scaler: Scaler) -> ScalingDecision:
    """What the scaler decides for the next stretch of time."""
    kit.advance(5000)
    scaler.run_once()
    return ScalingDecision.objects.latest("at", "id")


def meddle(kit: StoreKit, act: Callable[[], object]) -> None:
    """Let somebody act just before the next decision is recorded."""
    meddler = Meddler(kit.client)
    meddler.before("scale", act)
    kit.store.scaling._client = meddler  # type: ignore[assignment]


def steps(kit: StoreKit) -> list[Step]:
    """The record of the pool."""
    return [msgspec.msgpack.decode(packed, type=Step) for packed in kit.store.scaling.kept("default").steps]
