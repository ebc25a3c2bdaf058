"""What the document says of the API as a whole."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from jobs.models.api_key import DEFAULT_BURST, DEFAULT_PER_SECOND
from jobs.scopes import Scope

DESCRIPTION: Final = """\
QueueFlow takes jobs, runs them on its workers and tells what became of them.

**Form.** JSON in UTF-8, names in camelCase. Times are RFC 3339 in UTC with milliseconds, durations whole milliseconds.
Payloads and results are any JSON and come back byte for byte. Unknown fields and parameters are refused, and so is an
object that has the same key twice.

**Refusals** are `application/problem+json` (RFC 9457). `code` is a word for programs, `detail` a sentence for people.

**Access.** A key as `Authorization: Bearer qf_…`, or the session of a logged-in person, with the CSRF token for
everything but GET. A key that is wrong is refused and never tried as a session. Keys in addresses are refused.

**Repeating.** A GET may be repeated at any time. An enqueue, or the start of an operation, may be repeated with the
same `Idempotency-Key`: the first answer comes again. After 429 and 503, wait for `Retry-After` seconds first.

**While the store is away** an enqueue is refused with 503, or, where the outbox is on, accepted with 202: the job is
kept in the database and runs when the store is back. Schedules are made and changed as ever.

**Lists** go on where `nextCursor` says, with the same other parameters. A page may be short, or empty, and still go on.
"""
LICENCE: Final = {"name": "MIT", "identifier": "MIT"}
SERVERS: Final = [{"url": "/", "description": "The installation that serves this document"}]
# The first word of an address, and what is to be found there.
_TAGS: Final = {
    "jobs": ("Jobs", "Enqueue jobs, find them, and act on one or many of them."),
    "dlq": ("Dead-letter queue", "Jobs that failed for good, alone and in groups of the same error."),
    "operations": ("Operations", "Bulk operations on jobs: how far they are, and how to abort them."),
    "outbox": ("Outbox", "Jobs that were accepted while the store is away, and wait for it."),
    "queues": ("Queues", "What waits where; pausing, resuming and purging."),
    "types": ("Job types", "What kinds of jobs there are; pausing and resuming them."),
    "workers": ("Workers", "Who works, and draining."),
    "schedules": ("Schedules", "Jobs that are enqueued again and again, at the ticks of a cron expression."),
    "scaling": ("Scaling", "How many workers a pool has, and why."),
    "status": ("Figures", "How the installation is."),
    "stats": ("Figures", "How the installation is."),
    "metrics": ("Figures", "How the installation is."),
    "audit": ("Audit", "Who changed what, when, from where and why."),
}
_SCOPES: Final = {
    Scope.ENQUEUE: "enqueue jobs",
    Scope.READ: "look at jobs, queues, workers and figures",
    Scope.OPERATE: "act on jobs, queues, types, workers and schedules, and read the audit trail",
    Scope.PAYLOADS: "see what is masked otherwise; together with `operate`, replace payloads",
    Scope.ADMIN: "everything",
}


def tag_of(path: str) -> str:
    """The tag of an endpoint."""
    word = path.split("/")[1]
    return _TAGS[word][0] if word in _TAGS else word


def tags(used: set[str]) -> list[dict[str, str]]:
    """The tags that operations have, in the order of the table."""
    known = dict(_TAGS.values())
    return [{"name": name, "description": text} for name, text in known.items() if name in used]


def security_schemes() -> dict[str, Any]:
    """How to get in."""
    scopes = "\n".join(f"- `{scope.value}`: {_SCOPES[scope]}" for scope in Scope)
    return {
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": f"A key of a service, made with `manage.py createapikey` or in the admin. Its scopes say "
            f"what it may do:\n\n{scopes}\n\nUnless it has other limits, a key may send {DEFAULT_BURST:,} requests at "
            f"once and {DEFAULT_PER_SECOND:,} a second.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of a person who has logged in at /login/; groups and permissions say what they "
            "may do.",
        },
        "csrfToken": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRFToken",
            "description": f"The value of the cookie {settings.CSRF_COOKIE_NAME}: proves that a request with a session "
            "comes from our own pages. Keys need none.",
        },
    }
