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
    assert "40% of executions fail and they take 1.5 times as long as usual" in made.reason


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
