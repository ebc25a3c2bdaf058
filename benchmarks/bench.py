"""What every measurement of a run shares."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from benchmarks.errors import BenchmarkError
from benchmarks.feed import NO_OPS, Mix
from benchmarks.figures import Sample
from benchmarks.options import Options
from benchmarks.record_file import RecordFile
from benchmarks.servers import Servers
from benchmarks.subject import Subject
from benchmarks.work import Kind
from benchmarks.workers import Workers

POLL_SECONDS = 0.004
STALL_SECONDS = 60.0


@dataclass
class Bench:
    """The server, the record file and what is known of each subject's speed; one measurement runs at a time."""

    options: Options
    server: Servers
    records: RecordFile
    speeds: dict[tuple[str, Kind], float] = field(default_factory=dict)  # no-op jobs a second, last measured

    def reset(self) -> None:
        """Begin with a new server and an empty record file."""
        self.server.renew()
        self.records.clear()

    def sample(self) -> Sample:
        """Return the completions so far, the time and the server's processor time."""
        cpu = self.server.cpu_seconds()
        return Sample(time.monotonic(), self.records.count(), cpu)

    def wait_for(self, count: int, workers: Workers, until: float = float("inf")) -> bool:
        """Wait for ``count`` completions; return False if the monotonic time ``until`` comes first.

        Raises ``BenchmarkError`` if a worker ends or nothing completes for ``STALL_SECONDS``.
        """
        seen, moved = -1, time.monotonic()
        while (done := self.records.count()) < count:
            now = time.monotonic()
            if now >= until:
                return False
            if done != seen:
                seen, moved = done, now
            elif now - moved > STALL_SECONDS:
                raise BenchmarkError(f"stuck at {done} of {count} jobs: {workers.log_tail()}")
            workers.check()
            time.sleep(POLL_SECONDS)
        return True

    def fill(self, subject: Subject, kind: Kind, count: int, mix: Mix = NO_OPS) -> None:
        """Enqueue ``count`` jobs by the subject's fastest means."""
        batch = self.options.batch if subject.has_bulk and count > self.options.batch else 0
        subject.feed(kind, count, mix=mix, batch=batch)
