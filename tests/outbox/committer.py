"""Commits a transaction with a job in it, and dies before it can send it: `python -m tests.outbox.committer ID`."""

import os
import signal
import sys

import django

django.setup()

from django.db import transaction  # noqa: E402

from jobs import QueueManager, enqueue_on_commit  # noqa: E402


class Dying(QueueManager):
    """One that dies when it is asked for its store."""

    @property
    def store(self):
        """Nobody comes back from here."""
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


with transaction.atomic():
    enqueue_on_commit("echo", {}, job_id=sys.argv[1], manager=Dying())
