"""The limits of a job's settings, checked alike where a handler is declared and where a job is enqueued.

Each function returns what the engine works with and raises InvalidJob with the field it was given, in wire notation.
Durations come in seconds (a number or a timedelta) and go out in whole milliseconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from .backoff import Backoff
from .clock import MAX_INSTANT_MS
from .errors import InvalidJob
from .types import Priority

Duration = float | timedelta

MAX_RETRIES: Final = 100
MAX_TIMEOUT_MS: Final = 7 * 86_400_000
MAX_DEDUPLICATION_KEY_BYTES: Final = 256
MAX_TAGS: Final = 10
MAX_TAG: Final = 64

# What the steps "." and ".." of an address stand for is taken out of it by every browser: such a name has no page.
TYPE_PATTERN: Final = r"^(?!(.*/)?\.{1,2}(/|$))[A-Za-z0-9._/-]+$"
QUEUE_PATTERN: Final = r"^(?!\.{1,2}$)[a-z0-9_.-]+$"
QUEUE_HINT: Final = "give 1 to 64 of a-z 0-9 _ . -, but not . or .."
_TYPE = re.compile(r"[A-Za-z0-9._/-]{1,128}\Z")
_QUEUE = re.compile(r"[a-z0-9_.-]{1,64}\Z")
_STEPS: Final = frozenset({".", ".."})
_PRIORITIES: Final = {priority.label: priority for priority in Priority}


def job_type(value: object, field: str = "type") -> str:
    """Check the type of a new job."""
    found = stored_type(value, field)
    if "." in found and not _STEPS.isdisjoint(found.split("/")):
        raise InvalidJob(field, "give no . or .. alone or between slashes: no address could name it")
    return found


def stored_type(value: object, field: str = "type") -> str:
    """Check a type that there may be jobs of: older ones may have steps."""
    if not isinstance(value, str) or not _TYPE.match(value):
        raise InvalidJob(field, "give 1 to 128 of A-Z a-z 0-9 . _ / -")
    return value


def queue(value: object, field: str) -> str:
    """Check the name of a queue that new jobs go to, or that workers serve."""
    if not isinstance(value, str) or not _QUEUE.match(value) or value in _STEPS:
        raise InvalidJob(field, QUEUE_HINT)
    return value


def stored_queue(value: object, field: str) -> str:
    """Check the name of a queue that there may be: older ones may be steps."""
    if not isinstance(value, str) or not _QUEUE.match(value):
        raise InvalidJob(field, "give 1 to 64 of a-z 0-9 _ . -")
    return value


def priority(value: object, field: str) -> Priority:
    """Return the priority of a word or a Priority."""
    found = value if isinstance(value, Priority) else _PRIORITIES.get(value) if isinstance(value, str) else None
    if found is None:
        raise InvalidJob(field, "give high, normal or low")
    return found


def max_retries(value: object, field: str) -> int:
    """Check how many attempts may follow the first."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_RETRIES:
        raise InvalidJob(field, f"give a whole number from 0 to {MAX_RETRIES}")
    return value


def duration_ms(value: object, field: str, low: int = 0, high: int = MAX_INSTANT_MS) -> int:
    """Return a duration in ms, between `low` and `high` ms."""
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf:
        seconds = value
    else:
        raise InvalidJob(field, "give a duration")
    try:
        found = round(seconds * 1000)
    except OverflowError:
        found = high + 1
    if not low <= found <= high:
        raise InvalidJob(field, f"give a duration of at least {low} ms and at most {high} ms")
    return found


def timeout_ms(value: object, field: str) -> int:
    """Return a job's timeout in ms: at least 1 ms, at most 7 days."""
    return duration_ms(value, field, 1, MAX_TIMEOUT_MS)


def deduplication_key(value: object, field: str) -> str:
    """Check a deduplication key; "" stands for none."""
    if not isinstance(value, str) or not _is_text(value) or len(value.encode()) > MAX_DEDUPLICATION_KEY_BYTES:
        raise InvalidJob(field, f"give text of at most {MAX_DEDUPLICATION_KEY_BYTES} bytes")
    return value


def tags(value: object, field: str) -> tuple[str, ...]:
    """Return tags without repeats, in the order given."""
    if not isinstance(value, list | tuple):
        raise InvalidJob(field, "give a list of texts")
    for tag in value:
        if not isinstance(tag, str) or not 1 <= len(tag) <= MAX_TAG or not tag.isprintable():
            raise InvalidJob(field, f"a tag has 1 to {MAX_TAG} printable characters")
    found = tuple(dict.fromkeys(value))
    if len(found) > MAX_TAGS:
        raise InvalidJob(field, f"give at most {MAX_TAGS}")
    return found


def backoff(value: object, field: str) -> Backoff:
    """Return a backoff from a Backoff or a mapping of its fields, in seconds."""
    try:
        numbers: Any = msgspec.to_builtins(value) if isinstance(value, Backoff) else value
        if isinstance(numbers, Mapping):
            found = Backoff(**{name: msgspec.convert(number, float) for name, number in numbers.items()})
        else:
            found = msgspec.convert(numbers, Backoff)
    except (msgspec.ValidationError, TypeError) as error:
        raise InvalidJob(field, f"give base, factor, max and jitter as numbers ({error})") from error
    problem = found.problem()
    if problem:
        raise InvalidJob(field, problem)
    return found


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
