"""What went down with a worker, told to maintenance until it has settled it."""

from __future__ import annotations

import os
from collections import OrderedDict
from time import monotonic
from typing import Any, Final

from .link import Link
from .member import Member
from .table import Entry, Mark

MOST_KEPT: Final = 10_000  # reports; beyond that leases run out and the reaper settles them
REPEAT_AFTER: Final = 5.0
Job = dict[str, Any]


class Losses:
    """Reports that are not acknowledged yet."""

    def __init__(self) -> None:
        self._number = 0
        self._open: OrderedDict[int, Job] = OrderedDict()
        self._sent = 0.0

    def __len__(self) -> int:
        return len(self._open)

    def add(self, lost: Job, link: Link | None) -> None:
        """Keep a report, and pass it on if there is anybody to listen."""
        self._number += 1
        self._open[self._number] = lost
        if len(self._open) > MOST_KEPT:
            self._open.popitem(last=False)
        if link is not None:
            link.send({"report": self._number, "lost": lost})

    def acknowledged(self, number: int) -> None:
        """This report is settled."""
        self._open.pop(number, None)

    def repeat(self, link: Link, *, now: bool = False) -> None:
        """Pass everything on again: at once to a new listener, now and then to one that has not answered."""
        if self._open and (now or monotonic() - self._sent > REPEAT_AFTER):
            self._sent = monotonic()
            for number, lost in self._open.items():
                link.send({"report": number, "lost": lost})


def loss_of(member: Member, status: int) -> Job | None:
    """The report on a worker that ended with this wait status; None when nothing went down with it."""
    entries, now = member.table.entries(), monotonic()
    code = os.waitstatus_to_exitcode(status)
    if not entries and code == 0:
        return None
    deliberate = member.condemned_at is not None or member.killed
    timed_out: list[Job] = []
    running: list[Job] = []
    released: list[Job] = []
    for entry in entries:
        overran = entry.mark is Mark.OVERRAN or (entry.mark is Mark.RUNNING and entry.deadline <= now)
        if deliberate and overran:
            group = timed_out
        else:
            group = released if deliberate or entry.mark is Mark.GIVEN_BACK else running
        group.append(_job(entry, now))
    return {
        "worker": member.name,
        "incarnation": member.table.incarnation,
        "signal": -code if code < 0 else None,
        "exit": code if code >= 0 else None,
        "timed_out": timed_out,
        "running": running,
        "released": released,
    }


def _job(entry: Entry, now: float) -> Job:
    return {"id": entry.job_id, "token": entry.token, "ran_ms": int((now - entry.start) * 1000)}
