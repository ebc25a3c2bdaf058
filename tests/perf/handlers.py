"""Handlers of the recipe's types: what the deploy broke works again."""

from __future__ import annotations

import threading
from typing import Any

from jobs import handler
from tests.perf.recipe import TYPES

HOLDING = "hold"  # the type of a job that goes on running


def work(payload: Any) -> dict[str, Any]:
    """Do what takes no time."""
    return {"ok": True, "order": payload["order"]}


for job_type in TYPES:
    handler(job_type)(work)


@handler(HOLDING)
def hold(payload: Any) -> None:
    """Go on running."""
    threading.Event().wait()  # job body
