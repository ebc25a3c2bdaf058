"""What has to be there for an operation of the API to be answered as its first example says."""

from collections.abc import Callable
from typing import Any

import msgspec

from jobs.clock import to_datetime
from jobs.maintenance.leadership import Leadership
from jobs.models import OutboxEntry
from jobs.store.registry import WorkerInfo
from jobs.store.scaling import Outcome
from jobs.store.simulation import Simulation, SimulationStatus
from scaling.decision import decide
from scaling.journal import Journal
from scaling.models import ScalingPolicy
from scaling.observation import Observation
from scaling.policy import Policy
from scaling.record import Record, Step
from scaling.scaler import NAME
from schedules.models import Schedule
from tests.api.conftest import answering
from tests.support.jobs import completed, failed

WORKER = WorkerInfo(
    id="w-1",
    incarnation="0" * 16,
    pool="default",
    host="h",
    pid=7,
    queues=("default",),
    types=("echo",),
    concurrency=5,
    running=(("job-x", "echo", 1_700_000_000_000),),
)


def nothing(api, kit) -> dict[str, str]:
    return {}


def pending(api, kit):
    return {"jobId": kit.enqueue(queue="mail"), "name": "mail"}


def scheduled(api, kit):
    return {"jobId": kit.enqueue(delay_ms=60_000)}


def finished(api, kit):
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.complete([completed(claim, b"{}")])
    return {"jobId": claim.id, "jobType": "echo"}


def dead(api, kit):
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.fail([failed(claim, final=True)])
    return {"jobId": claim.id, "fingerprint": kit.record(claim.id).fingerprint}


def running(api, kit):
    claim = kit.claimed(kit.worker("w-1"))
    answering(kit, "w-1", b'{"state":"running","lines":["a.py, line 1"]}')
    return {"jobId": claim.id}


def operation(api, kit):
    started = api.post("/jobs/operations", {"action": "retry", "filter": {"type": "x", "q": "y"}, "reason": "a test"})
    return {"operationId": started.json()["operationId"]}


def serving(api, kit):
    finished(api, kit)
    kit.store.registry.heartbeat(WORKER)
    return {"workerId": WORKER.id}


def recorded(kit, step: Step) -> None:
    """Put a step into the scaler's record of the default pool."""
    leadership = Leadership(kit.keeper, NAME, "tester")
    assert leadership.keep()
    outcome = Outcome("a stretch", None, b"", msgspec.msgpack.encode(step))
    assert kit.store.scaling.record(NAME, leadership.token, "default", kit.store.scaling.kept("default"), outcome)


def scaled(api, kit):
    """A pool that was decided for once."""
    kit.store.registry.set_desired("default", 1)
    ScalingPolicy.first("default", kit.store.config).save()
    seen = Observation(at=1_700_000_000.0, workers=1)
    Journal().write(ScalingPolicy.objects.get(), seen, decide(Policy(), seen, Record()), 1_700_000_000)
    recorded(kit, Step(seen, 1, 1))
    return {"pool": "default"}


def lately(api, kit):
    """A pool that was decided for just now."""
    kit.store.registry.set_desired("default", 1)
    recorded(kit, Step(Observation(at=kit.reader.now_ms() / 1000, workers=1), 1, 1))
    return {"pool": "default"}


def refused(api, kit):
    """A job in the outbox that the store has refused."""
    OutboxEntry.objects.create(job_id="x", type="echo", queue="q", request=b"?", accepted_ms=1, refused="invalid: no")
    return {"jobId": "x"}


def simulated(api, kit):
    """A simulation that is over."""
    names, done = scaled(api, kit), b'{"duration":1,"jobs":1,"boundWorkerHours":null,"results":[]}'
    told = Simulation(
        id="s1", pool="default", source="", strategies=("hpa",), started_by="me", created=kit.reader.now_ms()
    )
    kit.store.simulations.open(told)
    kit.store.simulations.save(msgspec.structs.replace(told, status=SimulationStatus.DONE), done)
    return names | {"simulationId": "s1"}


def scheduled_again(api, kit):
    """A schedule with a tick on record."""
    body = {"name": "sales", "type": "echo", "payload": {"days": 1}, "cron": "30 6 * * MON-FRI", "overlap": "skip"}
    assert api.post("/schedules", body).status_code == 201
    schedule = Schedule.objects.get()
    schedule.last_at, schedule.last_outcome = to_datetime(1_700_000_000_000), "skipped"
    schedule.save()
    schedule.ticks.create(at=schedule.last_at, outcome="skipped", job_id="x", recorded_at=schedule.last_at)
    return {"name": "sales"}


def paused(api, kit):
    scheduled_again(api, kit)
    return {"name": api.post("/schedules/sales/pause").json()["name"]}


# By operation: a scene, which returns the names in its path.
SCENES: dict[str, Callable[[Any, Any], dict[str, str]]] = {
    "enqueue_job": nothing,
    "enqueue_jobs": nothing,
    "list_jobs": finished,
    "get_job": finished,
    "delete_job": finished,
    "cancel_job": pending,
    "retry_job": dead,
    "run_job_now": scheduled,
    "rerun_job": finished,
    "get_job_stack": running,
    "start_operation": nothing,
    "preview_operation": nothing,
    "preview_dead_operation": nothing,
    "list_dead_jobs": dead,
    "list_dead_groups": dead,
    "resolve_dead_group": dead,
    "ignore_dead_group": dead,
    "reopen_dead_group": dead,
    "retry_dead_job": dead,
    "delete_dead_job": dead,
    "start_dead_operation": nothing,
    "list_operations": operation,
    "get_operation": operation,
    "abort_operation": operation,
    "list_outbox": refused,
    "delete_outbox_entry": refused,
    "retry_outbox_entry": refused,
    "retry_outbox": refused,
    "list_queues": pending,
    "pause_queue": pending,
    "resume_queue": pending,
    "purge_queue": pending,
    "list_types": finished,
    "pause_type": finished,
    "resume_type": finished,
    "list_workers": serving,
    "drain_worker": serving,
    "get_status": serving,
    "get_stats": finished,
    "get_metrics": finished,
    "list_schedules": scheduled_again,
    "create_schedule": nothing,
    "preview_schedule": nothing,
    "get_schedule": scheduled_again,
    "change_schedule": scheduled_again,
    "delete_schedule": scheduled_again,
    "pause_schedule": scheduled_again,
    "resume_schedule": paused,
    "run_schedule": scheduled_again,
    "list_ticks": scheduled_again,
    "list_scaling": scaled,
    "get_scaling": scaled,
    "change_scaling": scaled,
    "forget_pool": scaled,
    "list_decisions": scaled,
    "get_scaling_history": scaled,
    "list_proposals": scaled,
    "scale_pool": scaled,
    "pause_scaling": scaled,
    "resume_scaling": scaled,
    "get_scaling_metrics": lately,
    "start_simulation": scaled,
    "list_simulations": simulated,
    "get_simulation": simulated,
    "abort_simulation": simulated,
    "list_audit_entries": operation,
}
