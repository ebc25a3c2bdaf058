"""The store is away while POSTs keep coming: `python -m tests.faults.outage --seconds 60 --rate 200`.

A real server is killed (or frozen) and comes back; web process and pool are real ones with the outbox on. It prints how
many jobs were accepted, how many of them completed once, how long answers took, and when workers were at work again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from functools import partial
from statistics import quantiles
from typing import Any, Final, NamedTuple

import msgspec

from tests.faults.load import OPEN
from tests.faults.rest import Caller, Clients
from tests.faults.table import Row
from tests.support.server import Outage

RATE: Final = 200.0
WAYS: Final[dict[Outage, str]] = {"kill": "SIGKILL, and started again", "freeze": "SIGSTOP, and SIGCONT"}
MOST_P99: Final = 1.0
MOST_RECOVERY: Final = 5.0
LEAST_RATE: Final = 0.95  # of what was asked for
HEAD: Final = (
    "| The server is away by | POSTs a second | accepted into the outbox | lost | recorded twice | p99 of answers "
    "| workers at work after | all done after |\n|---|---:|---:|---:|---:|---:|---:|---:|"
)
CLIENTS: Final = 48
LEAD_SECONDS: Final = 2.0  # of POSTs before the store goes, and after it has come back
SLOW_CLIENTS: Final = 5  # whose jobs take a quarter of a second, so that the store goes while some are at work
QUICK, SLOW = (json.dumps({"type": "sleep", "payload": {"seconds": each}}).encode() for each in (0, 0.25))


class Sent(NamedTuple):
    """One POST: whether the store was away when it began, its status, the job's id, seconds until the answer."""

    away: bool
    status: int
    job_id: str
    took: float


class Course(NamedTuple):
    """What was done: POSTs a second that were asked for, how long (s), when the server went and had come back (ms of
    its time), and how many jobs were in each state when it went."""

    rate: float
    lasted: float
    left: int
    returned: int
    in_flight: dict[str, int]


class Figures(msgspec.Struct, frozen=True):
    """What came of it. Times in seconds; `p99` and `longest` are those of POSTs while the store was away."""

    asked: float  # POSTs a second
    rate: float  # that were reached
    statuses: dict[str, int]  # 0: no answer
    open: int  # jobs that had not ended when the store went
    claimed: int
    accepted: int
    completed_once: int
    executions: int
    lost: int
    recorded_twice: int
    outbox_run_twice: int  # of those that were accepted into the outbox
    p99: float
    longest: float
    recovery: float  # from the server's return to the first claim of a worker
    struck: float  # from there to the last end of a job that was in flight when the server went
    drained: float  # from there to the last job's end

    @property
    def refused(self) -> int:
        """POSTs that were not answered by 2xx."""
        return sum(number for status, number in self.statuses.items() if not status.startswith("2"))

    @property
    def faults(self) -> list[str]:
        """What is not as it should be, in words."""
        bounds = {
            f"{self.lost} jobs are lost": self.lost > 0,
            f"{self.recorded_twice} completions are recorded twice": self.recorded_twice > 0,
            f"{self.outbox_run_twice} jobs of the outbox ran twice": self.outbox_run_twice > 0,
            f"answers: {self.statuses}": self.refused > 0,
            "the outbox took nothing": "202" not in self.statuses,
            f"{self.rate} POSTs a second of {self.asked}": self.rate < LEAST_RATE * self.asked,
            f"the p99 of answers is {self.p99} s": self.p99 >= MOST_P99,
            f"workers were at work after {self.recovery} s": self.recovery > MOST_RECOVERY,
        }
        return [words for words, broken in bounds.items() if broken]

    def row(self, seconds: float, how: Outage) -> Row:
        """The line of the table of all faults, where the store was away for so long."""
        fault, words = (
            f"the store is away for {seconds:.0f} s",
            f"{WAYS[how]}; {self.rate:.0f} POSTs a second, outbox on",
        )
        return Row(
            fault, words, 1, self.open, self.claimed, self.accepted, self.executions, self.refused, self.lost,
            self.recorded_twice, seconds + self.recovery, self.struck,
        )  # fmt: skip

    def line(self, how: Outage) -> str:
        """The line of the table of outages."""
        figures = (round(self.rate), self.statuses.get("202", 0), self.lost, self.recorded_twice)
        spans = (f"{self.p99:.2f} s", f"{self.recovery:.1f} s", f"{self.drained:.1f} s")
        return f"| {' | '.join([WAYS[how], *(f'{each:,}' for each in figures), *spans])} |"


class Stream(Clients):
    """Sends POSTs at a rate from many clients; a context."""

    def __init__(self, port: int, key: str, rate: float) -> None:
        super().__init__(port, key)
        self.sent: list[Sent] = []
        self.is_away = False
        for number in range(CLIENTS):
            self.add(partial(self._post, SLOW if number < SLOW_CLIENTS else QUICK), number / rate, CLIENTS / rate)

    def _post(self, body: bytes, caller: Caller) -> None:
        away, started = self.is_away, time.monotonic()
        status, said = caller.ask("POST", "/api/jobs", body)
        took = time.monotonic() - started
        job_id = json.loads(said).get("jobId", "") if status else ""
        self.sent.append(Sent(away, status, job_id, took))


def run(seconds: float, rate: float, how: Outage) -> Figures:
    """Do it all and return the figures. Raises AssertionError where something does not start or end."""
    from tests.faults.installation import installation

    with installation(OUTBOX="true") as ground:
        with Stream(ground.web.port, ground.key, rate) as stream:
            begun = time.monotonic()
            stream.lasts(LEAD_SECONDS)
            in_flight, left = ground.stage.store.reader.state_counts(), ground.stage.store.reader.now_ms()
            stream.is_away = True
            with ground.server.away(how):
                stream.lasts(seconds)
                stream.is_away = False
            returned = ground.stage.store.reader.now_ms()
            stream.lasts(LEAD_SECONDS)
        lasted = time.monotonic() - begun
        return _figures(ground.stage, stream.sent, Course(rate, lasted, left, returned, in_flight))


def _figures(stage: Any, sent: list[Sent], course: Course) -> Figures:
    from jobs.states import State

    returned = course.returned
    ids = [each.job_id for each in sent if each.status in (200, 201, 202)]
    stage.await_completed(ids, 120)
    found = [record for at in range(0, len(ids), 250) for record in stage.store.reader.records(ids[at : at + 250])]
    done = [record for record in found if record and record.state is State.COMPLETED]
    # A worker gives back what waits in it for long: that has not run.
    twice = {job_id for job_id, each in zip(ids, found, strict=True) if each and each.executions - each.releases > 1}
    took = sorted(each.took for each in sent if each.away)
    claims = [record.claimed for record in done if record.claimed >= returned]
    struck = [record.finished for record in done if record.created < course.left <= record.finished]
    return Figures(
        asked=course.rate,
        rate=round(len(sent) / course.lasted, 1),
        open=sum(course.in_flight[state] for state in OPEN),
        claimed=course.in_flight["active"],
        statuses={str(status): number for status, number in sorted(Counter(each.status for each in sent).items())},
        accepted=len(ids),
        completed_once=sum(record.executions - record.releases == 1 for record in done),
        executions=sum(record.executions for record in found if record),
        lost=len(ids) - len(done),
        recorded_twice=stage.store.reader.totals()["completed"] - stage.store.reader.state_counts()["completed"],
        outbox_run_twice=len(twice & {each.job_id for each in sent if each.status == 202}),
        p99=round(quantiles(took, n=100)[98], 3),
        longest=round(took[-1], 3),
        recovery=round((min(claims) - returned) / 1000, 3),
        struck=round(max(max(struck, default=0) - returned, 0) / 1000, 3),
        drained=round((max(record.finished for record in done) - returned) / 1000, 3),
    )


def main() -> int:
    """The command. 0 where all is as it should be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="for which the store is away (%(default)s)")
    parser.add_argument("--rate", type=float, default=RATE, help="POSTs a second (%(default)s)")
    parser.add_argument("--how", choices=tuple(WAYS), default="kill", help="what is done to it (%(default)s)")
    told = parser.parse_args()
    figures = run(told.seconds, told.rate, told.how)
    sys.stdout.write(json.dumps(msgspec.to_builtins(figures), indent=2) + "\n")
    for each in figures.faults:
        sys.stderr.write(f"{each}\n")
    return int(bool(figures.faults))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    sys.exit(main())
