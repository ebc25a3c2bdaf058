"""``sync-crm``: a service with a rate limit says when to come back."""

import time
from typing import Annotated

from msgspec import Meta, Struct

from examples.handlers.payloads import Name
from examples.output import output
from examples.work import crm
from jobs import Retry, handler


class CustomerPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """A customer as the shop knows them."""

    customer_id: Name
    name: Annotated[str, Meta(min_length=1, max_length=200)]


@handler("sync-crm", queue="crm", max_retries=10)
def sync_crm(payload: CustomerPayload) -> dict[str, object]:
    """Store the customer; when the service is busy, come back exactly when it asks, not by the usual backoff."""
    try:
        customers = crm.upsert_customer(output("crm.sqlite3"), payload.customer_id, payload.name, time.time())
    except crm.RateLimited as exc:
        raise Retry(str(exc), delay=exc.retry_after) from exc
    return {"customerId": payload.customer_id, "customers": customers}
