"""How a pool moved, where no scaler's record tells: from the history of the installation, of its own queues alone."""

from __future__ import annotations

import msgspec
import pytest

from jobs.maintenance.leadership import Leadership
from jobs.store import histogram
from jobs.store.scaling import Outcome
from monitoring.metric_families import Families
from monitoring.scaling_metrics import tell_scaling
from scaling.api.timeline import SPANS, Point, timeline, waits_of
from scaling.memo import Memo, write_memo
from scaling.observation import Observation
from scaling.record import Step
from scaling.scaler import NAME
from tests.engine.maintenance.history_kit import Recorder, finish
from tests.support.jobs import completed

from .crowd import crowd


def remember(kit, memory: Memo, *, seen: Observation | None = None) -> None:
    """Let the pool's record have a memory, and a step of what was seen."""
    leadership = Leadership(kit.keeper, NAME, "tester")
    assert leadership.keep()
    step = msgspec.msgpack.encode(Step(seen, 3, 3)) if seen else b"spoilt"
    outcome = Outcome("1:1", None, write_memo(memory), step)
    assert kit.store.scaling.record(NAME, leadership.token, "default", kit.store.scaling.kept("default"), outcome)


def newest(kit, span: str = "1h") -> Point:
    """The newest point that tells anything."""
    found = timeline(kit.store, "default", SPANS[span])
    return next(point for point in reversed(found.points) if point != Point())


@pytest.mark.parametrize(
    ("queues", "queued"), [((), None), (("default", "mail", "slow"), 5), (("mail", "slow"), 3), (("gone",), None)]
)
def test_the_load_is_that_of_the_queues_that_the_pool_serves(kit, queues, queued):
    recorder = Recorder(kit)
    recorder.begin()
    crowd(kit, 2)
    for queue, count in (("default", 2), ("mail", 2), ("slow", 1)):
        kit.enqueue_many(count, queue=queue)
    remember(kit, Memo(queues=queues))
    assert recorder.close() > 0
    found = newest(kit)
    assert (found.desired, found.current, found.queued) == (1, 2, queued)
    assert found.due is None


def test_what_the_scaler_saw_goes_before_what_was_counted(kit):
    recorder = Recorder(kit)
    recorder.begin()
    crowd(kit, 2)
    kit.enqueue_many(4)
    seen = Observation(at=kit.reader.now_ms() / 1000, workers=2, waiting=1, active=3, oldest_age=0.25)
    remember(kit, Memo(queues=("default",)), seen=seen)
    recorder.close()
    assert newest(kit) == Point(desired=1, current=2, queued=1, running=3, due=0, latency=250)


def test_how_long_jobs_waited_is_counted_of_its_own_queues(kit):
    recorder = Recorder(kit)
    recorder.begin()
    finish(kit, 10, 10)
    finish(kit, 10, queue="mail")
    remember(kit, Memo(queues=("mail",)))
    recorder.close()
    assert histogram.count_of(waits_of(kit.store, kit.store.scaling.kept("default"), 300)) == 1
    found = timeline(kit.store, "default", SPANS["24h"])
    assert len(found.times) == len(found.points) <= SPANS["24h"].points
    assert histogram.share_within(found.waits, 10_000) == 1.0
    assert histogram.count_of(found.waits) == 1


def test_metrics_tell_which_share_of_its_jobs_met_the_goal_of_a_pool(kit):
    recorder = Recorder(kit)
    recorder.begin()
    for waited, count in ((10, 3), (4000, 1)):
        kit.enqueue_many(count, queue="mail")
        kit.advance(waited)
        worker = kit.worker()
        worker.complete([completed(claim) for claim in kit.claim(worker, count, queue="mail")])
    finish(kit, 9000)
    remember(kit, Memo(queues=("mail",), goal=2.0), seen=Observation(at=kit.reader.now_ms() / 1000, workers=1))
    recorder.close()
    families = Families()
    tell_scaling(families, kit.store, ["default"])
    told = {family.name: [each.value for each in family.samples] for family in families.collect()}
    assert told["queueflow_scaling_within_goal_ratio"] == [0.75]
    assert told["queueflow_scaling_goal_executions"] == [4]
    assert told["queueflow_scaling_goal_kept_ratio"] == [1.0]


def test_a_burst_between_two_points_is_seen(kit):
    recorder = Recorder(kit)
    recorder.begin()
    for workers, desired in ((2, 1), (9, 9), (1, 1)):
        crowd(kit, workers)
        kit.store.registry.set_desired("default", desired)
        recorder.close()
    found = timeline(kit.store, "default", SPANS["6h"])
    assert max((point.desired, point.current) for point in found.points if point.current is not None) == (9, 9)
    assert max(point.current for point in timeline(kit.store, "default", SPANS["24h"]).points if point.current) == 9
