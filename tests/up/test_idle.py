"""Processes that have nothing to do take next to nothing of a processor."""

from __future__ import annotations

import time

import psutil
import pytest

from tests.support.polling import wait_until
from tests.up.run import Up, runs_a_job

WINDOW_SECONDS = 15.0
SHARE = 0.01  # of a core; of processor time, so that it holds however busy the machine is


def parts_of(up: Up) -> dict[str, psutil.Process]:
    """The processes of a run that has a pool of one worker, each by what it is."""
    assert up.process is not None
    parts = {"up": psutil.Process(up.process.pid)}
    [worker] = wait_until(lambda: up.ask("/workers")["items"])
    for process in up.below():
        command = process.cmdline()
        if "web" in command:
            parts["web"] = process
        elif "scaler" in command or "scheduler" in command:
            parts[command[-1]] = process
        elif "workerpool" in command:
            is_own = process.ppid() == up.process.pid
            parts["supervisor" if is_own else "worker" if process.pid == worker["pid"] else "maintenance"] = process
    return parts


def seconds_used(process: psutil.Process) -> float:
    """The processor time that a process itself has used, its children aside."""
    times = process.cpu_times()
    return float(times.user + times.system)


@pytest.mark.slow
def test_idle_processes_use_less_than_a_hundredth_of_a_core_each(up: Up) -> None:
    up.start()
    runs_a_job(up)
    parts = parts_of(up)
    assert set(parts) == {"up", "web", "supervisor", "maintenance", "worker", "scaler", "scheduler"}
    before, began = {name: seconds_used(process) for name, process in parts.items()}, time.monotonic()
    wait_until(lambda: time.monotonic() - began >= WINDOW_SECONDS, 4 * WINDOW_SECONDS, interval=0.5)
    after, took = {name: seconds_used(process) for name, process in parts.items()}, time.monotonic() - began
    shares = {name: (after[name] - before[name]) / took for name in parts}
    assert {name: share for name, share in shares.items() if share >= SHARE} == {}
