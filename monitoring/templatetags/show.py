"""Template filters: figures with separators, times as people say them, ids that fit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from jobs import words
from jobs.clock import isoformat, to_instant_ms
from jobs.inspection.groups import GroupLine
from monitoring.overview import Overview
from monitoring.story import ENDED

from .frame import address

register = template.Library()

COUNTS = frozenset({"jobs", "workers"})
WAITING = ("retrying", "scheduled", "dead")
LONGEST_ID = 16
LONGEST_CLASS = 60


register.filter("figure", words.figure)
register.filter("rate", words.rate)
register.filter("lasting", words.lasting)
register.filter("size", words.size)
register.filter("ended", lambda outcome: ENDED.get(outcome, outcome))


@register.filter
def error_class(group: GroupLine) -> str:
    """What is before the colon of an error's line: its class. Of a line without one, its start."""
    return Truncator(group.error.partition(":")[0].strip()).chars(LONGEST_CLASS)


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


@register.simple_tag
def due(instant: str | None, now: str) -> str | SafeString:
    """When something is to happen; once that time has come it is due now."""
    if not instant:
        return ""
    now_ms, at_ms = (to_instant_ms(datetime.fromisoformat(each)) for each in (now, instant))
    told = "due now" if at_ms <= now_ms else words.when(instant, now_ms)
    return format_html('<time class="due" datetime="{}" title="{}">{}</time>', instant, instant, told)


@register.filter
def in_unit(value: float | None, unit: str) -> str:
    """A figure of a chart: jobs/s as a rate, times (ms) as durations, counts as figures; – for a gap."""
    if value is None:
        return "–"
    return (
        words.rate(value)
        if unit == "jobs/s"
        else words.figure(round(value))
        if unit in COUNTS
        else words.lasting(round(value))
    )


@register.simple_tag
def listing(name: str, **filters: object) -> str:
    """The address of a list with filters in it, in the notation of the API; nothing while there is no such page."""
    base = address(name)
    if not base:
        return ""
    given = {key: value for key, value in filters.items() if value not in ("", None)}
    return f"{base}?{urlencode(given, doseq=True)}" if given else base


@register.filter
def spark(values: Sequence[int] | None, size: str = "96x22") -> str:
    """The path of a sparkline in a box of that size; nothing where there is nothing to draw."""
    width, height = (int(part) for part in size.split("x"))
    if not values or len(values) < 2 or not max(values):
        return ""
    step, top = width / (len(values) - 1), max(values)
    return "M" + "L".join(
        f"{at * step:.1f},{height - 1 - value * (height - 2) / top:.1f}" for at, value in enumerate(values)
    )


@register.filter
def instants(seconds: Sequence[int]) -> list[str]:
    """Times of a chart (s since 1970) as the wire writes them."""
    return [isoformat(each * 1000) for each in seconds]


@register.filter
def spaced(text: str) -> str:
    """A range as people write it: 5 m, 24 h, 7 d."""
    return f"{text[:-1]} {text[-1]}"


@register.filter
def waiting_counts(page: Overview) -> list[tuple[str, int]]:
    """States in which jobs wait for something, and how many do."""
    return [(state, page.look.figures.states[state]) for state in WAITING]
