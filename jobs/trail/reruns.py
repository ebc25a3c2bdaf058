"""What the trail knows of jobs that were run again: only the new job carries the id of the old one."""

from __future__ import annotations

from typing import Final

from django.db import DatabaseError, InterfaceError

from jobs.models import Action, Status

from .reading import Trail, TrailFilter

MOST: Final = 20


def reruns_of(job_id: str) -> list[str]:
    """The ids of jobs that were made like this one, oldest first; the last 20, none where the trail cannot be read."""
    wanted = TrailFilter(actions=(Action.JOB_RERUN,), targets=(f"job:{job_id}",), statuses=(Status.DONE,))
    try:
        entries = Trail().page(wanted, MOST).items
    except (DatabaseError, InterfaceError):  # the job itself is not in this database
        return []
    return [made for entry in reversed(entries) if isinstance(made := entry.detail.get("jobId"), str)]
