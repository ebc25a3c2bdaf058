"""A limit of memory whose excess the kernel answers by a kill."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.faults.proofs import Missing
from tests.support.polling import wait_until

VARIABLE: Final = "FAULTS_CGROUP"
NEED: Final = "root, and a memory controller of cgroups that is ours to use"


class MemoryLimit:
    """A cgroup, of version 1 or 2, of so many bytes; a context. Who writes its pid to `cgroup.procs` in `folder` is in.

    What a process had before it entered does not count. Raises Missing where none can be made.
    """

    def __init__(self, size: int) -> None:
        self._size = size

    def __enter__(self) -> Self:
        try:
            self.folder, bound, self._told = _parent()
            self.folder.mkdir()
            (self.folder / bound).write_text(str(self._size))
        except OSError as error:
            raise Missing(NEED) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wait_until(lambda: not (self.folder / "cgroup.procs").read_text())
        self.folder.rmdir()

    @property
    def kills(self) -> int:
        """How many processes the kernel has killed in it."""
        lines = (self.folder / self._told).read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def _parent() -> tuple[Path, str, str]:
    """The folder of a new group, the file of its limit, and the one that counts kills."""
    name = f"queueflow-faults-{os.getpid()}"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup" and "memory" in options.split(","):
            return Path(place, name), "memory.limit_in_bytes", "memory.oom_control"
        if kind == "cgroup2" and "memory" in Path(place, "cgroup.controllers").read_text().split():
            Path(place, "cgroup.subtree_control").write_text("+memory")
            return Path(place, name), "memory.max", "memory.events"
    raise Missing(NEED)
