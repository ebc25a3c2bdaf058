"""One job in full, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from jobs.inspection.detail import Attempt, JobView
from jobs.words import exactly, lasting, size, when

from .printable import safe, safe_lines
from .screen import BOLD, COLOURS, Screen
from .table import Column

LABEL: Final = 13
MOST_SHOWN: Final = 4000  # characters of a payload or result
INDENT: Final = "  "
OUTCOMES: Final = {"completed": "32", "failed": "31", "lost": "31", "running": "36"}
EXECUTIONS: Final = (
    Column("#", right=True),
    Column("TRY", drop=2, right=True),
    Column("OUTCOME", colours=OUTCOMES),
    Column("BEGAN"),
    Column("TOOK", right=True),
    Column("WORKER", least=12, drop=3),
    Column("ERROR", least=16),
)


def show_job(screen: Screen, job: JobView, now_ms: int) -> None:
    """Write everything known of a job."""
    screen.line(f"Job {screen.paint(job.job_id, BOLD)}")
    for label, text in _facts(job, now_ms):
        if text:
            shown = screen.paint(safe(text)) if text in COLOURS else safe(text)
            screen.line(f"{INDENT}{label:<{LABEL}}{shown}")
    _section(screen, "Payload", _json(job.payload))
    _section(screen, "Result", _json(job.result))
    _section(screen, "Progress", _json(job.progress))
    if job.attempts:
        screen.line()
        screen.line(screen.paint("Executions", BOLD))
        screen.rows(EXECUTIONS, [_execution(attempt, now_ms) for attempt in job.attempts])
    _section(screen, "Traceback of the last failure", _traceback(job.attempts))
    _section(screen, "Log", "\n".join(job.log))


def _facts(job: JobView, now_ms: int) -> Iterator[tuple[str, str]]:
    yield "state", job.status or ""
    if job.cancel_requested and job.status == "active":
        yield "", "its worker was asked to end it"
    yield "unreadable", ", ".join(job.unreadable)
    yield "type", job.type or ""
    yield "queue", ", ".join(filter(None, (job.queue, job.priority)))
    for label, instant in (
        ("enqueued", job.created_at),
        ("due", job.run_at if job.status in ("scheduled", "retrying") else None),
        ("began", job.started_at),
        ("ended", job.finished_at),
    ):
        yield label, f"{exactly(instant)}, {when(instant, now_ms)}" if instant else ""
    yield "took", lasting(job.duration)
    yield "worker", job.worker or ""
    yield "error", job.error or ""
    yield "fingerprint", job.fingerprint or ""
    yield from _options(job)


def _options(job: JobView) -> Iterator[tuple[str, str]]:
    options = job.options
    if options is None:
        return
    yield "tries", f"{job.attempts_made} of {options.max_retries + 1}"
    given_back = [
        f"{job.releases} times given back" if job.releases else "",
        f"{job.snoozes} times put off" if job.snoozes else "",
    ]
    yield "", ", ".join(filter(None, given_back))
    yield "time-out", lasting(options.timeout)
    yield "tags", ", ".join(options.tags)
    yield "key", options.deduplication_key or ""
    if options.retention is not None:
        yield "kept for", lasting(options.retention)


def _execution(attempt: Attempt, now_ms: int) -> Sequence[str]:
    return (
        str(attempt.number),
        str(attempt.attempt),
        attempt.outcome,
        when(attempt.started_at or attempt.claimed_at, now_ms),
        lasting(attempt.duration),
        attempt.worker,
        ": ".join(filter(None, (attempt.error, (attempt.error_message or "").partition("\n")[0]))),
    )


def _traceback(attempts: Sequence[Attempt]) -> str:
    return next((attempt.traceback for attempt in reversed(attempts) if attempt.traceback), "")


def _json(value: msgspec.Raw | None) -> str:
    """Stored JSON with line breaks, its numbers as they are; only the beginning of a long one."""
    if value is None:
        return ""
    raw = bytes(value)
    text = raw[: 4 * MOST_SHOWN].decode(errors="ignore")
    if len(raw) <= MOST_SHOWN:
        text = msgspec.json.format(raw, indent=2).decode()
    if len(text) <= MOST_SHOWN and len(raw) <= 4 * MOST_SHOWN:
        return text
    return f"{text[:MOST_SHOWN]}\n… of {size(len(raw))}: --json has all of it"


def _section(screen: Screen, title: str, text: str) -> None:
    if not text:
        return
    screen.line()
    screen.line(screen.paint(title, BOLD))
    for line in safe_lines(text.rstrip("\n")).split("\n"):
        screen.line(INDENT + line)
