"""`manage.py partitions [--forget]`: how many jobs lie in each partition, and that another number may be set."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.errors import StoreError
from jobs.spread import StillHasJobs, forget_spread, job_counts
from jobs.store.store import get_store


class Command(BaseCommand):
    """Ends with 0, with 1 while there are jobs to be forgotten, with 2 when the store could not be asked."""

    help = "Show how many jobs lie in each partition."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--forget",
            action="store_true",
            help="forget how many partitions there are, where no job is left, so that there may be others",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, or forget. Raises CommandError with a sentence."""
        try:
            store = get_store()
            if options["forget"]:
                forget_spread(store)
                self.stdout.write("Forgotten: the next process says how many partitions there are.")
                return
            for number, jobs in enumerate(job_counts(store)):
                self.stdout.write(f"partition {number}: {jobs:,} job{'' if jobs == 1 else 's'}")
        except StillHasJobs as error:
            raise CommandError(str(error)) from error
        except StoreError as error:
            raise CommandError(f"the store cannot be asked: {error}", returncode=2) from error
