"""What is counted of schedules that are no more."""

from __future__ import annotations

from django.db import models

from .words import Outcome


class Gone(models.Model):
    """Ticks of deleted schedules by outcome, so that totals never fall."""

    outcome = models.CharField(max_length=8, choices=Outcome.choices, unique=True)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.outcome}: {self.count}"
