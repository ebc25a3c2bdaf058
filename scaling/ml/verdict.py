"""Whether a model earns its place."""

from __future__ import annotations

from typing import Final

from .model import Figures

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
    said = (
        f"On a day that it was not trained on {figures.late:.2%} of jobs were late (latency_target: "
        f"{figures.late_target:.2%}), with {figures.worker_hours:.1f} worker-hours ({figures.worker_hours_target:.1f})"
    )
    earns = "it earns its place" if earns_its_place(figures, allowed) else "it does not earn its place"
    return f"{said}: {earns}."


def _saves(value: float, other: float) -> bool:
    return value <= other * (1 - WORTH) and value < other
