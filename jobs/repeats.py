"""Requests that were met before: what became of a job that is asked for again and would be refused now.

What handlers take, and which types are known, may have changed since the first request.
"""

from __future__ import annotations

from collections.abc import Sequence

from .conf import Config
from .errors import InvalidJob
from .handlers.registry import Registry
from .requests import JobSpec, request_of
from .store.producer import Marker
from .store.store import Store
from .types import Enqueued, JobRequest


def met_before(store: Store, config: Config, refused: Sequence[JobSpec]) -> list[Enqueued | None]:
    """For each spec that was refused before it came to the store, the job of its id and type that is there.

    None for a spec without an id, and for what is wrong whatever handlers there are. Raises StoreError.
    """
    ids = [spec.job_id if spec.job_id and _plain(spec, config) else "" for spec in refused]
    records = iter(store.reader.records([each for each in ids if each]) if any(ids) else ())
    found = [(each, next(records) if each else None) for each in ids]
    return [
        Enqueued(each, there.state, there.created, there.ready, created=False, record=there)
        if there and there.type == spec.type
        else None
        for spec, (each, there) in zip(refused, found, strict=True)
    ]


def recalled(store: Store, config: Config, spec: JobSpec, marker: Marker) -> Enqueued | None:
    """The first answer to a request with this marker. Raises StoreError, and IdempotencyKeyReused."""
    request = _plain(spec, config)
    return store.producer.recall(request, marker) if request else None


def _plain(spec: JobSpec, config: Config) -> JobRequest | None:
    """The request for a spec as far as it does not depend on handlers; None where it is wrong in itself."""
    try:
        return request_of(spec, Registry(), config)
    except InvalidJob:
        return None
