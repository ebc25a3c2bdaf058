"""A web process on a store with something of everything, and keys without limits."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from typing import Self

import msgspec

from jobs.conf import Config
from jobs.maintenance.leadership import Leadership
from jobs.store.registry import WorkerInfo
from jobs.store.scaling import Kept, Outcome
from jobs.store.simulation import Simulation, SimulationStatus
from jobs.store.stacks import StackQuestion
from scaling.observation import Observation
from scaling.record import Step
from scaling.scaler import NAME
from tests.client import service
from tests.support.jobs import StoreKit, completed, failed, store_kit

EACH = 40  # jobs of each kind
GONE = 6  # pools of which nobody lives
HOUR_MS = 3_600_000
TYPE = "send-email"  # the one of tests.contract.handlers
KEYS = """
import json
from django.utils import timezone
from jobs.models import ApiKey, OutboxEntry
from jobs.scopes import Scope
from schedules.models import Schedule
print(json.dumps({scope: ApiKey.objects.issue(scope, [scope])[1] for scope in Scope}))
for number in range(80):
    name = f"refused-{number}" if number < 40 else f"again-{number - 40}"
    OutboxEntry(job_id=name, type="send-email", queue="default", request=b"", accepted_ms=0, refused="no").save()
for number in range(40):
    since = timezone.now()
    made = Schedule.objects.create(name=f"schedule-{number}", type="send-email", cron="@daily", since=since)
    made.ticks.create(at=since, outcome="missed", detail="2 ticks when no scheduler ran", recorded_at=since)
ApiKey.objects.update(burst=2_000_000_000, per_second=2_000_000_000)
"""
STACK = b'{"state":"running","lines":["a.py, line 1"]}'
WORKER = WorkerInfo(
    id="worker-1",
    incarnation="0" * 16,
    pool="default",
    host="h",
    pid=7,
    queues=("default",),
    types=(TYPE,),
    concurrency=5,
)


class Service(service.Service):
    """Web without workers: what is there stays as it is until a request changes it. `keys` has one a scope."""

    keys: dict[str, str]

    @property
    def _environment(self) -> dict[str, str]:
        own = {"DJANGO_SETTINGS_MODULE": "tests.contract.settings", "QUEUEFLOW_HANDLERS": "tests.contract.handlers"}
        return super()._environment | own

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            stack.enter_context(self.server)
            self._manage("migrate", "--verbosity", "0")
            self.keys = json.loads(self._manage("shell", "--verbosity", "0", "-c", KEYS))
            kit = stack.enter_context(store_kit(self.server.url, Config()))
            _fill(kit)
            ended = threading.Event()
            worker = threading.Thread(target=_answer, args=(kit, ended))
            worker.start()
            stack.callback(worker.join)
            stack.callback(ended.set)
            self.url = self._start_web()
            self._stack = stack.pop_all()
        return self


def _fill(kit: StoreKit) -> None:
    """Make jobs in each state, and a live worker."""
    worker = kit.worker(WORKER.id)
    for number in range(EACH):
        worker.fail([failed(kit.claimed(worker, queue="died", type=TYPE), final=True)])
        worker.complete([completed(kit.claimed(worker, queue="done", type=TYPE), b'{"ok":true}')])
        kit.claimed(worker, job_id=f"active-{number}", queue="busy", type=TYPE)
        kit.enqueue(f"scheduled-{number}", queue="later", type=TYPE, delay_ms=HOUR_MS)
    kit.enqueue_many(EACH, queue="waiting", type=TYPE)
    kit.store.registry.heartbeat(WORKER)
    _scale(kit)


def _scale(kit: StoreKit) -> None:
    """Make a decision that stays new, a simulation that stays the newest, and pools of which nobody lives."""
    for number in range(GONE):
        kit.store.registry.set_desired(f"gone-{number}", 1)
    leadership = Leadership(kit.keeper, NAME, "tester")
    leadership.keep()
    seen = Observation(at=kit.reader.now_ms() / 1000 + HOUR_MS / 1000, workers=1)
    outcome = Outcome("a stretch", None, b"", msgspec.msgpack.encode(Step(seen, 1, 1)))
    kit.store.scaling.record(NAME, leadership.token, WORKER.pool, Kept(), outcome)
    told = Simulation(id="zz", pool=WORKER.pool, source="", strategies=(), started_by="", created=1)
    kit.store.simulations.open(told)
    kit.store.simulations.save(msgspec.structs.replace(told, status=SimulationStatus.DONE))


def _answer(kit: StoreKit, ended: threading.Event) -> None:
    """Say that the worker lives, and where its jobs are whenever it is asked."""
    channel = kit.client.channel()
    while not ended.is_set():
        kit.store.registry.heartbeat(WORKER)
        order = channel.block(5, "BLPOP", kit.keys.control(WORKER.id), 1)
        question = StackQuestion.read(order[1].decode().partition(" ")[2]) if order else None
        if question is not None:
            kit.client.call("RPUSH", kit.keys.mailbox(question.ticket), STACK)
    channel.close()
