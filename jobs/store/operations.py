"""Bulk operations: asked for by people, carried out by one leader, the last thousand remembered."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

import msgspec

from jobs.errors import QueueFlowError
from jobs.filtering import JobFilter
from jobs.states import SETTLED, State
from jobs.types import JobRecord

from . import tables
from .client import Client
from .fencing import fenced
from .keys import Keys
from .operation import Action, Named, Operation, Status
from .reader import Reader
from .tag_index import TagIndex
from .yardstick import Yardstick

MOST_IDS: Final = 1000
MOST_OPEN: Final = 100
MOST_KEPT: Final = 1000
MOST_NAMED: Final = 20  # errors, and types of each
Row = tuple[str, JobRecord]


class TooManyOperations(QueueFlowError):
    """As many operations as may be open at once are not over yet."""

    code = "conflict"


class Operations:
    """The list of bulk operations. What is kept of one is written by its runner; people only open and abort."""

    def __init__(self, client: Client, keys: Keys, reader: Reader, tag_index: TagIndex, yardstick: Yardstick) -> None:
        self._client = client
        self._keys = keys
        self._reader = reader
        self._tag_index = tag_index
        self._yardstick = yardstick

    def open(
        self,
        action: Action,
        wanted: JobFilter,
        *,
        rate: float = 0.0,
        reason: str = "",
        started_by: str = "",
        queue: str = "",
        operation_id: str = "",
    ) -> Operation:
        """Ask for an operation on the jobs there are now. Its `total` is known at once for whole indexes, and for ids
        unless payloads have to be searched.

        `wanted.ids` holds at most 1,000 ids; `rate` is jobs a second, 0 for no limit; `queue` is for retries;
        `operation_id`, of `new_id`, makes a repeat of the call harmless: it returns what the first one made.
        Raises TooManyOperations, ValueError for too many ids.
        """
        ids = tuple(dict.fromkeys(wanted.ids))
        if len(ids) > MOST_IDS:
            raise ValueError(f"at most {MOST_IDS} ids")
        created, cutoff = self._reader.now_ms(), self._yardstick.stamp()
        made = Operation(
            id=operation_id or _new_id(created), action=action, filter=msgspec.structs.replace(wanted, ids=()),
            cutoff=cutoff, created=created, given=len(ids), rate=rate, reason=reason[:500],
            started_by=started_by[:200], queue=queue,
        )  # fmt: skip
        made = self._told(made)
        total = self._total(made, ids)
        status = Status.COUNTING if total is None else Status.RUNNING
        return self._keep(msgspec.structs.replace(made, total=total, status=status), ids)

    def size_of(self, action: Action, wanted: JobFilter) -> int | None:
        """How many jobs an operation would be about now; None where neither indexes nor records of ids tell."""
        created, cutoff = self._reader.now_ms(), self._yardstick.stamp()
        ids, rest = tuple(dict.fromkeys(wanted.ids)), msgspec.structs.replace(wanted, ids=())
        return self._total(Operation(id="", action=action, filter=rest, cutoff=cutoff, created=created), ids)

    def died_since(self, operation: Operation) -> int | None:
        """How many jobs that its filter means died since it was asked for and are dead; None where no index tells."""
        if operation.given or not self._is_of_indexes(operation):
            return None
        return self._count(operation, f"({operation.cutoff}", "+inf")

    def completed_since(self, operation: Operation) -> int | None:
        """How many jobs of the types that it is about have completed since; None where these are not known."""
        if not operation.completed_before:
            return None
        now = self._yardstick.completed(list(operation.completed_before))
        return max(0, sum(now.values()) - sum(operation.completed_before.values()))

    def new_id(self) -> str:
        """An id for `open`; ids sort by time."""
        return _new_id(self._reader.now_ms())

    def abort(self, operation_id: str, who: str = "") -> bool:
        """Ask for the end of one; it comes within a second. False when it is over or unknown."""
        keys = (self._keys.operations, self._keys.operations_open)
        return bool(self._client.run("operation_abort", keys, (operation_id, who[:200])))

    def get(self, operation_id: str) -> Operation | None:
        """One operation; None when it is unknown or cannot be decoded."""
        return _decode(self._client.call("HGET", self._keys.operations, operation_id))

    def several(self, ids: Sequence[str]) -> list[Operation | None]:
        """Operations by id, in that order; None for one that is unknown or cannot be decoded."""
        return [_decode(blob) for blob in self._client.call("HMGET", self._keys.operations, *ids)] if ids else []

    def latest(self, most: int, before: str = "") -> list[Operation]:
        """The latest operations that can be decoded, newest first; `before` is the id of the last one of the page
        before."""
        return [found for found in self.several(self.latest_ids(most, before)) if found is not None]

    def latest_ids(self, most: int, before: str = "") -> list[str]:
        """The ids of the latest operations, newest first, whether they can be decoded or not."""
        fields = tables.names(self._client.call("HKEYS", self._keys.operations))
        ids = sorted((field for field in fields if "#" not in field and (not before or field < before)), reverse=True)
        return ids[:most]

    def given_ids(self, operation_id: str) -> tuple[str, ...]:
        """The ids that an open operation is about; none for one with a filter."""
        packed = self._client.call("HGET", self._keys.operations, f"{operation_id}#ids")
        return msgspec.json.decode(packed, type=tuple[str, ...]) if packed else ()

    def unfinished(self) -> list[tuple[Operation, str | None]]:
        """All open operations, oldest first, each with who asked for its end; None while nobody did."""
        ids = tables.names(self._client.call("ZRANGE", self._keys.operations_open, 0, MOST_OPEN - 1))
        if not ids:
            return []
        packed = self._client.call("HMGET", self._keys.operations, *ids, *(f"{each}#abort" for each in ids))
        found: list[tuple[Operation, str | None]] = []
        for operation_id, blob, who in zip(ids, packed, packed[len(ids) :], strict=False):
            operation = _decode(blob)
            if operation is None:  # nobody can carry it out
                self._client.call("ZREM", self._keys.operations_open, operation_id)
            else:
                found.append((operation, None if who is None else who.decode(errors="replace")))
        return found

    def save(self, duty: str, token: str, operation: Operation) -> None:
        """Keep how far an operation has come. Raises NotLeading."""
        keys = (self._keys.leader(duty), self._keys.operations, self._keys.operations_open)
        args = (token, operation.id, _encode(operation), int(operation.status.is_over))
        fenced(self._client.run("operation_save", keys, args))

    def indexes(self, operation: Operation) -> list[tuple[State, str]]:
        """The indexes to go through, in order, each with the state of its jobs: the smallest that hold them all."""
        pairs = [(state, key) for state in operation.states for key in self._reader.indexes(state, operation.filter)]
        return list(dict.fromkeys(pairs))

    def tag_indexes(self, operation: Operation) -> list[str]:
        """The indexes of its tags where they are the smaller ones to go through; else none.

        An operation goes on the way it has begun: the jobs that were there then stay in these indexes, kept or not.
        """
        found = self._tag_index.indexes(operation.filter.tags)
        if operation.cursor.index:
            return found if operation.cursor.index in found else []
        if not found or not self._tag_index.covers(operation.filter.created_after):
            return []
        others = [key for _, key in self.indexes(operation)]
        return found if self._reader.sizes(found) < self._reader.sizes(others) else []

    def were_there(self, operation: Operation, rows: Sequence[Row]) -> list[Row]:
        """Of jobs, those that had settled by an operation's cut-off, or had been made by then and wait."""
        waiting = [job_id for job_id, record in rows if record.state not in SETTLED]
        stamps = self._yardstick.made(waiting)
        made = {
            each: stamp is not None and stamp <= operation.cutoff for each, stamp in zip(waiting, stamps, strict=True)
        }

        def was_there(job_id: str, record: JobRecord) -> bool:
            # What has run since was not waiting for this operation any more: it would be started again and again.
            ran_since = operation.action is Action.RUN_NOW and record.claimed > operation.created
            return made.get(job_id, record.order <= operation.cutoff) and not ran_since

        return [row for row in rows if was_there(*row)]

    def _keep(self, made: Operation, ids: tuple[str, ...]) -> Operation:
        args = (made.id, _encode(made), msgspec.json.encode(ids) if ids else b"", MOST_OPEN, MOST_KEPT)
        code = self._client.run("operation_open", (self._keys.operations, self._keys.operations_open), args)
        if code == 0:
            raise TooManyOperations(f"{MOST_OPEN} operations are open: wait until one is over, or abort one")
        return made if code == 1 else self.get(made.id) or made

    def _total(self, operation: Operation, ids: tuple[str, ...]) -> int | None:
        """How many jobs are meant, where indexes alone tell, or the records of given ids."""
        if ids:
            return None if operation.filter.needs_envelope else self._meant_of(operation, ids)
        if not self._is_of_indexes(operation):
            return None
        return self._count(operation, "-inf", operation.cutoff)

    def _count(self, operation: Operation, low: str, high: str | int) -> int:
        return self._yardstick.between([key for _, key in self.indexes(operation)], low, high)

    def _is_of_indexes(self, operation: Operation) -> bool:
        """Whether indexes hold just the jobs that it is about."""
        criteria = operation.filter.criteria - {"states"}
        return operation.states == (State.DEAD,) and criteria in (set(), {"types"}, {"fingerprints"})

    def _told(self, made: Operation) -> Operation:
        """The operation with the errors that its filter names, and where the types of a retry stood before it."""
        wanted = made.filter
        groups = self._reader.groups() if wanted.fingerprints else {}
        found = [(each, groups[each]) for each in wanted.fingerprints[:MOST_NAMED] if each in groups]
        errors = tuple(Named(each, group.summary[:500], tuple(group.types[:MOST_NAMED])) for each, group in found)
        known = {job_type for _, group in found for job_type in group.types}
        types = tuple(sorted(wanted.types or known))[:MOST_NAMED]
        before = self._yardstick.completed(types) if made.action is Action.RETRY and types else {}
        return msgspec.structs.replace(made, errors=errors, completed_before=before)

    def _meant_of(self, operation: Operation, ids: tuple[str, ...]) -> int:
        found = zip(ids, self._reader.records(ids), strict=True)
        meant = operation.filter.matches_record
        rows = [(each, record) for each, record in found if record and record.state in operation.states]
        return len(self.were_there(operation, [row for row in rows if meant(*row)]))


def _new_id(created: int) -> str:
    return f"{created:013d}{secrets.token_hex(4)}"


def _encode(operation: Operation) -> bytes:
    return msgspec.json.encode(operation)


def _decode(packed: bytes | None) -> Operation | None:
    try:
        return msgspec.json.decode(packed or b"", type=Operation)
    except msgspec.MsgspecError:
        return None
