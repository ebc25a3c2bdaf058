"""Handlers whose words are poison: they would run as a script or a template if a page let them. Two take their time."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from jobs import current_job, handler
from tests.e2e.words import EVIL

Evil = type(EVIL, (Exception,), {})


@handler("poison-complete")
def complete(payload: Any) -> Any:
    """Say poison in every way and return it."""
    speak()
    return {EVIL: [payload, EVIL]}


@handler("poison-fail")
def fail(payload: Any) -> None:
    """Say poison in every way and raise it, with a poisonous cause."""
    speak()
    try:
        raise KeyError(EVIL)
    except KeyError as error:
        raise Evil(EVIL) from error


@handler("poison-run")
def run(payload: Any) -> None:
    """Say poison in every way and go on running."""
    speak()
    threading.Event().wait()  # job body


@handler("tells-how-far-it-is")
def tell(payload: dict[str, int]) -> None:
    """Report each of some steps, and a line of log."""
    for step in range(payload["steps"]):
        current_job.update_progress(100 * step / payload["steps"], f"step {step}")
        current_job.log(f"line {step}")
        time.sleep(0.2)  # job body


@handler("rests", queue="rests")
async def rest(payload: dict[str, float]) -> None:
    """Take a slot for some seconds."""
    await asyncio.sleep(payload["seconds"])  # job body


def speak() -> None:
    """Report progress and write a log."""
    current_job.update_progress(50, EVIL)
    current_job.log(EVIL)
