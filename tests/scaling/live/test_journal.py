"""Decisions in the database: folded, and none in the way of others."""

from __future__ import annotations

import msgspec
import pytest

from scaling.decision import Action, Decision
from scaling.journal import Journal
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.observation import Observation

MADE = Decision(action=Action.HOLD, current=3, target=3, proposed=4, reason="So.", strategy="default", guard="paused")


@pytest.fixture
def journal(transactional_db, monkeypatch):
    """Give a journal that writes at once, and a function that has it keep decisions for pools."""
    monkeypatch.setattr("scaling.journal.FOLDED_EVERY", 0.0)
    made = Journal()

    def write(pool="default", at=1_800_000_000.0, stretch=1_800_000_000, **fields):
        sight = Observation(at=at, workers=3)
        made.write(ScalingPolicy(pool=pool), sight, msgspec.structs.replace(MADE, **fields), stretch)

    return write


def rows(*names):
    return list(ScalingDecision.objects.order_by("id").values_list(*names))


def test_what_is_counted_together_has_the_figures_of_the_last(journal):
    journal()
    journal(at=1_800_000_005.0, stretch=1_800_000_005, proposed=7, confidence=0.5, reason="Else.")
    assert rows("repeats", "proposed", "confidence", "reason") == [(1, 7, 0.5, "Else.")]


def test_characters_that_no_database_takes_are_replaced_and_long_reasons_cut(journal):
    journal(reason="a\0b\ud800" + "c" * 5000)
    assert rows("reason") == [("a�b?" + "c" * 3996,)]


def test_a_decision_that_is_refused_is_in_nobodys_way(journal):
    journal("another", guard=None, proposed=None)
    journal()
    assert rows("pool") == [("default",)]


def test_a_clock_that_steps_back_overwrites_no_decision(journal):
    journal()
    journal(action=Action.SCALE_UP, target=5)
    journal(at=1_800_000_001.0, reason="Later.")
    assert rows("action", "reason", "repeats") == [("hold", "So.", 0)]
