"""A process with the site loaded that runs code whenever it is told to: a start takes a second, code does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A line of JSON with code on standard input, a line with whether it went well and what it has printed as the answer.
_ANSWER = """
import contextlib, io, json, sys, traceback
from django.db import connections

for line in sys.stdin:
    printed, went_well = io.StringIO(), True
    with contextlib.redirect_stdout(printed):
        try:
            exec(json.loads(line), {"__name__": "__main__"})
        except BaseException:
            went_well = False
            traceback.print_exc(file=printed)
    connections.close_all()
    print(json.dumps([went_well, printed.getvalue()]), flush=True)
"""


class Shell:
    """`manage.py shell` in an environment, for one piece of code after the other."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", _ANSWER],
            cwd=ROOT, env=os.environ | dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, code: str) -> str:
        """What some code prints. Raises AssertionError where it fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(code) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the shell has ended"
        went_well, printed = json.loads(answer)
        assert went_well, printed
        return str(printed)

    def close(self) -> None:
        """End it. Twice does nothing."""
        self._process.kill()
        self._process.communicate()
