"""Examples of what goes in and out, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from .answers import DecisionPage, DecisionView, HandView, PauseView, PolicyView, PoolList, PoolScaling
from .bodies import PolicyBody, ScaleBody

_MADE: Final = "2026-03-01T08:00:00.000Z"
_LATER: Final = "2026-03-01T08:05:00.000Z"

REQUESTS: Final[dict[Any, dict[str, tuple[str, Any]]]] = {
    PolicyBody: {
        "usual": (
            "Another strategy and more workers",
            {"version": 1, "strategy": "conservative", "maximum": 40, "reason": "the sale begins"},
        ),
        "goal": ("Jobs should start within five seconds", {"version": 1, "waitGoal": 5000, "goalShare": 0.99}),
    },
    ScaleBody: {
        "usual": ("Four workers for an hour", {"workers": 4, "forMs": 3_600_000, "reason": "the sale begins"}),
        "plain": ("Until somebody resumes", {"workers": 2}),
    },
}

_DECISION: Final = DecisionView(
    id=7,
    at=_MADE,
    last_at=_LATER,
    repeats=59,
    action="scale_up",
    current=1,
    target=10,
    proposed=99,
    reason="4908 jobs wait, more than 50: 98 more. The pool may have at most 10.",
    confidence=1.0,
    strategy="default",
    guard="maximum",
    dry_run=False,
    inputs={"at": 1_772_352_000.0, "workers": 1, "waiting": 4908, "active": 5},
)
_POOL: Final = PoolScaling(
    pool="default",
    version=1,
    policy=PolicyView(
        enabled=True,
        dry_run=False,
        actuator="kubernetes",
        namespace="shop",
        deployment="worker",
        workers_per_pod=2,
        strategy="default",
        minimum=1,
        maximum=10,
        scale_up_threshold=50,
        scale_down_threshold=10,
        cooldown_up=0,
        cooldown_down=30_000,
        step_up=None,
        step_down=None,
        stabilization=30_000,
        tolerance=0.1,
        wait_goal=10_000,
        goal_share=0.99,
        interval=5000,
        look_back=30_000,
        parameters={},
    ),
    changed_at=_MADE,
    changed_by="ada",
    desired=10,
    current=10,
    most=10,
    latency=1400,
    holds_goal=True,
    owner=None,
    trouble=None,
    by_hand=HandView(workers=10, until=_LATER, by="ada", reason="the sale begins"),
    paused=None,
    last_decision=_DECISION,
    at=_LATER,
)
ANSWERS: Final[dict[Any, Any]] = {
    PoolScaling: _POOL,
    PoolList: PoolList(items=[_POOL], more=0),
    DecisionPage: DecisionPage(items=[_DECISION], next_cursor=None),
    HandView: _POOL.by_hand,
    PauseView: PauseView(since=_MADE, by="ada", reason="a test"),
}
