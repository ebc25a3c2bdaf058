"""Faults of clocks, by Debian's faketime: that of the server steps, those of hosts are not the same."""

from __future__ import annotations

import json
import time
from datetime import datetime
from glob import glob
from pathlib import Path
from typing import Final

from tests.engine.pools import Pool
from tests.faults.ground import Ground
from tests.faults.proofs import Missing, sure
from tests.faults.scenarios import MOST_RECOVERY, scenario

STEPS: Final = {"+2h": 7200, "+0": 0, "-2h": -7200}  # and the seconds that they are
STEP_SECONDS: Final = 1.0
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
        raise Missing("Debian's package faketime")
    return {"LD_PRELOAD": found[0], "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def fake_clock(ground: Ground) -> None:
    """Start the server under a clock of its own."""
    ground.server.environment |= clock_environment(ground.server.folder)


@scenario(
    "the server's clock steps",
    "two hours on, back, two hours back, on; a second each",
    times=3,
    most=MOST_RECOVERY,
    prepare=fake_clock,
)
def step_clock(ground: Ground) -> None:
    for number, step in enumerate(("+2h", "+0", "-2h", "+0")):
        if number:
            ground.load.strike()
        (ground.server.folder / "clock").write_text(f"{step}\n")
        sure(abs(_ahead(ground) - STEPS[step]) < 5, f"the server's clock is {_ahead(ground):.0f} s ahead")
        ground.lasts(STEP_SECONDS)


def _ahead(ground: Ground) -> float:
    """Seconds by which the server's clock is before ours."""
    with ground.server.client() as client:
        seconds, _ = client.time()
        return float(seconds) - time.time()


def skew_hosts(ground: Ground) -> None:
    """Let one pool live two hours ahead of the server, and the other two hours behind."""
    ground.hosts = [skewed_environment(skew) for skew in SKEWS]


@scenario(
    "hosts with skewed clocks",
    "a pool two hours ahead of the server, one two hours behind; a worker of each is killed, 20 jobs are put off",
    times=5,
    most=MOST_RECOVERY,
    pools=2,
    prepare=skew_hosts,
)
def kill_on_skewed_hosts(ground: Ground) -> None:
    for pool, skew in zip(ground.pools, SKEWS, strict=True):
        sure(abs(_wrong(pool) - STEPS[skew]) < 600, f"a host's clock is {_wrong(pool):.0f} s ahead")
    ground.load.add(20, "noop", delay_ms=500)
    for pool in ground.pools:
        ground.kill_worker(pool)


def _wrong(pool: Pool) -> float:
    """Seconds by which what a pool has said last was said before now."""
    said = json.loads(pool.output.splitlines()[-1])
    return datetime.fromisoformat(said["timestamp"]).timestamp() - time.time()
