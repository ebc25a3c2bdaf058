"""What the random operations draw from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import hypothesis.strategies as st

from jobs.store.codes import SettleCode
from jobs.types import Claim, Priority
from tests.store.model import Model
from tests.store.model_job import ModelJob
from tests.support.jobs import completed, discarded, failed, parked, released, snoozed

QUEUES = ("default", "mail")
TYPES = ("echo", "other")
TAGS = ("x", "y")
DELAY = st.sampled_from([0, 90_000, 150_000])  # half a minute away from any time that passes
SOME_QUEUE = st.sampled_from(QUEUES)
WHICH = st.integers(0, 10_000)  # picks from whatever there is
PICKS = st.lists(WHICH, min_size=1, max_size=4)
RETRY = st.tuples(st.sampled_from(["", *QUEUES]), st.booleans())
LOSSY = st.integers(0, 4).map(lambda number: number == 0)
JOB = st.fixed_dictionaries(
    {
        "type": st.sampled_from(TYPES),
        "tags": st.sampled_from([(), (), ("x",), ("y",), ("y", "x")]),
        "queue": SOME_QUEUE,
        "priority": st.sampled_from(Priority),
        "delay_ms": st.sampled_from([0, 0, 0, 90_000, 150_000]),
        "max_retries": st.integers(0, 2),
        "retention_ms": st.sampled_from([-1, -1, 0, 90_000]),
        "deduplication_key": st.sampled_from(["", "", "a", "b"]),
        "deduplication_ttl_ms": st.sampled_from([0, 0, 90_000]),
    }
)


class Way(NamedTuple):
    """A way out of `active`: what a worker sends of a claim, and what the model makes of the job."""

    item: Callable[[Claim, int, bool], object]
    expect: Callable[[Model, ModelJob, int, bool], SettleCode]


SETTLING: dict[str, Way] = {
    "complete": Way(
        lambda claim, _, flag: completed(claim, b"1" * 50 * flag), lambda model, job, *_: model.complete(job)
    ),
    "fail": Way(
        lambda claim, delay, flag: failed(claim, delay_ms=delay, final=flag),
        lambda model, job, delay, flag: model.fail(job, delay, final=flag),
    ),
    "release": Way(lambda claim, _, flag: released(claim, started=flag), lambda model, job, *_: model.release(job)),
    "snooze": Way(
        lambda claim, delay, _: snoozed(claim, delay), lambda model, job, delay, _: model.put_off(job, delay, "snoozed")
    ),
    "park": Way(
        lambda claim, delay, _: parked(claim, delay), lambda model, job, delay, _: model.put_off(job, delay, "parked")
    ),
    "discard": Way(lambda claim, *_: discarded(claim), lambda model, job, *_: model.discard(job)),
}
