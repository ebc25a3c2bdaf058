"""A pool's own metrics, written by hand: the format has to be right all the same."""

from prometheus_client.parser import text_string_to_metric_families

from jobs.circuit import BreakerState
from jobs.worker.pool_metrics import pool_metrics

BREAKERS = [(BreakerState.OPEN, 3), (BreakerState.CLOSED, 0)]
STATUS = {
    "pool": 'a"b\\c\nd',
    "desired": 2,
    "workers": [
        {"worker": f"w-{n}", "busy": n, "processed": 10 * n, "failed": n, "breakers": BREAKERS[:n]} for n in (1, 2)
    ],
}


def test_what_is_written_can_be_read():
    families = list(text_string_to_metric_families(pool_metrics(STATUS, 1, 5).decode()))
    samples = {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}
    assert len({family.name for family in families}) == len(families) == 9
    assert all(family.documentation for family in families)
    assert samples["queueflow_pool_slots", 'a"b\\c\nd'] == 10
    assert samples["queueflow_worker_executions_total", 'a"b\\c\nd', "w-2"] == 20
    assert samples["queueflow_pool_breaker_workers", 'a"b\\c\nd', "store", "open"] == 2
    assert samples["queueflow_pool_breaker_workers", 'a"b\\c\nd', "store", "half_open"] == 0
    assert samples["queueflow_pool_breaker_workers", 'a"b\\c\nd', "store:1", "closed"] == 1
    assert samples["queueflow_worker_breaker_opened_total", 'a"b\\c\nd', "w-2", "store"] == 3
