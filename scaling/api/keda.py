"""What autoscalers of others read: `metrics-api` of KEDA, with the figure that it is told to look at."""

from __future__ import annotations

import math
from typing import Annotated

from jobs.api.call import Call, NoBody
from jobs.api.examples import learn
from jobs.api.problems import conflict
from jobs.api.query import Nothing
from jobs.api.routes.endpoints import endpoints
from jobs.inspection.wire import Milliseconds, Wire, about
from jobs.rights import Right

from .pools import known
from .timeline import due_soon, steps_of


class PoolMetrics(Wire, frozen=True):
    """The figures of a pool's last decision, all whole numbers."""

    desired_workers: Annotated[int, about("Workers that were decided on, whether that is carried out or not")]
    desired_replicas: Annotated[int, about("Pods that have room for them: over the policy's workers a pod, rounded up")]
    current_workers: Annotated[int, about("Workers that claimed jobs when it was made, or were about to")]
    load: Annotated[int, about("Jobs that waited, ran, or became due within a minute")]
    waiting: Annotated[int, about("Jobs that could be claimed")]
    active: Annotated[int, about("Jobs that ran")]
    latency: Annotated[Milliseconds, about("The age of the job that waited longest")]
    age: Annotated[Milliseconds, about("How old these figures are")]


learn(
    {},
    {
        PoolMetrics: PoolMetrics(
            desired_workers=7,
            desired_replicas=4,
            current_workers=6,
            load=31,
            waiting=12,
            active=19,
            latency=1400,
            age=2100,
        )
    },
)


@endpoints.get("/scaling/{pool}/metrics", Right.VIEW, answers={200: PoolMetrics}, problems=(409,))
def get_scaling_metrics(call: Call[NoBody, Nothing], pool: str) -> PoolMetrics:
    """Tell an autoscaler how large a pool should be.

    For KEDA's `metrics-api` with `valueLocation: desiredReplicas`, `metricType: AverageValue`, `targetValue: "1"` and
    `authMode: bearer`. 409 where nothing has been decided, or nothing for longer than the policy's `lookBack` and one
    `interval`: who reads an error scales nothing.
    """
    policy = known(call, pool)
    steps, now = steps_of(call.store.scaling.kept(pool, steps=1)), call.store.reader.now_ms() / 1000
    if not steps:
        raise conflict("Nothing has been decided for this pool yet: no scaler runs, or its policy is off.")
    last, seen = steps[-1], steps[-1].observation
    age = max(now - seen.at, 0.0)
    if age > policy.look_back + policy.interval:
        raise conflict(f"The newest decision is {age:,.0f} s old: no scaler runs, or the policy is off.")
    return PoolMetrics(
        desired_workers=last.decided,
        desired_replicas=math.ceil(last.decided / policy.workers_per_pod),
        current_workers=seen.supply,
        load=seen.load + due_soon(last),
        waiting=seen.waiting,
        active=seen.active,
        latency=round(seen.oldest_age * 1000),
        age=round(age * 1000),
    )
