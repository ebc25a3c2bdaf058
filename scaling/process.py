"""The process of `manage.py scaler`."""

from __future__ import annotations

from typing import Final

from jobs.conf import Config
from jobs.maintenance.candidate import Candidate
from jobs.maintenance.runner import Plan

from .scaler import NAME, Scaler

PERIOD: Final = 5.0
LEADS: Final = "Whether this process decides how many workers there are"


def scaler_process(config: Config, health_port: int | None) -> Candidate:
    """One candidate for the scaler, and for every duty of maintenance."""
    return Candidate(config, Plan(NAME, PERIOD, Scaler), health_port, LEADS)
