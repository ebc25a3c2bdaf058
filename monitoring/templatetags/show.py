"""Template filters: figures with separators, times as people say them, ids that fit."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs import words
from jobs.clock import to_instant_ms
from monitoring.overview import Overview

register = template.Library()

ORDER = ("pending", "active", "retrying", "scheduled", "blocked", "completed", "dead", "cancelled")
LONGEST_ID = 16


register.filter("figure", words.figure)
register.filter("rate", words.rate)
register.filter("lasting", words.lasting)


@register.filter
def short_id(job_id: str) -> str:
    """A long id, shortened in the middle."""
    return job_id if len(job_id) <= LONGEST_ID else f"{job_id[:8]}…{job_id[-5:]}"


@register.simple_tag
def ago(instant: str | None, now: str) -> str | SafeString:
    """How long ago a time of the wire was, with the exact one on hover."""
    if not instant:
        return ""
    told = words.when(instant, to_instant_ms(datetime.fromisoformat(now)))
    return format_html('<time datetime="{}" title="{}">{}</time>', instant, instant, told)


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
        joined = "; ".join(troubles)
        return f"{joined[0].upper()}{joined[1:]}."
    return f"All is well: {words.several(len(alive), 'worker')} alive."
