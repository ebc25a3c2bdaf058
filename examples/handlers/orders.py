"""``process-order``: a workflow that enqueues its follow-ups."""

from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from examples.handlers.payloads import Cents, Name
from examples.output import output
from examples.work import orders
from jobs import Discard, Job, QueueManager, current_job, handler


class OrderItem(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """So many of one article."""

    sku: Name
    quantity: Annotated[int, Meta(ge=1, le=1000)]


class OrderPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """An order as the shop sends it; ``total`` in cents must be what the items cost."""

    order_id: Name
    customer_email: Annotated[str, Meta(pattern=r"\A[^@\s]+@[^@\s]+\Z", max_length=254)]
    payment_id: Annotated[str, Meta(max_length=64)]
    items: Annotated[list[OrderItem], Meta(min_length=1, max_length=100)]
    address: Annotated[str, Meta(min_length=1, max_length=500)]
    total: Cents


@handler("process-order", queue="orders", timeout=30)
def process_order(payload: OrderPayload, job: Job) -> dict[str, object]:
    """Validate, reserve, print the label, enqueue the rest. Every step may be repeated without harm.

    An order that contradicts itself is discarded. Raises OutOfStock: a later attempt may find more.
    """
    quantities: dict[str, int] = {}
    for item in payload.items:
        quantities[item.sku] = quantities.get(item.sku, 0) + item.quantity
    try:
        orders.validate(payload.payment_id, quantities, payload.total)
    except orders.InvalidOrder as exc:
        raise Discard(str(exc)) from exc
    current_job.update_progress(25, "payment checked")
    if not orders.reserve(output("inventory.sqlite3"), payload.order_id, quantities):
        current_job.log("the stock was reserved by an earlier attempt")
    current_job.update_progress(50, "stock reserved")
    tracking_number = orders.print_label(output("labels"), payload.order_id, payload.address)
    current_job.update_progress(75, "label printed")
    return {"trackingNumber": tracking_number, "followUps": _enqueue_follow_ups(payload, job.id)}


def _enqueue_follow_ups(payload: OrderPayload, order_job_id: str) -> list[str]:
    """Enqueue the e-mail and the analytics and return their job ids.

    The ids are derived from the order's job, so that a second attempt finds what the first one enqueued.
    """
    email = {
        "to": payload.customer_email,
        "subject": "Order confirmed",
        "body": f"Your order {payload.order_id} is confirmed.",
    }
    event = {"event": "order_completed", "orderId": payload.order_id, "revenue": payload.total}
    enqueue = partial(QueueManager().enqueue, tags=[f"order:{payload.order_id}"])
    return [
        enqueue("send-email", email, priority="high", job_id=f"{order_job_id}-email").id,
        enqueue("update-analytics", event, priority="low", job_id=f"{order_job_id}-analytics").id,
    ]
