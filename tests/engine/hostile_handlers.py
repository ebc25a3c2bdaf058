"""Handlers that attack the worker that runs them; test processes load them by QUEUEFLOW_HANDLERS."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
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


@handler("stops-itself")
def stops_itself(payload: Any) -> str:
    """Stands still the first time, with all its process."""
    if current_job.execution == 1:
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(60)  # job body: another thread may take the signal, and this one runs on until all stand still
    return "done"


@handler("leaves-its-group")
def leaves_its_group(payload: Any) -> None:
    """Goes into the supervisor's process group and never ends."""
    os.setpgid(0, os.getpgid(os.getppid()))
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(0.01)  # job body


@handler("hides-a-child")
def hides_a_child(payload: dict[str, Any]) -> None:
    """Waits for a program that bears no mark of its worker, and has nothing to do with its group or session."""
    code = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"  # job body
    subprocess.run([sys.executable, "-c", code, payload["file"]], check=True, env={}, start_new_session=True)


@handler("leaves-a-blocker")
async def leaves_a_blocker(payload: Any) -> None:
    """Ends at once, and leaves something on the loop that never does."""
    asyncio.get_running_loop().call_later(0.01, time.sleep, 600)


@handler("breaks-the-loop")
async def breaks_the_loop(payload: Any) -> None:
    """Closes what the loop waits with."""
    asyncio.get_running_loop()._selector.close()  # type: ignore[attr-defined]


@handler("segfault-once")
def segfault_once(payload: Any) -> str:
    """Kills its process the first time."""
    if current_job.attempt == 1:
        os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(600)  # job body
    return "done"


@handler("forbids-files")
def forbids_files(payload: Any) -> int:
    """Leaves its process unable to open anything, as if it had all the files that it may; says in which process."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
    return os.getpid()
