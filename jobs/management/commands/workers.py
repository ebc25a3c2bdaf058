"""`manage.py workers list|drain`."""

from __future__ import annotations

from jobs import trail
from jobs.cli.acting import add_reason, on_record, one_by_one
from jobs.cli.command import Options, StoreCommand
from jobs.cli.errors import NotFound
from jobs.cli.screen import COLOURS
from jobs.cli.table import Column
from jobs.errors import QueueFlowError
from jobs.inspection.figures import WorkerLine
from jobs.inspector import Inspector
from jobs.words import figure, size, when

COLUMNS = (
    Column("WORKER", least=20),
    Column("POOL", least=7, drop=3),
    Column("STATE", colours=COLOURS),
    Column("JOBS", right=True),
    Column("DONE", right=True),
    Column("FAILED", drop=1, right=True),
    Column("MEMORY", drop=2, right=True),
    Column("SEEN"),
    Column("QUEUES", least=10, drop=4),
)


class Gone(QueueFlowError):
    """The worker has sent no heartbeat lately, so nobody would follow an order."""

    code = "conflict"


class Command(StoreCommand):
    """Exit codes: `jobs.cli.errors.Exit`."""

    help = "List and drain workers."

    def add_verbs(self) -> None:
        """Declare list and drain."""
        self.verb("list", self.list_workers)
        drain = self.verb("drain", self.drain)
        drain.add_argument("ids", nargs="+", metavar="WORKER", help="ids of workers, as `list` shows them")
        add_reason(drain)

    def list_workers(self, options: Options) -> None:
        """List workers with a heartbeat in the last ten minutes."""
        workers = Inspector(self.store).workers()
        if options["json"]:
            for worker in workers:
                self.screen.document(worker)
        else:
            now_ms = self.store.reader.now_ms()
            self.screen.rows(COLUMNS, [_row(worker, now_ms) for worker in workers])

    def drain(self, options: Options) -> int:
        """Drain workers: each claims nothing more, finishes what it runs and ends. Its pool may start another."""

        def act(worker_id: str) -> None:
            worker = next((each for each in Inspector(self.store).workers() if each.id == worker_id), None)
            if worker is None:
                raise NotFound(f"no worker {worker_id}")
            if worker.status == "lost":
                raise Gone(f"worker {worker_id} has sent no heartbeat lately")
            with on_record(trail.Action.WORKER_DRAIN, worker_id, options["reason"]):
                self.store.operator.order(worker_id, "drain")
            if options["json"]:
                self.screen.document(worker)
            else:
                self.screen.line(f"{worker_id} was told to drain")

        return one_by_one(self.screen, options["ids"], act)


def _row(worker: WorkerLine, now_ms: int) -> tuple[str, ...]:
    return (
        worker.id,
        worker.pool,
        worker.status,
        f"{worker.busy}/{worker.slots}",
        figure(worker.processed),
        figure(worker.failed),
        size(worker.rss),
        when(worker.last_heartbeat, now_ms),
        ", ".join(worker.queues),
    )
