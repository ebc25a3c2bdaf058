"""Strategies whose module or constructor takes its time: nobody waits for that longer than for an answer."""

import importlib
import threading
from typing import Any, ClassVar

import pytest
from django.core.exceptions import ValidationError

from scaling.decision import Action, decide
from scaling.errors import LateStrategyError, UnknownStrategyError
from scaling.models import ScalingPolicy
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.simulator.comparison import compare
from scaling.simulator.conditions import Conditions
from scaling.simulator.trace import Trace
from scaling.strategies import asking, loading
from scaling.strategies.lookup import find
from tests.scaling.pure.sights import seen
from tests.support.polling import wait_until

HERE = "tests.scaling.pure.test_loading"
HELD: dict[str, threading.Event] = {name: threading.Event() for name in ("Late", "Saved", "Wrong", "Tried", "ready")}
MADE: list[str] = []


class Late:
    """Is made when it is let go."""

    name = title = about = "late"
    parameters: ClassVar[dict[str, Any]] = {}

    def __init__(self):
        MADE.append(type(self).__name__)
        HELD[type(self).__name__].wait(30)

    def decide(self, observation, record, policy):
        return Proposal(5, "Always five.")


class Saved(Late):
    """The same for another test."""


class Tried(Late):
    """The same for a simulation."""


class Wrong(Late):
    """Is made late, and then not at all."""

    def __init__(self):
        super().__init__()
        raise RuntimeError("no model")


def made(name):
    return decide(Policy(strategy=f"{HERE}.{name}"), seen(workers=4), Record())


def test_a_strategy_that_is_made_slowly_holds_its_pool_until_it_is_there(monkeypatch):
    monkeypatch.setattr(loading, "PATIENCE", 0.05)
    for _ in range(2):  # the second time nobody waits, and nothing is begun again
        held = made("Late")
        assert (held.action, held.target, held.guard) == (Action.HOLD, 4, "broken_strategy")
        assert held.reason.startswith(f"The strategy {HERE}.Late has been loading for 0.")
        assert held.reason.endswith(" s and is not there yet. The pool is left as it is.")
    HELD["Late"].set()
    loading._loads[f"{HERE}.Late"].thread.join(10)
    assert (made("Late").target, MADE.count("Late")) == (5, 1)


def test_a_module_that_is_slow_at_its_import_is_not_waited_for(tmp_path, monkeypatch):
    (tmp_path / "slow_at_import.py").write_text(
        f"from {HERE} import HELD, Late\nHELD['ready'].wait(30)\nclass Slow(Late):\n    def __init__(self): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    monkeypatch.setattr(loading, "PATIENCE", 0.05)
    with pytest.raises(LateStrategyError, match=r"slow_at_import\.Slow has been loading for 0"):
        find("slow_at_import.Slow")
    HELD["ready"].set()
    loading._loads["slow_at_import.Slow"].thread.join(10)
    assert find("slow_at_import.Slow").title == "late"


def test_one_that_fails_late_is_tried_again_half_a_minute_after_it_began(monkeypatch):
    monkeypatch.setattr(loading, "PATIENCE", 0.05)
    assert made("Wrong").guard == "broken_strategy"
    HELD["Wrong"].set()
    loading._loads[f"{HERE}.Wrong"].thread.join(10)
    for _ in range(2):
        assert "it cannot be made (RuntimeError: no model)" in made("Wrong").reason
    assert MADE.count("Wrong") == 1
    monkeypatch.setattr(loading, "REST", 0.0)
    with pytest.raises(UnknownStrategyError):
        find(f"{HERE}.Wrong")
    assert MADE.count("Wrong") == 2


def test_a_policy_is_not_saved_while_its_strategy_is_still_loading(monkeypatch):
    monkeypatch.setattr(loading, "PATIENCE", 0.05)
    with pytest.raises(ValidationError) as caught:
        ScalingPolicy(pool="p", strategy=f"{HERE}.Saved").clean()
    assert "has been loading for 0." in caught.value.message_dict["strategy"][0]
    HELD["Saved"].set()
    wait_until(lambda: loading._loads[f"{HERE}.Saved"].found, 10)
    ScalingPolicy(pool="p", strategy=f"{HERE}.Saved").clean()


def test_a_simulation_waits_for_its_strategies(monkeypatch):
    monkeypatch.setattr(loading, "PATIENCE", 0.05)
    assert made("Tried").guard == "broken_strategy"
    threading.Timer(0.2, HELD["Tried"].set).start()
    found = compare(Trace("short", 60.0, [1.0, 1.0]), [f"{HERE}.Tried"], Conditions(peak=2.0))
    assert [row.title for row in found.rows][1:] == ["late"]


def test_what_loading_took_is_taken_from_the_time_to_answer(monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    spent = iter((100.0, 103.0))
    monkeypatch.setattr("scaling.decision.monotonic", lambda: next(spent))
    HELD["Late"].set()
    gate = threading.Event()
    monkeypatch.setattr(Late, "decide", lambda *_: gate.wait(30) and Proposal(5, "x"))
    assert "took more than 0.05 s" in made("Late").reason
    gate.set()
