"""The diagram in the docs and the table in code are the same."""

from __future__ import annotations

import re
from pathlib import Path

from jobs.states import TRANSITIONS, State, Transition, may

DIAGRAM = Path(__file__).parents[2] / "docs" / "life-of-a-job.md"
ARROW = re.compile(r"^\s+(\[\*\]|\w+) --> (\[\*\]|\w+): (\w+(?:, \w+)*)$", re.MULTILINE)


def as_state(word: str) -> State | None:
    return None if word == "[*]" else State.from_label(word)


def test_the_diagram_shows_every_transition_and_no_other() -> None:
    arrows = ARROW.findall(DIAGRAM.read_text())
    drawn = [Transition(verb, as_state(a), as_state(b)) for a, b, verbs in arrows for verb in verbs.split(", ")]
    assert len(arrows) == len({(a, b) for a, b, _ in arrows})
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == TRANSITIONS


def test_the_page_has_a_row_for_every_state() -> None:
    assert re.findall(r"^\| `(\w+)` \|", DIAGRAM.read_text(), re.MULTILINE) == [
        "scheduled",
        "blocked",
        "pending",
        "active",
        "retrying",
        "completed",
        "dead",
        "cancelled",
    ]


def test_an_active_job_cannot_be_deleted_and_a_completed_one_not_cancelled() -> None:
    assert not may("delete", State.ACTIVE)
    assert not may("cancel", State.COMPLETED)
    assert may("cancel", State.RETRYING)
