"""A run of each test's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.up.run import Up


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Give a run that has not been started; nothing of it is left afterwards."""
    run = Up(tmp_path)
    yield run
    assert run.process is not None
    left = [] if run.process.poll() is not None else [*run.below(), psutil.Process(run.process.pid)]
    record = tmp_path / "server.json"
    if record.exists():
        left.append(psutil.Process(json.loads(record.read_text())["pid"]))
    for process in left:
        process.kill()
