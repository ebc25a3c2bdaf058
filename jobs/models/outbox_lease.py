"""Who brings the outbox to the store: one process at a time."""

from __future__ import annotations

from django.db import models


class OutboxLease(models.Model):
    """One row a database. `until`: by the database's clock; after that anybody may take it."""

    name = models.CharField(max_length=16, primary_key=True)
    holder = models.CharField(max_length=100, blank=True)
    until = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"
