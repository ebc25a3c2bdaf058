"""Faults of the machine and of jobs: a full disk, bursts, poison, memory."""

from __future__ import annotations

import errno
import subprocess
from typing import Final

from jobs.states import State
from tests.faults.cgroup import VARIABLE, MemoryLimit
from tests.faults.ground import SETTLE_SECONDS, Ground
from tests.faults.proofs import Missing, says, sure
from tests.faults.scenarios import MOST_RECOVERY, scenario

DISK: Final = "12m"
DEADLY: Final = 10  # jobs that cost their process, each of two times
# Twice ten workers are lost one after the other. Each is replaced after a second, while the load stays that of all.
DEADLY_SECONDS: Final = 60.0
MEMORY_SECONDS: Final = 10.0  # a retry after 1.3 s, and jobs of four threads at a time
BURST: Final = 10_000
BURST_SECONDS: Final = 1.0
LIMIT: Final = 64 * 1024 * 1024


def small_disk(ground: Ground) -> None:
    """Give the server a disk of its own that can be filled; needs root."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(ground.server.folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing("root, to mount a small disk") from error
    ground.stack.callback(lambda: subprocess.run(["umount", "--lazy", ground.server.folder], check=True))


def small_lazy_disk(ground: Ground) -> None:
    """The same, written each second."""
    small_disk(ground)
    ground.server.settings["appendfsync"] = "everysec"


@scenario("the disk is full", "a file fills it for 3 s; appendfsync everysec", times=3, prepare=small_lazy_disk)
def fill_disk(ground: Ground) -> None:
    with says(ground.server, "MISCONF"):
        _fill(ground, 3)
    ground.over()


@scenario(
    "the disk is full, and the server ends",
    "the same with appendfsync always, and restarted",
    times=3,
    prepare=small_disk,
)
def fill_disk_to_death(ground: Ground) -> None:
    _fill(ground, 2)
    sure(ground.server.exit_code, "the server ran on")
    ground.server.start()
    ground.over()


def _fill(ground: Ground, seconds: float) -> None:
    filler = ground.server.folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65_536):
                pass
        except OSError as error:
            sure(error.errno == errno.ENOSPC, f"the disk said otherwise: {error}")
            ground.lasts(seconds)
    filler.unlink()


@scenario(
    "a burst",
    "10,000 jobs within a second, by 250, from four producers",
    times=5,
    most=MOST_RECOVERY,
)
def burst(ground: Ground) -> None:
    took = ground.load.burst(BURST, "noop")
    ground.tells(took, f"accepted in {took:.2f} s at most")
    sure(took <= BURST_SECONDS, f"it took {took:.2f} s")


@scenario("poison", "ten jobs that kill their process, each of two times", times=3, most=DEADLY_SECONDS)
def poison(ground: Ground) -> None:
    _die(ground, "poison", "WorkerLost")


@scenario(
    "jobs without end of memory",
    "ten jobs that ask for 640 MiB where RLIMIT_DATA leaves 64: a MemoryError, twice each",
    times=3,
    most=MEMORY_SECONDS,
)
def hog(ground: Ground) -> None:
    _die(ground, "hog", "MemoryError")


def limited(ground: Ground) -> None:
    """Make a cgroup that jobs can put their process into."""
    ground.limit = ground.stack.enter_context(MemoryLimit(LIMIT))
    ground.hosts = [{VARIABLE: str(ground.limit.folder)}]


@scenario(
    "processes without end of memory",
    "ten jobs whose process the kernel kills, each of two times, in a cgroup of 64 MiB",
    times=3,
    most=DEADLY_SECONDS,
    prepare=limited,
)
def devour(ground: Ground) -> None:
    before = ground.limit.kills
    _die(ground, "devour", "WorkerLost")
    kills = ground.limit.kills - before
    sure(kills > 0, "the kernel killed nobody")
    ground.tells(kills, f"up to {kills} kills, as a process runs several jobs")


def _die(ground: Ground, job_type: str, of: str) -> None:
    """Have jobs that fail twice, all for that reason, and are dead then."""
    ids = ground.load.add(DEADLY, job_type, max_retries=1)
    ground.load.settles(SETTLE_SECONDS)
    for record in ground.store.reader.records(ids):
        assert record is not None
        sure(record.state is State.DEAD and record.error.startswith(of), f"a job ended so: {record}")
