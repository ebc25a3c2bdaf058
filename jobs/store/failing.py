"""The arguments that fail and reap have in common."""

from __future__ import annotations

from . import codec
from .keyring import Keyring
from .keys import Keys
from .outcomes import Failed, execution_of


def failing_ring(keys: Keys, first: str) -> Keyring:
    """The fixed keys of fail and reap; `first` is the reply key of the one, the leader key of the other."""
    return Keyring(
        keys.core, first, keys.active, keys.retrying, keys.dlq, keys.cancelled, keys.history, keys.expiring,
        keys.dlq_groups, keys.timer_channel,
    )  # fmt: skip


def failing_item(keys: Keys, ring: Keyring, item: Failed, *more: object) -> tuple[object, ...]:
    """One item of fail and reap."""
    record, failure = item.claim.record, item.failure
    trace = codec.execution(execution_of(item.claim, item.outcome, item.started_ms, item.duration_ms, failure))
    return (
        item.claim.id, item.claim.token, item.started_ms, item.duration_ms, failure.summary, failure.fingerprint, trace,
        item.delay_ms, int(item.final), ring.add_deduplication(keys, record.deduplication_key),
        ring.add(keys.dlq_of_type(record.type)), ring.add(keys.dlq_of_error(failure.fingerprint)), *more,
    )  # fmt: skip
