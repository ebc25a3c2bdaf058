"""The rows of the outbox. Every function takes the alias of the database that it works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from django.db import models, router

from jobs.errors import QueueFlowError
from jobs.logs import get_logger
from jobs.models import OutboxEntry
from jobs.store.producer import IdempotencyKeyReused

from .room import Held, Room

T = TypeVar("T")
log = get_logger(__name__)
MOST_TEXT: Final = 500
MOST_REFUSED: Final = Held(10_000, 1024**3)  # refused entries, and bytes of them, that are kept: the latest
_CHUNK: Final = 400  # names in one question
_LOOK: Final = 5000  # job ids that are looked at at once, when some are wanted


def alias() -> str:
    """The database that the outbox is in."""
    return router.db_for_write(OutboxEntry)


def waiting(using: str) -> models.QuerySet[OutboxEntry]:
    """Entries that are to be sent, in order."""
    return OutboxEntry.objects.using(using).filter(refused="").order_by("id")


def refused(using: str) -> models.QuerySet[OutboxEntry]:
    """Entries that the store will never take, the latest first."""
    return OutboxEntry.objects.using(using).exclude(refused="").order_by("-id")


def first(using: str, most: Held) -> list[OutboxEntry]:
    """The first entries that wait, at most so many and so many bytes of them, but one where there is one."""
    last = _last_within(waiting(using), most)
    return [] if last is None else list(waiting(using).filter(pk__lte=last)[: most.entries])


def beyond(using: str, last: int, most: Held, is_wanted: Callable[[int, str], bool]) -> tuple[list[OutboxEntry], int]:
    """Of those that wait behind the one with this key the next ones that are wanted, by key and job id, bounded as in
    `first`.

    Besides them the key up to which was looked, 0 at the end. There may be more where none is found.
    """
    behind = waiting(using).filter(pk__gt=last)
    seen = list(behind.values_list("pk", "job_id")[:_LOOK])
    found = [pk for pk, job_id in seen if is_wanted(pk, job_id)]
    some = waiting(using).filter(pk__in=found[: most.entries])
    end = _last_within(some, most)
    entries = [] if end is None else list(some.filter(pk__lte=end))
    if end is not None and len(entries) < len(found):
        return entries, end
    return entries, seen[-1][0] if seen else 0


def held_by(rows: models.QuerySet[OutboxEntry]) -> Held:
    """How many there are of some rows, and the bytes of their requests."""
    return Held(**rows.order_by().aggregate(entries=models.Count("pk"), size=models.Sum("size", default=0)))


def add(entries: Sequence[OutboxEntry], using: str, room: Room, now_ms: int) -> list[OutboxEntry | QueueFlowError]:
    """Put entries down, as many new ones as there is room for; for each what lies there now, or why nothing does.

    For an entry whose job is there already that is the one which is there. One under an Idempotency-Key that came with
    another body before gets IdempotencyKeyReused. What is new has no primary key here, and is accepted at `now_ms`
    unless it says another time. Call it in a transaction. Raises DatabaseError.
    """
    there, bodies = _there(entries, using), _bodies(entries, using)
    new: dict[str, OutboxEntry] = {}
    answers: list[OutboxEntry | QueueFlowError] = []
    for entry in entries:
        body = bodies.setdefault(entry.marker, entry.marker_body) if entry.marker else ""
        known = there.get(entry.job_id) or new.get(entry.job_id)
        if body != entry.marker_body:
            answers.append(IdempotencyKeyReused("the Idempotency-Key was used for another body"))
        elif known:
            answers.append(known)
        else:
            refusal = room.let_in(entry.size)
            if refusal is None:
                entry.accepted_ms = entry.accepted_ms or now_ms
                new[entry.job_id] = entry
            answers.append(refusal or entry)
    # Somebody else may have put down the same job at this very moment: that is no conflict, but a repeat.
    OutboxEntry.objects.using(using).bulk_create(new.values(), ignore_conflicts=True)
    return answers


def remove(using: str, keys: Sequence[int]) -> int:
    """Delete rows by primary key; how many there were."""
    return sum(OutboxEntry.objects.using(using).filter(pk__in=some).delete()[0] for some in _chunks(keys))


def remove_refused(using: str, entry: OutboxEntry) -> bool:
    """Delete a refused entry. False: it is refused no more; it waits again, or has been sent meanwhile."""
    return bool(refused(using).filter(pk=entry.pk).order_by().delete()[0])


def note_failure(using: str, keys: Sequence[int], error: str) -> None:
    """Write down that entries could not be sent now."""
    for some in _chunks(keys):
        rows = OutboxEntry.objects.using(using).filter(pk__in=some)
        rows.update(tries=models.F("tries") + 1, error=_text(error))


def refuse(using: str, entry: OutboxEntry, reason: str) -> None:
    """Keep an entry that the store will never take out of the others' way; the oldest of very many are dropped."""
    rows = OutboxEntry.objects.using(using).filter(pk=entry.pk)
    rows.update(tries=models.F("tries") + 1, refused=_text(reason), unsure=False)
    _drop_oldest_refused(using)


def may_refuse(using: str, entry: OutboxEntry) -> bool:
    """Whether an entry may be refused without another one being dropped for it."""
    held = held_by(refused(using))
    return held.entries < MOST_REFUSED.entries and held.size + entry.size <= MOST_REFUSED.size


def unsure(using: str) -> models.QuerySet[OutboxEntry]:
    """Entries that wait and that the store may have already, in order. It is never so of a refused one."""
    return OutboxEntry.objects.using(using).filter(unsure=True).order_by("id")


def are_not_there(using: str, keys: Sequence[int], before_ms: int) -> None:
    """Write down that the store does not have entries, of those that were accepted before an instant."""
    for some in _chunks(keys):
        OutboxEntry.objects.using(using).filter(pk__in=some, accepted_ms__lt=before_ms).update(unsure=False)


def wait_again(using: str, entry: OutboxEntry) -> bool:
    """Let a refused entry wait at its old place, its last error being the refusal. False: it is refused no more."""
    if not refused(using).filter(pk=entry.pk).order_by().update(error=models.F("refused"), refused=""):
        return False
    entry.error, entry.refused = entry.refused, ""
    return True


def all_wait_again(using: str) -> int:
    """Let all refused entries wait at their old places; how many there were."""
    return refused(using).order_by().update(error=models.F("refused"), refused="")


def hold_duplicate(using: str, entry: OutboxEntry, holder: str) -> None:
    """Write down which job held the deduplication key, before anything else is done about it."""
    OutboxEntry.objects.using(using).filter(pk=entry.pk).update(duplicate_of=holder)
    entry.duplicate_of = holder


def _there(entries: Sequence[OutboxEntry], using: str) -> dict[str, OutboxEntry]:
    found = OutboxEntry.objects.using(using)
    ids = [entry.job_id for entry in entries]
    return {entry.job_id: entry for some in _chunks(ids) for entry in found.filter(job_id__in=some)}


def _bodies(entries: Sequence[OutboxEntry], using: str) -> dict[str, str]:
    """The digest of the body that came with each Idempotency-Key before."""
    keys = list({entry.marker for entry in entries if entry.marker})
    found = OutboxEntry.objects.using(using).exclude(marker="")
    return {
        key: body
        for some in _chunks(keys)
        for key, body in found.filter(marker__in=some).values_list("marker", "marker_body")
    }


def _chunks(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), _CHUNK):
        yield things[start : start + _CHUNK]


def _drop_oldest_refused(using: str) -> None:
    held = held_by(refused(using))
    if held.entries <= MOST_REFUSED.entries and held.size <= MOST_REFUSED.size:
        return
    last = _last_within(refused(using), MOST_REFUSED)
    if last is not None:
        dropped, _ = OutboxEntry.objects.using(using).exclude(refused="").filter(pk__lt=last).delete()
        log.error("refused jobs are dropped from the outbox, the oldest first", jobs=dropped, bound=MOST_REFUSED)


def _last_within(rows: models.QuerySet[OutboxEntry], most: Held) -> int | None:
    """The key of the last row up to which all are within the bound, of bytes but for the first; None without rows."""
    last, size = None, 0
    for pk, more in rows.values_list("pk", "size")[: most.entries]:
        size += more
        if last is not None and size > most.size:
            break
        last = pk
    return last


def _text(text: str) -> str:
    return text.replace("\0", "")[:MOST_TEXT] or "?"
