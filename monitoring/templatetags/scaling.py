"""Template filters for pools and what was decided for them."""

from __future__ import annotations

from django import template

from jobs.words import UNITS, exactly
from monitoring.scaling_curves import verdict
from monitoring.scaling_inputs import Fact, facts_in, facts_of, share
from monitoring.scaling_words import changed_by, guard_word, told, told_of, trouble_sentence
from scaling.api.answers import DecisionView

register = template.Library()
register.filter("told", told)
register.filter("told_of", told_of)
register.filter("guard_word", guard_word)
register.filter("changed_by", changed_by)
register.filter("trouble_sentence", trouble_sentence)
register.filter("facts_of", facts_of)
register.filter("share", share)
register.filter("verdict", verdict)
register.filter("exactly", exactly)


@register.filter
def inputs_of(decision: DecisionView) -> list[Fact]:
    """What a decision was made by, in words."""
    return facts_in(decision.inputs)


@register.filter
def span(milliseconds: int) -> str:
    """A duration that somebody has set, exactly: 5 s, 90 s, 2 min, 250 ms."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    seconds = milliseconds / 1000
    size, unit = next(((size, unit) for size, unit in UNITS if seconds % size == 0), (1, "s"))
    return f"{seconds / size:.12g} {unit}"
