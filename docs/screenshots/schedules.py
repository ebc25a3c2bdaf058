"""What the shop does by the clock: schedules, which an admin makes in the session of a browser."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Page

MAIL: Final = {"to": "team@example.com", "subject": "The day so far", "body": "Orders, payments, pictures."}
SCHEDULES: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "nightly-etl", "type": "run-etl", "payload": {"source": "nyc_taxi"}, "cron": "30 2 * * *",
        "timeZone": "Europe/Berlin", "overlap": "skip", "tags": ["nightly"],
    },
    {
        "name": "settle-payments", "type": "settle-payment", "cron": "* * * * *", "overlap": "skip",
        "payload": {"paymentId": "pay_open", "clearingSeconds": 90},
    },
    {
        "name": "sync-customers", "type": "sync-crm", "cron": "*/2 * * * *", "missed": "skip",
        "payload": {"customerId": "c1", "name": "All of them"},
    },
    {
        "name": "sales-report", "type": "flaky-report", "payload": {"name": "sales"}, "cron": "0 7 * * MON-FRI",
        "timeZone": "America/New_York",
    },
    {"name": "month-end", "type": "flaky-report", "payload": {"name": "month"}, "cron": "0 23 L * *", "missed": "all"},
    {"name": "team-mail", "type": "send-email", "payload": MAIL, "cron": "0 18 * * FRI", "timeZone": "Europe/London"},
    {"name": "retrain-model", "type": "train-model", "payload": {}, "cron": "0 3 1 * *", "priority": "low"},
)  # fmt: skip
PAUSED: Final = "retrain-model"


def make(page: Page, url: str) -> None:
    """Make them, one of them paused. `page` is one of an admin. Raises SystemExit where one is refused."""
    page.goto(url)
    token = str(page.locator("body").get_attribute("data-csrf"))
    for schedule in SCHEDULES:
        _post(page, f"{url}/api/schedules", schedule, token)
    _post(page, f"{url}/api/schedules/{PAUSED}/pause", {"reason": "the autumn model first"}, token)


def _post(page: Page, address: str, body: dict[str, Any], token: str) -> None:
    answer = page.request.post(address, data=body, headers={"X-CSRFToken": token, "Referer": address})
    if not answer.ok:
        raise SystemExit(f"a schedule of the screenshots is refused: {answer.text()}")
