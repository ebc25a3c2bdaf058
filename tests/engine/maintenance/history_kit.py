"""A leader of history in a test's hands, and time that goes by in whole buckets."""

from __future__ import annotations

from jobs.maintenance.history import NAME, SLACK_MS, HistoryKeeper
from jobs.maintenance.leadership import Leadership
from jobs.store.history import ALL, Slice
from jobs.store.sampler import STEP_MS
from tests.support.jobs import StoreKit, completed


class Recorder:
    """Keeps the history of a kit's store. Its time begins at a full ten minutes, a tenth of a second into a bucket."""

    def __init__(self, kit: StoreKit, holder: str = "recorder") -> None:
        self.kit = kit
        self.leadership = Leadership(kit.keeper, NAME, holder)
        assert self.leadership.keep()
        self.duty = HistoryKeeper(kit.store, self.leadership)

    def begin(self, seconds: int = 600) -> int:
        """Go to the beginning of the next `seconds` of the clock. Returns it, in s."""
        now = self.kit.reader.now_ms()
        self.kit.advance(seconds * 1000 - now % (seconds * 1000) + 100)
        return self.kit.reader.now_ms() // 1000

    def next_bucket(self) -> None:
        """Go to the beginning of the next ten seconds."""
        self.begin(STEP_MS // 1000)

    def close(self) -> int:
        """Go to the next ten seconds, and close all that is over. Returns how many buckets were made."""
        self.next_bucket()
        self.kit.advance(SLACK_MS)
        return self.run()

    def run(self) -> int:
        """Let the duty do all it can do now."""
        done = 0
        while True:
            assert self.leadership.keep()
            result = self.duty.run_once()
            done += result.done
            assert result.again is not None
            if result.again:
                return done

    def line(self, seconds: int = 10, queue: str = ALL) -> list[Slice]:
        """All that is kept of a queue at a resolution."""
        return self.kit.store.history.timeline(queue, seconds, 2000, self.kit.reader.now_ms() // 1000)


def finish(kit: StoreKit, *durations: int, queue: str = "default") -> None:
    """Enqueue, claim and complete a job for each duration (ms)."""
    worker = kit.worker()
    kit.enqueue_many(len(durations), queue=queue)
    claims = kit.claim(worker, len(durations), queue)
    worker.complete([completed(claim, duration_ms=ms) for claim, ms in zip(claims, durations, strict=True)])
