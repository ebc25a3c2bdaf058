"""Faults of the machine and of jobs: a full disk, bursts, poison, memory."""

from __future__ import annotations

import subprocess
from typing import Final

from tests.faults.ground import Ground
from tests.faults.scenarios import scenario

DISK: Final = "12m"


def small_disk(ground: Ground) -> None:
    """Give the server a disk of its own that can be filled; needs root."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", ground.server.folder], check=True)
    ground.stack.callback(lambda: subprocess.run(["umount", "--lazy", ground.server.folder], check=True))


def small_lazy_disk(ground: Ground) -> None:
    """The same, written each second."""
    small_disk(ground)
    ground.server.settings["appendfsync"] = "everysec"


@scenario("the disk is full", "a file fills it for 3 s; appendfsync everysec", times=3, prepare=small_lazy_disk)
def fill_disk(ground: Ground) -> None:
    _fill(ground, 3)
    ground.completes(100)


@scenario(
    "the disk is full, and the server ends",
    "the same with appendfsync always, and restarted",
    times=3,
    prepare=small_disk,
)
def fill_disk_to_death(ground: Ground) -> None:
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
def burst(ground: Ground) -> None:
    ground.load.add(10_000, "noop")
    ground.completes(10_000, 60)


@scenario("poison", "ten jobs that kill their process, each of two times", times=3, workers=2)
def poison(ground: Ground) -> None:
    ground.load.add(10, "poison", max_retries=1)
    ground.completes(300, 60)


@scenario("jobs without end of memory", "ten jobs that ask for 640 MiB where 64 are left", times=3)
def hog(ground: Ground) -> None:
    ground.load.add(10, "hog", max_retries=1)
    ground.completes(300, 60)
