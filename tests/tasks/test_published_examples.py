"""The examples that Django's and the backport's documentation publish, run by a project that has our backend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.pools import ROOT

EXAMPLES = (
    "defining", "modifying", "enqueueing", "queue_and_priority", "context", "deferring", "arguments", "round_trip",
    "transactions", "asynchronously", "results", "updating", "errors", "signals", "introspection", "custom_tasks",
)  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what the run of all examples printed."""
    folder: Path = tmp_path_factory.mktemp("examples")
    done = subprocess.run(
        [sys.executable, "-m", "tests.tasks.examples.run"],
        cwd=ROOT,
        env={**os.environ, "QUEUEFLOW_VAR_DIR": str(folder), "LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_published_example_runs_unchanged(said: str, name: str) -> None:
    assert f"\n{name} ok\n" in said, said


def test_all_examples_were_run(said: str) -> None:
    assert said.count(" ok\n") == len(EXAMPLES)
