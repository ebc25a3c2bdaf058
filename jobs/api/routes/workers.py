"""Workers, and how the installation is."""

from __future__ import annotations

from jobs import trail
from jobs.api.answers import Workers
from jobs.api.bodies.filters import ReasonBody
from jobs.api.call import Call, NoBody
from jobs.api.problems import conflict, not_found
from jobs.api.query import Nothing
from jobs.inspection.figures import Stats, WorkerLine
from jobs.inspection.status import InstallationStatus, status_of
from jobs.maintenance.crew import DUTIES
from jobs.rights import Right

from .endpoints import endpoints


@endpoints.get("/workers", Right.VIEW, answers={200: Workers})
def list_workers(call: Call[NoBody, Nothing]) -> Workers:
    """List workers with a heartbeat in the last ten minutes."""
    return Workers(items=call.inspector.workers())


@endpoints.post("/workers/{worker_id}/drain", Right.DRAIN, body=ReasonBody, answers={200: WorkerLine}, problems=(409,))
def drain_worker(call: Call[ReasonBody, Nothing], worker_id: str) -> WorkerLine:
    """Drain a worker.

    It claims nothing more, finishes what it runs and ends; its pool then starts another one if it needs it.
    """
    line = next((each for each in call.inspector.workers() if each.id == worker_id), None)
    if line is None:
        raise not_found("There is no such worker.")
    if line.status == "lost":
        raise conflict("The worker has sent no heartbeat lately.")
    with call.recorded(trail.Action.WORKER_DRAIN, worker_id, reason=call.body.reason):
        call.store.operator.order(worker_id, "drain")
    return line


@endpoints.get("/status", Right.VIEW, answers={200: InstallationStatus})
def get_status(call: Call[NoBody, Nothing]) -> InstallationStatus:
    """Show the overall state: its parts, workers and counts."""
    return status_of(call.store, DUTIES)


@endpoints.get("/stats", Right.VIEW, answers={200: Stats})
def get_stats(call: Call[NoBody, Nothing]) -> Stats:
    """Show totals, counts and rates."""
    return call.inspector.stats()
