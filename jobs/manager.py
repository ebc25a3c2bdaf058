"""Takes jobs in: checks them, hands them to the store, says what became of each."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Unpack

from . import outbox
from .bulk import fill
from .conf import Config, get_config
from .errors import DuplicateJob, InvalidJob, QueueFlowError, StoreError, UnknownJobType
from .events import Event, EventName, announcer
from .handlers.discovery import known_handlers
from .handlers.registry import Registry
from .ids import new_id
from .middleware import Chain, get_chain
from .refusals import BulkResult
from .repeats import met_before, recalled
from .requests import JobOptions, JobSpec, OnDuplicate, request_of
from .store.breaking import shut
from .store.producer import MAX_BATCH, Marker
from .store.store import Store, get_store
from .types import Enqueued, JobRequest


class QueueManager:
    """Enqueues jobs. Safe for threads and cheap to make; without a store it works on this process's own.

    registry and chain: the handlers and the middleware to use, those of this process if not given.
    """

    def __init__(
        self, store: Store | None = None, *, registry: Registry | None = None, chain: Chain | None = None
    ) -> None:
        self._store = store
        self._registry = registry
        self._chain = chain
        self._known: set[str] | None = None  # types that are known to a worker, where many jobs are enqueued in a row

    def enqueue(self, type: str, payload: object = None, **options: Unpack[JobOptions]) -> Enqueued:  # noqa: A002
        """Enqueue one job; return its id, its state and when it was made. `JobSpec` describes the options.

        Raises InvalidJob, PayloadTooLarge, UnknownJobType, DuplicateJob, TooManyQueues, and StoreError. After the last
        one the job may have been made all the same: the call can be repeated with the job_id that `job_ids` of the
        error names then. With OUTBOX on, a store that is away is no failure: the job waits for it (`accepted`).
        """
        return self.submit(JobSpec(type, payload, **options))

    async def aenqueue(self, type: str, payload: object = None, **options: Unpack[JobOptions]) -> Enqueued:  # noqa: A002
        """Do what `enqueue` does, in a thread."""
        return await asyncio.to_thread(partial(self.enqueue, type, payload, **options))

    def submit(self, spec: JobSpec, marker: Marker | None = None) -> Enqueued:
        """Enqueue what a spec describes, like `enqueue`. With a marker the store remembers the answer.

        Raises what `enqueue` raises, and IdempotencyKeyReused.
        """
        try:
            request, failure = self.prepared(spec)
        except InvalidJob:
            if answer := self._met_before(spec, marker):
                return answer
            raise
        if failure is not None:
            return self._put_down(failure, request, marker)
        if marker:
            marker = marker._replace(keep_refusals=spec.on_duplicate == "return")
        return self.send(request, spec.on_duplicate, marker)

    def send(self, request: JobRequest, on_duplicate: OnDuplicate = "reject", marker: Marker | None = None) -> Enqueued:
        """Bring a prepared request into the store. It may be repeated: a job id makes one job. Raises like `submit`."""
        try:
            [answer] = self.store.producer.enqueue([request], marker)
        except StoreError as failure:
            return self._put_down(failure, request, marker)
        return self.taken(request, answer, on_duplicate)

    def taken(self, request: JobRequest, answer: Enqueued, on_duplicate: OnDuplicate = "reject") -> Enqueued:
        """The store's answer to a request, made known. Raises DuplicateJob."""
        if not answer.duplicate_of:
            self.made(request, answer)
        elif on_duplicate == "reject":
            raise DuplicateJob(request.deduplication_key, answer.duplicate_of)
        return answer

    def enqueue_many(
        self, specs: Iterable[JobSpec], marker: Marker | None = None, *, batch_jobs: int = MAX_BATCH
    ) -> BulkResult:
        """Enqueue many jobs, up to `batch_jobs` (250 at most) a round trip; what is wrong with one refuses that one.

        A store that is lost midway refuses the rest as `store_unavailable`, of several servers only its own share; a
        refusal names the id of a job that may have been made all the same. Raises StoreError if none was taken, with
        those ids in its `job_ids`, and IdempotencyKeyReused.
        """
        return fill(self, list(specs), marker, batch_jobs)

    @property
    def store(self) -> Store:
        """The store it works on. Raises StoreUnavailable if there is no server to connect to."""
        return get_store() if self._store is None else self._store

    @property
    def config(self) -> Config:
        """The configuration whose limits hold."""
        return get_config() if self._store is None else self._store.config

    def prepare(self, spec: JobSpec) -> JobRequest:
        """Return the checked request for a spec, as the middleware leaves it. Raises InvalidJob and its kinds.

        With OUTBOX on, a type that only the store could know is taken while that is away.
        """
        return self.prepared(spec)[0]

    def prepared(self, spec: JobSpec, among: Sequence[int] | None = None) -> tuple[JobRequest, StoreError | None]:
        """The request, as `prepare` returns it, and how the store failed when it was asked for its types.

        `among`: in which of the `places` a job may lie that may lie in any.
        """
        registry = known_handlers() if self._registry is None else self._registry
        config, failure = self.config, None
        request = request_of(spec, registry, config, self.places if among is None else among)
        if not (registry.get(request.type) or config.accept_unknown_types):
            failure = self._demand(request.type)
        chain = self._middleware()
        return chain.before_enqueue(request) if chain else request, failure

    def new_id(self) -> str:
        """An id for a job that may lie in any partition: in one that is there."""
        return new_id(among=self.places, count=self.config.partitions.count)

    @property
    def places(self) -> Sequence[int]:
        """The partitions that are not known to be away; none: all of them."""
        count = self.config.partitions.count
        if count == 1:
            return ()
        try:
            away = shut(self.store.parts)
        except StoreError:
            return ()
        return [number for number in range(count) if number not in away] if away else ()

    def bound(self) -> QueueManager:
        """The same manager, for many jobs in a row: its store, handlers, middleware and types are looked up once.

        So the store, while it works on some of the jobs, is not asked for the types of the next ones.
        """
        try:
            made = self._on(self.store)
        except StoreError:
            return self
        made._registry = known_handlers() if self._registry is None else self._registry
        made._chain = self._middleware()
        made._known = set()
        return made

    def without_store(self, failure: StoreError) -> QueueManager:
        """The same manager, which does not ask a store that has just failed so."""
        return self._on(Store.absent(self.config, failure))

    def without(self, failure: StoreError) -> QueueManager:
        """The same manager, which does not ask the server that has just failed so; others it does."""
        try:
            rest = self.store.without(failure)
        except StoreError:
            return self.without_store(failure)
        return self._on(rest)

    def made(self, request: JobRequest, answer: Enqueued) -> None:
        """Tell middleware and subscribers that the store has a job."""
        chain = self._middleware()
        if chain:
            chain.after_enqueue(request, answer)
        if announcer and answer.created:
            announcer.announce(Event(name=EventName.ENQUEUED, job_id=answer.id, type=request.type, queue=request.queue))

    def _on(self, store: Store) -> QueueManager:
        made = copy.copy(self)
        made._store = store
        return made

    def _demand(self, job_type: str) -> StoreError | None:
        """Raise UnknownJobType unless a live worker has the type; the failure of a store that cannot tell."""
        if self._known and job_type in self._known:
            return None
        try:
            if job_type in self.store.registry.known_types():
                if self._known is not None:
                    self._known.add(job_type)
                return None
        except StoreError as failure:
            if outbox.is_away(failure) and len(self.store.servers) > 1:
                return None  # the job's own partition may be there
            if not outbox.puts_down(self.config, failure):
                raise
            failure.may_be_done = False  # with the job, which was not sent yet
            return failure
        raise UnknownJobType(job_type)

    def _put_down(self, failure: StoreError, request: JobRequest, marker: Marker | None) -> Enqueued:
        """Put a job into the outbox. Raises the failure of the store where it does not belong there.

        What is raised names the job's id where the job may have been made, or put down, all the same.
        """
        may_be_done = failure.may_be_done
        try:
            if not outbox.puts_down(self.config, failure):
                raise failure
            item = outbox.Item(request, marker=marker, unsure=may_be_done)
            [answer] = outbox.accept([item], self.config)
            if isinstance(answer, QueueFlowError):
                raise answer from failure
        except StoreError as error:
            if may_be_done or error.may_be_done:
                error.may_be_done, error.job_ids = True, (request.id,)
            raise
        return answer

    def _met_before(self, spec: JobSpec, marker: Marker | None) -> Enqueued | None:
        """The answer to a request that is refused at sight, but was taken once."""
        try:
            answer = recalled(self.store, self.config, spec, marker) if marker else None
            return answer or met_before(self.store, self.config, [spec])[0]
        except StoreError as failure:
            if not outbox.puts_down(self.config, failure):
                raise
            return None

    def _middleware(self) -> Chain:
        return get_chain() if self._chain is None else self._chain
