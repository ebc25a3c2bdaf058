"""What a simulation comes to, in a sentence."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from monitoring.scaling_curves import verdict
from scaling.api.simulate_answers import SimulationView
from scaling.api.simulate_examples import ANSWERS

FOUND: SimulationView = ANSWERS[SimulationView]


def compared(**rows: tuple[float, float]) -> SimulationView:
    """A simulation with a row for each strategy: per cent late, worker-hours."""
    [row, *_] = FOUND.results or []
    made = [
        replace(row, strategy=name, title=name, late_percent=late, worker_hours=hours)
        for name, (late, hours) in rows.items()
    ]
    return replace(FOUND, results=made)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            {"a": (0.5, 90.0), "b": (1.0, 80.0), "c": (1.1, 10.0)},
            "b holds the goal with the fewest worker-hours, of 2 that do.",
        ),
        ({"a": (0.5, 90.0), "c": (9.0, 10.0)}, "a holds the goal with the fewest worker-hours; no other does."),
        ({"a": (5.0, 90.0), "c": (9.0, 10.0)}, "None holds the goal; a comes closest."),
        ({}, ""),
    ],
)
def test_who_holds_the_goal_for_the_least_is_said(rows, words):
    assert verdict(compared(**rows), 0.99) == words
