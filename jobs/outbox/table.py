"""The rows of the outbox. Every function takes the alias of the database that it works on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from django.db import models, router

from jobs.errors import QueueFlowError
from jobs.models import OutboxEntry
from jobs.store.producer import IdempotencyKeyReused

from .away import full
from .item import Item, entry_of

T = TypeVar("T")
MOST_TEXT: Final = 500
MOST_REFUSED: Final = 10_000  # refused entries that are kept, the latest
_CHUNK: Final = 400  # names in one question


def alias() -> str:
    """The database that the outbox is in."""
    return router.db_for_write(OutboxEntry)


def waiting(using: str) -> models.QuerySet[OutboxEntry]:
    """Entries that are to be sent, in order."""
    return OutboxEntry.objects.using(using).filter(refused="").order_by("id")


def refused(using: str) -> models.QuerySet[OutboxEntry]:
    """Entries that the store will never take, the latest first."""
    return OutboxEntry.objects.using(using).exclude(refused="").order_by("-id")


def add(items: Sequence[Item], using: str, room: int, most: int) -> list[OutboxEntry | QueueFlowError]:
    """Put items down, at most `room` new ones; the entry of each, or why there is none.

    An item whose job is there already gets the entry that is there. One under an Idempotency-Key that came with
    another body before gets IdempotencyKeyReused. An entry that is new has no primary key here. Call it in a
    transaction. Raises DatabaseError.
    """
    there, bodies = _there(items, using), _bodies(items, using)
    new: dict[str, OutboxEntry] = {}
    answers: list[OutboxEntry | QueueFlowError] = []
    for item in items:
        body = bodies.setdefault(item.marker.key, item.marker.body) if item.marker else ""
        known = there.get(item.request.id) or new.get(item.request.id)
        if item.marker and body != item.marker.body:
            answers.append(IdempotencyKeyReused("the Idempotency-Key was used for another body"))
        elif known:
            answers.append(known)
        elif len(new) >= room:
            answers.append(full(most))
        else:
            new[item.request.id] = entry = entry_of(item)
            answers.append(entry)
    # Somebody else may have put down the same job at this very moment: that is no conflict, but a repeat.
    OutboxEntry.objects.using(using).bulk_create(new.values(), ignore_conflicts=True)
    return answers


def remove(using: str, keys: Sequence[int]) -> int:
    """Delete rows by primary key; how many there were."""
    return sum(OutboxEntry.objects.using(using).filter(pk__in=some).delete()[0] for some in _chunks(keys))


def note_failure(using: str, entry: OutboxEntry, error: str) -> None:
    """Write down that an entry could not be sent now."""
    OutboxEntry.objects.using(using).filter(pk=entry.pk).update(tries=models.F("tries") + 1, error=_text(error))


def refuse(using: str, entry: OutboxEntry, reason: str) -> None:
    """Keep an entry that the store will never take out of the others' way; the oldest of very many are dropped."""
    OutboxEntry.objects.using(using).filter(pk=entry.pk).update(tries=models.F("tries") + 1, refused=_text(reason))
    last = refused(using).values_list("pk", flat=True)[MOST_REFUSED : MOST_REFUSED + 1]
    for pk in last:
        OutboxEntry.objects.using(using).exclude(refused="").filter(pk__lte=pk).delete()


def hold_duplicate(using: str, entry: OutboxEntry, holder: str) -> None:
    """Write down which job held the deduplication key, before anything else is done about it."""
    OutboxEntry.objects.using(using).filter(pk=entry.pk).update(duplicate_of=holder)
    entry.duplicate_of = holder


def _there(items: Sequence[Item], using: str) -> dict[str, OutboxEntry]:
    found = OutboxEntry.objects.using(using)
    ids = [item.request.id for item in items]
    return {entry.job_id: entry for some in _chunks(ids) for entry in found.filter(job_id__in=some)}


def _bodies(items: Sequence[Item], using: str) -> dict[str, str]:
    """The digest of the body that came with each Idempotency-Key before."""
    keys = list({item.marker.key for item in items if item.marker})
    found = OutboxEntry.objects.using(using).exclude(marker="")
    return {
        key: body
        for some in _chunks(keys)
        for key, body in found.filter(marker__in=some).values_list("marker", "marker_body")
    }


def _chunks(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), _CHUNK):
        yield things[start : start + _CHUNK]


def _text(text: str) -> str:
    return text.replace("\0", "")[:MOST_TEXT] or "?"
