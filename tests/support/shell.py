"""A process with the site loaded that runs code whenever it is told to: a start takes a second, code does not."""

from __future__ import annotations

import os
from collections.abc import Mapping

from .answering import Answering

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


class Shell(Answering):
    """`manage.py shell` in an environment, for one piece of code after the other."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        command = ("manage.py", "shell", "--verbosity", "0", "-c", _ANSWER)
        super().__init__(*command, environment=os.environ | dict(environment))

    def run(self, code: str) -> str:
        """What some code prints. Raises AssertionError where it fails."""
        went_well, printed = self.ask(code)
        assert went_well, printed
        return str(printed)
