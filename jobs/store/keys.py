"""Every key of the store, from one place. No other module, and no Lua file, spells a key."""

from __future__ import annotations

from functools import lru_cache

from jobs.states import State
from jobs.types import DEFAULT_QUEUE, Priority

SOME_TYPE = "#types"  # the field among the paused queues that is there while any type is paused


def tagged(prefix: str, partition: int) -> str:
    """The prefix of a partition's keys: in braces, by which a cluster keeps them together."""
    return f"{{{prefix.rstrip(':')}:{partition}}}:"


class Keys:
    """The keys of one partition below one prefix (default `queueflow:`)."""

    def __init__(self, prefix: str = "queueflow:") -> None:
        self.prefix = prefix
        self._name_jobs()
        self._name_queues()
        self.workers = self._key("workers")
        self.worker_info = self._key("worker:info")
        self.pools = self._key("pools")
        self.reaper = self._key("reaper")
        self.history_cursors = self._key("history:cursors")
        self.history_marks = self._key("history:marks")
        self.operations = self._key("operations")
        self.operations_open = self._key("operations:open")
        self.unused = self._key("unused")
        self.partitions = self._key("partitions")  # how many there are, as each of them is told
        self.gate = (self.paused, self.paused_types, self.held(""))
        self.core = (
            self.metadata, self.data, self.stamp, self.created, self.stats,
            self.counts, self.types, self.series, self.event_stream, self.event_channel,
        )  # fmt: skip

    def _name_jobs(self) -> None:
        """What is known of jobs, and the indexes of those in one state."""
        self.metadata = self._key("job:metadata")
        self.data = self._key("job:data")
        self.result = self._key("job:result")
        self.history = self._key("job:history")
        self.progress = self._key("job:progress")
        self.log = self._key("job:log")
        self.created = self._key("created")
        self.active = self._key("active")
        self.scheduled = self._key("scheduled")
        self.retrying = self._key("retrying")
        self.completed = self._key("completed")
        self.cancelled = self._key("cancelled")
        self.expiring = self._key("expiring")
        self.dlq = self._key("dlq")
        self.dlq_groups = self._key("dlq:groups")
        self.triage = (self._key("triage"), self._key("triaged"))  # the notes, and when they were made

    def _name_queues(self) -> None:
        """What is counted of them, what is told of changes, and which queues and types there are."""
        self.stamp = self._key("stamp")
        self.stats = self._key("stats")
        self.counts = self._key("counts")
        self.types = self._key("types")
        self.series = self._key("series:")
        self.event_stream = self._key("event:stream")
        self.event_channel = self._key("events")
        self.timer_channel = self._key("timer")
        self.queues = self._key("queues")
        self.paused = self._key("paused")
        self.paused_types = self._key("paused:types")
        self.turns = self._key("turns")

    def _key(self, name: str) -> str:
        return self.prefix + name

    def of_state(self, state: State) -> str:
        """The index of all jobs of a state. Raises KeyError for pending jobs, who stand in many, and blocked ones."""
        return {
            State.SCHEDULED: self.scheduled, State.ACTIVE: self.active, State.RETRYING: self.retrying,
            State.COMPLETED: self.completed, State.DEAD: self.dlq, State.CANCELLED: self.cancelled,
        }[state]  # fmt: skip

    @property
    def led(self) -> str:
        """When each duty was led last, by duty."""
        return self._key("led")

    @property
    def probe(self) -> str:
        """Written to see whether a write is taken."""
        return self._key("probe")

    @lru_cache(maxsize=4096)  # noqa: B019 - one Keys lives as long as its process
    def pending(self, queue: str, priority: Priority) -> str:
        """The index of the pending jobs of one priority of a queue, by position."""
        middle = "" if queue == DEFAULT_QUEUE else f"{queue}:"
        return self._key(f"queue:{middle}{priority.label}")

    @lru_cache(maxsize=4096)  # noqa: B019
    def wake(self, queue: str) -> str:
        """The list of wake-up tokens of a queue."""
        return self._key(f"wake:{queue}")

    @lru_cache(maxsize=4096)  # noqa: B019
    def queue_block(self, queue: str) -> tuple[str, str, str, str]:
        """High, normal, low and wake of a queue, the form in which scripts take a queue."""
        high, normal, low = (self.pending(queue, priority) for priority in Priority)
        return high, normal, low, self.wake(queue)

    def held(self, job_type: str) -> str:
        """The index of the pending jobs of a paused type that wait apart from their queues, by position."""
        return self._key(f"held:{job_type}")

    def figures(self, job_type: str) -> str:
        """What is counted of a job type for ever; scripts put the name behind `types` themselves."""
        return f"{self.types}:{job_type}"

    def measures(self, job_type: str) -> str:
        """What the handler of a job type has measured, by series."""
        return self._key(f"measures:{job_type}")

    def deduplication(self, key: str) -> str:
        """Holds the id of the unfinished job that owns a deduplication key."""
        return self._key(f"dedup:{key}")

    @property
    def tag_index(self) -> str:
        """Holds the stamp of creation from which on the index of tags is whole; there only while it is kept."""
        return self._key("tags")

    def tagged(self, tag: str) -> str:
        """The jobs with a tag, by stamp of their creation, where an index of tags is kept."""
        return self._key(f"tag:{tag}")

    def dlq_of_type(self, job_type: str) -> str:
        """The dead jobs of one type, by stamp of their death."""
        return self._key(f"dlq:type:{job_type}")

    def dlq_of_error(self, fingerprint: str) -> str:
        """The dead jobs of one error fingerprint, by stamp of their death."""
        return self._key(f"dlq:error:{fingerprint}")

    def reply(self, incarnation: str, channel: str) -> str:
        """The last answer given to one channel of a worker."""
        return self._key(f"reply:{incarnation}:{channel}")

    def control(self, worker: str) -> str:
        """The list of orders to one worker, or of questions to one supervisor."""
        return self._key(f"control:{worker}")

    def mailbox(self, ticket: str) -> str:
        """Holds a worker's answer to the question with this ticket."""
        return self._key(f"mailbox:{ticket}")

    def leader(self, duty: str) -> str:
        """Holds the fencing token of a duty's leader."""
        return self._key(f"leader:{duty}")

    def leader_term(self, duty: str) -> str:
        """Counts the terms of a duty's leaders."""
        return self._key(f"leader:{duty}:term")

    def supervisors(self, pool: str) -> str:
        """The living supervisors of a pool, by last heartbeat."""
        return self._key(f"pool:{pool}:supervisors")

    def supervisor_caps(self, pool: str) -> str:
        """The most workers each supervisor of a pool can run."""
        return self._key(f"pool:{pool}:caps")

    def supervisor_floors(self, pool: str) -> str:
        """The fewest workers each supervisor of a pool keeps."""
        return self._key(f"pool:{pool}:floors")

    def supervisor_queues(self, pool: str) -> str:
        """The queues that the workers of each supervisor of a pool serve."""
        return self._key(f"pool:{pool}:queues")

    def scaling(self, pool: str) -> str:
        """What is known of the scaling of a pool: its last decision, and what people ordered."""
        return self._key(f"scaling:{pool}")

    def scaling_model(self, pool: str) -> str:
        """What was trained for the scaling of a pool."""
        return self._key(f"scaling:{pool}:model")

    def scaling_steps(self, pool: str) -> str:
        """What was seen and decided of a pool, oldest first."""
        return self._key(f"scaling:{pool}:steps")

    def pool_day(self, pool: str, day: int) -> str:
        """The minutes of a pool on one day, counted since 1970."""
        return self._key(f"pool:{pool}:day:{day}")

    @property
    def pools_heard(self) -> str:
        """When a supervisor of each pool was heard last, by pool."""
        return self._key("pools:heard")

    @property
    def simulations(self) -> tuple[str, str]:
        """The simulations of scaling that are remembered, and until when each that runs is believed to."""
        return self._key("simulations"), self._key("simulations:running")

    def history_ring(self, seconds: int, queue: str) -> str:
        """The closed buckets of a queue ('' = of all) at one resolution, oldest first."""
        return self._key(f"history:{seconds}:{queue}")

    def history_clock(self, seconds: int) -> str:
        """Which buckets of one resolution there are, oldest first."""
        return self._key(f"history:{seconds}")

    def idempotency(self, digest: str) -> str:
        """The first answer to an API key's Idempotency-Key."""
        return self._key(f"idempotency:{digest}")

    def bucket(self, name: str) -> str:
        """Holds the instant at which a token bucket will be full."""
        return self._key(f"bucket:{name}")
