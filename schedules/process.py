"""The process of `manage.py scheduler`."""

from __future__ import annotations

from typing import Final

from jobs.conf import Config
from jobs.maintenance.candidate import Candidate
from jobs.maintenance.runner import Plan

from .duty import LONGEST_LOOK, NAME, Ticker

LEADS: Final = "Whether this process enqueues what is due by schedules"


def scheduler_process(config: Config, health_port: int | None) -> Candidate:
    """One candidate for the scheduler, and for every duty of maintenance."""
    return Candidate(config, Plan(NAME, LONGEST_LOOK, Ticker), health_port, LEADS)
