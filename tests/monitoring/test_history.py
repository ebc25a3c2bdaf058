"""Charts: exact rates, percentiles within the error, gaps where nobody looked."""

from __future__ import annotations

import json
import time

import msgspec
import pytest

from jobs.conf import Config
from jobs.store.history import Mark
from jobs.store.registry import WorkerInfo
from jobs.types import Priority
from monitoring.history import chart, charts
from tests.engine.maintenance.history_kit import Recorder, finish
from tests.monitoring.history_fixtures import NAMES, kit, last, recorder
from tests.support.jobs import DUTY, StoreKit, completed, failed, store_kit
from tests.support.server import TestServer

__all__ = ["kit", "recorder"]
ERROR = 0.09


def close_to(estimate: float | None, truth: float) -> bool:
    """Whether a percentile is as near as it promises."""
    return estimate is not None and abs(estimate - truth) <= ERROR * truth


def test_throughput_is_jobs_per_second(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    finish(kit, *[5] * 40)
    kit.enqueue_many(10, queue="mail")
    worker = kit.worker()
    worker.fail([failed(claim, final=True) for claim in kit.claim(worker, 5, "mail")])
    recorder.close()
    found = charts(kit.store, NAMES, None, "5m")
    assert last(found, "throughput") == {"in": 5.0, "completed": 4.0, "failed": 0.5, "dead": 0.5}
    assert last(charts(kit.store, NAMES, "mail", "5m"), "throughput")["in"] == 1.0
    assert found.units["throughput"] == "/s"


def test_percentiles_are_those_of_the_jobs(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    finish(kit, *range(10, 1010, 10))
    recorder.close()
    finish(kit, *[60_000] * 4)
    recorder.close()
    found = chart(kit.store, "processing", "default", "5m").series
    assert all(close_to(found[name][-2], truth) for name, truth in [("p50", 500), ("p95", 950), ("p99", 990)])
    assert all(close_to(column[-1], 60_000) for column in found.values())
    merged = chart(kit.store, "processing", None, "7d").series
    assert close_to(merged["p50"][-1], 520)
    assert close_to(merged["p95"][-1], 990)
    assert close_to(merged["p99"][-1], 60_000)


def test_wait_is_from_ready_to_start(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    began = time.monotonic()
    kit.enqueue()
    kit.advance(5000)
    worker = kit.worker()
    [claim] = kit.claim(worker)
    elapsed_ms = (time.monotonic() - began) * 1000
    worker.complete([completed(claim)])
    recorder.close()
    [p50, *_] = last(charts(kit.store, ["wait"], "default", "5m"), "wait").values()
    assert p50 is not None
    assert 5001 * (1 - ERROR) <= p50 <= (5002 + elapsed_ms) * (1 + ERROR)


def test_what_fails_has_waited_and_taken_its_time_too(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    kit.enqueue_many(40)
    kit.advance(5000)
    worker = kit.worker()
    claims = kit.claim(worker, 40)
    again, dead = [msgspec.structs.replace(failed(claim), duration_ms=700) for claim in claims[:20]], claims[20:]
    worker.fail(again + [msgspec.structs.replace(failed(claim, final=True), duration_ms=700) for claim in dead])
    recorder.close()
    found = charts(kit.store, NAMES, None, "5m")
    assert all(close_to(value, 700) for value in last(found, "processing").values())
    assert all(5001 * (1 - ERROR) <= value < 10_000 for value in last(found, "wait").values() if value is not None)
    assert None not in last(found, "wait").values()


def test_depth_latency_and_workers_are_what_was_seen(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    kit.enqueue_many(3, priority=Priority.HIGH)
    kit.enqueue_many(2)
    for name, pool, status in [("a", "default", "busy"), ("b", "default", "idle"), ("c", "gpu", "idle")]:
        kit.store.registry.heartbeat(WorkerInfo(
            id=name, incarnation="i", pool=pool, host="h", pid=1, queues=(), types=(), concurrency=1, status=status,
        ))  # fmt: skip
    kit.store.registry.set_desired("gpu", 5)
    recorder.close()
    found = charts(kit.store, [*NAMES, "workers:default", "workers:nowhere"], "default", "5m")
    assert last(found, "depth") == {"high": 3, "normal": 2, "low": 0}
    assert last(found, "active") == {"active": 0, "scheduled": 0, "retrying": 0}
    [oldest] = last(found, "latency").values()
    assert oldest is not None
    assert 10_900 <= oldest < 20_000
    assert last(found, "workers") == {"desired": 5, "current": 3, "busy": 1, "idle": 2, "draining": 0}
    assert last(found, "workers:default") == {"desired": None, "current": 2, "busy": 1, "idle": 1, "draining": 0}
    assert set(last(found, "workers:nowhere").values()) == {None}


def test_no_job_has_no_percentile_and_an_idle_queue_is_not_a_gap(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    recorder.close()
    recorder.close()
    found = charts(kit.store, NAMES, None, "5m")
    assert set(last(found, "wait").values()) == set(last(found, "processing").values()) == {None}
    assert set(last(found, "depth").values()) == {0}
    assert set(last(found, "throughput").values()) == {0.0}
    assert found.series["depth"]["high"][:-2] == [None] * 28, "nobody looked before"


def test_an_outage_of_maintenance_is_a_gap_up_to_now(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    for _ in range(3):
        finish(kit, 5)
        recorder.close()
    kit.advance(100_000)
    found = charts(kit.store, ["throughput", "depth"], None, "5m")
    assert found.series["throughput"]["completed"][-13:] == [0.1, 0.1, 0.1, *[None] * 10]
    recorder.run()
    found = charts(kit.store, ["throughput", "depth"], None, "5m")
    assert found.series["throughput"]["completed"][-13:] == [0.1, 0.1, 0.1, *[0.0] * 10]
    assert found.series["depth"]["high"][-13:] == [0, 0, 0, *[None] * 9, 0]


def test_a_chart_that_is_a_moment_late_has_no_gap_at_its_end(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    recorder.close()
    before = charts(kit.store, ["depth"], None, "5m")
    kit.advance(20_000)
    assert charts(kit.store, ["depth"], None, "5m").t == before.t


def test_marks_stand_on_the_axis_of_their_range(kit: StoreKit, recorder: Recorder) -> None:
    start = recorder.begin()
    recorder.close()
    marks = [Mark((start - 7200) * 1000, "deploy", "v1"), Mark(start * 1000 + 500, "deploy", "v2")]
    kit.store.history.mark(DUTY, kit.lead(), b"v2", marks)
    assert [(mark.t, mark.kind, mark.text) for mark in charts(kit.store, NAMES, None, "5m").marks] == [
        (start + 0.5, "deploy", "v2")
    ]
    assert len(charts(kit.store, NAMES, None, "6h").marks) == 2


def test_history_survives_a_restart_of_the_server(config: Config) -> None:
    with TestServer(durable=True) as server, store_kit(server.url, config) as kit:
        recorder = Recorder(kit)
        recorder.begin()
        for _ in range(7):
            finish(kit, 5, 500)
            recorder.close()
        before = charts(kit.store, NAMES, "default", "1h")
        kit.store.close()  # the connections would find out at their next use
        server.stop()
        server.start()
        assert charts(kit.store, NAMES, "default", "1h") == before
        finish(kit, 5)
        assert Recorder(kit, "recorder").close() >= 1
        after = charts(kit.store, NAMES, "default", "1h").series["throughput"]["completed"]
        assert after[-8:] == [0.2] * 7 + [0.1]


def test_the_wire_has_columns(kit: StoreKit, recorder: Recorder) -> None:
    recorder.begin()
    recorder.close()
    document = json.loads(msgspec.json.encode(charts(kit.store, ["depth"], None, "5m")))
    assert set(document) == {"range", "step", "from", "queue", "t", "series", "units", "marks"}
    assert document["from"] == document["t"][0]
    assert (document["range"], document["step"], document["queue"]) == ("5m", 10, None)
    assert document["series"]["depth"]["high"] == [None] * 29 + [0]


def test_unknown_charts_and_ranges_are_refused(kit: StoreKit) -> None:
    with pytest.raises(ValueError, match="no chart 'x': give some of throughput, depth"):
        charts(kit.store, ["x"], None, "1h")
    with pytest.raises(ValueError, match="no range '2h': give one of 5m, 1h, 6h, 24h, 7d"):
        charts(kit.store, ["depth"], None, "2h")
