"""`manage.py queues list|pause|resume|purge`."""

from __future__ import annotations

from argparse import ArgumentParser

from jobs import trail
from jobs.cli.acting import add_reason, on_record, one_by_one
from jobs.cli.bulk import Bulk, add_operation, run_bulk
from jobs.cli.command import Options, StoreCommand
from jobs.cli.errors import NotFound
from jobs.cli.screen import COLOURS
from jobs.cli.table import Column
from jobs.filtering import JobFilter
from jobs.inspection.figures import QueueLine
from jobs.inspector import Inspector
from jobs.store.operation import Action
from jobs.words import figure, lasting, rate

COLUMNS = (
    Column("QUEUE", least=12),
    Column("STATE", colours=COLOURS),
    Column("PENDING", right=True),
    Column("HIGH/NORMAL/LOW", drop=4, right=True),
    Column("ACTIVE", right=True),
    Column("SCHEDULED", drop=2, right=True),
    Column("RETRYING", drop=3, right=True),
    Column("DEAD", right=True),
    Column("OLDEST", right=True),
    Column("IN", drop=1, right=True),
    Column("OUT", drop=1, right=True),
)


class Command(StoreCommand):
    """Exit codes: `jobs.cli.errors.Exit`."""

    help = "List, pause, resume and purge queues."

    def add_verbs(self) -> None:
        """Declare list, pause, resume and purge."""
        self.verb("list", self.list_queues)
        _add_names(self.verb("pause", self.pause))
        _add_names(self.verb("resume", self.resume))
        purge = self.verb("purge", self.purge)
        purge.add_argument("name", metavar="QUEUE", help="the queue's name")
        add_operation(purge)

    def list_queues(self, options: Options) -> None:
        """List queues: how much waits in each, for how long, and how fast it moves."""
        queues = Inspector(self.store).queues()
        if options["json"]:
            for queue in queues:
                self.screen.document(queue)
        else:
            self.screen.rows(COLUMNS, [_row(queue) for queue in queues])

    def pause(self, options: Options) -> int:
        """Pause queues: workers claim nothing more from them; what is active finishes, and jobs still come in."""

        def act(name: str) -> None:
            self._line(name)
            with on_record(trail.Action.QUEUE_PAUSE, name, options["reason"]):
                changed = self.store.operator.pause(name)
            self._say(name, "paused" if changed else "was paused already", options)

        return one_by_one(self.screen, options["names"], act)

    def resume(self, options: Options) -> int:
        """Resume queues that are paused."""

        def act(name: str) -> None:
            self._line(name)
            with on_record(trail.Action.QUEUE_RESUME, name, options["reason"]):
                changed = self.store.operator.resume(name)
            self._say(name, "resumed" if changed else "was not paused", options)

        return one_by_one(self.screen, options["names"], act)

    def purge(self, options: Options) -> int:
        """Delete the jobs that wait in a queue; what is enqueued later is spared."""
        name = options["name"]
        line = self._line(name)
        count = line.pending + line.scheduled + line.retrying
        wanted, where = JobFilter(queues=(name,)), f" of queue {name}"
        bulk = Bulk(Action.PURGE, wanted, "waiting job", trail.Action.QUEUE_PURGE, name, where, count)
        return run_bulk(self.screen, self.store, bulk, options)

    def _say(self, name: str, what: str, options: Options) -> None:
        if options["json"]:
            self.screen.document(self._line(name))
        else:
            self.screen.line(f"{name} {what}")

    def _line(self, name: str) -> QueueLine:
        for line in Inspector(self.store).queues():
            if line.name == name:
                return line
        raise NotFound(f"no queue {name}")


def _add_names(parser: ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", metavar="QUEUE", help="names of queues")
    add_reason(parser)


def _row(queue: QueueLine) -> tuple[str, ...]:
    return (
        queue.name,
        "paused" if queue.paused else "open",
        figure(queue.pending),
        "/".join(figure(queue.depth[word]) for word in ("high", "normal", "low")),
        figure(queue.active),
        figure(queue.scheduled),
        figure(queue.retrying),
        figure(queue.dead),
        lasting(queue.oldest_age) if queue.pending else "",
        rate(queue.in_per_second),
        rate(queue.out_per_second),
    )
