"""`manage.py` with an environment of a test's own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings


@pytest.fixture
def manage(tmp_path):
    """Return a function that runs manage.py with the given variables: (exit code, what it wrote)."""

    def run(*command, **variables):
        base = {"PATH": os.environ["PATH"], "QUEUEFLOW_ENV_FILE": os.devnull, "QUEUEFLOW_VAR_DIR": str(tmp_path)}
        command = (sys.executable, "manage.py", *command)
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=base | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run
