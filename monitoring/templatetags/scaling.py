"""Template filters for pools and what was decided for them."""

from __future__ import annotations

from django import template

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


@register.filter
def inputs_of(decision: DecisionView) -> list[Fact]:
    """What a decision was made by, in words."""
    return facts_in(decision.inputs)
