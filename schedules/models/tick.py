"""What became of a tick."""

from __future__ import annotations

from django.db import models

from .schedule import MOST_DETAIL, Schedule
from .words import Outcome


class Tick(models.Model):
    """An instant at which a schedule was due. The latest 200 of each schedule are kept, and some more for a while.

    Of ticks that were missed together there is one, the latest; its detail says how many they were.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="ticks")
    at = models.DateTimeField("when")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    job_id = models.CharField("job", max_length=128, blank=True)
    detail = models.CharField(max_length=MOST_DETAIL, blank=True)
    recorded_at = models.DateTimeField("recorded")

    class Meta:
        ordering = ("-at",)
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=("schedule", "at"), name="one_tick")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.outcome}"
