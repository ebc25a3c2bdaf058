"""A key that holds something else, or an id that is none: every page answers, and none with a 500."""

from __future__ import annotations

import pytest

from monitoring import frame
from tests.api.test_spoilt_store import KEYS
from tests.support.jobs import failed

pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
NOT_TEXT = b"\xff\xfe <script>"
INDEXES = ("created", "active", "scheduled", "retrying", "completed", "cancelled", "dlq", "expiring", "workers", "line")


def addresses(job_id: str) -> list[str]:
    return [
        "/", "/?part=errors", "/queues/", "/workers/", "/operations/", "/operations/x/", "/dead-letters/", "/audit/",
        "/dead-letters/jobs/", "/jobs/", "/jobs/new/", f"/jobs/{job_id}/", "/settings/", "/views/",
        "/charts.json?names=throughput,depth,latency,workers&range=1h", "/operations/new/?from=jobs&action=cancel",
        "/exports/jobs.csv", "/exports/dead-jobs.json", "/api/metrics", "/jobs/?status=pending", "/jobs/?status=active",
        "/jobs/?status=completed", "/jobs/?q=x", "/health", "/health/ready",
    ]  # fmt: skip


def key_of(kit, name):
    return kit.keys.queue_block("default")[1] if name == "line" else getattr(kit.keys, name)


@pytest.fixture
def there(kit):
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.fail([failed(claim, final=True)])
    kit.enqueue()
    return claim.id


@pytest.mark.parametrize("name", KEYS)
def test_no_page_fails_over_a_key_of_another_type(api, kit, person, there, name):
    client = person("Admin")
    kit.client.call("DEL", key_of(kit, name))
    kit.client.call("SET", key_of(kit, name), "foreign")
    for path in addresses(there):
        frame.keep(frame.UNKNOWN, seconds=0)
        page = client.get(path)
        content = b"".join(page) if page.streaming else page.content
        assert page.status_code in (200, 302, 404, 422, 503), (path, content)
        assert b"It has been logged" not in content, path
        if page.status_code == 503 and not path.startswith("/health"):
            assert b"The store is damaged" in content or b"store_error" in content, (path, content)


@pytest.mark.parametrize("name", INDEXES)
def test_no_page_fails_over_what_is_no_id(api, kit, person, there, name):
    client = person("Admin")
    kit.client.call("ZADD", key_of(kit, name), 1, NOT_TEXT)
    kit.client.call("ZADD", key_of(kit, name), 2**53, b"\xfe")
    for path in addresses(there):
        frame.keep(frame.UNKNOWN, seconds=0)
        page = client.get(path)
        content = b"".join(page) if page.streaming else page.content
        assert page.status_code in (200, 302, 404, 422) or path.startswith("/health"), (path, content)
        assert b"<script>\xff" not in content
