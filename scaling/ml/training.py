"""Fits the model to a series: ridge regression, in closed form. Needs numpy."""

from __future__ import annotations

from typing import Any

import numpy as np

from .features import NAMES, clock
from .model import DAY, HOUR, Model
from .series import Series

BACK = 5  # minutes of which features are made
PENALTY = 1e-3  # a sample, on standardised features
REPEATED = 3  # days that must know a minute for its usual demand


class TooLittle(ValueError):
    """There is too little to learn from. The text says what is there and what is needed."""


def fit(series: Series, goal: float, pool: str) -> Model:
    """The model of a series. Raises TooLittle."""
    demand = series.demand(goal)
    known = np.where(series.recorded)[0]
    _must_be(len(known), DAY, "minutes are recorded to be trained on")
    hourly, hourly_others = _usual(demand, series.start, HOUR)
    daily, daily_others = _usual(demand, series.start, DAY)
    usable = bool(np.isfinite(daily).all())
    columns = _columns(series, hourly_others, daily_others if usable else None)
    there = np.isfinite(columns).all(axis=1) & np.isfinite(demand)
    _must_be(int(there.sum()), DAY // 2, "minutes have one before them and can be learned from")
    weights, bias, spread = _ridge(columns[there], demand[there])
    return Model(
        pool=pool,
        goal=goal,
        since=float(series.start),
        until=float(series.start + 60 * (int(known[-1]) + 1)),
        minutes=len(known),
        highest=_short(np.nanmax(demand)),
        bias=_short(bias),
        weights={name: _short(weight) for name, weight in zip(NAMES, weights, strict=True) if weight},
        hourly=[_short(value) for value in hourly],
        daily=[_short(value) for value in daily] if usable else [],
        spread=_short(spread),
    )


def _must_be(minutes: int, needed: int, what: str) -> None:
    if minutes < needed:
        raise TooLittle(f"{minutes:,} {what}; {needed:,} are needed")


def predicted(model: Model, series: Series) -> Any:
    """What the model says of each minute of a series from those before it; NaN where too few are known."""
    hourly, daily = np.asarray(model.hourly), np.asarray(model.daily or [0.0] * DAY)
    minutes = series.start // 60 + np.arange(len(series))
    columns = _columns(series, hourly[minutes % HOUR], daily[minutes % DAY])
    weights = np.asarray([model.weights.get(name, 0.0) for name in NAMES])
    return np.clip(columns @ weights + model.bias, 0, 2 * model.highest)


def _columns(series: Series, hourly: Any, daily: Any | None) -> Any:
    """The features of each minute, in the order of NAMES, from the minutes before it."""
    rate = series.rate
    by_clock = [clock(series.start + 60.0 * at) for at in range(len(series))]
    of_day = np.zeros(len(series)) if daily is None else daily
    last = _before(rate, 1)
    earlier = _before(rate, BACK + 1)
    columns = {
        "rate": last,
        "rate_5m": _mean(np.stack([_before(rate, back) for back in range(1, BACK + 1)])),
        "trend": np.where(np.isnan(earlier), 0.0, last - earlier),
        "depth": _before(series.depth, 1),
        "processing_rate": _before(series.processing_rate, 1),
        "error_rate": _before(series.error_rate, 1),
        "this_hour": hourly,
        "this_hour_before": _before(hourly, 1),
        "this_day": of_day,
        "this_day_before": _before(of_day, 1),
        **{name: np.asarray([each[name] for each in by_clock]) for name in by_clock[0]},
    }
    return np.stack([columns[name] for name in NAMES], axis=1)


def _mean(rows: Any) -> Any:
    """The mean of each column's figures; NaN where there is none."""
    there = np.isfinite(rows)
    with np.errstate(invalid="ignore"):
        return np.where(there, rows, 0.0).sum(axis=0) / there.sum(axis=0)


def _before(values: Any, minutes: int) -> Any:
    """Each value so many minutes later; NaN at the start."""
    return np.concatenate([np.full(minutes, np.nan), values[:-minutes]])


def _usual(demand: Any, start: int, period: int) -> tuple[Any, Any]:
    """The mean demand of each place in the period; and for each minute that of its place without itself.

    NaN for a place that too few periods know; by the hour two are enough. The mean of all where the places differ by no
    more than chance would have it: variance of their means under twice that of the mean of so many.
    """
    place = (start // 60 + np.arange(len(demand))) % period
    there = np.isfinite(demand)
    sums = np.bincount(place[there], demand[there], period)
    counts = np.bincount(place[there], minlength=period)
    least = REPEATED if period == DAY else 2
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.where(counts >= least, sums / counts, np.nan)
        others = np.where(
            counts[place] >= least, (sums[place] - np.where(there, demand, 0)) / (counts[place] - there), np.nan
        )
    known = np.isfinite(means)
    if not known.any():
        return means, others
    spread = (demand - means[place])[there & known[place]]
    if means[known].var() < 2 * np.mean(spread**2) / counts[known].mean():
        even = float(demand[there].mean())
        return np.where(known, even, np.nan), np.where(np.isnan(others), np.nan, even)
    return means, others


def _ridge(columns: Any, demand: Any) -> tuple[Any, float, float]:
    """Weights and bias of the least squares with a penalty on standardised weights, 0 for columns that never change;
    and the spread of its errors, as `Model` has it."""
    mean, scale = columns.mean(axis=0), columns.std(axis=0)
    moving = scale > 1e-9
    x = (columns[:, moving] - mean[moving]) / scale[moving]
    gram = x.T @ x + PENALTY * len(x) * np.eye(x.shape[1])
    weights = np.zeros(columns.shape[1])
    weights[moving] = np.linalg.solve(gram, x.T @ (demand - demand.mean())) / scale[moving]
    bias = float(demand.mean() - mean @ weights)
    found = np.maximum(columns @ weights + bias, 0)
    floor = max(float(demand.mean()) * 0.05, 1e-6)
    return weights, bias, float(np.sqrt(np.mean((demand - found) ** 2 / np.maximum(found, floor))))


def _short(value: float) -> float:
    """Five significant digits."""
    return float(f"{value:.5g}")
