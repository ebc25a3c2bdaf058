"""Retries the largest group of dead jobs by one operation, asked for twice as by a double click."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Final

from tests.perf.figures import Figure
from tests.perf.installation import FullInstallation
from tests.perf.recipe import BROKEN_QUEUE, BROKEN_TYPE, fingerprint_of
from tests.support.polling import wait_until

SECTION: Final = "bulk retry"
MOST_MS: Final = 1000.0
SECONDS: Final = 300.0


def bulk_retry(installation: FullInstallation) -> Iterator[Figure]:
    """How long the answers take, how long the work, and that each job ran once more."""
    caller = installation.key_caller(installation.key)
    wanted = installation.recipe.largest_group
    before = _executions(installation)
    body = json.dumps({"action": "retry", "filter": {"error": fingerprint_of(0)}, "reason": "the fix is out"}).encode()
    headers = {"Idempotency-Key": f"retry-{time.time_ns()}"}
    started = time.monotonic()
    answers = [caller.ask("/api/dlq/operations", body, **headers) for _ in range(2)]
    for turn, answer in zip(("first", "second"), answers, strict=True):
        assert answer.status == 202, answer
        yield Figure(SECTION, f"the {turn} answer", answer.ms, "ms", MOST_MS)
    ids = {json.loads(answer.body)["operationId"] for answer in answers}
    yield Figure(SECTION, "operations made by asking twice", len(ids), "", 1)
    operation = ids.pop()
    wait_until(lambda: json.loads(caller.ask(f"/api/operations/{operation}").body)["status"] == "done", SECONDS)
    yield Figure(SECTION, f"until {wanted:,} jobs are back in their queue", time.monotonic() - started, "s")
    wait_until(lambda: _is_idle(installation), SECONDS)
    yield Figure(SECTION, "until the last one has completed", time.monotonic() - started, "s")
    done = _executions(installation) - before
    yield Figure(SECTION, "executions too many or too few", abs(done - wanted), "", 0)
    caller.close()


def _executions(installation: FullInstallation) -> int:
    figures = installation.kit.reader.types().get(BROKEN_TYPE, {})
    return figures.get("completed", 0) + figures.get("failed", 0)


def _is_idle(installation: FullInstallation) -> bool:
    """True when nothing of the retried is left but the job that goes on running."""
    [view] = [view for view in installation.kit.store.glance.figures().queues if view.name == BROKEN_QUEUE]
    return sum(view.depth.values()) + view.counts["retrying"] == 0 and view.counts["active"] == 1
