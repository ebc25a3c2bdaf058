"""`manage.py jobs list|show|cancel|retry`: looks at jobs and steers them."""

from __future__ import annotations

import msgspec

from jobs import trail
from jobs.cli.acting import add_reason, known_form, on_record, one_by_one, report, retry, who
from jobs.cli.bulk import Bulk, add_bulk, run_bulk
from jobs.cli.command import Options, StoreCommand
from jobs.cli.errors import UsageError
from jobs.cli.job_page import show_job
from jobs.cli.listing import add_listing, show_jobs
from jobs.cli.payloads import add_payload, payload_of
from jobs.cli.selection import add_filters, add_ids, chosen_ids, read_ids, selected
from jobs.inspector import Inspector
from jobs.steering import Steering
from jobs.store.operation import Action


class Command(StoreCommand):
    """Exit codes: `jobs.cli.errors.Exit`."""

    help = "List, show, cancel and retry jobs."

    def add_verbs(self) -> None:
        """Declare list, show, cancel and retry."""
        listing = self.verb("list", self.list_jobs)
        add_listing(listing)
        add_filters(listing, states=True)
        show = self.verb("show", self.show)
        show.add_argument("id", metavar="ID", help="the job's id")
        cancel = self.verb("cancel", self.cancel)
        add_ids(cancel, "*")
        add_filters(cancel, states=True)
        add_bulk(cancel)
        again = self.verb("retry", self.retry)
        add_ids(again, "+")
        add_payload(again)
        add_reason(again)

    def list_jobs(self, options: Options) -> None:
        """List jobs, latest first."""
        wanted, inspector = selected(options, self.store), Inspector(self.store)
        show_jobs(self.screen, self.store, lambda limit, cursor: inspector.jobs(wanted, limit, cursor), options)

    def show(self, options: Options) -> None:
        """Show everything known of a job."""
        job = Inspector(self.store).job(known_form(options["id"]))
        if options["json"]:
            self.screen.document(job)
        else:
            show_job(self.screen, job, self.store.reader.now_ms())

    def cancel(self, options: Options) -> int:
        """Cancel jobs: those that wait end at once, workers of active ones are asked to end them."""
        ids, reason = chosen_ids(options), options["reason"]
        if ids is None:
            return self._cancel_many(options)

        def act(job_id: str) -> None:
            known_form(job_id)
            with on_record(trail.Action.JOB_CANCEL, job_id, reason):
                why = f"{reason} ({who()})" if reason else f"cancelled by {who()}"
                is_over = Steering(self.store).cancel(job_id, why)
            what = "cancelled" if is_over else "is active: its worker was asked to end it"
            report(self.screen, self.store, job_id, what, as_json=options["json"])

        return one_by_one(self.screen, ids, act)

    def retry(self, options: Options) -> int:
        """Retry dead jobs: each has a new attempt budget and keeps its history."""
        payload = payload_of(options)

        def act(job_id: str) -> None:
            retry(self.store, job_id, payload, options["reason"])
            report(self.screen, self.store, job_id, "retried", as_json=options["json"])

        return one_by_one(self.screen, read_ids(options["ids"]), act)

    def _cancel_many(self, options: Options) -> int:
        wanted = selected(options, self.store)
        states = tuple(state for state in Action.CANCEL.states if not wanted.states or state in wanted.states)
        if not states:
            raise UsageError("--status: such jobs are over already")
        wanted = msgspec.structs.replace(wanted, states=states)
        bulk = Bulk(Action.CANCEL, wanted, "job", trail.Action.JOBS_OPERATION)
        return run_bulk(self.screen, self.store, bulk, options)
