"""The store's front door: everything above talks to Redis through a `Store`."""

from __future__ import annotations

import os
import threading

from jobs.circuit import Breaker
from jobs.conf import Config, get_config
from jobs.errors import StoreError

from .absent import AbsentClient
from .browser import Browser
from .buckets import Buckets
from .client import Client
from .consumer import Consumer
from .glance import Glance
from .history import History
from .keeper import Keeper
from .keys import Keys
from .limits import Limits
from .markers import Markers
from .metrics import Metrics
from .operations import Operations
from .operator import Operator
from .pool_history import PoolHistory
from .producer import Producer, Safety
from .reader import Reader
from .registry import Registry
from .sampler import Sampler
from .scaling import Scaling
from .simulations import Simulations
from .stacks import Stacks
from .tag_index import TagIndex
from .trends import Trends
from .triage import Triage
from .type_pauses import TypePauses
from .yardstick import Yardstick


class Store:
    """One installation's store over one client.

    producer: enqueue · operator: cancel, retry, delete, run now, pause, resume · registry: workers and pools ·
    keeper: leadership, promotion, reaping · reader: everything for people · operations: bulk operations ·
    type_pauses: pause and resume of job types · stacks: where running jobs are ·
    triage: what people think of error groups · trends: when their jobs died · scaling: decisions and orders ·
    pool_history: what happened to pools, minute by minute · yardstick: what bulk operations are measured by.
    """

    def __init__(self, client: Client, config: Config, offset_ms: int = 0, prefix: str = "") -> None:
        """`prefix`, of all keys, is the configured one unless it is given."""
        self.client = client
        self.config = config
        self.offset_ms = offset_ms
        self.keys = Keys(prefix or config.prefix)
        self.producer = Producer(
            client, self.keys, offset_ms, Safety(config.enqueue_wait_replicas, config.enqueue_wait_ms)
        )
        self.operator = Operator(client, self.keys, offset_ms)
        self.registry = Registry(client, self.keys, int(config.heartbeat_seconds * 3000), offset_ms)
        self.keeper = Keeper(client, self.keys, offset_ms)
        self.reader = Reader(client, self.keys, offset_ms)
        self.browser = Browser(client, self.keys)
        self.glance = Glance(client, self.keys, offset_ms)
        self.metrics = Metrics(client, self.keys)
        self.markers = Markers(client, self.keys)
        self.stacks = Stacks(client, self.keys)
        self.type_pauses = TypePauses(client, self.keys, offset_ms)
        self.tag_index = TagIndex(client, self.keys)
        self.buckets = Buckets(client, self.keys, offset_ms)
        self.history = History(client, self.keys)
        self.sampler = Sampler(client, self.keys, self.reader, self.registry)
        self.scaling = Scaling(client, self.keys, offset_ms)
        self.pool_history = PoolHistory(client, self.keys)
        self.simulations = Simulations(client, self.keys, self.reader)
        self.triage = Triage(client, self.keys, self.reader)
        self.trends = Trends(client, self.keys, self.reader)
        self.yardstick = Yardstick(client, self.keys)
        self.operations = Operations(client, self.keys, self.reader, self.tag_index, self.yardstick)

    @staticmethod
    def open(
        config: Config,
        *,
        timeout: float = 5.0,
        most: int = 16,
        offset_ms: int = 0,
        breaker: Breaker | None = None,
    ) -> Store:
        """A store on the configured server, or on the one that runs embedded in this checkout.

        `timeout` bounds each answer (seconds), `most` the connections of the shared pool. `breaker`: one that is older
        than this store. Connects at first use.
        Raises StoreUnavailable when no server is configured and none runs here.
        """
        from .partitions.opening import open_store  # which needs this class

        return open_store(config, timeout, most, offset_ms, breaker)

    @classmethod
    def absent(cls, config: Config, failure: StoreError) -> Store:
        """A store that is known to be away: whatever it is asked fails like `failure`, without asking anybody."""
        return cls(AbsentClient(failure), config)

    def without(self, failure: StoreError) -> Store:
        """The same store, whose server that has just failed so is not asked again; the first where none is named."""
        return self.absent(self.config, failure)

    @property
    def is_absent(self) -> bool:
        """Whether its first server, which has all that is not about jobs, is known to be away."""
        return isinstance(self.client, AbsentClient)

    @property
    def left_out(self) -> tuple[int, ...]:
        """The partitions that lists and figures are without, as those are away: see `partitions.rest`."""
        return ()

    @property
    def parts(self) -> tuple[Store, ...]:
        """The stores of its partitions, in order: one, itself, unless the installation is spread over several."""
        return (self,)

    @property
    def servers(self) -> tuple[Store, ...]:
        """One of its partitions for each way to a server: those that have a server in common are one."""
        return (self,)

    def consumer(self, worker: str, incarnation: str, name: str) -> Consumer:
        """One worker's channel for claims ("c") or settling ("s"), with a connection of its own."""
        return Consumer(self.client.channel(), self.keys, worker, incarnation, name, self.limits(), self.offset_ms)

    def limits(self) -> Limits:
        """What scripts need of the configuration."""
        config = self.config
        return Limits(
            lease_ms=int(config.lease_seconds * 1000),
            weights=config.priority_weights,
            retention_max=config.retention_max,
            retention_max_bytes=config.retention_max_bytes,
            max_releases=config.max_releases,
        )

    def close(self) -> None:
        """Drops the pooled connections."""
        self.client.close()


_lock = threading.Lock()
_process_store: tuple[int, Store] | None = None


def get_store() -> Store:
    """This process's store, made at first use; a forked child makes its own. Raises StoreUnavailable like `open`."""
    global _process_store  # noqa: PLW0603 - one a process
    with _lock:
        if _process_store is None or _process_store[0] != os.getpid():
            _process_store = (os.getpid(), Store.open(get_config()))
        return _process_store[1]


def use_store(store: Store) -> None:
    """Makes `store` the one of this process, for one that counts its connections."""
    global _process_store  # noqa: PLW0603 - one a process
    with _lock:
        _process_store = (os.getpid(), store)
