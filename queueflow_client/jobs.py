"""A job in Python's terms, and how it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict

Job = dict[str, Any]
Seconds = float | timedelta


class JobOptions(TypedDict, total=False):
    """How to run a job. `timeout` bounds a run, `run_at` has an offset, `backoff` is {base, factor, max, jitter}.

    What is left out or None is as its handler says. `job_id` is one of your own: a repeat meets the job that is there.
    """

    priority: Literal["high", "normal", "low"] | None
    queue: str | None
    delay: Seconds | None
    run_at: datetime | None
    max_retries: int | None
    timeout: Seconds | None
    retention: Seconds | None
    deduplication_key: str | None
    deduplication_ttl: Seconds | None
    on_duplicate: Literal["reject", "return"] | None
    tags: Sequence[str] | None
    backoff: Mapping[str, float] | None
    job_id: str | None


def encoded(type: str, payload: object = None, **options: Any) -> bytes:  # noqa: A002
    """One job as the interface takes it. Raises TypeError for an option that is none, ValueError."""
    unknown = options.keys() - JobOptions.__optional_keys__
    if unknown:
        raise TypeError(f"there is no option {min(unknown)!r}")
    given = {name: WAYS[name](value) if name in WAYS else value for name, value in options.items() if value is not None}
    body: Job = {"type": type, "payload": payload}
    if "job_id" in given:
        body["jobId"] = given.pop("job_id")
    body["options"] = {on_wire(name): value for name, value in given.items()}
    return to_json(body)


def to_json(value: object) -> bytes:
    """JSON without spaces. Raises ValueError and TypeError for what it cannot carry."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def seconds(duration: Seconds) -> float:
    """A duration as a number."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration


def milliseconds(duration: Seconds) -> int:
    """A duration as the interface counts it."""
    return round(seconds(duration) * 1000)


def instant(moment: datetime) -> str:
    """A time as the interface reads it. Raises ValueError without an offset."""
    if moment.utcoffset() is None:
        raise ValueError("run_at: give a time with an offset")
    return moment.isoformat()


def pauses(backoff: Mapping[str, float]) -> dict[str, float]:
    """A backoff with its times in milliseconds."""
    return {name: milliseconds(number) if name in ("base", "max") else number for name, number in backoff.items()}


WAYS: Mapping[str, Callable[[Any], Any]] = {  # of options that are not the same on the wire
    **dict.fromkeys(("delay", "timeout", "retention", "deduplication_ttl"), milliseconds),
    "run_at": instant,
    "tags": lambda tags: tags if isinstance(tags, str) else list(tags),
    "backoff": pauses,
}


def on_wire(name: str) -> str:
    """`max_retries` as `maxRetries`."""
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
