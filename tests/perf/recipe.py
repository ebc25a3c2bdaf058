"""A realistic set of jobs as data: what each one is and what becomes of it follows from its number alone."""

from __future__ import annotations

import hashlib
import json
from typing import Final, NamedTuple

from jobs.store.outcomes import Completed, Failed
from jobs.types import Claim, Envelope, Failure, JobRequest, Priority

TYPES: Final = (
    "sync-crm", "send-email", "charge-card", "render-invoice", "resize-image", "index-product", "import-feed",
    "export-report", "push-notification", "refresh-cache", "transcode-video", "score-fraud", "update-stock",
    "geocode-address", "archive-order", "bill-subscription", "send-sms", "crawl-page", "train-model", "purge-session",
)  # fmt: skip
BROKEN_TYPE: Final = TYPES[0]  # a deploy broke it: its dead jobs are the largest group, and none of it is pending
BROKEN_QUEUE: Final = "queue-sync-crm"
GROUPS: Final = 200
ERRORS: Final = ("ConnectionError", "TimeoutError", "ValueError", "KeyError", "PermissionError")
FRAMES: Final = 12
_SPREAD: Final = 2654435761  # a multiplier that scatters neighbouring numbers (Knuth, volume 3, 6.4)


class Recipe(NamedTuple):
    """How many jobs there are to be in all, and in the largest group of dead ones; 0 stands for an eighth of those."""

    jobs: int = 1_000_000
    largest: int = 0

    @property
    def dead(self) -> int:
        """How many die: a fifth, or as many as it takes for the largest group."""
        return max(self.jobs * 2 // 10, self.largest + 2 * GROUPS if self.largest else 0)

    @property
    def settled(self) -> int:
        """How many run: those that complete and those that die."""
        return self.jobs * 9 // 10

    @property
    def largest_group(self) -> int:
        """How many died of the deploy."""
        return self.largest or self.dead // 8

    def group(self, number: int) -> int | None:
        """The error group of a job, 0 for the deploy; None for one that does not die."""
        place = number * self.dead // self.settled
        if number >= self.settled or (number + 1) * self.dead // self.settled == place:
            return None
        return 0 if place >= self.dead - self.largest_group else 1 + int((GROUPS - 1) * _scattered(number) ** 3)

    def request(self, number: int) -> JobRequest:
        """One job."""
        job_type = self._type(number)
        return JobRequest(
            id=f"00{number:020x}",
            type=job_type,
            queue=queue_of(job_type),
            priority=Priority(1 + number % 3),
            envelope=Envelope(_payload(number), 30_000, tags=(f"tenant-{number % 500}", f"region-{number % 7}")),
        )

    def outcome(self, number: int, claim: Claim) -> Completed | Failed:
        """What becomes of a claimed one."""
        duration = int(5 * 400 ** _scattered(number + 1))  # 5 ms to 2 s
        group = self.group(number)
        if group is None:
            return Completed(claim, 1, duration, _result(number) if number % 2 else b"")
        return Failed(claim, 1, duration, _failure(group, number), 0, final=True)

    def _type(self, number: int) -> str:
        group = self.group(number)
        if group is not None:
            return TYPES[group % len(TYPES)]
        first = 0 if number < self.settled else 1
        return TYPES[first + number % (len(TYPES) - first)]


def waiting_in(number: int) -> JobRequest:
    """A job that waits in a queue of its own, which nobody serves."""
    return JobRequest(
        id=f"01{number:020x}", type=TYPES[1], queue=f"tenant-{number}", envelope=Envelope(_payload(number), 30_000)
    )


def queue_of(job_type: str) -> str:
    """The queue of a type."""
    return f"queue-{job_type}"


def order_of(number: int) -> str:
    """The order number inside a job's payload."""
    return f"ORD-{number:07d}"


def fingerprint_of(group: int) -> str:
    """The fingerprint of an error group."""
    return hashlib.sha256(f"group {group}".encode()).hexdigest()[:16]


def _scattered(number: int) -> float:
    """Something from 0 to below 1 that follows from a number."""
    return (number * _SPREAD & 0xFFFFFFFF) / 0x100000000


def _payload(number: int) -> bytes:
    customer = number * 7919 % 100_000
    return json.dumps({
        "order": order_of(number), "customer": customer, "email": f"customer{customer}@example.com",
        "lines": [{"sku": f"SKU-{number % 977}", "count": 1 + number % 4, "price": f"{number % 9000 / 100:.2f}"}],
        "note": "leave at the door", "apiToken": f"secret-{number:x}",
    }).encode()  # fmt: skip


def _result(number: int) -> bytes:
    return json.dumps({"ok": True, "order": order_of(number), "ms": number % 2000}).encode()


def _failure(group: int, number: int) -> Failure:
    kind = ERRORS[group % len(ERRORS)]
    message = f"step {group} refused {order_of(number)}: no route to host-{group}.example.com"
    frames = (
        f'  File "/srv/app/{group % len(TYPES)}/step_{frame}.py", line {10 + frame * group % 300}, in step_{frame}\n'
        f"    return step_{frame + 1}(order, session=session)"
        for frame in range(FRAMES)
    )
    trace = "\n".join(("Traceback (most recent call last):", *frames, f"{kind}: {message}"))
    return Failure(kind, message, trace, fingerprint_of(group))
