"""Everything in the store that names a job without being its record: does the job exist, and does it know of it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from jobs.states import State
from jobs.store.store import Store
from jobs.store.survey import Survey
from jobs.types import JobRecord, Priority

Fits = Callable[[JobRecord], bool]
Add = Callable[[str, str, str], None]  # kind, subject, sentence
EXPIRES: Final = (State.COMPLETED, State.CANCELLED)


class Judge(Protocol):
    """Looks at jobs, also in the indexes `hints`, and notes what is wrong."""

    def __call__(self, ids: Sequence[str], *hints: str) -> None: ...


class Traces:
    """Walks through all that is not the creation index. What fits needs no look; the rest is judged at one instant."""

    def __init__(self, store: Store, survey: Survey, judge: Judge, add: Add, step: Callable[[int], None]) -> None:
        self._keys = store.keys
        self._reader = store.reader
        self._survey = survey
        self._judge = judge
        self._add = add
        self._step = step

    def examine(self) -> None:
        """Walk through records, indexes, what is kept beside jobs, and deduplication keys."""
        keys = self._keys
        self._records()
        self._indexes()
        for key in (keys.data, keys.result, keys.history, keys.progress, keys.log):
            for names in self._survey.fields(key):
                self._kept_beside(key, names)
        for names in self._survey.keys_below(keys.deduplication("")):
            self._deduplication(names)

    def _records(self) -> None:
        for names in self._survey.fields(self._keys.metadata):
            if names:
                self._judge(self._survey.uncreated(names))
            self._step(len(names))

    def _indexes(self) -> None:
        keys = self._keys
        for key in self._survey.fixed:
            self._index(key, lambda _: True)
        for queue in self._reader.queue_names():
            for priority in Priority:
                self._index(keys.pending(queue, priority), _waits_in(queue, priority))
        self._below(keys.held(""), _held_of_type)
        self._below(keys.tagged(""), _tagged)
        self._below(keys.dlq_of_type(""), _dead_of_type)
        self._below(keys.dlq_of_error(""), _dead_of_error)
        self._index(keys.expiring, lambda record: record.state in EXPIRES, hinted=False)

    def _below(self, prefix: str, fits: Callable[[str], Fits]) -> None:
        for names in self._survey.keys_below(prefix):
            for name in names:
                self._index(name, fits(name.removeprefix(prefix)))

    def _index(self, key: str, fits: Fits, *, hinted: bool = True) -> None:
        """Judge every entry whose record is missing or does not explain why it stands here."""
        hints = (key,) if hinted else ()
        for entries in self._survey.entries(key):
            odd = [entry.id for entry in entries if not (fits(entry.record) if entry.record else entry.packed)]
            self._judge(odd, *hints)

    def _kept_beside(self, key: str, names: Sequence[str]) -> None:
        """Fields are ids, or `id#n` for the envelope of version n that an edited payload replaced."""
        if not names:
            return
        split = [name.partition("#") for name in names]
        records = self._survey.records([job_id for job_id, _, _ in split])
        pairs = list(zip(split, records, strict=True))
        self._judge([job_id for (job_id, mark, _), (there, _) in pairs if not mark and not there])
        for (job_id, mark, version), (there, record) in pairs:
            if mark and not (there and (record is None or _replaced(version, record))):
                self._old_version(key, job_id, version)

    def _old_version(self, key: str, job_id: str, version: str) -> None:
        for sight in self._survey.look([job_id]):
            known = sight.record and _replaced(version, sight.record)
            if not known and self._survey.has_field(key, f"{job_id}#{version}"):
                self._add(
                    "old_version", f"{job_id}#{version}", f"{key} has a version {version} of job {job_id} too many"
                )

    def _deduplication(self, names: Sequence[str]) -> None:
        prefix = self._keys.deduplication("")
        owners = self._survey.owners(names)
        records = self._survey.records(owners)
        for name, owner, (there, record) in zip(names, owners, records, strict=True):
            key = name.removeprefix(prefix)
            if owner and not (there and _holds(record, key)):
                self._key(name, key, owner)

    def _key(self, name: str, key: str, owner: str) -> None:
        """Look at an owner that does not seem to hold its key, then whether it still owns it."""
        for sight in self._survey.look([owner]):
            if not (sight.has_record and _holds(sight.record, key)) and self._survey.owners([name]) == [owner]:
                what = f"is held by job {owner}, which does not hold it (any more)"
                self._add("key_without_owner", key, f"deduplication key {key!r} {what}")


def _waits_in(queue: str, priority: Priority) -> Fits:
    return lambda record: (record.state, record.queue, record.priority) == (State.PENDING, queue, priority)


def _held_of_type(job_type: str) -> Fits:
    return lambda record: record.state is State.PENDING and record.type == job_type


def _tagged(tag: str) -> Fits:
    return lambda record: tag in record.tags


def _dead_of_type(job_type: str) -> Fits:
    return lambda record: record.state is State.DEAD and record.type == job_type


def _dead_of_error(fingerprint: str) -> Fits:
    return lambda record: record.state is State.DEAD and record.fingerprint == fingerprint


def _replaced(version: str, record: JobRecord) -> bool:
    return version.isdecimal() and 1 <= int(version) < record.version


def _holds(record: JobRecord | None, key: str) -> bool:
    """Whether a job may own a key. An unreadable one may: it is reported by itself."""
    return record is None or (record.deduplication_key == key and not record.state.is_settled)
