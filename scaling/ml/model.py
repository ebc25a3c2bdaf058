"""The model as plain data, and what it predicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

LAYOUT: Final = 1
HOUR: Final = 60  # minutes
DAY: Final = 1440
LARGEST: Final = 256 * 1024  # bytes


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How good a model is on the day that it was not trained on, beside `latency_target` on the same day, and beside
    `used`, the strategy that the pool had, where that is another than these two; "" where it is not.

    `error` is the mean distance of what was predicted from what came, and `error_as_now` that of predicting that all
    stays as it is, in jobs a second; `fit` is R squared, at most 1. `late` is the share of jobs over the goal, 0 to 1.
    """

    error: float
    error_as_now: float
    fit: float
    late: float
    late_target: float
    worker_hours: float
    worker_hours_target: float
    used: str = ""
    late_used: float = 0.0
    worker_hours_used: float = 0.0


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Weights of what is known (see `features.py`), and the usual demand by minute of the hour and of the day (UTC).

    Demand is in jobs a second that must be served for jobs to start within `goal` seconds. `spread` is the standard
    deviation of its errors, as a multiple of the root of what was predicted, and `margin` how many of them are added.
    It was trained on `minutes` minutes from `since` to `until` (s since 1970), with at most `highest` jobs a second, at
    `trained` (s since 1970; 0: not known).
    """

    layout: int = LAYOUT
    pool: str
    goal: float
    since: float
    until: float
    minutes: int
    highest: float
    bias: float
    weights: Mapping[str, float]
    hourly: Sequence[float]
    daily: Sequence[float] = ()
    spread: float = 0.0
    margin: float = 1.0
    figures: Figures | None = None
    trained: float = 0.0

    def demand(self, known: Mapping[str, float]) -> float:
        """Jobs a second that must be served, from features by name."""
        found = self.bias + sum(weight * known.get(name, 0.0) for name, weight in self.weights.items())
        return min(max(found, 0.0), 2 * self.highest)

    def surplus(self, demand: float) -> float:
        """The margin on top of such a demand, in jobs a second."""
        return self.margin * self.spread * math.sqrt(max(demand, 0.0))


def write_model(model: Model) -> bytes:
    """The model as JSON."""
    return msgspec.json.encode(model)


def read_model(raw: bytes) -> Model | None:
    """What `write_model` wrote; None for anything else."""
    if not raw or len(raw) > LARGEST:
        return None
    try:
        model = msgspec.json.decode(raw, type=Model)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    is_whole = len(model.hourly) == HOUR and len(model.daily) in (0, DAY)
    return model if model.layout == LAYOUT and is_whole else None
