"""What somebody may see of jobs from whom a redactor hides fields: the same records and bodies, masked.

All is masked here, before anything is cut or put in order; views know nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from jobs.filtering import shown_error
from jobs.redaction import Redactor, Values
from jobs.states import State
from jobs.store.browser import Head, Row, batches
from jobs.store.reader import Group, StoredJob
from jobs.store.store import Store
from jobs.types import Execution, JobRecord

from .items import PREVIEW, one_line
from .wire import opaque

MOST_VERSIONS: Final = 25  # of a payload that are looked through
MOST_GROUP_BYTES: Final = 32 * 1024 * 1024
HEAD_BYTES: Final = 1024
ROWS: Final = 500

Line = tuple[Row, Head | None]


def masked_job(store: Store, redactor: Redactor, job: StoredJob) -> StoredJob:
    """One job. What is hidden in its payloads, earlier ones too, and in its result is hidden in all its texts."""
    known = _hidden_values(store, redactor, job)
    progress = job.progress if opaque(job.progress) else None
    return replace(
        job,
        record=_masked_record(redactor, known, job.record) if job.record else None,
        envelope=replace(job.envelope, payload=masked_json(redactor, job.envelope.payload)) if job.envelope else None,
        history=[_masked_execution(redactor, known, execution) for execution in job.history],
        result=masked_json(redactor, job.result, known) if job.result else None,
        progress=redactor.mask_report(progress, known) if progress else None,
        log=redactor.mask_text("\n".join(job.log), known).split("\n") if job.log else [],
    )


def masked_lines(store: Store, redactor: Redactor, rows: Sequence[Row]) -> list[Line]:
    """Rows of a list, with what their payloads start with. Whole payloads are read only where a start does not do."""
    heads = store.browser.heads(rows, HEAD_BYTES)
    payloads = {job_id: head.start for job_id, head in heads.items() if len(head.start) == head.length}
    starts: dict[str, Head] = {}
    for row in rows:
        if row.id in heads and row.id not in payloads and not (row.record and row.record.error):
            start = _clear_start(redactor, heads[row.id])
            starts |= {row.id: start} if start else {}
    unclear = [row.id for row in rows if row.id not in payloads and row.id not in starts]
    for job_id, envelope in zip(unclear, store.reader.envelopes(unclear), strict=True):
        if envelope is not None:
            payloads[job_id] = envelope.payload
    return [
        (row, starts[row.id]) if row.id in starts else masked_line(redactor, row, payloads.get(row.id)) for row in rows
    ]


def masked_line(redactor: Redactor, row: Row, payload: bytes | None) -> Line:
    """A row of a list with what its payload starts with; None: there is no payload that can be decoded."""
    if row.record is not None:
        row = replace(row, record=replace(row.record, error=shown_error(redactor, row.record, payload)))
    if payload is None:
        return row, None
    start = _clear_start(redactor, Head(payload[:HEAD_BYTES], len(payload))) if len(payload) > HEAD_BYTES else None
    return row, start or Head(redactor.mask_json(payload), len(payload))


def masked_groups(store: Store, redactor: Redactor, groups: Sequence[Group]) -> list[Group]:
    """Groups of dead jobs. Where the job of a group's line is dead no more, only the type of its error is shown."""
    shown = dict(_sample_lines(store, redactor, list(dict.fromkeys(group.sample_id for group in groups))))
    return [
        replace(
            group, summary=shown.get((group.sample_id, group.summary)) or redactor.mask_error(group.summary, known=None)
        )
        for group in groups
    ]


def _clear_start(redactor: Redactor, head: Head) -> Head | None:
    """The masked head of a payload that goes on, if it tells all that a list shows."""
    start = redactor.mask_start(head.start)
    return Head(start, head.length) if len(one_line(start)) > PREVIEW else None


def _hidden_values(store: Store, redactor: Redactor, job: StoredJob) -> Values:
    version = job.record.version if job.record else 1
    if version > MOST_VERSIONS:
        return None
    bodies = [job.envelope.payload if job.envelope else None, *store.browser.earlier_payloads(job.id, version)]
    hidden = [redactor.hidden_values(body) for body in (*bodies, *([job.result] if job.result else []))]
    known = [values for values in hidden if values is not None]
    return frozenset().union(*known) if len(known) == len(hidden) else None


def masked_json(redactor: Redactor, raw: bytes, known: Values = frozenset()) -> bytes:
    """A payload or a result. What is not JSON stays as it is: no view shows it."""
    return redactor.mask_json(raw, known) if opaque(raw) else raw


def _masked_record(redactor: Redactor, known: Values, record: JobRecord) -> JobRecord:
    mask = redactor.mask_text if record.state is State.CANCELLED else redactor.mask_error
    return replace(record, error=mask(record.error, known))


def _masked_execution(redactor: Redactor, known: Values, execution: Execution) -> Execution:
    kind = execution.error_type
    return replace(
        execution,
        message=redactor.mask_text(execution.message, known, kind),
        traceback=redactor.mask_text(execution.traceback, known, kind),
    )


def _sample_lines(store: Store, redactor: Redactor, ids: Sequence[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """(id, error line) and the masked line of jobs that are dead, as many as there is room to read."""
    room = MOST_GROUP_BYTES
    for start in range(0, len(ids), ROWS):
        for batch in batches(store.browser.rows(ids[start : start + ROWS])):
            room -= sum(row.record.size for row in batch if row.record)
            if room < 0:
                return
            envelopes = store.reader.envelopes([row.id for row in batch])
            for row, envelope in zip(batch, envelopes, strict=True):
                if row.record is not None and row.record.state is State.DEAD and envelope is not None:
                    line = shown_error(redactor, row.record, envelope.payload)
                    yield (row.id, row.record.error), line
