"""The jobs of the demonstration: something of everything, some of it failing on purpose."""

from collections.abc import Iterator, Mapping
from typing import Any

from examples.work.orders import PRICES_CENTS

RUSH_ROUNDS = range(12, 20)  # of each sixty, which are five minutes: a rush begins after the first
PARCELS_A_ROUND = 100
Job = dict[str, Any]  # as `queueflow_client` takes them


def single_jobs(run: str) -> Iterator[Job]:
    """Jobs that are worth a request each. ``run`` tells one demonstration from the next in ids and file names."""
    for source in ("nyc_taxi", "autothrottle_bursty"):
        yield _job(
            "run-etl", {"source": source}, tags=["demo"], deduplication_key=f"etl-{source}", on_duplicate="return"
        )
    yield _job("train-model", {"dataset": "nyc_taxi", "version": f"demo-{run}"})
    yield _job("process-video", {"videoId": f"clip-{run}", "format": "mp4", "resolution": "320x240"})
    yield _job("process-video", {"videoId": f"still-{run}", "format": "webm", "resolution": "160x120", "seconds": 2})
    yield _job("settle-payment", {"paymentId": f"pay_{run}", "clearingSeconds": 5})
    yield _job("flaky-report", {"name": f"report-{run}"})
    yield _job(
        "send-email",
        {"to": "team@example.com", "subject": "A minute later", "body": "This one was delayed by a minute."},
        delay=60,
    )


def many_jobs(run: str) -> Iterator[Job]:
    """Jobs that go together in one request."""
    yield from _orders(run)
    yield from _notifications()
    for number in range(1, 13):
        yield _job("create-thumbnails", {"imageId": f"picture-{run}-{number}"}, priority="low")
    for number in range(1, 7):
        yield _job("sync-crm", {"customerId": f"c{number}", "name": f"Customer {number}"})
    for number in range(1, 9):
        reason = "card expired" if number % 4 == 0 else "insufficient funds"
        card = {"orderId": f"{run}-{number}", "cardLastFour": f"{4000 + 37 * number}", "amount": 500 * number}
        yield _job("charge-card", {**card, "reason": reason}, priority="high")


def trickle_jobs(run: str, number: int) -> list[Job]:
    """The jobs of one round of those that come in little by little: two on the average, and in a minute one dies.

    Every five minutes many want to know what shipping costs, for 40 s: more than one worker can do.
    """
    user, name = ("ada", "ben", "cleo", "dan")[number % 4], f"{run}-{1000 + number}"
    jobs = [_order(run, 1000 + number, {"book": 1 + number % 3})]
    if number % 3 == 0:
        payload = {"userId": user, "message": f"Hello {user}, your parcel is here", "channels": ["email", "push"]}
        jobs.append(_job("send-notification", payload, priority="high"))
    if number % 4 == 1:
        jobs.append(_job("sync-crm", {"customerId": f"c{number % 40}", "name": f"Customer {number % 40}"}))
    if number % 6 == 2:
        jobs.append(_job("create-thumbnails", {"imageId": f"picture-{name}"}, priority="low"))
    if number % 12 == 4:
        jobs.append(_job("flaky-report", {"name": f"report-{name}"}))
    if number % 12 == 8:
        card = {"orderId": name, "cardLastFour": "4242", "amount": 500, "reason": "insufficient funds"}
        jobs.append(_job("charge-card", card, priority="high"))
    if number % 60 in RUSH_ROUNDS:
        jobs += (_job("quote-shipping", {"orderId": f"{name}-{each}"}) for each in range(PARCELS_A_ROUND))
    return jobs


def _orders(run: str) -> Iterator[Job]:
    baskets = [{"book": 1}, {"mug": 2, "book": 1}, {"lamp": 1}, {"lamp": 2, "mug": 4}, {"book": 3}, {"mug": 1}]
    for number, basket in enumerate(baskets, start=1):
        yield _order(run, number, basket)
    # Not in stock: tried again, then dead. Wrong sum: discarded at once.
    yield _order(run, 7, {"poster": 1}, max_retries=1)
    yield _order(run, 8, {"book": 1}, discount=100)


def _order(run: str, number: int, basket: dict[str, int], discount: int = 0, **options: object) -> Job:
    total = sum(PRICES_CENTS[sku] * quantity for sku, quantity in basket.items()) - discount
    order_id = f"{run}-{number}"
    payload = {
        "orderId": order_id,
        "customerEmail": f"customer{number}@example.com",
        "paymentId": f"pay_{order_id}",
        "items": [{"sku": sku, "quantity": quantity} for sku, quantity in basket.items()],
        "address": f"{number} Main Street, Springfield",
        "total": total,
    }
    return _job("process-order", payload, tags=[f"order:{order_id}"], deduplication_key=f"order-{order_id}", **options)


def _notifications() -> Iterator[Job]:
    for user in ("ada", "ben", "cleo", "dan", "eve"):
        payload = {
            "userId": user,
            "message": f"Hello {user}, your parcel is here",
            "channels": ["email", "push", "sms"],
        }
        yield _job("send-notification", payload, priority="high", max_retries=2)


def _job(job_type: str, payload: Mapping[str, object], **options: object) -> Job:
    return {"type": job_type, "payload": payload, **options}
