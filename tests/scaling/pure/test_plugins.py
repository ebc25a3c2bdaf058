"""Strategies from outside: found by path and entry point, and never able to do harm."""

import importlib
import sys
import threading
from typing import Any, ClassVar, cast

import numpy as np
import pytest

from scaling.decision import Action, decide
from scaling.errors import UnknownStrategyError
from scaling.memo import Memo, read_memo, write_memo
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record
from scaling.strategies import asking
from scaling.strategies.lookup import BUILT_IN, find, names
from scaling.strategies.strategy import Parameter
from tests.scaling.pure.sights import seen

HERE = "tests.scaling.pure.test_plugins"
HELD = threading.Event()


class Odd:
    """Does what the test asks for."""

    name = title = about = "odd"
    parameters: ClassVar[dict[str, Parameter]] = {}
    answer: ClassVar[Any] = None

    def decide(self, observation, record, policy):
        answer = type(self).answer
        return answer() if callable(answer) else answer


class Silent(Exception):
    """Cannot say what it is."""

    def __str__(self):
        raise ValueError


def silent():
    raise Silent


def outcome(answer):
    Odd.answer = answer
    made = decide(
        Policy(strategy=f"{HERE}.Odd"), seen(workers=4), Record(memory={"guards:cap": 9.0, "guards:since": 1.0})
    )
    return made.action, made.target, made.guard, made.reason


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda: 1 / 0, "broke (ZeroDivisionError: division by zero)"),
        (None, "NoneType instead of Proposal"),
        (Proposal(-1, "x"), "-1 workers"),
        (Proposal(cast("int", 2.5), "x"), "2.5 workers"),
        (Proposal(True, "x"), "True workers"),
        (Proposal(10**9, "x"), "1000000000 workers"),
        (Proposal(3, ""), "no reason"),
        (Proposal(3, "x", float("nan")), "a confidence of nan"),
        (Proposal(3, "x", 10**400), "a confidence of 1000"),
        (Proposal(3, "x", 1.0, {"a": float("inf")}), "a memory"),
        (Proposal(3, "x", 1.0, {"a": 10**400}), "a memory"),
        (Proposal(3, "x", 1.0, {"\ud800": 1.0}), "a memory"),
        (Proposal(3, "x", 1.0, cast("Any", None)), "a memory"),
        (Proposal(3, "x", 1.0, cast("Any", [1.0])), "a memory"),
        (silent, "broke (Silent)"),
        (lambda: sys.exit(3), "broke (SystemExit: 3)"),
    ],
)
def test_a_strategy_that_breaks_or_answers_nonsense_holds_the_fleet(answer, words):
    action, target, guard, reason = outcome(answer)
    assert (action, target, guard) == (Action.HOLD, 4, "broken_strategy")
    assert words in reason


def test_what_a_strategy_answers_is_made_plain():
    Odd.answer = Proposal(5, "a\0b\ud800", np.float64(0.5), {"x": np.float64(2.5), "y": 3})
    made = decide(Policy(strategy=f"{HERE}.Odd"), seen(workers=4), Record())
    assert (made.target, made.reason, made.confidence) == (5, "a�b?", 0.5)
    assert made.memory == {f"{HERE}.Odd:x": 2.5, f"{HERE}.Odd:y": 3.0}
    assert {type(value) for value in (made.confidence, *made.memory.values())} == {float}
    assert read_memo(write_memo(Memo(memory=made.memory))).memory == made.memory


def test_a_module_that_ends_the_interpreter_is_an_unknown_strategy(tmp_path, monkeypatch):
    (tmp_path / "ends_at_once.py").write_text("raise SystemExit('no')\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    made = decide(Policy(strategy="ends_at_once.Strategy"), seen(workers=4), Record())
    assert (made.target, made.guard) == (4, "unknown_strategy")
    assert "it cannot be imported (SystemExit: no)" in made.reason


def test_a_strategy_that_never_answers_is_not_waited_for_and_not_asked_twice(monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    assert "took more than" in outcome(lambda: HELD.wait(30))[3]
    assert "still busy" in outcome(Proposal(5, "x"))[3]
    HELD.set()
    asking._overran[f"{HERE}.Odd"][0].join(10)
    assert "is asked again in 30 s" in outcome(Proposal(5, "x"))[3]
    monkeypatch.setattr(asking, "REST", 0.0)
    assert outcome(Proposal(5, "x"))[1] == 5


@pytest.mark.parametrize("name", ["nothing_of_the_kind", "no.such.Module", "json.nothing", "json.dumps"])
def test_an_unknown_strategy_is_said_and_holds(name):
    with pytest.raises(UnknownStrategyError):
        find(name)
    made = decide(Policy(strategy=name), seen(workers=4), Record())
    assert (made.action, made.target, made.guard) == (Action.HOLD, 4, "unknown_strategy")


def test_an_installed_package_adds_a_strategy_by_its_entry_point(tmp_path, monkeypatch):
    """A package outside this tree: a module and the metadata that an installer writes."""
    (tmp_path / "steady_package.py").write_text(
        "from scaling.proposal import Proposal\n"
        "class Steady:\n"
        "    name, title, about, parameters = 'steady', 'Steady', 'Always three.', {}\n"
        "    def decide(self, observation, record, policy):\n"
        "        return Proposal(3, 'Always three.')\n"
    )
    metadata = tmp_path / "steady-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: steady\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[queueflow.scaling_strategies]\nsteady = steady_package:Steady\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    assert names() == (*BUILT_IN, "steady")
    assert decide(Policy(strategy="steady"), seen(workers=3), Record()).reason == "Always three."
