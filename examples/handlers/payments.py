"""``charge-card`` always ends in the dead-letter queue; ``settle-payment`` snoozes until the bank is ready."""

import time
from typing import Annotated

from msgspec import Meta, Struct

from examples.handlers.payloads import Cents, Name
from examples.output import output
from examples.work import payments
from jobs import Snooze, handler


class ChargePayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """A card to charge, and the reason that the bank will give for not doing it."""

    order_id: Name
    card_last_four: Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
    amount: Cents
    reason: Annotated[str, Meta(min_length=1, max_length=80)] = "insufficient funds"


class SettlementPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """A payment and how long the bank takes to clear it."""

    payment_id: Name
    clearing_seconds: Annotated[float, Meta(ge=0, le=3600)] = 5.0


@handler("charge-card", queue="payments", timeout=10, max_retries=1)
def charge_card(payload: ChargePayload) -> None:
    """Always declined: raises PaymentDeclined."""
    payments.charge_card(payload.card_last_four, payload.order_id, payload.amount, payload.reason)


@handler("settle-payment", queue="payments", timeout=10)
def settle_payment(payload: SettlementPayload) -> dict[str, object]:
    """Waiting for the bank is no failure: it costs no attempt and holds no worker."""
    database = output("payments.sqlite3")
    remaining = payments.seconds_to_settle(database, payload.payment_id, payload.clearing_seconds, time.time())
    if remaining > 0:
        raise Snooze(seconds=remaining)
    return {"paymentId": payload.payment_id, "settled": True}
