"""QueueFlow's handlers for the benchmark, found through QUEUEFLOW_HANDLERS; all their options are the defaults."""

from __future__ import annotations

from typing import Any, cast

from benchmarks.work import Kind, Payload, arun, run
from jobs import handler


@handler(Kind.SYNC.value)
def noop(payload: dict[str, Any]) -> None:
    """Run the shared work in a thread."""
    run(cast(Payload, payload))


@handler(Kind.ASYNC.value)
async def anoop(payload: dict[str, Any]) -> None:
    """Run the shared work on the worker's loop."""
    await arun(cast(Payload, payload))
