"""Which jobs a person means: one predicate for lists, bulk operations and the dashboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from .clock import isoformat
from .redaction import MASK, Redactor, redactor_of
from .states import State
from .types import Envelope, JobRecord, Priority

EnvelopeLook = Callable[[str, JobRecord, Envelope | None], bool]


class JobFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A conjunction of criteria; several values of one are alternatives, none means any.

    `errors` are looked for in a job's error line, whatever their case, and compared with its fingerprint. Instants are
    ms: `after` includes the instant, `before` does not; a job that has not finished is in no range of finishing.
    `text` is looked for in the payload's JSON, whatever its case, and as the beginning of the id. `masked` are patterns
    of fields that whoever asks may not see: what is looked for in payloads and error lines has to show in them masked.
    """

    ids: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    types: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    tags: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    created_after: int | None = None
    created_before: int | None = None
    finished_after: int | None = None
    finished_before: int | None = None
    text: str = ""
    masked: tuple[str, ...] = ()

    @property
    def needs_envelope(self) -> bool:
        """True when a record alone does not tell whether a job matches."""
        return bool(self.tags or self.text or (self.masked and self.errors))

    @property
    def criteria(self) -> frozenset[str]:
        """The names of the fields that restrict anything; none means that every job matches."""
        fields = (name for name in self.__struct_fields__ if name != "masked")
        return frozenset(name for name in fields if getattr(self, name) not in ((), "", None))

    def seen_through(self, redactor: Redactor | None) -> JobFilter:
        """The filter for somebody from whom a redactor hides fields; None: from whom nothing is hidden."""
        return msgspec.structs.replace(self, masked=redactor.patterns if redactor else ())

    def matches(self, job_id: str, record: JobRecord, envelope: Envelope | None) -> bool:
        """True for a job that is meant. `envelope` is looked at only where `needs_envelope`; None matches no tag."""
        return self.matches_record(job_id, record) and (
            not self.needs_envelope or self.matches_envelope(job_id, record, envelope)
        )

    def matches_envelope(self, job_id: str, record: JobRecord, envelope: Envelope | None) -> bool:
        """True unless the envelope of a job rules it out that its record alone does not."""
        return self.envelope_look()(job_id, record, envelope)

    def envelope_look(self) -> EnvelopeLook:
        """What `matches_envelope` says, prepared for very many jobs."""
        says = _text_look(self.text, self.masked)
        if not self.tags and not self.errors:
            return says

        def look(job_id: str, record: JobRecord, envelope: Envelope | None) -> bool:
            return (
                (not self.tags or (envelope is not None and any(tag in envelope.tags for tag in self.tags)))
                and says(job_id, record, envelope)
                and (not self.errors or self._shows_error(record, envelope))
            )

        return look

    def matches_record(self, job_id: str, record: JobRecord) -> bool:
        """True unless the record alone rules the job out.

        Words of an error line that may be hidden rule none out: how many jobs are read would tell what they are.
        """
        return (
            (not self.ids or job_id in self.ids)
            and (not self.states or record.state in self.states)
            and (not self.types or record.type in self.types)
            and (not self.queues or record.queue in self.queues)
            and (not self.priorities or record.priority in self.priorities)
            and (not self.fingerprints or record.fingerprint in self.fingerprints)
            and (not self.errors or self._may_have_erred(record))
            and _within(record.created, self.created_after, self.created_before)
            and self._finished(record)
        )

    def wire(self, redactor: Redactor | None = None) -> dict[str, Any]:
        """The filter as the API shows it: only what restricts, in the words of GET /api/jobs.

        With a redactor, words that were looked for by somebody who may see everything are masked.
        """
        hides = redactor is not None and not self.masked
        shown: dict[str, Any] = {
            "jobIds": list(self.ids),
            "status": [state.label for state in self.states],
            "type": list(self.types),
            "queue": list(self.queues),
            "priority": [priority.label for priority in self.priorities],
            "tag": list(self.tags),
            "error": [MASK] if hides and self.errors else list(self.errors),
            "fingerprint": list(self.fingerprints),
            "q": MASK if hides and self.text else self.text,
        }
        instants = {
            "createdAfter": self.created_after,
            "createdBefore": self.created_before,
            "finishedAfter": self.finished_after,
            "finishedBefore": self.finished_before,
        }
        shown |= {name: isoformat(instant) for name, instant in instants.items() if instant is not None}
        return {name: value for name, value in shown.items() if value}

    def _may_have_erred(self, record: JobRecord) -> bool:
        return record.fingerprint in self.errors or (bool(record.error) if self.masked else self._in_line(record.error))

    def _shows_error(self, record: JobRecord, envelope: Envelope | None) -> bool:
        if not self.masked or record.fingerprint in self.errors:
            return True
        return self._in_line(shown_error(redactor_of(self.masked), record, envelope.payload if envelope else None))

    def _in_line(self, error_line: str) -> bool:
        line = error_line.casefold()
        return any(error.casefold() in line for error in self.errors)

    def _finished(self, record: JobRecord) -> bool:
        if self.finished_after is None and self.finished_before is None:
            return True
        return record.finished > 0 and _within(record.finished, self.finished_after, self.finished_before)


def shown_error(redactor: Redactor, record: JobRecord, payload: bytes | None) -> str:
    """A job's error line for somebody from whom a redactor hides fields. `payload` None: it is not known.

    After a retry with another payload, the line may still be about the one before: only its type is shown then.
    """
    if not record.error:
        return ""
    if record.state is State.CANCELLED:  # the line is a reason that somebody gave
        return redactor.mask_text(record.error, redactor.hidden_values(payload))
    is_own = record.version == 1 or record.state is State.DEAD
    return redactor.mask_error(record.error, redactor.hidden_values(payload) if is_own else None)


def _text_look(text: str, masked: tuple[str, ...]) -> EnvelopeLook:
    """Whether a job's id begins with a text or its payload holds it, also where fields that fit `masked` are hidden."""
    if not text:
        return lambda job_id, record, envelope: True
    mask = redactor_of(masked).mask_json if masked else None
    needle, *others = _needles(text)

    def holds(payload: bytes) -> bool:
        lowered = payload.lower()
        return needle in lowered or (bool(others) and any(each in lowered for each in others))

    def says(job_id: str, record: JobRecord, envelope: Envelope | None) -> bool:
        if job_id.startswith(text):
            return True
        if envelope is None:
            return False
        # Masked first, whatever is looked for: the work must not tell what is hidden.
        if mask is not None and not holds(mask(envelope.payload)):
            return False
        return holds(envelope.payload)

    return says


def _within(instant: int, after: int | None, before: int | None) -> bool:
    return (after is None or instant >= after) and (before is None or instant < before)


@lru_cache(maxsize=64)
def _needles(text: str) -> frozenset[bytes]:
    """The forms a text can have inside JSON: with and without escapes for what is not ASCII; quotes are escaped."""
    plain = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
    return frozenset({plain.lower(), json.dumps(text)[1:-1].encode().lower()})
