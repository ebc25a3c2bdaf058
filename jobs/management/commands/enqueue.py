"""Enqueues one job by hand."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from jobs.errors import QueueFlowError
from jobs.manager import QueueManager

MAX_INPUT = 64 * 1024 * 1024  # the most that MAX_PAYLOAD_BYTES can be


class Command(BaseCommand):
    """Prints the id of the job that was made. The JSON is kept byte for byte."""

    help = "Enqueue one job and print its id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The job, and the options of an enqueue."""
        parser.add_argument("type", help="the job type")
        parser.add_argument(
            "payload", nargs="?", default="null", metavar="JSON", help="the payload; - reads it from stdin"
        )
        parser.add_argument("--queue", help="the queue's name")
        parser.add_argument("--priority", help="high, normal or low")
        parser.add_argument("--delay", type=float, metavar="SECONDS", help="start no sooner than this from now")
        parser.add_argument(
            "--run-at", type=moment, metavar="TIME", help="start no sooner than this, like 2026-01-31T08:00:00Z"
        )
        parser.add_argument("--max-retries", type=int, metavar="N", help="attempts that may follow the first, 0 to 100")
        parser.add_argument("--timeout", type=float, metavar="SECONDS", help="how long it may run")
        parser.add_argument("--deduplication-key", default="", metavar="KEY", help="refuse it while a job has this key")
        parser.add_argument("--tag", action="append", default=[], dest="tags", help="a tag; may be repeated")
        parser.add_argument("--job-id", metavar="ID", help="an id of your own; a repeat makes nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Enqueue it."""
        names = (
            "queue",
            "priority",
            "delay",
            "run_at",
            "max_retries",
            "timeout",
            "deduplication_key",
            "tags",
            "job_id",
        )
        chosen: Any = {name: options[name] for name in names}
        try:
            made = QueueManager().enqueue(options["type"], msgspec.Raw(read(options["payload"])), **chosen)
        except QueueFlowError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(made.id)
        if not made.created:
            self.stderr.write(f"The job was there already; it is {made.state.label}.")


def moment(text: str) -> datetime:
    """Parse a time with an offset. Raises ValueError."""
    return datetime.fromisoformat(text)


def read(payload: str) -> bytes:
    """Return the payload's JSON as bytes, from the command line or, for `-`, from standard input."""
    if payload == "-":
        return sys.stdin.buffer.read(MAX_INPUT + 1)
    return payload.encode(errors="surrogateescape")
