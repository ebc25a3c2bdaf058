"""What was decided, with what was seen."""

from __future__ import annotations

from typing import Final

from django.db import models

KEPT: Final = 5_000  # of a pool


class ScalingDecision(models.Model):
    """One decision for one pool, or several in a row that say the same: `repeats` more of them, the last one `last_at`.

    `inputs`, `proposed`, `reason` and `confidence` are those of the last, so that the sentence can be read against what
    was seen.

    `stretch` is the start of the stretch of time (s since 1970) that it was made for; there is one for each. It is
    another number where a clock that stepped back, or another interval, had it come to the same start as one before.
    """

    pool = models.CharField(max_length=64)
    stretch = models.BigIntegerField()
    at = models.DateTimeField("when")
    last_at = models.DateTimeField("until")
    repeats = models.PositiveIntegerField(default=0)
    action = models.CharField(max_length=16)
    current = models.PositiveIntegerField("from")
    target = models.PositiveIntegerField("to")
    proposed = models.PositiveIntegerField()
    reason = models.TextField()
    confidence = models.FloatField()
    strategy = models.CharField(max_length=200)
    guard = models.CharField(max_length=64, blank=True)
    dry_run = models.BooleanField("dry run", default=False)
    inputs = models.JSONField(default=dict)

    is_recalled = False  # whoever made it may have written it already

    class Meta:
        ordering = ("-at", "-id")
        default_permissions = ()  # the right `view` shows it; nobody adds, changes or deletes
        verbose_name = "scaling decision"
        constraints = [models.UniqueConstraint(fields=["pool", "stretch"], name="decision_stretch")]
        indexes = [models.Index(fields=["pool", "at", "id"], name="decision_at")]

    def __str__(self) -> str:
        return f"{self.pool}: {self.action} {self.current} to {self.target}"

    @property
    def gist(self) -> tuple[object, ...]:
        """What makes two decisions say the same."""
        return self.action, self.current, self.target, self.strategy, self.guard, self.dry_run
