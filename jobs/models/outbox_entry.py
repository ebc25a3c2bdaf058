"""Jobs that were taken in while the store was away, and wait here until it is back."""

from __future__ import annotations

from django.db import models


class OutboxEntry(models.Model):
    """One job on its way to the store. The order of ids is the order in which entries go.

    `request` is the checked request (msgpack of `jobs.types.JobRequest`), `size` its length in bytes, `accepted_ms` the
    instant from which its delay counts. `marker` and `marker_body` are the digests of the client's Idempotency-Key and
    of the body, `part` names the batch of a bulk enqueue. `tries` and `error` tell of attempts to bring it to the
    store, `duplicate_of` the job that held its deduplication key when it came there. `refused`: why the store will
    never take it as things are; people delete it, or let it wait again. `unsure`: the store may have the job already,
    and no marker of it.
    """

    job_id = models.CharField(max_length=128, unique=True)
    type = models.CharField(max_length=128)
    queue = models.CharField(max_length=64)
    request = models.BinaryField()
    size = models.PositiveIntegerField(default=0, db_default=0)  # 0 comes from processes that do not know it yet
    accepted_ms = models.BigIntegerField()
    marker = models.CharField(max_length=200, blank=True)
    marker_body = models.CharField(max_length=200, blank=True)
    marker_seconds = models.PositiveIntegerField(default=0)
    part = models.CharField(max_length=300, blank=True)
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    refused = models.CharField(max_length=500, blank=True)
    duplicate_of = models.CharField(max_length=128, blank=True)
    unsure = models.BooleanField(default=False, db_default=False)

    class Meta:
        default_permissions = ()  # the rights of jobs show it and delete it
        verbose_name = "outbox entry"
        verbose_name_plural = "outbox"
        indexes = [
            # These have all that is asked for when entries are counted, so that nobody has to read past large requests.
            models.Index(
                fields=["id", "size", "accepted_ms", "refused"], name="outbox_waiting", condition=models.Q(refused="")
            ),
            models.Index(fields=["id", "size", "refused"], name="outbox_refused", condition=~models.Q(refused="")),
            models.Index(fields=["marker"], name="outbox_marker", condition=~models.Q(marker="")),
            models.Index(fields=["part"], name="outbox_part", condition=~models.Q(part="")),
            models.Index(fields=["id"], name="outbox_unsure", condition=models.Q(unsure=True)),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.job_id}"
