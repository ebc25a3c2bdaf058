"""What is seen of an outbox: readiness, health, the headline, metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from jobs import outbox
from jobs.clock import local_ms
from jobs.conf import Config
from jobs.inspection.status import Part
from jobs.models import OutboxEntry
from jobs.outbox import OutboxView
from monitoring import frame
from monitoring.outbox_words import accepting, part_of
from tests.api.conftest import api_config, db, key, use, without_store  # noqa: F401 - fixtures
from tests.support.jobs import request

ON = Config(outbox=True, outbox_max=5, outbox_max_bytes=2**20, max_payload_bytes=2**19)


@pytest.fixture
def gone(
    without_store: Config,  # noqa: F811
    use: Callable[[Config], None],  # noqa: F811
    key: Callable[..., str],  # noqa: F811
) -> tuple[Config, str]:
    """An installation whose store is away and whose outbox is on, with room for two; and a key to look with."""
    told = replace(without_store, outbox_max=2)
    use(told)
    return told, key("read")


def parts(path: str, token: str = "") -> dict[str, tuple[str, str]]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = Client().get(path, headers=headers).json()
    return {part["name"]: (part["status"], part["detail"]) for part in answer["parts"]}


def test_a_web_process_is_ready_while_the_outbox_takes_jobs(gone: tuple[Config, str]) -> None:
    config, token = gone
    ready = Client().get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    outbox.accept([outbox.Item(request(), local_ms() - 61_000), outbox.Item(request())], config)
    seen = parts("/health", token)
    assert seen["store"][0] == "unhealthy"
    assert seen["outbox"] == ("degraded", "the outbox is full: 2 jobs wait, the oldest for 1 min")
    assert Client().get("/health/ready").status_code == 503
    OutboxEntry.objects.all()[0].delete()
    assert parts("/health", token)["store"][1].endswith("into the outbox, where 1 job waits")


def test_metrics_tell_of_it_without_a_store(gone: tuple[Config, str]) -> None:
    config, token = gone
    outbox.accept([outbox.Item(request(payload=b'"' + b"x" * 998 + b'"'), local_ms() - 5000)], config)
    OutboxEntry.objects.create(job_id="x", type="echo", queue="q", request=b"?", accepted_ms=1, refused="invalid: no")
    text = Client().get("/metrics/process", headers={"Authorization": f"Bearer {token}"}).content.decode()
    found = dict(line.split(" ") for line in text.splitlines() if line.startswith("queueflow_outbox_"))
    assert (found["queueflow_outbox_entries"], found["queueflow_outbox_refused"]) == ("1.0", "1.0")
    [row] = OutboxEntry.objects.filter(refused="")
    assert float(found["queueflow_outbox_bytes"]) == row.size == len(row.request) > 1000
    assert 5.0 <= float(found["queueflow_outbox_oldest_seconds"]) < 60.0


def test_the_headline_says_that_jobs_are_accepted(gone: tuple[Config, str]) -> None:
    told = frame._away()
    assert (told.health, told.sentence) == (
        "degraded",
        "The store cannot answer; jobs are accepted into the outbox, where none waits yet.",
    )


@pytest.mark.parametrize(
    ("seen", "status", "detail"),
    [
        (OutboxView(3, 59_999, 0), "healthy", ""),
        (OutboxView(3, 60_000, 0), "degraded", "in the outbox 3 jobs wait, the oldest for 1 min"),
        (OutboxView(5, 0, 0), "degraded", "the outbox is full: 5 jobs wait"),
        (OutboxView(3, 0, 0, 2**20), "degraded", "the outbox is full: 3 jobs wait, 1.0 MiB in all"),
        (OutboxView(3, 0, 0, 2**19), "healthy", ""),
        (OutboxView(0, 0, 1), "degraded", "1 job is refused, see the outbox"),
        (None, "degraded", "the outbox cannot be looked at"),
    ],
)
def test_a_part_of_health_says_what_waits_for_long(seen: OutboxView | None, status: str, detail: str) -> None:
    assert part_of(ON, seen) == Part(name="outbox", status=status, detail=detail)  # type: ignore[arg-type]


def test_an_outbox_that_is_off_or_full_accepts_nothing() -> None:
    assert accepting(ON, OutboxView(5, 0, 0)) == accepting(Config(), None) == ""
    assert accepting(ON, OutboxView(3, 0, 0, 2**19 + 1)) == ""
    assert accepting(ON, OutboxView(3, 0, 0, 2**19)) == "jobs are accepted into the outbox, where 3 jobs wait"
