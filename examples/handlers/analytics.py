"""``update-analytics``: a business event counted."""

from typing import Annotated

from msgspec import Meta, Struct

from examples.handlers.payloads import Cents, Name
from examples.output import output
from examples.work import analytics
from jobs import handler


class AnalyticsPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """What happened to which order, and what it brought in, in cents."""

    event: Annotated[str, Meta(min_length=1, max_length=64)]
    order_id: Name
    revenue: Cents


@handler("update-analytics", queue="analytics")
def update_analytics(payload: AnalyticsPayload) -> dict[str, int]:
    """Count the event once, however often the job runs."""
    return analytics.record_event(output("analytics.sqlite3"), payload.event, payload.order_id, payload.revenue)
