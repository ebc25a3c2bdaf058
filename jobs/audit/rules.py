"""The rules for one job seen at one instant: one place, the right one, with all that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jobs.states import State
from jobs.store.keys import Keys
from jobs.store.survey import Sight
from jobs.types import JobRecord

GRACE_MS = 1000  # a lapsing deduplication key may go a little before or after its time
Problem = tuple[str, str]


def problems_of(sight: Sight, places: Sequence[str], keys: Keys) -> Iterator[Problem]:
    """Kind and sentence of everything wrong with one job; `places` are those where its record belongs."""
    record = sight.record
    if not sight.has_record:
        yield from _remains(sight, keys)
        return
    if not sight.has_body:
        yield "no_body", f"job {sight.id} has a record but no envelope"
    if sight.created is None:
        yield "not_in_creation_index", f"job {sight.id} is missing in the creation index"
    if record is None:
        yield "unreadable_record", f"the record of job {sight.id} cannot be decoded: delete the job"
        strays = [name for name in sight.places if name != keys.dlq]
        if strays:
            yield "unreadable_in_the_way", f"job {sight.id} is unreadable and stands in {', '.join(strays)}"
        return
    if sight.expires and record.state not in (State.COMPLETED, State.CANCELLED):
        yield "expires_too_early", f"job {sight.id} is {record.state.label} but about to expire"
    yield from _misplaced(sight, record, places)
    yield from _scores(sight, record, places, keys)
    if keys.held(record.type) in sight.places and (sight.held_above is None or record.position <= sight.held_above):
        yield "held_without_pause", f"job {sight.id} is held, but its type {record.type} may run"
    yield from _deduplication(sight, record)


def _remains(sight: Sight, keys: Keys) -> Iterator[Problem]:
    """Nothing may be left of a job without a record."""
    for name in sight.places:
        yield "entry_without_record", f"{name} names job {sight.id}, which has no record"
    if sight.has_body:
        yield "body_without_record", f"{keys.data} has an envelope of job {sight.id}, which has no record"
    if sight.created is not None:
        yield "entry_without_record", f"{keys.created} names job {sight.id}, which has no record"
    if sight.extras or sight.expires:
        yield "remains", f"job {sight.id} has no record, but a result, history, progress, log or expiry is kept for it"


def _misplaced(sight: Sight, record: JobRecord, places: Sequence[str]) -> Iterator[Problem]:
    missing = [name for name in places if name not in sight.places]
    foreign = [name for name in sight.places if name not in places]
    state = record.state.label
    if missing:
        yield "not_in_index", f"job {sight.id} is {state} but not in {', '.join(missing)}"
    if foreign:
        yield "in_wrong_index", f"job {sight.id} is {state} but also in {', '.join(foreign)}"


def _scores(sight: Sight, record: JobRecord, places: Sequence[str], keys: Keys) -> Iterator[Problem]:
    own = {
        State.PENDING: record.position, State.SCHEDULED: record.ready, State.RETRYING: record.ready,
        State.COMPLETED: record.order, State.DEAD: record.order, State.CANCELLED: record.order,
    }.get(record.state)  # fmt: skip
    tagged = frozenset(map(keys.tagged, record.tags))
    for name in places:
        score = sight.places.get(name)
        expected = sight.created if name in tagged else own
        if expected is not None and score is not None and score != expected:
            yield "wrong_score", f"job {sight.id} stands in {name} at {score:.0f}, not at {expected:.0f}"


def _deduplication(sight: Sight, record: JobRecord) -> Iterator[Problem]:
    key, until = record.deduplication_key, record.deduplication_until
    if not key:
        return
    owns = sight.owner == sight.id
    lapses = until != 0 and until <= sight.now_ms + GRACE_MS
    if record.state.is_settled and owns:
        yield "key_not_freed", f"job {sight.id} is {record.state.label} but still owns deduplication key {key!r}"
    elif not record.state.is_settled and not owns and not lapses:
        owner = f"job {sight.owner}" if sight.owner else "nobody"
        yield "key_not_owned", f"job {sight.id} should own deduplication key {key!r}, which {owner} does"
