"""GET /api/metrics: the whole installation's truth, in text that Prometheus reads."""

import math
import re
from typing import Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from jobs.maintenance.crew import DUTIES
from jobs.store.measures import Measure, series_of
from jobs.store.metrics import LIMITS_MS
from jobs.store.registry import WorkerInfo
from monitoring.metric import METRICS
from tests.api.conftest import Api, problem
from tests.support.jobs import completed, failed

OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def scraped(api, **headers):
    """Samples by name and labels."""
    answer = api.get("/metrics", **headers)
    assert answer.status_code == 200
    families = list(text_string_to_metric_families(answer.content.decode()))
    return {(each.name, *sorted(each.labels.items())): each.value for family in families for each in family.samples}


def value(api, name, **labels):
    return scraped(api)[f"queueflow_{name}", *sorted(labels.items())]


def worker(name, status="busy", **more: Any):
    known: dict[str, Any] = {"pool": "default", "concurrency": 4, "busy": 3, "rss": 1000, "types": ("mail",)}
    known |= {"host": "h", "pid": 1, "queues": ("default",), "status": status}
    return WorkerInfo(id=name, incarnation="0" * 16, **known | more)


def test_an_empty_installation_tells_everything_but_what_nobody_did(api):
    names = {name for name, *_ in scraped(api)}
    for metric in METRICS:
        has_labels = metric.labels and metric.labels not in (("state",), ("duty",), ("queue", "priority"))
        assert (metric.name in names) or has_labels, metric.name


def test_jobs_are_counted_by_type(api, kit):
    hands = kit.worker()
    for _ in range(3):
        hands.complete([completed(kit.claimed(hands, type="mail"))])
    hands.fail([failed(kit.claimed(hands, type="mail"))])
    hands.fail([failed(kit.claimed(hands, type="report"), final=True)])
    found = scraped(api)
    assert {key: number for key, number in found.items() if key[0].startswith("queueflow_jobs_") and number} == {
        ("queueflow_jobs_enqueued_total",): 5,
        ("queueflow_jobs_completed_total", ("job_type", "mail")): 3,
        ("queueflow_jobs_failed_total", ("job_type", "mail")): 1,
        ("queueflow_jobs_failed_total", ("job_type", "report")): 1,
        ("queueflow_jobs_dead_total",): 1,
    }
    assert (found["queueflow_job_claims_total",], found["queueflow_job_retries_total",]) == (5, 1)
    assert found["queueflow_dead_letter_groups",] == 1
    assert {dict(key[1:])["state"]: number for key, number in found.items() if key[0] == "queueflow_jobs"} == {
        "scheduled": 0, "blocked": 0, "pending": 0, "active": 0,
        "retrying": 1, "completed": 3, "dead": 1, "cancelled": 0,
    }  # fmt: skip


def test_durations_fall_into_the_first_bucket_that_holds_them(api, kit):
    hands = kit.worker()
    for duration in (0, *LIMITS_MS, *(limit + 1 for limit in LIMITS_MS)):
        hands.complete([completed(kit.claimed(hands, type="mail"), duration_ms=duration)])
    found, labels = scraped(api), {"job_type": "mail", "status": "completed"}
    name = "queueflow_job_processing_duration_seconds"
    counts = {
        float(dict(key[1:])["le"]): number
        for key, number in found.items()
        if key[0] == f"{name}_bucket" and dict(key[1:])["status"] == "completed"
    }
    expected = {limit / 1000: 2.0 + 2 * at for at, limit in enumerate(LIMITS_MS)} | {math.inf: 1.0 + 2 * len(LIMITS_MS)}
    assert counts == expected
    assert found[f"{name}_count", *labels.items()] == 1 + 2 * len(LIMITS_MS)
    assert found[f"{name}_sum", *labels.items()] == (2 * sum(LIMITS_MS) + len(LIMITS_MS)) / 1000


def test_failures_have_durations_and_completions_a_latency(api, kit):
    hands = kit.worker()
    claim = kit.claimed(hands, type="mail")
    kit.advance(70_000)
    hands.complete([completed(claim)])
    hands.fail([failed(kit.claimed(hands, type="mail"))])
    found = scraped(api)
    failures = (("job_type", "mail"), ("status", "failed"))
    assert found["queueflow_job_processing_duration_seconds_count", *failures] == 1
    assert found["queueflow_job_processing_duration_seconds_sum", *failures] == 0.005
    assert found["queueflow_job_latency_seconds_count", ("job_type", "mail")] == 1
    assert 70 <= found["queueflow_job_latency_seconds_sum", ("job_type", "mail")] < 75
    assert found["queueflow_job_latency_seconds_bucket", ("job_type", "mail"), ("le", "60")] == 0
    assert found["queueflow_job_latency_seconds_bucket", ("job_type", "mail"), ("le", "300")] == 1


def test_queues_tell_depth_latency_and_pause(api, kit):
    kit.store.operator.pause("mail")
    kit.enqueue(queue="mail")
    kit.enqueue(queue="mail", delay_ms=60_000)
    kit.client.call("HINCRBY", kit.keys.counts, "mail|active", 4)
    found = scraped(api)
    assert found["queueflow_queue_depth", ("priority", "normal"), ("queue", "mail")] == 1
    assert found["queueflow_queue_depth", ("priority", "high"), ("queue", "default")] == 0
    assert found["queueflow_queue_jobs", ("queue", "mail"), ("state", "scheduled")] == 1
    assert found["queueflow_queue_jobs", ("queue", "mail"), ("state", "active")] == 4
    assert found["queueflow_queue_paused", ("queue", "mail")] == 1
    assert 0 <= found["queueflow_queue_latency_seconds", ("queue", "mail")] < 5


def test_workers_are_counted_by_pool_and_status(api, kit, api_config):
    kit.store.registry.heartbeat(worker("a"))
    kit.store.registry.heartbeat(worker("b", "idle", busy=0))
    kit.store.registry.offset_ms = -int(api_config.heartbeat_seconds * 3000) - 1000
    kit.store.registry.heartbeat(worker("c", pool="night"))
    kit.store.registry.set_desired("default", 7)
    kit.keeper.lead(DUTIES[0], "tester", 60_000)
    found = scraped(api)
    assert found["queueflow_active_workers",] == 2
    assert found["queueflow_workers", ("pool", "default"), ("status", "idle")] == 1
    assert found["queueflow_workers", ("pool", "night"), ("status", "lost")] == 1
    assert found["queueflow_worker_slots", ("pool", "default")] == 8
    assert found["queueflow_worker_busy_slots", ("pool", "default")] == 3
    assert found["queueflow_worker_resident_memory_bytes", ("pool", "default")] == 2000
    assert found["queueflow_desired_workers", ("pool", "default")] == 7
    assert [found["queueflow_duty_leader", ("duty", duty)] for duty in DUTIES[:2]] == [1, 0]


def test_the_server_tells_of_itself(api, kit):
    found = scraped(api)
    assert found["queueflow_store_memory_bytes",] > 500_000
    assert found["queueflow_store_memory_limit_bytes",] == 0
    assert found["queueflow_store_clients",] >= 1


def test_labels_are_bounded_and_the_rest_is_summed_up(api, kit):
    for number in range(150):
        kit.client.call("HSET", kit.keys.types, f"t{number:03}|completed", "2", f"t{number:03}|ms", "10")
        kit.client.call("HSET", kit.keys.figures(f"t{number:03}"), "c1", "2")
        kit.client.call("HSET", kit.keys.queues, f"q{number:03}", "1")
    kit.enqueue(queue="q148")
    kit.enqueue(queue="q149")
    found = scraped(api)
    types = {dict(key[1:])["job_type"]: n for key, n in found.items() if key[0] == "queueflow_jobs_completed_total"}
    assert len(types) == 101
    assert (types["t099"], types["other"]) == (2, 100)
    other = (("job_type", "other"), ("status", "completed"))
    assert found["queueflow_job_processing_duration_seconds_count", *other] == 100
    queues = {dict(key[1:])["queue"] for key in found if key[0] == "queueflow_queue_depth"}
    assert len(queues) == 101
    assert "default" in queues
    assert found["queueflow_queue_depth", ("priority", "normal"), ("queue", "other")] == 2


def test_the_text_keeps_the_rules_of_the_format(api, kit):
    hands = kit.worker()
    hands.complete([completed(kit.claimed(hands, type="mail"))])
    hands.report((), [Measure("mail", series_of("rows_total", {"table": 'a"b\\c\nd'}), 3.0)])
    answer = api.get("/metrics")
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    text = answer.content.decode()
    for keyword in ("HELP", "TYPE"):
        named = re.findall(rf"^# {keyword} (\S+)", text, re.MULTILINE)
        assert len(named) == len(set(named))
    families = list(text_string_to_metric_families(text))
    kinds = {each.name: each.type for each in families}
    for metric in METRICS:
        assert kinds[metric.name.removesuffix("_total")] == metric.kind
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert not re.search(r"(milliseconds|_ms|minutes|kilobytes|_mb)", metric.name)
        assert not metric.help[0].islower()
        assert not metric.help.endswith(".")
    rows = next(each for each in families if each.name == "queueflow_job_metric_rows")
    assert rows.samples[0].labels == {"job_type": "mail", "table": 'a"b\\c\nd'}


def test_openmetrics_is_given_to_those_who_read_it(api, kit):
    hands = kit.worker()
    hands.complete([completed(kit.claimed(hands, type="mail"))])
    answer = api.get("/metrics", Accept=f"{OPEN},text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
    assert answer["Content-Type"] == OPEN
    families = {each.name: each for each in openmetrics.text_string_to_metric_families(answer.content.decode())}
    assert families["queueflow_jobs_completed"].samples[0].value == 1


@pytest.mark.parametrize("scope", ["enqueue", "operate", "payloads"])
def test_it_takes_the_scope_read(api, key, scope):
    problem(Api().get("/metrics"), 401, "unauthorized")
    problem(Api(key(scope)).get("/metrics"), 403, "missing_scope")
    assert Api(key("read")).get("/metrics").status_code == 200
