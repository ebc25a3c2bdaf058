"""One forwarder a database: a row says who it is, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.functions import Now

from jobs.models import OutboxLease

NAME: Final = "forwarder"


class Lease:
    """One candidate's. Times are those of the database's clock; one that was set back frees a lease from the future."""

    def __init__(self, holder: str, seconds: float) -> None:
        self.holder = holder
        self._span = timedelta(seconds=seconds)

    def take(self, using: str) -> bool:
        """Take or renew it. False: somebody else has it. Raises DatabaseError."""
        rows = OutboxLease.objects.using(using).filter(name=NAME)
        free = Q(holder__in=("", self.holder)) | Q(until__lt=Now()) | Q(until__gt=_later(self._span * 2))
        if rows.filter(free).update(holder=self.holder, until=_later(self._span)):
            return True
        if rows.exists():
            return False
        row = OutboxLease(name=NAME, holder="", until=_later(timedelta()))
        OutboxLease.objects.using(using).bulk_create([row], ignore_conflicts=True)
        return bool(rows.filter(free).update(holder=self.holder, until=_later(self._span)))

    def give_back(self, using: str) -> None:
        """Let the next one have it at once. Raises DatabaseError."""
        OutboxLease.objects.using(using).filter(name=NAME, holder=self.holder).update(holder="", until=Now())


def _later(span: timedelta) -> Any:
    return ExpressionWrapper(Now() + span, output_field=DateTimeField())
