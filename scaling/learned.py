"""What was trained for a pool, for people."""

from __future__ import annotations

from collections.abc import Callable

from jobs.errors import StoreError
from jobs.store.store import Store

from .ml.model import read_model
from .ml.verdict import account
from .models import ScalingPolicy


def learned(opened: Callable[[], Store], policy: ScalingPolicy) -> str:
    """When and on what the model of a pool was trained, and how good it was; or how to get one, or why nobody knows.

    `opened` gives the store; what it raises is among the reasons.
    """
    try:
        raw = opened().scaling.kept(policy.pool, steps=0).model
    except StoreError as error:
        return f"Not known now: {error}."
    if not raw:
        return f"None. manage.py train_scaling --pool {policy.pool} trains one on two days of history or more."
    model = read_model(raw)
    return account(model, 1 - policy.goal_share) if model else "What is kept of it cannot be read: train it again."
