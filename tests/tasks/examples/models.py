"""The model of the example about transactions."""

from __future__ import annotations

from django.db import models


class Thing(models.Model):
    """Something that a task looks for."""

    num = models.IntegerField()

    objects: models.Manager[Thing] = models.Manager()

    def __str__(self) -> str:
        return f"thing {self.num}"
