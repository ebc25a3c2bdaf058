"""``run-etl``: a demand trace into SQLite."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from examples.handlers.payloads import Name
from examples.output import output
from examples.work import etl
from jobs import Job, current_job, handler

Seconds = Annotated[int, Meta(ge=0)]


class EtlQuery(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Which part of the trace: from ``since_seconds`` up to, not including, ``until_seconds``."""

    since_seconds: Seconds = 0
    until_seconds: Seconds | None = None


class EtlPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """What to read, where to write (a file under ``etl/``) and what to do in between."""

    source: Literal["nyc_taxi", "autothrottle_bursty"]
    destination: Name = "warehouse"
    query: EtlQuery = EtlQuery()
    transformations: tuple[Literal["clean", "aggregate", "denormalize"], ...] = ("clean", "aggregate", "denormalize")


@handler("run-etl", queue="etl", timeout=300)
def run_etl(payload: EtlPayload, job: Job) -> dict[str, object]:
    """Extract, transform, load; the progress shows where it is."""
    return etl.run_etl(
        job.id,
        payload.source,
        output("etl", f"{payload.destination}.sqlite3"),
        payload.transformations,
        (payload.query.since_seconds, payload.query.until_seconds),
        current_job.update_progress,
    )
