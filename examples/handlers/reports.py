"""``flaky-report``: fails twice, then succeeds."""

from typing import Annotated

from msgspec import Meta, Struct

from examples.handlers.payloads import Name
from examples.output import output
from examples.work import analytics
from jobs import current_job, handler


class ReportPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """The report's name and how many attempts shall fail before one succeeds."""

    name: Name
    failures: Annotated[int, Meta(ge=0, le=100)] = 2


@handler("flaky-report", queue="reports", max_retries=3)
def flaky_report(payload: ReportPayload) -> dict[str, object]:
    """Write the analytics as CSV, once the database answers. Raises ReportSourceUnavailable until then."""
    attempt = current_job.attempt
    if attempt <= payload.failures:
        raise analytics.ReportSourceUnavailable(f"the analytics database does not answer (attempt {attempt})")
    target = output("reports", f"{payload.name}.csv")
    rows = analytics.write_report(output("analytics.sqlite3"), target)
    return {"file": target.name, "rows": rows, "attempt": attempt}
