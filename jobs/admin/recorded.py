"""Puts on record what is changed in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import router, transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jobs import trail
from jobs.access.address import client_address

if TYPE_CHECKING:  # generic for the type checker only
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class Recorded(Base):
    """A mixin for admins: each change leaves an entry in the audit trail, in the transaction of the change.

    `added`, `changed` and `deleted` are the actions; `facts` says what is worth knowing of an object as it is now.
    """

    added: trail.Action
    changed: trail.Action
    deleted: trail.Action

    def facts(self, obj: Any) -> dict[str, Any]:
        """Small facts of an object for the entry's detail. No secrets."""
        return {}

    def record(self, request: HttpRequest, action: trail.Action, obj: Model, **detail: Any) -> None:
        """Write an entry about an object. Call it in the transaction of the change."""
        actor = trail.person(request.user, client_address(request))
        trail.note(actor=actor, action=action, target=str(obj.pk), count=1, detail={"name": str(obj)} | detail)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Django's hook: something was made."""
        self.record(request, self.added, obj, **self.facts(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Django's hook: something was changed, or saved as it was."""
        fields = _changed(message)
        if fields:
            self.record(request, self.changed, obj, changed=fields, **self.facts(obj))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Django's hook: something is about to be deleted."""
        for obj in queryset:
            self.record(request, self.deleted, obj)
        return super().log_deletions(request, queryset)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:  # type: ignore[override]
        """Carry out an action on selected objects, in one transaction with its entries."""
        with transaction.atomic(using=router.db_for_write(self.model)):
            return super().response_action(request, queryset)


def _changed(message: Any) -> list[str]:
    """The names of the fields that Django's change message tells of."""
    parts = message if isinstance(message, list) else []
    return [name for part in parts for name in part.get("changed", {}).get("fields", ())]
