"""What a leader decided is told, once, also where it could not tell it itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from scaling.models import ScalingDecision

from .crowd import steps
from .heirs import DiedError, die, next_stretch, successor


def test_a_leader_that_dies_after_it_leaves_nothing_to_decide_twice_and_nothing_untold(kit, scaler, monkeypatch):
    kit.enqueue_many(151)
    monkeypatch.setattr(scaler._journal, "keep", lambda *_: die())
    with pytest.raises(DiedError):
        next_stretch(kit, scaler)
    assert ScalingDecision.objects.count() == 0
    heir = successor(kit)
    heir.run_once()
    assert (len(steps(kit)), kit.store.registry.desired()) == (1, {"default": 4})
    made = ScalingDecision.objects.get()
    assert (made.action, made.current, made.target, made.inputs["waiting"]) == ("scale_up", 1, 4, 151)
    assert made.reason == "151 jobs wait, more than 50: 3 more."
    assert made.at.timestamp() == pytest.approx(steps(kit)[0].observation.at, abs=0.001)
    next_stretch(kit, heir)
    assert [step.observation.starting for step in steps(kit)] == [0, 3]


def test_what_was_decided_while_the_database_was_away_outlives_the_leader(kit, scaler, monkeypatch):
    def refuse() -> None:
        raise OperationalError("away")

    monkeypatch.setattr("scaling.journal.own", refuse)
    for depth in (151, 200, 200):
        kit.enqueue_many(depth)
        next_stretch(kit, scaler)
    monkeypatch.undo()
    successor(kit).run_once()
    rows = ScalingDecision.objects.order_by("id").values_list("action", "current", "target")
    assert list(rows) == [("scale_up", 1, 4), ("scale_up", 4, 10), ("hold", 10, 10)]
    assert [step.decided for step in steps(kit)] == [4, 10, 10]


def test_a_leader_that_was_frozen_before_its_sentence_tells_nothing_twice(kit, scaler, monkeypatch):
    kit.enqueue_many(151)
    keep = scaler._journal.keep

    def frozen(*decided: Any) -> None:
        successor(kit).run_once()
        keep(*decided)

    monkeypatch.setattr(scaler._journal, "keep", frozen)
    next_stretch(kit, scaler)
    assert list(ScalingDecision.objects.values_list("action", "target", "repeats")) == [("scale_up", 4, 0)]


def test_an_orderly_successor_tells_nothing_twice(kit, scaler):
    for _ in range(3):
        next_stretch(kit, scaler)
    scaler.leave()
    made = ScalingDecision.objects.get()
    successor(kit).run_once()
    again = ScalingDecision.objects.get()
    assert (made.repeats, again.repeats, again.pk) == (2, 2, made.pk)
    assert again.last_at.timestamp() == pytest.approx(steps(kit)[-1].observation.at, abs=0.001)


def test_a_repeat_that_was_not_counted_is_one_of_what_it_repeats(kit, scaler):
    for _ in range(3):
        next_stretch(kit, scaler)
    for _ in range(2):
        successor(kit).run_once()
    made = ScalingDecision.objects.get()
    assert made.repeats == 1
    assert made.last_at.timestamp() == pytest.approx(steps(kit)[-1].observation.at, abs=0.001)
