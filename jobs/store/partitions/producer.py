"""Brings jobs into the partitions that their ids name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jobs.errors import InvalidJob, QueueFlowError
from jobs.ids import FIELD
from jobs.partitioning import is_telling
from jobs.store.producer import Marker, Producer
from jobs.store.store import Store
from jobs.types import Enqueued, JobRequest

from .spread import Spread, grouped


class SpreadProducer(Producer):
    """A `Producer` over all partitions. A job with a deduplication key lies where the key says: it gets its id from us.

    A request with an Idempotency-Key is noted where that key says too, so that another body is met wherever its jobs
    would lie.
    """

    def __init__(self, spread: Spread) -> None:
        self._spread = spread
        self.offset_ms = spread.home.offset_ms

    def enqueue(self, requests: Sequence[JobRequest], marker: Marker | None = None) -> list[Enqueued]:
        """What became of each request, in order; raises as in one partition, when all others have been taken."""
        if not marker:
            return self._each(requests, lambda part, some: part.producer.enqueue(some))
        noted = marker._replace(key=f"{marker.key.partition(':')[0]}/body")
        place = self._spread.of_key(noted.key)
        self._spread.ask(place, lambda part: part.markers.keep(noted, ""))

        def send(part: Store, some: Sequence[JobRequest]) -> list[Enqueued]:
            is_all = len(some) == len(requests)
            return part.producer.enqueue(some, marker if is_all else marker.part([request.id for request in some]))

        answers = self._each(requests, send)
        if not marker.keep_refusals and all(answer.duplicate_of for answer in answers):
            place.markers.drop(noted)
        return answers

    def enqueue_each(self, pairs: Sequence[tuple[JobRequest, Marker]]) -> list[Enqueued]:
        """What became of each request with a marker of its own, in order."""
        markers = {request.id: marker for request, marker in pairs}

        def send(part: Store, some: Sequence[JobRequest]) -> list[Enqueued]:
            return part.producer.enqueue_each([(request, markers[request.id]) for request in some])

        return self._each([request for request, _ in pairs], send)

    def recall(self, request: JobRequest, marker: Marker) -> Enqueued | None:
        """What became of the request when it came first with this marker."""
        return self._spread.ask(self._part(request), lambda part: part.producer.recall(request, marker))

    def _each(
        self, requests: Sequence[JobRequest], send: Callable[[Store, Sequence[JobRequest]], list[Enqueued]]
    ) -> list[Enqueued]:
        groups = grouped(range(len(requests)), lambda at: self._part(requests[at]))
        answers: dict[int, Enqueued] = {}
        failure: QueueFlowError | None = None
        for part, places in groups.items():
            try:
                some = [requests[at] for at in places]
                found = self._spread.ask(part, lambda part, some=some: send(part, some))  # type: ignore[misc]
                answers.update(zip(places, found, strict=True))
            except QueueFlowError as error:
                failure = failure or error
        if failure is not None:
            raise failure
        return [answers[at] for at in range(len(requests))]

    def _part(self, request: JobRequest) -> Store:
        """Raises InvalidJob for an id that puts the job elsewhere than its deduplication key."""
        part, key = self._spread.of(request.id), request.deduplication_key
        if key and not (is_telling(request.id, len(self._spread.parts)) and part is self._spread.of_key(key)):
            raise InvalidJob(FIELD, "a job with a deduplication key gets its id from us where there are partitions")
        return part
