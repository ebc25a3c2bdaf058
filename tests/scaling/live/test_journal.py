"""Decisions in the database: folded, and none in the way of others."""

from __future__ import annotations

import msgspec
import pytest
from django.db import OperationalError

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


def test_a_clock_that_steps_back_overwrites_no_decision_and_hides_none(journal):
    journal()
    journal(at=1_800_000_000.5, action=Action.SCALE_UP, target=5)
    journal(at=1_800_000_000.2, reason="Later.")
    journal(at=1_799_999_990.0, stretch=1_799_999_990, action=Action.SCALE_DOWN, target=1, reason="Earlier.")
    assert rows("action", "reason", "repeats") == [
        ("hold", "So.", 0), ("scale_up", "So.", 0), ("hold", "Later.", 0), ("scale_down", "Earlier.", 0)
    ]  # fmt: skip
    assert len(set(rows("stretch"))) == 4


def test_another_interval_hides_no_decision(journal):
    """One a second, and then one every five: the first of these begins where one of those did."""
    for at in (1_800_000_000, 1_800_000_001, 1_800_000_002):
        journal(at=at + 0.1, stretch=at, target=at % 10, action=Action.SCALE_UP)
    journal(at=1_800_000_003.1, stretch=1_800_000_000, target=9, action=Action.SCALE_UP)
    journal(at=1_800_000_005.1, stretch=1_800_000_005, target=9, action=Action.SCALE_UP)
    assert rows("target", "repeats") == [(0, 0), (1, 0), (2, 0), (9, 1)]


def test_a_database_that_is_away_is_not_waited_for_again_and_again(journal, monkeypatch):
    asked = []

    def refuse():
        asked.append(1)
        raise OperationalError("away")

    with monkeypatch.context() as patched:
        patched.setattr("scaling.journal.own", refuse)
        for number in range(5):
            journal(f"pool-{number}")
    assert (len(asked), rows("pool")) == (1, [])
    monkeypatch.setattr("scaling.journal.REST", 0.0)
    journal("another")
    assert rows("pool") == []
