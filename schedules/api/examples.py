"""Examples of what goes in and out, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from jobs.api.answers import Receipt

from .answers import CronPreview, LastTick, ScheduleItem, ScheduleList, ScheduleView, TickCounts, TickPage, TickView
from .bodies import ChangeBody, PreviewBody, ScheduleBody

_JOB_ID: Final = "00b1946ac92492d2347c62"
_MADE: Final = "2026-02-27T14:03:11.204Z"
_DUE: Final = "2026-03-02T05:30:00.000Z"
_FOUND: Final = "2026-03-02T05:30:00.012Z"
_NEXT: Final = "2026-03-03T05:30:00.000Z"
_CRON: Final = "30 6 * * MON-FRI"
_ZONE: Final = "Europe/Berlin"
_PAYLOAD: Final = {"to": "team@example.com", "about": "sales"}

REQUESTS: Final[dict[Any, dict[str, tuple[str, Any]]]] = {
    ScheduleBody: {
        "usual": (
            "Each working day in the morning of Berlin",
            {"name": "daily-sales", "type": "send-email", "payload": _PAYLOAD, "cron": _CRON, "timeZone": _ZONE},
        ),
        "options": (
            "Every five minutes, never two at once, without making up for what was missed",
            {
                "name": "low-stock",
                "type": "send-email",
                "payload": {"to": "buyers@example.com", "about": "stock"},
                "cron": "*/5 * * * *",
                "queue": "mail",
                "priority": "low",
                "maxRetries": 0,
                "timeout": 30_000,
                "tags": ["stock"],
                "overlap": "skip",
                "missed": "skip",
                "reason": "the shop must not sell what it has not",
            },
        ),
    },
    ChangeBody: {
        "usual": ("An hour later", {"version": 1, "cron": "30 7 * * MON-FRI", "reason": "the figures come later"}),
        "handler": ("As its handler says again", {"version": 1, "queue": None, "priority": None}),
    },
    PreviewBody: {
        "usual": ("The next ticks", {"cron": _CRON, "timeZone": _ZONE, "count": 3}),
        "summer": (
            "What becomes of it when summer time begins",
            {"cron": "30 2 * * *", "timeZone": _ZONE, "count": 2, "after": "2026-03-28T12:00:00Z"},
        ),
    },
}

_TICK: Final = TickView(at=_DUE, outcome="enqueued", job_id=_JOB_ID, detail=None, recorded_at=_FOUND)
_NONE: Final = TickCounts(enqueued=0, skipped=0, missed=0, refused=0)
_ITEM: Final = ScheduleItem(
    name="daily-sales",
    type="send-email",
    queue=None,
    priority=None,
    max_retries=None,
    timeout=None,
    tags=[],
    cron=_CRON,
    time_zone=_ZONE,
    overlap="allow",
    missed="last",
    paused=False,
    version=1,
    explained="At 06:30 on Monday through Friday",
    next_tick=_NEXT,
    last_tick=LastTick(at=_DUE, outcome="enqueued", job_id=_JOB_ID, detail=None),
    counts=replace(_NONE, enqueued=1),
    trouble=None,
    created_at=_MADE,
    updated_at=_MADE,
)
_VIEW: Final = ScheduleView(
    **{name: getattr(_ITEM, name) for name in _ITEM.__struct_fields__},
    payload=msgspec.Raw(msgspec.json.encode(_PAYLOAD)),
)
_RECEIPT: Final = Receipt(
    job_id=_JOB_ID,
    type="send-email",
    status="pending",
    queue="default",
    priority="normal",
    created_at=_FOUND,
    run_at=_FOUND,
)
ANSWERS: Final[dict[Any, Any]] = {
    ("create_schedule", 201): replace(_VIEW, last_tick=None, counts=_NONE),
    ("pause_schedule", 200): replace(_VIEW, paused=True, next_tick=None, version=2),
    ("run_schedule", 202): replace(_RECEIPT, status="accepted"),
    ("run_schedule", 201): _RECEIPT,
    ScheduleView: _VIEW,
    ScheduleList: ScheduleList(items=[_ITEM]),
    TickPage: TickPage(items=[_TICK], next_cursor=None),
    CronPreview: CronPreview(
        explained="At 06:30 on Monday through Friday",
        ticks=["2026-03-02T05:30:00.000Z", "2026-03-03T05:30:00.000Z", "2026-03-04T05:30:00.000Z"],
    ),
}
