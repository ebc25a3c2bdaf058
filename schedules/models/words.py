"""The closed sets of words that schedules and ticks have."""

from __future__ import annotations

from django.db.models import TextChoices


class Overlap(TextChoices):
    """What happens at a tick while the job of an earlier one is unfinished."""

    ALLOW = "allow", "enqueue another job"
    SKIP = "skip", "skip the tick"


class Missed(TextChoices):
    """What becomes of ticks at which no scheduler ran."""

    SKIP = "skip", "leave them out"
    LAST = "last", "run the latest once"
    ALL = "all", "run each, the latest 100 at most"


class Outcome(TextChoices):
    """What became of a tick."""

    ENQUEUED = "enqueued", "enqueued"
    SKIPPED = "skipped", "skipped"
    MISSED = "missed", "missed"
    REFUSED = "refused", "refused"
