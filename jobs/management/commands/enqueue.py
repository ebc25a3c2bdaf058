"""`manage.py enqueue TYPE [JSON]`: enqueues one job by hand, and if wished waits for what comes of it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any, Final

import msgspec
from django.core.management.base import BaseCommand

from jobs.api.answers import Receipt
from jobs.cli.command import guarded
from jobs.cli.errors import UsageError
from jobs.cli.payloads import read_payload
from jobs.cli.printable import safe
from jobs.cli.screen import Screen
from jobs.cli.waiting import NotCompleted, ended
from jobs.inspector import Inspector
from jobs.manager import QueueManager
from jobs.requests import JobOptions, JobSpec
from jobs.states import State
from jobs.store.store import Store

BACKOFF: Final = ("base", "factor", "max", "jitter")


class Command(BaseCommand):
    """Prints the id of the job that was made; with --wait its result. The JSON is kept byte for byte."""

    help = "Enqueue one job and print its id."
    requires_system_checks = ()  # they would load the web's URLs; the configuration is checked all the same

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The job, the options of an enqueue, and whether to wait."""
        parser.add_argument("type", help="the job type")
        parser.add_argument(
            "payload", nargs="?", default="null", metavar="JSON", help="the payload; - reads it from stdin"
        )
        _add_options(parser)
        parser.add_argument("--wait", action="store_true", help="wait for the job's end and print its result")
        parser.add_argument("--wait-timeout", type=float, metavar="SECONDS", help="wait no longer than this")
        parser.add_argument("--json", action="store_true", help="print what the REST interface answers")

    def handle(self, *args: Any, **options: Any) -> None:
        """Enqueue it."""
        self.screen = Screen(self.stdout, self.stderr, no_color=options["no_color"], force=options["force_color"])
        if options["wait_timeout"] is not None and not options["wait"]:
            raise UsageError("--wait-timeout: it needs --wait")
        code = guarded(self.screen, lambda: self._run(options))
        if code:
            sys.exit(code)

    def _run(self, options: dict[str, Any]) -> None:
        manager = QueueManager()
        made = manager.submit(_spec(options))
        if options["json"] and not options["wait"]:
            self.screen.document(Receipt.of(made))
        elif not options["wait"]:
            self.screen.line(made.id)
        if made.accepted:
            self.screen.note("The store is away: the job waits in the outbox.")
        elif not made.created:
            self.screen.note(f"The job was there already; it is {made.state.label}.")
        if options["wait"]:
            self._wait(manager.store, made.id, options)

    def _wait(self, store: Store, job_id: str, options: dict[str, Any]) -> None:
        try:
            self.screen.note(f"Job {job_id} is on its way.")
            record = ended(store, job_id, options["wait_timeout"])
        except KeyboardInterrupt:
            self.screen.wipe()
            self.screen.note("It goes on without you.")
            raise
        job = Inspector(store).job(job_id)
        if options["json"]:
            self.screen.document(job)
        elif record.state is State.COMPLETED:
            self.screen.document(job.result)
        if record.state is not State.COMPLETED:
            raise NotCompleted(f"job {job_id} is {record.state.label}: {safe(record.error)}")


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--queue", help="the queue's name")
    parser.add_argument("--priority", help="high, normal or low")
    parser.add_argument("--delay", type=float, metavar="SECONDS", help="start no sooner than this from now")
    parser.add_argument(
        "--run-at", type=moment, metavar="TIME", help="start no sooner than this, like 2026-01-31T08:00:00Z"
    )
    parser.add_argument("--max-retries", type=int, metavar="N", help="attempts that may follow the first, 0 to 100")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="how long it may run")
    parser.add_argument("--retention", type=float, metavar="SECONDS", help="how long it is kept after its end")
    parser.add_argument("--deduplication-key", default="", metavar="KEY", help="refuse it while a job has this key")
    parser.add_argument("--deduplication-ttl", type=float, metavar="SECONDS", help="for no longer than this")
    parser.add_argument(
        "--on-duplicate", default="reject", metavar="WHAT", help="what to do then: reject, or return that job"
    )
    parser.add_argument("--tag", action="append", default=[], dest="tags", help="a tag; may be repeated")
    parser.add_argument(
        "--backoff",
        type=_backoff,
        metavar="NAME=NUMBER,…",
        help="the wait before attempt k: min(base·factor^k, max) seconds, and up to the share jitter of it more",
    )
    parser.add_argument("--job-id", metavar="ID", help="an id of your own; a repeat makes nothing")


def moment(text: str) -> datetime:
    """Parse a time. Raises ValueError."""
    return datetime.fromisoformat(text)


def _backoff(text: str) -> dict[str, float]:
    try:
        found = {name.strip(): float(number) for name, _, number in (part.partition("=") for part in text.split(","))}
    except ValueError:
        found = {}
    if not found or not found.keys() <= set(BACKOFF):
        raise ArgumentTypeError(f"{text!r}: give some of base, factor, max, jitter, like base=0.5,max=30")
    return found


def _spec(options: dict[str, Any]) -> JobSpec:
    chosen = {name: options[name] for name in JobOptions.__optional_keys__ if name in options}
    return JobSpec(options["type"], msgspec.Raw(read_payload(options["payload"])), **chosen)
