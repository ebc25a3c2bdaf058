"""Schedules in the Django admin: made and changed by the service, like everywhere, with what became of their ticks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from jobs import trail
from jobs.access.address import client_address
from jobs.clock import isoformat, to_instant_ms
from jobs.rights import Right
from jobs.words import exactly

from . import cron, service
from .admin_form import ScheduleAdminForm
from .errors import InvalidSchedule, NoSuchSchedule, ScheduleExists, StaleSchedule, TooManySchedules
from .models import Schedule, Tick

if TYPE_CHECKING:  # generic for the type checker only
    ScheduleBase = admin.ModelAdmin[Schedule]
    TickBase = admin.TabularInline[Tick, Schedule]
else:
    ScheduleBase, TickBase = admin.ModelAdmin, admin.TabularInline

SHOWN: int = 20
TOLD: Final = ("at", "outcome", "job_id", "detail", "recorded_at")


class LatestTicks(TickBase):
    """To look at only."""

    model = Tick
    fields = readonly_fields = TOLD
    extra = 0
    can_delete = False
    verbose_name_plural = f"the latest {SHOWN} ticks"

    def has_add_permission(self, request: HttpRequest, obj: Schedule | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Schedule | None = None) -> bool:
        """Never."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Schedule | None = None) -> bool:
        """True with the right to administer."""
        return request.user.has_perm(f"jobs.{Right.ADMINISTER}")

    def get_fields(self, request: HttpRequest, obj: Schedule | None = None) -> tuple[str, ...]:
        """Without the words, which may quote the payload, for those who may not see one."""
        return TOLD if _sees_payloads(request) else tuple(name for name in TOLD if name != "detail")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tick]:
        """The latest ones of the schedule on the page."""
        ticks, match = super().get_queryset(request), request.resolver_match
        pk = str(match.kwargs.get("object_id")) if match else ""
        if not pk.isdigit():
            return ticks.none()
        latest = Tick.objects.filter(schedule_id=int(pk)).order_by("-at").values_list("pk", flat=True)
        return ticks.filter(pk__in=list(latest[:SHOWN]))


@admin.register(Schedule)
class ScheduleAdmin(ScheduleBase):
    """The service writes the audit trail, and refuses stale versions."""

    form = ScheduleAdminForm
    inlines = (LatestTicks,)
    list_display = ("name", "type", "cron", "time_zone", "is_on", "next_tick", "last_outcome")
    list_filter = ("paused", "last_outcome")
    search_fields = ("name", "type")
    actions = ("pause", "resume")
    fieldsets = (
        (None, {"fields": ("name", "type", "payload", "seen_version")}),
        ("When", {"fields": ("cron", "in_words", "time_zone", "missed", "overlap")}),
        ("Its job", {"fields": (("queue", "priority"), ("max_retries", "timeout_ms"), "tags")}),
        (
            "What became of it",
            {
                "fields": (
                    ("is_on", "next_at"), ("last_at", "last_outcome", "last_detail"),
                    ("enqueued", "skipped", "missed_count", "refused"), ("version", "updated_at", "updated_by"),
                )
            },
        ),
    )  # fmt: skip
    readonly_fields = (
        "in_words", "is_on", "next_at", "last_at", "last_outcome", "last_detail", "enqueued", "skipped", "missed_count",
        "refused", "version", "updated_at", "updated_by",
    )  # fmt: skip

    def has_module_permission(self, request: HttpRequest) -> bool:
        """True with the right to administer."""
        return request.user.has_perm(f"jobs.{Right.ADMINISTER}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """True with the right to administer."""
        return self.has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Schedule | None = None) -> bool:
        """True with the right to administer."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Schedule | None = None) -> bool:
        """True with the right to administer."""
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Schedule | None = None) -> bool:
        """True with the right to administer."""
        return self.has_module_permission(request)

    def view_on_site(self, obj: Schedule) -> str:
        """The page that shows what it does."""
        return reverse("schedule", args=[obj.name])

    @admin.display(description="on", boolean=True, ordering="paused")
    def is_on(self, obj: Schedule) -> bool:
        """Whether it enqueues."""
        return not obj.paused

    @admin.display(description="next tick", ordering="next_at")
    def next_tick(self, obj: Schedule) -> str:
        """To the second, in UTC."""
        return exactly(isoformat(to_instant_ms(obj.next_at))) if obj.next_at else "–"

    @admin.display(description="in words")
    def in_words(self, obj: Schedule) -> str:
        """What its expression means."""
        try:
            return cron.explain(obj.cron) if obj.cron else ""
        except cron.BadExpression as error:
            return str(error)

    def get_readonly_fields(self, request: HttpRequest, obj: Schedule | None = None) -> tuple[str, ...]:
        """A schedule stays with its name, and is on or paused by actions."""
        return (*self.readonly_fields, "name") if obj else self.readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schedule]:
        """Payloads, which may be large, are read where one is shown."""
        return super().get_queryset(request).defer("payload")

    def get_fieldsets(self, request: HttpRequest, obj: Schedule | None = None) -> Any:
        """Without the payload for those who may not edit one, nor words that may quote it; what is new has no past."""
        found: Any = super().get_fieldsets(request, obj)
        hidden: set[str] = set() if _sees_payloads(request) else {"payload", "last_detail"}
        if not request.user.has_perm(f"jobs.{Right.EDIT_PAYLOAD}"):
            hidden.add("payload")
        shown = [(title, options | {"fields": _without(hidden, options["fields"])}) for title, options in found]
        return shown if obj else shown[:-1]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The schedules alone: of their ticks there may be hundreds of thousands."""
        names = [str(each) for each in objs]
        return names, {Schedule._meta.verbose_name_plural: len(names)}, set(), []

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """Say it where somebody has been faster, after the form was checked."""
        try:
            return super().changeform_view(request, *args, **options)
        except (InvalidSchedule, NoSuchSchedule, ScheduleExists, StaleSchedule, TooManySchedules) as error:
            self.message_user(request, f"Nothing was saved: {error}.", messages.ERROR)
            return redirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        """Have the service make or change it."""
        by = _actor(request)
        saved = service.change(obj.name, form.given, obj.version, by) if change else service.create(form.given, by)
        obj.pk, obj.version = saved.pk, saved.version

    def delete_model(self, request: HttpRequest, obj: Schedule) -> None:
        """Have the service delete it."""
        self._each(request, [obj.name], service.delete)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """Have the service delete some."""
        self._each(request, queryset.values_list("name", flat=True), service.delete)

    @admin.action(description="Pause selected schedules")
    def pause(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """Let them enqueue nothing."""
        self._each(request, queryset.values_list("name", flat=True), service.pause)

    @admin.action(description="Resume selected schedules")
    def resume(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """Let them enqueue again, from now on."""
        self._each(request, queryset.values_list("name", flat=True), service.resume)

    def _each(self, request: HttpRequest, names: Iterable[str], act: Callable[..., Any]) -> None:
        """Do something to each; one that is gone, or cannot be read, is no reason not to do it to the others."""
        for name in list(names):
            try:
                act(name, _actor(request))
            except NoSuchSchedule as error:
                self.message_user(request, f"There is {error} any more.", messages.WARNING)
            except (cron.BadExpression, cron.BadZone) as error:
                self.message_user(request, f"Not done: {name} has no ticks, {error}.", messages.ERROR)


def _sees_payloads(request: HttpRequest) -> bool:
    return request.user.has_perm(f"jobs.{Right.SEE_PAYLOADS}")


def _without(hidden: Collection[str], fields: Iterable[Any]) -> tuple[Any, ...]:
    """The fields of a fieldset, some in rows, but for some."""
    return tuple(_without(hidden, each) if isinstance(each, tuple) else each for each in fields if each not in hidden)


def _actor(request: HttpRequest) -> trail.Actor:
    return trail.person(request.user, client_address(request))
