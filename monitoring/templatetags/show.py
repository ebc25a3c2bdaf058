"""Template filters: figures with separators, times as people say them, ids that fit."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from monitoring.overview import Overview

register = template.Library()

ORDER = ("pending", "active", "retrying", "scheduled", "blocked", "completed", "dead", "cancelled")
LONGEST_ID = 16
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@register.filter
def figure(value: int | None) -> str:
    """25104 → 25,104."""
    return "" if value is None else f"{value:,}"


@register.filter
def rate(value: float) -> str:
    """Per second: 1,240/s, 3.2/s, 0/s."""
    return f"{value:,.0f}/s" if value >= 10 or not value else f"{value:.1f}/s" if value >= 0.05 else "<0.1/s"


@register.filter
def short_id(job_id: str) -> str:
    """A long id, shortened in the middle."""
    return job_id if len(job_id) <= LONGEST_ID else f"{job_id[:8]}…{job_id[-5:]}"


@register.filter
def lasting(milliseconds: int | None) -> str:
    """A duration: 12 ms, 3.4 s, 5 min, 2 h."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 10_000:
        return f"{milliseconds / 1000:.1f} s"
    return _rough(milliseconds // 1000)


@register.simple_tag
def ago(instant: str | None, now: str) -> str | SafeString:
    """How long ago a time of the wire was, with the exact one on hover."""
    if not instant:
        return ""
    seconds = (datetime.fromisoformat(now) - datetime.fromisoformat(instant)).total_seconds()
    words = f"in {_rough(int(-seconds))}" if seconds <= -1 else f"{_rough(int(seconds))} ago" if seconds >= 1 else "now"
    return format_html('<time datetime="{}" title="{}">{}</time>', instant, instant, words)


@register.filter
def state_counts(page: Overview) -> list[tuple[str, int]]:
    """States and their jobs, in the order of a job's life."""
    return [(state, page.stats.by_state[state]) for state in ORDER]


@register.filter
def sentence(page: Overview) -> str:
    """How things are, in one sentence."""
    alive = [worker for worker in page.status.workers if worker.status != "lost"]
    troubles = [part.detail for part in page.status.parts if part.status != "healthy"]
    if page.status.paused_queues:
        troubles.append(f"paused: {', '.join(page.status.paused_queues)}")
    if troubles:
        words = "; ".join(troubles)
        return f"{words[0].upper()}{words[1:]}."
    return f"All is well: {len(alive)} worker{'s' if len(alive) != 1 else ''} alive."


def _rough(seconds: int) -> str:
    for size, unit in UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "0 s"
