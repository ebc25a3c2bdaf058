"""Handlers that attack the worker that runs them; test processes load them by QUEUEFLOW_HANDLERS."""

from __future__ import annotations

import asyncio
from typing import Any

from jobs import Discard, Snooze, current_job, handler


class Untouchable(Exception):
    """Raises whatever is asked of it."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


@handler("untouchable")
def untouchable(payload: Any) -> None:
    """Raises an error that cannot be looked at."""
    raise Untouchable


@handler("untouchable-async")
async def untouchable_async(payload: Any) -> None:
    """The same on the loop."""
    raise Untouchable


@handler("surrogate")
def surrogate(payload: str) -> None:
    """Gives a reason that is no text."""
    if payload == "discard":
        raise Discard("why \ud800")
    if current_job.execution == 1:
        raise Snooze(0, "why \ud800")


@handler("cancel-all")
async def cancel_all(payload: Any) -> None:
    """Cancels every other task of the loop, also those that have been launched but have not begun."""
    me = asyncio.current_task()
    for _ in range(200):
        for task in asyncio.all_tasks():
            if task is not me:
                task.cancel()
        await asyncio.sleep(0)  # job body


@handler("bystander")
async def bystander(payload: Any) -> str:
    """Does nothing wrong."""
    await asyncio.sleep(0)  # job body
    return "done"


@handler("flaky-echo")
def flaky_echo(payload: Any) -> Any:
    """Fails its first execution and returns its payload in the second."""
    if current_job.execution == 1:
        raise ValueError("the first time")
    return payload
