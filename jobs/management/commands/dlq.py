"""`manage.py dlq list|groups|retry|delete`: dead jobs, one or very many at once."""

from __future__ import annotations

from jobs import trail
from jobs.cli.acting import agreed, known_form, on_record, one_by_one, report, retry
from jobs.cli.bulk import Bulk, add_bulk, run_bulk
from jobs.cli.command import Options, StoreCommand
from jobs.cli.errors import Exit, UsageError
from jobs.cli.listing import add_listing, show_jobs
from jobs.cli.payloads import add_payload, payload_of
from jobs.cli.selection import add_filters, add_ids, chosen_ids, selected
from jobs.cli.table import Column
from jobs.dead_letter import DeadLetterQueue, only_dead
from jobs.store.operation import Action
from jobs.words import figure, several, when

GROUP_COLUMNS = (
    Column("JOBS", right=True),
    Column("ERROR", least=30),
    Column("TYPES", least=8, drop=1),
    Column("LAST"),
    Column("FINGERPRINT"),
)


class Command(StoreCommand):
    """Exit codes: `jobs.cli.errors.Exit`."""

    help = "List, group, retry and delete dead jobs."

    def add_verbs(self) -> None:
        """Declare list, groups, retry and delete."""
        listing = self.verb("list", self.list_jobs)
        add_listing(listing)
        add_filters(listing)
        self.verb("groups", self.groups)
        for name, act in (("retry", self.retry), ("delete", self.delete)):
            parser = self.verb(name, act)
            add_ids(parser, "*")
            add_filters(parser)
            add_bulk(parser)
            if name == "retry":
                add_payload(parser)

    def list_jobs(self, options: Options) -> None:
        """List dead jobs, latest death first."""
        wanted, dlq = selected(options, self.store), DeadLetterQueue(self.store)
        show_jobs(self.screen, self.store, lambda limit, cursor: dlq.jobs(wanted, limit, cursor), options, dead=True)

    def groups(self, options: Options) -> None:
        """Group dead jobs by their error, largest group first."""
        groups = DeadLetterQueue(self.store).groups()
        if options["json"]:
            for group in groups:
                self.screen.document(group)
            return
        now_ms = self.store.reader.now_ms()
        self.screen.rows(
            GROUP_COLUMNS,
            [
                (figure(each.count), each.error, ", ".join(each.types), when(each.last_seen, now_ms), each.fingerprint)
                for each in groups
            ],
        )

    def retry(self, options: Options) -> int:
        """Retry dead jobs, single ones or all that match: each has a new attempt budget and keeps its history."""
        ids, payload = chosen_ids(options), payload_of(options)
        if ids is None:
            if payload is not None:
                raise UsageError("--payload: give the ids of the jobs that it is for")
            return self._many(Action.RETRY, options)

        def act(job_id: str) -> None:
            retry(self.store, job_id, payload, options["reason"])
            report(self.screen, self.store, job_id, "retried", as_json=options["json"])

        return one_by_one(self.screen, ids, act)

    def delete(self, options: Options) -> int:
        """Delete dead jobs, single ones or all that match, with everything they carry."""
        ids = chosen_ids(options)
        if ids is None:
            return self._many(Action.DELETE, options)
        if ids and not agreed(self.screen, f"delete {several(len(ids), 'dead job')}", yes=options["yes"]):
            return Exit.REFUSED

        def act(job_id: str) -> None:
            known_form(job_id)
            with on_record(trail.Action.JOB_DELETE, job_id, options["reason"]):
                DeadLetterQueue(self.store).delete(job_id)
            self.screen.line(f"{job_id} deleted")

        return one_by_one(self.screen, ids, act)

    def _many(self, action: Action, options: Options) -> int:
        wanted = only_dead(selected(options, self.store))
        return run_bulk(self.screen, self.store, Bulk(action, wanted, "dead job", trail.Action.DLQ_OPERATION), options)
