"""Brings jobs into the partitions that their ids name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from jobs.errors import QueueFlowError, StoreError
from jobs.ids import check_place
from jobs.meanwhile import Meanwhile
from jobs.store.markers import Markers
from jobs.store.producer import Marker, Producer
from jobs.store.store import Store
from jobs.types import Enqueued, JobRequest

from .spread import Spread

Outcome = Enqueued | QueueFlowError
Send = Callable[[Store, Sequence[JobRequest], Meanwhile[Any]], list[Outcome]]
AT_ONCE: Final = 16  # servers that work at the same time for one call


class SpreadProducer(Producer):
    """A `Producer` over all partitions. A job with a deduplication key lies where the key says: it gets its id from us.

    What is remembered of an Idempotency-Key lies beside its jobs. Where those lie elsewhere than the key says, as they
    have a deduplication key or an id of the client's, the key is noted there too, so that another body is met.
    """

    def __init__(self, spread: Spread, markers: Markers) -> None:
        self._spread = spread
        self._markers = markers
        self.offset_ms = spread.home.offset_ms

    def enqueue(
        self, requests: Sequence[JobRequest], marker: Marker | None = None, meanwhile: Meanwhile[Any] | None = None
    ) -> list[Enqueued]:
        """What became of each request, in order; raises as in one partition, when all others have been taken."""
        return _taken(self.offer(requests, marker, meanwhile))

    def offer(
        self, requests: Sequence[JobRequest], marker: Marker | None = None, meanwhile: Meanwhile[Any] | None = None
    ) -> list[Outcome]:
        """What became of each request, as `enqueue` says it, or why it was not taken where others may have been."""
        if not marker:
            return self._each(requests, lambda part, some, ahead: part.producer.offer(some, None, ahead), meanwhile)
        mine = os.urandom(8).hex()
        try:
            is_mine = self._is_noted(requests, marker) and self._markers.keep(marker, mine) == mine
        except QueueFlowError as error:
            return [error] * len(requests)

        def send(part: Store, some: Sequence[JobRequest], ahead: Meanwhile[Any]) -> list[Outcome]:
            is_all = len(some) == len(requests)
            return part.producer.offer(some, marker if is_all else marker.part([each.id for each in some]), ahead)

        outcomes = self._each(requests, send, meanwhile)
        if is_mine and all(_is_nothing(each, marker) for each in outcomes):
            with suppress(StoreError):
                self._markers.drop(marker)
        return outcomes

    def enqueue_each(self, pairs: Sequence[tuple[JobRequest, Marker]]) -> list[Enqueued]:
        """What became of each request with a marker of its own, in order."""
        noted = [marker for request, marker in pairs if self._is_noted([request], marker)]
        if noted:
            self._markers.keep_all(noted, "")
        markers = {request.id: marker for request, marker in pairs}

        def send(part: Store, some: Sequence[JobRequest], _: Meanwhile[Any]) -> list[Outcome]:
            try:
                return list(part.producer.enqueue_each([(request, markers[request.id]) for request in some]))
            except QueueFlowError as error:
                return [error] * len(some)

        return _taken(self._each([request for request, _ in pairs], send))

    def recall(self, request: JobRequest, marker: Marker) -> Enqueued | None:
        """What became of the request when it came first with this marker."""
        return self._spread.ask(self._spread.of(request.id), lambda part: part.producer.recall(request, marker))

    def _each(
        self, requests: Sequence[JobRequest], send: Send, meanwhile: Meanwhile[Any] | None = None
    ) -> list[Outcome]:
        found: dict[int, Outcome] = {}
        groups: dict[Store, list[int]] = {}
        for at, request in enumerate(requests):
            try:
                if request.deduplication_key:
                    check_place(request.id, request.deduplication_key, len(self._spread.parts))
                groups.setdefault(self._spread.of(request.id), []).append(at)
            except QueueFlowError as error:
                found[at] = error
        for turn in _turns(groups):
            sent = self._sent([(part, [requests[at] for at in places]) for part, places in turn], send, meanwhile)
            for (_, places), outcomes in zip(turn, sent, strict=True):
                found.update(zip(places, outcomes, strict=True))
        return [found[at] for at in range(len(requests))]

    def _sent(
        self, groups: Sequence[tuple[Store, list[JobRequest]]], send: Send, meanwhile: Meanwhile[Any] | None
    ) -> list[list[Outcome]]:
        """The outcomes of each group: each is sent while the servers before work, as far as their clients let it."""
        if not groups:
            if meanwhile:
                meanwhile()
            return []
        (part, requests), *rest = groups
        ahead = Meanwhile(lambda: self._sent(rest, send, meanwhile))
        outcomes = send(part, requests, ahead)
        for each in outcomes:
            if isinstance(each, StoreError):
                self._spread.label(part, each)
        return [outcomes, *ahead.result()]

    def _is_noted(self, requests: Sequence[JobRequest], marker: Marker) -> bool:
        """Whether a client's key has to be kept where it says as well. That of a bulk enqueue is, as a whole."""
        if marker.place != marker.key:
            return False
        place = self._spread.of_key(marker.place)
        return any(self._spread.of(request.id) is not place for request in requests)


def _turns(groups: Mapping[Store, list[int]]) -> list[list[tuple[Store, list[int]]]]:
    """Groups that are sent at the same time: those of partitions on one server come after each other."""
    turns: list[list[tuple[Store, list[int]]]] = []
    for part, places in groups.items():
        for turn in turns:
            if len(turn) < AT_ONCE and all(part.client is not other.client for other, _ in turn):
                turn.append((part, places))
                break
        else:
            turns.append([(part, places)])
    return turns


def _taken(outcomes: Sequence[Outcome]) -> list[Enqueued]:
    """All answers. Raises the first refusal."""
    for each in outcomes:
        if isinstance(each, QueueFlowError):
            raise each
    return [each for each in outcomes if isinstance(each, Enqueued)]


def _is_nothing(outcome: Outcome, marker: Marker) -> bool:
    """Whether nothing was made, nor is remembered."""
    if isinstance(outcome, Enqueued):
        return bool(outcome.duplicate_of) and not marker.keep_refusals
    return not (isinstance(outcome, StoreError) and outcome.may_be_done)
