"""A ticker that leads, and what it is asked to do."""

from __future__ import annotations

from typing import Any, Final

from jobs.clock import to_datetime, to_instant_ms
from jobs.maintenance.leadership import Leadership, Terms
from jobs.trail import Actor
from jobs.types import JobRecord
from schedules import service
from schedules.duty import NAME, Ticker
from schedules.form import ScheduleForm
from schedules.models import Schedule, Tick
from tests.support.jobs import StoreKit, completed

ANN: Final = Actor("user:1", "ann")
LONG: Final = Terms(lease=60.0)  # than any test takes, also on a machine that is busy
MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE


class Office:
    """One ticker on the store of a kit. `run` has it do all that is due."""

    def __init__(self, kit: StoreKit) -> None:
        self.kit = kit
        self.ticker = self.candidate("tester")

    def candidate(self, holder: str, terms: Terms = LONG) -> Ticker:
        """A ticker that leads from now on: whoever led before has died."""
        self.kit.client.call("DEL", self.kit.keys.leader(NAME))
        leadership = Leadership(self.kit.keeper, NAME, holder, terms)
        assert leadership.keep()
        return Ticker(self.kit.store, leadership)

    def make(self, name: str = "report", cron: str = "* * * * *", **fields: Any) -> Schedule:
        """A schedule that counts from now on."""
        form = ScheduleForm(name=name, cron=cron, **({"type": "report"} | fields))
        return service.create(form, ANN, store=self.kit.store)

    def pass_to(self, schedule: Schedule, milliseconds: int = 0) -> int:
        """Let time pass to the next tick of a schedule and so much more. Returns that tick in ms."""
        schedule.refresh_from_db()
        assert schedule.next_at is not None
        tick = to_instant_ms(schedule.next_at)
        self.kit.advance(tick + milliseconds - self.kit.reader.now_ms())
        return tick

    def run(self, ticker: Ticker | None = None) -> None:
        """Do everything that is due."""
        while (ticker or self.ticker).run_once().again == 0.0:
            pass

    def jobs(self, job_type: str = "report") -> list[tuple[str, JobRecord]]:
        """Id and record of each job of a type."""
        ids = [each.decode() for each in self.kit.client.call("ZRANGE", self.kit.keys.created, 0, -1)]
        found = zip(ids, self.kit.reader.records(ids), strict=True)
        return [(job_id, record) for job_id, record in found if record is not None and record.type == job_type]

    def finish(self) -> int:
        """Run all jobs that wait. Returns how many."""
        worker = self.kit.worker()
        claims = self.kit.claim(worker, 250)
        worker.complete([completed(claim) for claim in claims])
        return len(claims)

    def close(self) -> None:
        """Let go of the database."""
        self.ticker.close()


def told(schedule: Schedule) -> list[tuple[int, str]]:
    """Instant (ms) and outcome of each tick on record, oldest first."""
    rows = Tick.objects.filter(schedule=schedule).order_by("at").values_list("at", "outcome")
    return [(to_instant_ms(at), outcome) for at, outcome in rows]


def counts(schedule: Schedule) -> tuple[int, int, int, int]:
    """How many ticks were enqueued, skipped, missed and refused."""
    schedule.refresh_from_db()
    return schedule.enqueued, schedule.skipped, schedule.missed_count, schedule.refused


def moment(instant_ms: int) -> Any:
    """An instant as the database has it."""
    return to_datetime(instant_ms)
