"""The lines of several processes on one stream, as long as somebody reads it."""

from __future__ import annotations

import io
import os

from jobs.up.printer import Printer


def test_each_line_bears_the_name_of_its_process() -> None:
    stream = io.StringIO()
    Printer(stream)("web", "it listens")
    assert stream.getvalue() == "web      | it listens\n"


def test_nobody_reading_ends_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    say = Printer(stream)
    say("web", "it listens")
    say("web", "x" * 100_000)
    say("web", "it goes on")
