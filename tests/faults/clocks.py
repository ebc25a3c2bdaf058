"""Faults of clocks, by Debian's faketime: that of the server steps, those of hosts are not the same."""

from __future__ import annotations

from glob import glob
from pathlib import Path
from typing import Final

from tests.faults.ground import Ground
from tests.faults.scenarios import scenario

STEPS: Final = ("+2h", "+0", "-2h", "+0")
SKEWS: Final = ("+2h", "-2h")


def clock_environment(folder: Path) -> dict[str, str]:
    """The environment of a process whose clock is what the file `clock` in a folder says."""
    (folder / "clock").write_text("+0\n")
    return {**_fake(), "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"), "FAKETIME_NO_CACHE": "1"}


def skewed_environment(skew: str) -> dict[str, str]:
    """The environment of a Python process whose clock is wrong by as much, like `+2h`."""
    return {**_fake(), "FAKETIME": skew, "PYTHONPATH": str(Path(__file__).parent / "skewed")}


def _fake() -> dict[str, str]:
    found = glob("/usr/lib/*/faketime/libfaketimeMT.so.1")  # noqa: PTH207 - a library, wherever Debian keeps it
    if not found:
        raise RuntimeError("install Debian's package faketime")
    return {"LD_PRELOAD": found[0], "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def fake_clock(ground: Ground) -> None:
    """Start the server under a clock of its own."""
    ground.server.environment |= clock_environment(ground.server.folder)


@scenario(
    "the server's clock steps", "two hours on, back, two hours back, on; a second each", times=3, prepare=fake_clock
)
def step_clock(ground: Ground) -> None:
    for step in STEPS:
        (ground.server.folder / "clock").write_text(f"{step}\n")
        ground.lasts(1)
    ground.completes(100)


def skew_hosts(ground: Ground) -> None:
    """Let one pool live two hours ahead of the server, and the other two hours behind."""
    ground.hosts = [skewed_environment(skew) for skew in SKEWS]


@scenario(
    "hosts with skewed clocks",
    "a pool two hours ahead of the server, one two hours behind; a worker of each is killed, 20 jobs are put off",
    times=5,
    pools=2,
    prepare=skew_hosts,
)
def kill_on_skewed_hosts(ground: Ground) -> None:
    ground.load.add(20, "noop", delay_ms=500)
    for pool in ground.pools:
        ground.kill_worker(pool)
    ground.completes(300)
