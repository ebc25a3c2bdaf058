"""The audit trail as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from jobs.clock import to_instant_ms
from jobs.inspection.wire import Time, Wire, about, time_of, words
from jobs.models import Action, AuditEntry, Status
from jobs.redaction import Redactor

ActionWord = Annotated[str, words("AuditAction", Action)]
StatusWord = Annotated[str, words("AuditStatus", Status)]


class AuditTarget(Wire, frozen=True):
    """What was acted on."""

    kind: Annotated[
        str, about("What it is: job, jobs, dlq, operation, queue, type, worker, pool, schedule, key, user, group")
    ]
    id: Annotated[str, about("Which one; empty where the action names no single thing")]


class AuditView(Wire, frozen=True):
    """One entry."""

    id: Annotated[int, about("Counts the entries")]
    at: Annotated[Time, about("When it was asked for")]
    actor_id: Annotated[str, about("Who did it, by id: key:7, user:3, shell:root")]
    actor: Annotated[str, about("Who did it, by name")]
    action: Annotated[ActionWord, about("What was done")]
    target: Annotated[AuditTarget, about("What it was done to")]
    address: Annotated[str | None, about("The network address that it came from")]
    reason: Annotated[str | None, about("Why, in the words of who did it")]
    count: Annotated[int | None, about("How many things it changed; of a bulk operation null until it is over")]
    status: Annotated[StatusWord, about("Under way (intent), done, failed (see code), or unknown: nobody can tell")]
    code: Annotated[str | None, about("Why it failed: a code of the API")]
    operation_id: Annotated[str | None, about("The bulk operation that it started or aborted")]
    detail: Annotated[dict[str, Any], about("What else is known of it; what is in it depends on the action")]
    finished_at: Annotated[Time | None, about("When it ended")]


class AuditPage(Wire, frozen=True):
    """A page of entries, latest first. It may have few items, or none, and still go on at `nextCursor`."""

    items: Annotated[list[AuditView], about("Entries, latest first")]
    next_cursor: Annotated[str | None, about("Where the next page begins; null after the last one")]


def view_of(entry: AuditEntry, redactor: Redactor | None = None) -> AuditView:
    """The entry as it is shown to somebody: what `redactor` hides is masked, None for one who may see everything."""
    return AuditView(
        id=entry.pk,
        at=_time(entry.at) or "",
        actor_id=entry.actor_id,
        actor=entry.actor,
        action=entry.action,
        target=AuditTarget(kind=entry.target_kind, id=entry.target_id),
        address=entry.address or None,
        reason=(redactor.mask_text(entry.reason) if redactor else entry.reason) or None,
        count=entry.count,
        status=entry.shown_status.value,
        code=entry.code or None,
        operation_id=entry.operation_id or None,
        detail=masked_detail(entry.detail, redactor),
        finished_at=_time(entry.finished_at),
    )


def masked_detail(detail: dict[str, Any], redactor: Redactor | None) -> dict[str, Any]:
    """The facts beside an entry, with the values of fields masked that the redactor hides, in texts too."""
    if redactor is None or not detail:
        return detail
    shown: dict[str, Any] = msgspec.json.decode(redactor.mask_report(msgspec.json.encode(detail)), type=dict[str, Any])
    return shown


def _time(moment: datetime | None) -> Time | None:
    return time_of(to_instant_ms(moment)) if moment else None
