"""`manage.py` with an environment of a test's own."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def manage(starts, tmp_path):
    """Return a function that runs manage.py with the given variables: (exit code, what it wrote)."""

    def run(*command, **variables):
        base = {"PATH": os.environ["PATH"], "QUEUEFLOW_ENV_FILE": os.devnull, "QUEUEFLOW_VAR_DIR": str(tmp_path)}
        return starts.run(*command, environment=base | variables)

    return run
