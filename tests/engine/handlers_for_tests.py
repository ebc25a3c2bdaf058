"""Handlers of every kind of behaviour; test processes load them by QUEUEFLOW_HANDLERS."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from jobs import Discard, Job, Retry, Snooze, current_job, handler
from jobs.manager import QueueManager


def _note(payload: dict[str, Any], text: str) -> None:
    """Append a line to the file that the payload names."""
    with Path(payload["file"]).open("a") as file:
        file.write(text + "\n")


@handler("noop")
def noop(payload: Any) -> None:
    """Does nothing."""


@handler("noop-async")
async def noop_async(payload: Any) -> None:
    """Does nothing, on the loop."""


@handler("echo")
def echo(payload: Any) -> Any:
    """Returns its payload."""
    return payload


@handler("note")
def note(payload: dict[str, Any]) -> None:
    """Writes its job id, attempt and process into a file."""
    _note(payload, f"{current_job.id} {current_job.attempt} {os.getpid()}")


@handler("sleep")
def sleep(payload: dict[str, Any]) -> str:
    """Sleeps in C; writes when it starts, if there is a file."""
    if "file" in payload:
        _note(payload, f"{current_job.id} {os.getpid()}")
    time.sleep(payload["seconds"])  # job body
    return "slept"


@handler("sleep-async")
async def sleep_async(payload: dict[str, Any]) -> str:
    """Sleeps on the loop."""
    await asyncio.sleep(payload["seconds"])  # job body
    return "slept"


@handler("busy")
def busy(payload: Any) -> None:
    """Never ends, but listens."""
    while True:
        pass


@handler("busy-async")
async def busy_async(payload: Any) -> None:
    """Never ends and blocks its loop."""
    while True:
        pass


@handler("deaf")
def deaf(payload: Any) -> None:
    """Never ends, whatever is raised in it."""
    while True:
        try:
            while True:
                time.sleep(0.01)  # job body
        except BaseException:
            pass


@handler("deaf-async")
async def deaf_async(payload: Any) -> None:
    """Never ends, however often it is cancelled."""
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(600)  # job body


@handler("late")
def late(payload: dict[str, Any]) -> str:
    """Swallows the interrupt and returns as if nothing had been."""
    deadline = time.monotonic() + payload["seconds"]
    while time.monotonic() < deadline:
        with contextlib.suppress(BaseException):
            time.sleep(0.01)  # job body
    return "done all the same"


@handler("regex")
def regex(payload: Any) -> None:
    """Stops every thread of its process."""
    re.match(r"(a+)+$", "a" * 64 + "b")


@handler("waits-for-child")
def waits_for_child(payload: dict[str, Any]) -> None:
    """Waits for a program, and has another one that has left the process group."""
    code = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"  # job body
    subprocess.Popen([sys.executable, "-c", code, payload["file"]], start_new_session=True)
    subprocess.run([sys.executable, "-c", code, payload["file"]], check=True)


@handler("forks-away")
def forks_away(payload: dict[str, Any]) -> None:
    """Leaves a process that is nobody's child, in a session of its own, without a new program."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            _note(payload, str(os.getpid()))
            time.sleep(600)  # job body
        os._exit(0)
    time.sleep(600)  # job body


@handler("returns-from-fork")
def returns_from_fork(payload: dict[str, Any]) -> str:
    """Forks, and the child comes back into the worker's code."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        return f"child ended with {os.waitstatus_to_exitcode(status)}"
    return "child"


@handler("dies", max_retries=1)
def dies(payload: dict[str, Any]) -> None:
    """Ends its process in the way asked for."""
    how = payload["how"]
    if how == "exit":
        os._exit(3)
    os.kill(os.getpid(), getattr(signal, how))
    time.sleep(600)  # job body


class Unspeakable(Exception):
    """Cannot be described."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


RAISES: dict[str, Any] = {
    "ValueError": lambda: ValueError("wrong 42"),
    "SystemExit": lambda: SystemExit(7),
    "KeyboardInterrupt": KeyboardInterrupt,
    "GeneratorExit": GeneratorExit,
    "Unspeakable": Unspeakable,
    "ExceptionGroup": lambda: ExceptionGroup("several", [ValueError("one"), KeyError("two")]),
    "Retry": lambda: Retry("later", delay=0.05),
    "Snooze": lambda: Snooze(0.05, "not now"),
    "Discard": lambda: Discard("not wanted"),
    "BadSnooze": lambda: Snooze("soon"),  # type: ignore[arg-type]
}


@handler("raises", max_retries=0)
def raises(payload: str) -> None:
    """Raises what it is told, the first time."""
    if current_job.execution == 1 or payload not in {"Retry", "Snooze"}:
        raise RAISES[payload]()


@handler("raises-async", max_retries=0)
async def raises_async(payload: str) -> None:
    """Raises what it is told, on the loop."""
    await asyncio.sleep(0)  # job body
    if current_job.execution == 1 or payload not in {"Retry", "Snooze"}:
        raise RAISES[payload]()


@handler("returns", max_retries=3)
def returns(payload: str) -> object:
    """Returns what no store can keep."""
    return {"object": object(), "nan": float("nan"), "large": "x" * 1_100_000, "set": {1}}[payload]


@handler("typed")
def typed(payload: dict[str, int]) -> int:
    """Takes numbers only."""
    return sum(payload.values())


@handler("reports")
def reports(payload: dict[str, Any], job: Job) -> None:
    """Says a lot of itself."""
    for step in range(payload["steps"]):
        job.update_progress(step * 100 / payload["steps"], f"step {step}")
        job.log(f"line {step}")
        job.logger.info("a step", step=step)
    logging.getLogger("third.party").warning("done")


@handler("enqueues")
def enqueues(payload: dict[str, Any]) -> str:
    """Enqueues a follow-up."""
    return QueueManager().enqueue("noop", {}).id


@handler("database")
def database(payload: Any) -> int:
    """Uses Django's database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 42")
        return int(cursor.fetchone()[0])


@handler("address")
def address(payload: Any) -> str:
    """Where a page is."""
    from django.urls import reverse

    return reverse(payload)


@handler("database-async")
async def database_async(payload: Any) -> int:
    """Uses Django's database from the loop."""
    from asgiref.sync import sync_to_async

    return int(await sync_to_async(database)(payload))


@handler("measures")
def measures(payload: dict[str, Any]) -> None:
    """Measures what it is told to."""
    for value in payload["values"]:
        current_job.metric("rows_total", value, {"table": "orders"})
        current_job.metric("depth", value)
