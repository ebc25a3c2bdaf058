"""``quote-shipping``: waiting for others, many at a time. The rush of the demonstration is made of these."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from examples.handlers.payloads import Name
from examples.work import shipping
from jobs import handler


class QuotePayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """A parcel, and how long the carrier takes to say what it costs."""

    order_id: Name
    grams: Annotated[int, Meta(ge=1, le=30_000)] = 500
    service: Literal["standard", "express"] = "standard"
    answer_seconds: Annotated[float, Meta(ge=0, le=10)] = 1.5


@handler("quote-shipping", queue="shipping", timeout=20)
async def quote_shipping(payload: QuotePayload) -> dict[str, object]:
    """An async handler that only waits: a worker runs as many as it has slots."""
    cents = await shipping.ask_carrier(payload.service, payload.grams, payload.answer_seconds)
    return {"orderId": payload.order_id, "service": payload.service, "cents": cents}
