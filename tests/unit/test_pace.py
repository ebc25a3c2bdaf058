"""The pace of a worker."""

from __future__ import annotations

from jobs.worker import pace
from jobs.worker.pace import Pace


def test_it_is_that_of_the_last_half_minute(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(pace, "monotonic", lambda: now[0])
    seen = Pace()
    assert seen.saw(0) == 0.0
    for second, total, expected in ((5, 50, 10.0), (30, 300, 10.0), (40, 300, 7.143), (60, 300, 0.0), (90, 330, 1.0)):
        now[0] = 100.0 + second
        assert seen.saw(total) == expected, second
