"""What a model learns from and is tried on: a pool's recorded history, or a trace. Needs numpy."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jobs.store.store import Store
from scaling.history import as_trace, read_history, service_time
from scaling.memo import read_memo
from scaling.ml.series import Series, of_minutes, of_trace
from scaling.ml.training import TooLittle
from scaling.ml.trial import Ground
from scaling.models import ScalingPolicy
from scaling.policy import Policy
from scaling.simulator.presets import preset
from scaling.simulator.trace import Trace, read
from scaling.strategies.need import UNKNOWN_STARTUP

DAY: Final = 86_400.0
MOST_DAYS: Final = 30
OURS: Final = ("ml", "latency_target")


def of_pool(store: Store, policy: ScalingPolicy, days: int) -> tuple[Series, Ground]:
    """The history of a pool, and the pool as it is. Raises ValueError and StoreError."""
    if not 2 <= days <= MOST_DAYS:
        raise ValueError(f"days must be from 2 to {MOST_DAYS}")
    now = store.reader.now_ms() / 1000
    minutes = read_history(store, policy.pool, now - days * DAY, now)
    service = service_time(minutes)
    if not minutes or service is None:
        raise TooLittle(
            f"{len(minutes):,} minutes of the pool {policy.pool} are recorded, and no job that completed in them"
        )
    memo, saved = read_memo(store.scaling.kept(policy.pool, steps=0).memory), policy.plain()
    ground = Ground(
        trace=as_trace(minutes),
        service=service,
        cv=1.5,
        startup=UNKNOWN_STARTUP if memo.startup is None else memo.startup,
        policy=_as(saved, "ml"),
        target=_as(saved, "latency_target"),
        used=None if saved.strategy in OURS else saved,
        slots=memo.slots or store.config.worker_concurrency,
    )
    return of_minutes(minutes), ground


def _as(saved: Policy, strategy: str) -> Policy:
    """A policy with another strategy, which has its first parameters."""
    return saved if saved.strategy == strategy else msgspec.structs.replace(saved, strategy=strategy, parameters={})


def of_file(options: dict[str, Any]) -> tuple[Series, Ground]:
    """A trace and a pool as the options of the command say. Raises ValueError and OSError."""
    trace: Trace = msgspec.structs.replace(read(options["trace"]), smooth=options["smooth"])
    if options["until_day"] is not None:
        trace = trace.between(0, options["until_day"] * DAY)
    if not 1 <= options["repeat"] <= 100:
        raise ValueError("repeat must be from 1 to 100")
    trace = msgspec.structs.replace(trace, rates=list(trace.rates) * options["repeat"])
    if min(options["peak"], options["service"], options["goal"]) <= 0 or min(options["startup"], options["cv"]) < 0:
        raise ValueError("peak, service and goal must be above 0, startup and cv not below it")
    trace = trace.with_peak(options["peak"] / options["service"])
    limits = {"minimum": options["minimum"], "maximum": options["maximum"], "wait_goal": options["goal"]}
    own, other = (msgspec.structs.replace(preset(name, options["startup"]), **limits) for name in OURS)
    ground = Ground(
        trace=trace,
        service=options["service"],
        cv=options["cv"],
        startup=options["startup"],
        policy=own,
        target=other,
    )
    return of_trace(trace), ground
