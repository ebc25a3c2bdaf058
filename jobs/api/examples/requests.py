"""Examples of request bodies, as a client writes them."""

from __future__ import annotations

from typing import Any, Final

from jobs.api.bodies.enqueue import BulkBody, EnqueueBody, PayloadBody
from jobs.api.bodies.filters import DeadOperationBody, JobsOperationBody, PurgeBody, ReasonBody

Examples = dict[str, tuple[str, Any]]
_PAYLOAD: Final = {"to": "ada@example.com", "order": 7}

# By the body's Struct, or by the operation's name where one Struct serves several of them.
REQUESTS: Final[dict[Any, Examples]] = {
    EnqueueBody: {
        "usual": ("As its handler says", {"type": "send-email", "payload": _PAYLOAD}),
        "options": (
            "Later, ahead of others, once",
            {
                "type": "send-email",
                "payload": _PAYLOAD,
                "options": {
                    "queue": "mail",
                    "priority": "high",
                    "delay": 60_000,
                    "maxRetries": 5,
                    "timeout": 30_000,
                    "deduplicationKey": "order-7",
                    "tags": ["orders"],
                    "backoff": {"base": 1000, "factor": 2, "max": 60_000, "jitter": 0.3},
                },
            },
        ),
        "at": (
            "At a time, under an id of the client's",
            {
                "type": "send-email",
                "payload": _PAYLOAD,
                "options": {"runAt": "2099-01-01T08:00:00+01:00"},
                "jobId": "order-7:reminder",
            },
        ),
    },
    BulkBody: {
        "usual": (
            "Two jobs",
            {
                "jobs": [
                    {"type": "send-email", "payload": _PAYLOAD},
                    {"type": "send-email", "payload": {"to": "alan@example.com", "order": 8}},
                ]
            },
        )
    },
    PayloadBody: {
        "usual": ("As it is", {}),
        "payload": ("With another payload", {"payload": {"to": "ada@example.org", "order": 7}}),
    },
    ReasonBody: {
        "usual": ("With a reason", {"reason": "the customer has left"}),
        "plain": ("Without", {}),
    },
    DeadOperationBody: {
        "group": (
            "Retry the jobs that died of one error, ten a second",
            {
                "action": "retry",
                "filter": {"error": "3f9c02d1b7a4e856"},
                "ratePerSecond": 10,
                "reason": "the mail server is back",
            },
        ),
        "chosen": ("Delete some", {"action": "delete", "filter": {"jobIds": ["order-7:reminder"]}}),
    },
    JobsOperationBody: {
        "some": (
            "Cancel what waits in a queue",
            {"action": "cancel", "filter": {"queue": "mail", "status": ["scheduled", "pending"]}},
        ),
        "all": ("Run everything now", {"action": "runNow", "filter": {}, "all": True}),
    },
    PurgeBody: {
        "usual": ("With a reason", {"reason": "a test run by mistake"}),
        "slowly": ("A hundred jobs a second", {"ratePerSecond": 100}),
    },
}
