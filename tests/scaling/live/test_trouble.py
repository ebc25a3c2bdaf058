"""What goes wrong around a decision: strategies of others, the store, a leader that dies half-way."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from jobs.clock import SystemClock
from jobs.errors import StoreUnavailable
from jobs.maintenance.leadership import Leadership
from jobs.store.fencing import NotLeading
from scaling.actuators.local_pool import LocalPool
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.scaler import NAME, Scaler
from scaling.strategies import asking, loading
from scaling.strategies.default import Default
from tests.support.breaking import Losing

from .crowd import FIRST, meddle, steps
from .heirs import DiedError, die, next_stretch, successor
from .stalling import HELD

HERE = "tests.scaling.live.test_trouble"


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


def away() -> None:
    raise StoreUnavailable("away", "connection")


def latest(pool: str) -> ScalingDecision:
    return ScalingDecision.objects.filter(pool=pool).latest("at", "id")


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (f"{HERE}.Slow", "took more than 0.05 s"),
        ("tests.scaling.live.stalling.Late", "Late has been loading for 0."),
        (f"{HERE}.Broken", "RuntimeError: no model"),
    ],
)
def test_a_strategy_that_does_not_answer_holds_its_pool_and_delays_no_other(
    kit, scaler, observed, policy, monkeypatch, strategy, words
):
    HELD.clear()
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    monkeypatch.setattr(loading, "PATIENCE", 0.05 if strategy.endswith("Late") else 5.0)
    policy(strategy=strategy)
    ScalingPolicy.objects.create(pool="other", **FIRST)
    kit.store.registry.set_desired("other", 1)
    kit.advance(5000)
    kit.store.registry.join_pool("other", "host", 9, 0, ("mail",))
    kit.enqueue_many(151, queue="mail")
    scaler.run_once()
    assert observed == ["other", "default"]
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
