"""Faults of the machine and of jobs: clocks that step, a full disk, bursts, poison, memory, a killed web process."""

from __future__ import annotations

import subprocess
import tempfile
from glob import glob
from pathlib import Path
from typing import Final

from tests.faults.ground import Ground
from tests.faults.scenarios import scenario
from tests.faults.web import ByRest, Site

HOURS: Final = ("+2h", "+0", "-2h", "+0")
DISK: Final = "12m"


def clock_environment(folder: Path) -> dict[str, str]:
    """The environment of a server whose clock `step` moves; needs Debian's faketime."""
    found = glob("/usr/lib/*/faketime/libfaketimeMT.so.1")  # noqa: PTH207 - a library, wherever Debian keeps it
    if not found:
        raise RuntimeError("install Debian's package faketime")
    (folder / "clock").write_text("+0\n")
    return {
        "LD_PRELOAD": found[0],
        "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def fake_clock(ground: Ground) -> None:
    """Start the server under a clock of its own."""
    ground.server.environment |= clock_environment(ground.server.folder)


@scenario(
    "the server's clock steps", "two hours on, back, two hours back, on; a second each", times=3, prepare=fake_clock
)
def step_clock(ground: Ground, times: int) -> None:
    for _ in range(times):
        for step in HOURS:
            (ground.server.folder / "clock").write_text(f"{step}\n")
            ground.lasts(1)
        ground.completes(100)


def small_disk(ground: Ground) -> None:
    """Give the server a disk of its own that can be filled; needs root."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", ground.server.folder], check=True)
    ground.stack.callback(lambda: subprocess.run(["umount", "--lazy", ground.server.folder], check=True))


def small_lazy_disk(ground: Ground) -> None:
    """The same, written each second."""
    small_disk(ground)
    ground.server.settings["appendfsync"] = "everysec"


@scenario("the disk is full", "a file fills it for 3 s; appendfsync everysec", times=3, prepare=small_lazy_disk)
def fill_disk(ground: Ground, times: int) -> None:
    for _ in range(times):
        _fill(ground, 3)
        ground.completes(100)


@scenario(
    "the disk is full, and the server ends",
    "the same with appendfsync always, and restarted",
    times=3,
    prepare=small_disk,
)
def fill_disk_to_death(ground: Ground, times: int) -> None:
    for _ in range(times):
        _fill(ground, 2)
        ground.server.restart()
        ground.completes(100)


def _fill(ground: Ground, seconds: float) -> None:
    filler = ground.server.folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65_536):
                pass
        except OSError:
            ground.lasts(seconds)
    filler.unlink()


@scenario("a burst", "10,000 jobs at once, by 250", times=5)
def burst(ground: Ground, times: int) -> None:
    for _ in range(times):
        ground.load.add(10_000, "noop")
        ground.completes(10_000, 60)


@scenario("poison", "ten jobs that kill their process, each of two times", times=3, workers=2)
def poison(ground: Ground, times: int) -> None:
    for _ in range(times):
        ground.load.add(10, "poison", max_retries=1)
        ground.completes(300, 60)


@scenario("jobs without end of memory", "ten jobs that ask for 640 MiB where 64 are left", times=3)
def hog(ground: Ground, times: int) -> None:
    for _ in range(times):
        ground.load.add(10, "hog", max_retries=1)
        ground.completes(300, 60)


def by_rest(ground: Ground) -> None:
    """Feed by a web process."""
    site = Site(Path(tempfile.mkdtemp(prefix="qf-site-")), ground.server)
    ground.stack.callback(site.close)
    ground.site = site
    ground.feeder = ByRest(site)


@scenario(
    "web is killed",
    "SIGKILL, and started again; jobs by POST with ids of their own",
    times=5,
    rate=100.0,
    prepare=by_rest,
)
def kill_web(ground: Ground, times: int) -> None:
    assert ground.site is not None
    for _ in range(times):
        ground.site.kill()
        ground.site.start_web()
        ground.load.grows_by(50)
