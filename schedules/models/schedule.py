"""A rule: which job is enqueued when."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import models

from .words import Missed, Outcome, Overlap

MOST_DETAIL: Final = 500
# "new" and "preview" stand for something else in addresses, and steps of a path vanish from them.
NAME_PATTERN: Final = r"^(?!(\.{1,2}|new|preview)$)[a-z0-9_.-]{1,64}$"


class Schedule(models.Model):
    """Written by `schedules.service` for people and by `schedules.recording` for ticks, and by nobody else.

    `payload` is JSON, kept as it was given. Empty `queue`, `priority`, `max_retries`, `timeout_ms`: what the handler
    says. Ticks after `since` count: the store's time when it was made, resumed, or had its times changed. `decided` is
    the last tick that was decided on since then, `next_at` the next one: None while it is paused, and for one that
    never comes. `version` grows with each change by a person. `last_…` tells of the latest tick on record.
    """

    name = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=128)
    payload = models.TextField(default="null")
    queue = models.CharField(max_length=64, blank=True)
    priority = models.CharField(max_length=8, blank=True)
    max_retries = models.PositiveIntegerField(null=True, blank=True)
    timeout_ms = models.PositiveBigIntegerField("timeout (ms)", null=True, blank=True)
    tags = models.JSONField(default=list, blank=True)
    cron = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64, default="UTC")
    overlap = models.CharField(max_length=8, choices=Overlap.choices, default=Overlap.ALLOW)
    missed = models.CharField("missed ticks", max_length=8, choices=Missed.choices, default=Missed.LAST)
    paused = models.BooleanField(default=False)
    since = models.DateTimeField()
    decided = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField("next tick", null=True, blank=True)
    version = models.PositiveBigIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("created", auto_now_add=True)
    updated_at = models.DateTimeField("changed", auto_now=True)
    updated_by = models.CharField("changed by", max_length=150, blank=True, editable=False)
    enqueued = models.PositiveBigIntegerField(default=0, editable=False)
    skipped = models.PositiveBigIntegerField(default=0, editable=False)
    missed_count = models.PositiveBigIntegerField("missed", default=0, editable=False)
    refused = models.PositiveBigIntegerField(default=0, editable=False)
    last_at = models.DateTimeField("last tick", null=True, blank=True, editable=False)
    last_outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True, editable=False)
    last_job_id = models.CharField(max_length=128, blank=True, editable=False)
    last_detail = models.CharField(max_length=MOST_DETAIL, blank=True, editable=False)

    class Meta:
        ordering = ("name",)
        default_permissions = ()  # the right `administer` opens it
        indexes = [
            # All that is asked for at each look for what is due.
            models.Index(fields=["next_at", "id"], name="schedule_due", condition=models.Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def anchor(self) -> datetime:
        """The instant after which ticks have not been decided on."""
        return self.decided or self.since

    @property
    def deduplication_key(self) -> str:
        """The key that its jobs have where they must not overlap."""
        return f"schedule:{self.pk}"
