"""What goes wrong around a decision: strategies of others, the store, a leader that dies half-way."""

from __future__ import annotations

import threading
from typing import Any, ClassVar

import pytest
from django.db import OperationalError

from jobs.clock import SystemClock
from jobs.errors import StoreUnavailable
from jobs.maintenance.leadership import Leadership
from jobs.store.fencing import NotLeading
from scaling.actuators.local_pool import LocalPool
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.scaler import NAME, Scaler
from scaling.strategies import asking
from scaling.strategies.default import Default
from tests.support.breaking import Losing, Meddler
from tests.support.jobs import StoreKit

from .crowd import FIRST, steps

HERE = "tests.scaling.live.test_trouble"
HELD = threading.Event()


class Slow:
    """Answers when it is let go."""

    name = title = about = "slow"
    parameters: ClassVar[dict[str, Any]] = {}

    def decide(self, observation, record, policy):
        HELD.wait(30)


class Broken:
    """Raises."""

    name = title = about = "broken"
    parameters: ClassVar[dict[str, Any]] = {}

    def decide(self, observation, record, policy):
        raise RuntimeError("no model")


class FastClock(SystemClock):
    """Runs ahead when it is told to."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class DiedError(BaseException):
    """The process ends here."""


def die() -> None:
    raise DiedError


def away() -> None:
    raise StoreUnavailable("away", "connection")


def next_stretch(kit: StoreKit, scaler: Scaler) -> None:
    kit.advance(5000)
    scaler.run_once()


def latest(pool: str) -> ScalingDecision:
    return ScalingDecision.objects.filter(pool=pool).latest("at", "id")


def meddle(kit: StoreKit, act: Any) -> None:
    """Let something happen just before the next decision is recorded."""
    meddler = Meddler(kit.client)
    meddler.before("scale", act)
    kit.store.scaling._client = meddler  # type: ignore[assignment]


def successor(kit: StoreKit) -> Scaler:
    """A scaler that takes over from one that has died."""
    kit.client.call("DEL", kit.keys.leader(NAME))
    leadership = Leadership(kit.keeper, NAME, "successor")
    assert leadership.keep()
    return Scaler(kit.store, leadership)


@pytest.mark.parametrize(
    ("strategy", "words"), [("Slow", "took more than 0.05 s"), ("Broken", "RuntimeError: no model")]
)
def test_a_strategy_that_does_not_answer_holds_its_pool_and_delays_no_other(
    kit, scaler, policy, monkeypatch, strategy, words
):
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    policy(strategy=f"{HERE}.{strategy}")
    ScalingPolicy.objects.create(pool="other", **FIRST)
    kit.store.registry.set_desired("other", 1)
    kit.enqueue_many(151)
    order: list[str] = []
    observe = scaler._observer.observe

    def observed(pool: str, *more: Any) -> Any:
        order.append(pool)
        return observe(pool, *more)

    monkeypatch.setattr(scaler._observer, "observe", observed)
    next_stretch(kit, scaler)
    assert order == ["other", "default"]
    made = latest("default")
    assert (made.action, made.target, made.guard) == ("hold", 1, "broken_strategy")
    assert words in made.reason
    assert (latest("other").action, kit.store.registry.desired()) == ("scale_up", {"default": 1, "other": 3})
    HELD.set()


def test_while_the_store_is_away_nothing_is_decided_and_then_it_is(kit, scaler):
    kit.enqueue_many(151)
    meddle(kit, away)
    with pytest.raises(StoreUnavailable):
        next_stretch(kit, scaler)
    assert (steps(kit), kit.store.registry.desired(), ScalingDecision.objects.count()) == ([], {"default": 1}, 0)
    scaler.run_once()
    assert (len(steps(kit)), kit.store.registry.desired()) == (1, {"default": 4})


def test_a_decision_whose_reply_is_lost_is_made_once(kit, scaler):
    losing = Losing(kit.client)
    losing.lose("scale")
    kit.store.scaling._client = losing
    kit.enqueue_many(151)
    with pytest.raises(StoreUnavailable):
        next_stretch(kit, scaler)
    Scaler(kit.store, scaler._leadership).run_once()
    assert (len(steps(kit)), kit.store.registry.desired()) == (1, {"default": 4})


def test_a_leader_that_dies_before_its_decision_is_recorded_leaves_it_to_the_next(kit, scaler):
    kit.enqueue_many(151)
    meddle(kit, die)
    with pytest.raises(DiedError):
        next_stretch(kit, scaler)
    heir = successor(kit)
    heir.run_once()
    assert (len(steps(kit)), kit.store.registry.desired()) == (1, {"default": 4})
    assert ScalingDecision.objects.count() == 1


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


def test_a_leader_that_is_kept_waiting_goes_on_leading(kit, policy, monkeypatch):
    policy()
    clock = FastClock()
    leadership = Leadership(kit.keeper, NAME, "tester", clock=clock)
    assert leadership.keep()
    decide = Default.decide

    def decided(*arguments: Any) -> Any:
        clock.ahead += 2.0
        return decide(*arguments)

    def bar(*_: Any) -> None:
        clock.ahead += 2.5

    monkeypatch.setattr(Default, "decide", decided)
    monkeypatch.setattr(LocalPool, "bar", bar)
    kit.enqueue_many(151)
    next_stretch(kit, Scaler(kit.store, leadership))
    assert (len(steps(kit)), kit.store.registry.desired()) == (1, {"default": 4})


def test_a_leader_that_was_frozen_writes_nothing_when_it_wakes(kit, scaler):
    kit.enqueue_many(151)
    heirs: list[Scaler] = []

    def take_over() -> None:
        heirs.append(successor(kit))
        heirs[0].run_once()

    meddle(kit, take_over)
    kit.advance(5000)
    with pytest.raises(NotLeading):
        scaler.run_once()
    assert (len(steps(kit)), kit.store.registry.desired()) == (1, {"default": 4})
    assert ScalingDecision.objects.count() == 1
