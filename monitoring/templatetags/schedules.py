"""Template filters for schedules and their ticks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from monitoring import schedule_words

register = template.Library()
register.filter("local", schedule_words.on_its_clock)
register.filter("zone_word", schedule_words.zone_word)
register.filter("after", schedule_words.decided_after)
register.filter("left_out", schedule_words.left_out)
register.filter("left_out_words", schedule_words.left_out_words)


@register.filter
def of(found: Mapping[str, Any] | None, name: str) -> Any:
    """What a mapping has under a name; "" for nothing."""
    return (found or {}).get(name, "")
