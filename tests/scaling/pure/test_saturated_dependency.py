"""Errors that come with slow-down cap the fleet; errors alone do not."""

from scaling.decision import Action, decide
from scaling.policy import Policy
from scaling.record import Record
from tests.scaling.pure.sights import NOW, seen

POLICY = Policy(strategy="default", maximum=50)
SLOW = {"error_rate": 0.4, "service_time": 3.0, "usual_service_time": 2.0}


def test_more_workers_are_not_sent_against_a_saturated_dependency():
    made = decide(POLICY, seen(500, workers=20, **SLOW), Record())
    assert (made.proposed, made.target, made.guard) == (22, 14, "saturated_dependency")
    assert made.action is Action.SCALE_DOWN
    assert "40 % of executions fail and they take 1.5 times as long as usual" in made.reason


def test_the_cap_falls_every_twenty_seconds_and_rises_once_errors_end():
    made = decide(POLICY, seen(500, workers=20, **SLOW), Record())
    targets = []
    for after in (10, 20, 40):
        made = decide(POLICY, seen(500, workers=14, at=NOW + after, **SLOW), Record(memory=made.memory))
        targets.append(made.target)
    assert targets == [14, 9, 6]
    calm = {"error_rate": 0.01, "service_time": 2.0, "usual_service_time": 2.0}
    made = decide(POLICY, seen(900, workers=6, at=NOW + 50, **calm), Record(memory=made.memory))
    assert (made.target, made.guard) == (8, "saturated_dependency")
    made = decide(POLICY, seen(0, workers=6, at=NOW + 65, **calm), Record(memory=made.memory))
    assert made.guard is None
    assert not [key for key in made.memory if key.startswith("guards:")]


def test_jobs_that_merely_fail_fast_are_no_saturation():
    made = decide(POLICY, seen(500, workers=20, **{**SLOW, "service_time": 2.5}), Record())
    assert (made.target, made.guard) == (22, None)


def test_a_fleet_does_not_grow_up_to_an_old_cap_while_it_is_saturated():
    record = Record(memory={"guards:cap": 30.0, "guards:since": NOW - 5, "guards:last": NOW - 5})
    made = decide(POLICY, seen(500, workers=20, **SLOW), record)
    assert (made.proposed, made.target, made.guard) == (22, 20, "saturated_dependency")


def test_the_cap_rises_each_minute_that_was_not_saturated_although_some_jobs_always_fail():
    usual = {"error_rate": 0.08, "service_time": 2.0, "usual_service_time": 2.0}
    record = Record(memory={"guards:cap": 8.0, "guards:since": NOW - 90, "guards:last": NOW})
    caps = []
    for after, waiting in ((10, 500), (59, 500), (60, 500), (119, 500), (120, 500), (180, 20)):
        made = decide(POLICY, seen(waiting, workers=8, at=NOW + after, **usual), record)
        record = Record(memory=made.memory)
        caps.append(made.memory.get("guards:cap"))
    assert caps == [8.0, 8.0, 10.0, 10.0, 12.5, None]
