"""A key that holds something else: every endpoint answers, and none with a 500."""

from __future__ import annotations

import re

import pytest

from tests.api.conftest import ONE_WAY, problem
from tests.api.test_rules import TABLE
from tests.support.jobs import failed

KEYS = (
    "metadata", "data", "stamp", "created", "stats", "counts", "types", "active", "scheduled", "retrying", "completed",
    "cancelled", "expiring", "dlq", "dlq_groups", "queues", "paused", "paused_types", "turns", "workers", "worker_info",
    "pools", "history_cursors", "operations", "operations_open", "line",
)  # fmt: skip
pytestmark = ONE_WAY  # behind both lies the same endpoint


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("kind", ["text", "list"])
def test_no_endpoint_fails_over_a_key_of_another_type(api, kit, name, kind):
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.fail([failed(claim, final=True)])
    kit.enqueue(delay_ms=9000)
    key = kit.keys.queue_block("default")[1] if name == "line" else getattr(kit.keys, name)
    kit.client.call("DEL", key)
    kit.client.call(*(("SET", key, "foreign") if kind == "text" else ("RPUSH", key, "foreign")))
    for wanted, (_, body, _) in TABLE.items():
        method, _, path = wanted.partition(" ")
        path = re.sub("{.*?}", lambda found: claim.id if "job_id" in found[0] else "default", path)
        answer = api.post(path, body) if method == "POST" else api.get(path) if method == "GET" else api.delete(path)
        assert answer.status_code != 500, (wanted, answer.content)
        if answer.status_code == 503 and not path.endswith("/stack"):
            detail = problem(answer, 503, "store_error")["detail"]
            assert detail.startswith("The store is damaged: a key in the store does not hold"), wanted
