"""In which order tasks start when more of them wait than can run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.engine.stage import Stage
from tests.tasks.conftest import SETTINGS, finished


def test_a_higher_priority_is_served_more_often_and_nobody_starves(tasks: Any, stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "order"
    results = [
        tasks.note.using(priority=number).enqueue(str(path), str(number))
        for number in (-50, 0, 50)
        for _ in range(20)
    ]  # fmt: skip
    environment = {"DJANGO_SETTINGS_MODULE": SETTINGS, "QUEUEFLOW_HANDLERS": ""}
    with stage.pool("--max", "1", "--concurrency", "1", **environment):
        for result in results:
            finished(result, 30)
    starts = path.read_text().splitlines()
    assert len(starts) == 60
    first = starts[:20]
    assert (first.count("50"), first.count("0"), first.count("-50")) == (12, 6, 2)
