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
from statistics import quantiles
from typing import Any, Final, NamedTuple

import msgspec

from tests.faults.rest import Caller, Clients
from tests.support.server import Outage

CLIENTS: Final = 48
LEAD_SECONDS: Final = 2.0  # of POSTs before the store goes, and after it has come back
BODY: Final = json.dumps({"type": "noop", "payload": {"n": 1}}).encode()


class Sent(NamedTuple):
    """One POST: whether the store was away when it began, its status, the job's id, seconds until the answer."""

    away: bool
    status: int
    job_id: str
    took: float


class Figures(msgspec.Struct, frozen=True):
    """What came of it. Times in seconds; `p99` and `longest` are those of POSTs while the store was away."""

    statuses: dict[str, int]
    accepted: int
    completed_once: int
    lost: int
    run_twice: int
    outbox_run_twice: int  # of those that were accepted into the outbox
    p99: float
    longest: float
    recovery: float  # from the server's return to the first claim of a worker
    drained: float  # from there to the last job's end


class Stream(Clients):
    """Sends POSTs at a rate from many clients; a context."""

    def __init__(self, port: int, key: str, rate: float) -> None:
        super().__init__(port, key)
        self.sent: list[Sent] = []
        self.is_away = False
        for number in range(CLIENTS):
            self.add(self._post, number / rate, CLIENTS / rate)

    def _post(self, caller: Caller) -> None:
        away, started = self.is_away, time.monotonic()
        status, said = caller.ask("POST", "/api/jobs", BODY)
        took = time.monotonic() - started
        job_id = json.loads(said).get("jobId", "") if status else ""
        self.sent.append(Sent(away, status, job_id, took))


def run(seconds: float, rate: float, how: Outage) -> Figures:
    """Do it all and return the figures. Raises AssertionError where something does not start or end."""
    from tests.faults.installation import installation

    with installation(OUTBOX="true") as ground:
        with Stream(ground.web.port, ground.key, rate) as stream:
            stream.lasts(LEAD_SECONDS)
            stream.is_away = True
            with ground.server.away(how):
                stream.lasts(seconds)
                stream.is_away = False
            returned = ground.stage.store.reader.now_ms()
            stream.lasts(LEAD_SECONDS)
        return _figures(ground.stage, stream.sent, returned)


def _figures(stage: Any, sent: list[Sent], returned: int) -> Figures:
    from jobs.states import State

    ids = [each.job_id for each in sent if each.status in (200, 201, 202)]
    stage.await_completed(ids, 120)
    found = [record for at in range(0, len(ids), 250) for record in stage.store.reader.records(ids[at : at + 250])]
    done = [record for record in found if record and record.state is State.COMPLETED]
    twice = {job_id for job_id, each in zip(ids, found, strict=True) if each and each.executions > 1}
    took = sorted(each.took for each in sent if each.away)
    claims = [record.claimed for record in done if record.claimed >= returned]
    return Figures(
        statuses={str(status): number for status, number in sorted(Counter(each.status for each in sent).items())},
        accepted=len(ids),
        completed_once=sum(record.executions == 1 for record in done),
        lost=len(ids) - len(done),
        run_twice=len(twice),
        outbox_run_twice=len(twice & {each.job_id for each in sent if each.status == 202}),
        p99=round(quantiles(took, n=100)[98], 3),
        longest=round(took[-1], 3),
        recovery=round((min(claims) - returned) / 1000, 3),
        drained=round((max(record.finished for record in done) - returned) / 1000, 3),
    )


def main() -> int:
    """The command. 0 where all is as it should be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="for which the store is away (%(default)s)")
    parser.add_argument("--rate", type=float, default=200.0, help="POSTs a second (%(default)s)")
    parser.add_argument("--how", choices=("kill", "freeze"), default="kill", help="what is done to it (%(default)s)")
    told = parser.parse_args()
    figures = run(told.seconds, told.rate, told.how)
    sys.stdout.write(json.dumps(msgspec.to_builtins(figures), indent=2) + "\n")
    return int(figures.lost > 0 or figures.outbox_run_twice > 0 or figures.p99 >= 1.0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    sys.exit(main())
