"""The audit trail in the admin: to look at, and nothing else."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from asgiref.sync import async_to_sync
from django.contrib import admin
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest

from jobs import trail
from jobs.access.principal import person
from jobs.access.redacting import redactor_for
from jobs.api.gateway import get_gateway
from jobs.conf import get_config
from jobs.errors import ConfigError, StoreError
from jobs.models import AuditEntry, Status
from jobs.rights import Right
from jobs.trail.view import masked_detail

if TYPE_CHECKING:  # generic for the type checker only
    EntryAdmin = admin.ModelAdmin[AuditEntry]
else:
    EntryAdmin = admin.ModelAdmin


class StatusFilter(admin.SimpleListFilter):
    """By the status as people see it."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All of them."""
        return Status.choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """The entries with the chosen one."""
        word = self.value()
        return queryset.filter(AuditEntry.shown_as([Status(word)])) if word in list(Status) else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(EntryAdmin):
    """Shown to those with the right to see it. Nobody adds, changes or deletes, not even a superuser."""

    list_display = ("at", "actor", "what", "target", "how_many", "outcome", "address", "reason", "operation_id")
    list_display_links = ("at",)
    list_filter = ("at", StatusFilter, "action", "target_kind")
    search_fields = ("actor", "actor_id", "target_id", "address", "reason", "operation_id")
    search_help_text = "Who, the id of what was acted on, from where, why, or an operation"
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ()
    actions = None
    fields = (
        "at", "actor", "actor_id", "address", "what", "target", "reason", "how_many", "operation_id", "outcome",
        "code", "facts", "finished_at",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Never."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """True with the right to see the trail."""
        return request.user.has_perm(f"jobs.{Right.SEE_AUDIT}")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, in which operations that are over are counted."""
        with suppress(DatabaseError, StoreError, ConfigError):  # which delay the counting, and no more
            async_to_sync(get_gateway().run)(trail.count_operations)
        return super().changelist_view(request, extra_context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditEntry | None:
        """One entry, as this person may see it."""
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            entry.detail = masked_detail(entry.detail, redactor_for(person(request.user), get_config()))
        return entry

    @admin.display(description="what")
    def what(self, entry: AuditEntry) -> str:
        """The action in words."""
        return str(entry.get_action_display())

    @admin.display(description="of what")
    def target(self, entry: AuditEntry) -> str:
        """Kind and id of what was acted on."""
        return f"{entry.target_kind} {entry.target_id}".rstrip()

    @admin.display(description="how many", empty_value="")
    def how_many(self, entry: AuditEntry) -> int | None:
        """How many it changed; nothing until it is known."""
        return entry.count

    @admin.display(description="outcome")
    def outcome(self, entry: AuditEntry) -> str:
        """How it ended, as far as anybody can tell."""
        label = entry.shown_status.label
        return f"{label}: {entry.code}" if entry.code else label

    @admin.display(description="detail")
    def facts(self, entry: AuditEntry) -> str:
        """The facts beside it, as JSON."""
        return json.dumps(entry.detail, ensure_ascii=False, indent=2) if entry.detail else ""
