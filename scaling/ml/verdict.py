"""Whether a model earns its place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from .model import DAY, Figures, Model

WORTH: Final = 0.05
"""The share of late jobs or of worker-hours that must be saved on a day that the model was not trained on."""


def earns_its_place(figures: Figures, allowed: float) -> bool:
    """Whether it saves 5 % of the late jobs for no more hours, or 5 % of the hours with no more late jobs than
    `allowed` (a share) or than `latency_target` has."""
    late, other = figures.late, figures.late_target
    hours, others = figures.worker_hours, figures.worker_hours_target
    return (_saves(late, other) and hours <= others) or (_saves(hours, others) and late <= max(other, allowed))


def sentence(figures: Figures, allowed: float) -> str:
    """The figures and the verdict, for people."""
    others = [("latency_target", figures.late_target, figures.worker_hours_target)]
    if figures.used:
        others.append((f"{figures.used}, which was in use", figures.late_used, figures.worker_hours_used))
    late = "; ".join(f"{name}: {_percent(share)}" for name, share, _ in others)
    hours = "; ".join(f"{spent:.1f}" for _, _, spent in others)
    said = (
        f"On a day that it was not trained on, {_percent(figures.late)} of jobs were late ({late}), with "
        f"{figures.worker_hours:.1f} worker-hours ({hours})"
    )
    earns = "it earns its place" if earns_its_place(figures, allowed) else "it does not earn its place"
    return f"{said}: {earns}."


def account(model: Model, allowed: float) -> str:
    """When and on what a model was trained, and how good it was, for people."""
    days = f"{model.minutes / DAY:.3g} days ({model.minutes:,} minutes)"
    when = f"Trained {_day(model.trained)}" if model.trained else "Trained"
    known = f"{when} on {days} up to {_day(model.until)}, for a goal of {model.goal:g} s."
    tried = sentence(model.figures, allowed) if model.figures else "It was not tried."
    return f"{known} {tried}"


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"


def _day(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return "some time"


def _saves(value: float, other: float) -> bool:
    return value <= other * (1 - WORTH) and value < other
