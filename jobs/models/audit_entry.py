"""The audit trail: one entry for each change that a person or a key made. Entries are added, completed once, pruned."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NoReturn, Self

from django.db import models
from django.utils import timezone

# An action takes seconds at most, and so does the writing of its end: an older intent is one whose process died.
OVERDUE: Final = timedelta(seconds=60)


class Word(StrEnum):
    """A word of a closed set, with a label for people."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """`value` goes on the wire and into the database."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.label = label
        return made

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """The words as Django takes them."""
        return [(word.value, word.label) for word in cls]


class Action(Word):
    """Everything that leaves an entry. The word before the dot is the kind of what was acted on, see `kind`."""

    JOB_CANCEL = "job.cancel", "cancelled a job"
    JOB_RETRY = "job.retry", "retried a job"
    JOB_RERUN = "job.rerun", "ran a job again"
    JOB_RUN_NOW = "job.run_now", "ran a job now"
    JOB_DELETE = "job.delete", "deleted a job"
    JOB_EDIT_PAYLOAD = "job.edit_payload", "replaced a payload"
    JOBS_OPERATION = "jobs.operation", "acted on many jobs"
    DLQ_OPERATION = "dlq.operation", "acted on many dead jobs"
    DLQ_RESOLVE = "dlq.resolve", "resolved an error"
    DLQ_IGNORE = "dlq.ignore", "ignored an error"
    DLQ_REOPEN = "dlq.reopen", "reopened an error"
    OPERATION_ABORT = "operation.abort", "aborted an operation"
    QUEUE_PAUSE = "queue.pause", "paused a queue"
    QUEUE_RESUME = "queue.resume", "resumed a queue"
    QUEUE_PURGE = "queue.purge", "purged a queue"
    TYPE_PAUSE = "type.pause", "paused a job type"
    TYPE_RESUME = "type.resume", "resumed a job type"
    WORKER_DRAIN = "worker.drain", "drained a worker"
    SCALING_POLICY = "scaling.policy", "changed a scaling policy"
    SCALING_SCALE = "scaling.scale", "scaled a pool by hand"
    SCALING_PAUSE = "scaling.pause", "paused scaling"
    SCALING_RESUME = "scaling.resume", "resumed scaling"
    SCHEDULE_CREATE = "schedule.create", "made a schedule"
    SCHEDULE_CHANGE = "schedule.change", "changed a schedule"
    SCHEDULE_PAUSE = "schedule.pause", "paused a schedule"
    SCHEDULE_RESUME = "schedule.resume", "resumed a schedule"
    SCHEDULE_RUN = "schedule.run", "ran a schedule now"
    SCHEDULE_DELETE = "schedule.delete", "deleted a schedule"
    KEY_CREATE = "key.create", "made an API key"
    KEY_CHANGE = "key.change", "changed an API key"
    KEY_REVOKE = "key.revoke", "revoked an API key"
    KEY_DELETE = "key.delete", "deleted an API key"
    USER_CREATE = "user.create", "made a user"
    USER_CHANGE = "user.change", "changed a user"
    USER_DELETE = "user.delete", "deleted a user"
    GROUP_CREATE = "group.create", "made a group"
    GROUP_CHANGE = "group.change", "changed a group"
    GROUP_DELETE = "group.delete", "deleted a group"

    @property
    def kind(self) -> str:
        """The kind of what is acted on: job, jobs, dlq, operation, queue, type, worker, pool, schedule, key, user,
        group."""
        word = self.value.partition(".")[0]
        return "pool" if word == "scaling" else word


class Status(Word):
    """How far an action is known to have come."""

    INTENT = "intent", "under way"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "unknown"  # nobody can tell whether it took effect


BULK: Final = (Action.JOBS_OPERATION, Action.DLQ_OPERATION, Action.QUEUE_PURGE)


class AppendOnly(TypeError):
    """Somebody tried to change or delete an entry of the audit trail."""

    def __init__(self) -> None:
        super().__init__("entries of the audit trail are not changed and not deleted")


def action_choices() -> list[tuple[str, str]]:
    """The choices of `action`; a function, so that a new one needs no migration."""
    return Action.choices()


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reads and adds, and refuses the rest."""

    def update(self, **values: Any) -> NoReturn:
        """Raise AppendOnly."""
        raise AppendOnly

    def delete(self) -> NoReturn:
        """Raise AppendOnly."""
        raise AppendOnly


class AuditManager(models.Manager["AuditEntry"]):
    """The three exceptions to append-only, each as narrow as it can be."""

    def get_queryset(self) -> AuditQuerySet:
        """All entries."""
        return AuditQuerySet(self.model, using=self._db)

    def complete(self, pk: int, **values: Any) -> bool:
        """Write the end of an action whose intent is `pk`. False when it has an end already."""
        return self._bare().filter(pk=pk, status=Status.INTENT).update(**values) == 1

    def counted(self, pk: int, changed: int, detail: dict[str, Any]) -> bool:
        """Write how many things an operation changed that has begun with the entry `pk`. False when that is known."""
        return self._bare().filter(pk=pk, status=Status.DONE, count=None).update(count=changed, detail=detail) == 1

    def uncounted(self) -> models.QuerySet[AuditEntry]:
        """Entries of operations of which it is not known how many things they changed, latest first."""
        return self.filter(status=Status.DONE, action__in=BULK, count__isnull=True).order_by("-at", "-id")

    def prune(self, before: datetime, most: int) -> int:
        """Delete at most `most` entries made before a moment, the oldest first, for maintenance. Returns how many."""
        doomed = list(self.filter(at__lt=before).order_by("at", "id").values_list("pk", flat=True)[:most])
        return self._bare().filter(pk__in=doomed).delete()[0] if doomed else 0

    def _bare(self) -> models.QuerySet[AuditEntry]:
        return models.QuerySet(self.model, using=self._db)


class AuditEntry(models.Model):
    """Who did what, when, from where, why, to how many, and how it ended.

    Written as an intent before the action, completed after it; `jobs.trail` does both. `operation_id` links to the
    bulk operation that carries it out. `count` is how many it changed, null until known: of an operation, until it is
    over (`jobs.trail.counting`).
    """

    at = models.DateTimeField("when", default=timezone.now)
    actor_id = models.CharField("who (id)", max_length=64)
    actor = models.CharField("who", max_length=150)
    action = models.CharField("what", max_length=32, choices=action_choices)
    target_kind = models.CharField("kind", max_length=16)
    target_id = models.CharField("of what", max_length=200, blank=True)
    address = models.CharField("from where", max_length=64, blank=True)
    reason = models.CharField("why", max_length=500, blank=True)
    count = models.PositiveBigIntegerField("how many", null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices(), default=Status.INTENT.value)
    code = models.CharField("error", max_length=64, blank=True)
    operation_id = models.CharField("operation", max_length=128, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    finished_at = models.DateTimeField("ended", null=True, blank=True)

    objects = AuditManager()

    class Meta:
        ordering = ("-at", "-id")
        base_manager_name = "objects"
        default_permissions = ()  # the right `see_audit` shows it; nobody adds, changes or deletes
        verbose_name = "audit entry"
        verbose_name_plural = "audit trail"
        indexes = [
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index(fields=["actor_id", "at", "id"], name="audit_actor"),
            models.Index(fields=["action", "at", "id"], name="audit_action"),
            models.Index(fields=["target_kind", "target_id", "at", "id"], name="audit_target"),
            models.Index(fields=["status", "at", "id"], name="audit_status"),
            models.Index(fields=["operation_id", "at", "id"], name="audit_operation"),
            models.Index(
                fields=["status", "action", "at", "id"], name="audit_uncounted", condition=models.Q(count__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.get_action_display()} {self.target_id}".rstrip()

    def save(self, *, force_update: bool = False, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Add the entry. Raises AppendOnly for one that is there already."""
        if not self._state.adding or force_update or update_fields is not None:
            raise AppendOnly
        super().save(**(options | {"force_insert": True}))

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        """Raise AppendOnly."""
        raise AppendOnly

    @staticmethod
    def shown_as(statuses: Collection[Status]) -> models.Q:
        """The criterion for entries that people see with one of these statuses."""
        edge = timezone.now() - OVERDUE
        found = models.Q(status__in=[status for status in statuses if status != Status.INTENT])
        if Status.INTENT in statuses:
            found |= models.Q(status=Status.INTENT, at__gte=edge)
        if Status.UNKNOWN in statuses:
            found |= models.Q(status=Status.INTENT, at__lt=edge)
        return found & models.Q(status__in={*statuses, Status.INTENT})  # which an index answers, unlike the rest

    @property
    def shown_status(self) -> Status:
        """The status as people see it: an intent without an end, whose process must have died, is unknown."""
        overdue = self.status == Status.INTENT and timezone.now() - self.at > OVERDUE
        return Status.UNKNOWN if overdue else Status(self.status)
