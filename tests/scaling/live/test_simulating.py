"""The process of a simulation: bounded in memory and in what it says."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from scaling.simulating.ears import LAST_WORDS, Ears
from scaling.simulating.run import COMMAND
from scaling.simulating.wanted import Said, Wanted
from scaling.simulator.conditions import Conditions
from scaling.simulator.trace import Trace

FLAT = Trace("flat", 60.0, [100.0] * 60)


def process(command):
    """A process with three pipes."""
    pipe = subprocess.PIPE
    return subprocess.Popen(command, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe)


def heard(ears):
    """Everything that a process says."""
    found = []
    while (said := ears.hear(10.0)) is not None:
        found += said
    return found


def test_a_simulation_that_needs_too_much_memory_says_so():
    wanted = Wanted(FLAT, ("hpa",), Conditions(service=0.1), memory=16 << 20)
    with process(COMMAND) as child, Ears(child) as ears:
        child.stdin.write(msgspec.json.encode(wanted) + b"\n")
        last = heard(ears)[-1]
    assert last == Said(failed="It needs more than 16 MiB of memory. Try fewer days or a smaller load.")


def test_what_is_printed_without_end_is_read_and_forgotten():
    code = "import os\nfor _ in range(200): os.write(2, b'x' * 65_536)\nos.write(2, b'\\nthe end'); os._exit(3)"
    with process([sys.executable, "-c", code]) as child, Ears(child) as ears:
        assert heard(ears) == []
        assert ears.last_words() == "Its process ended with exit code 3: the end"
        assert len(ears._last) == LAST_WORDS


def test_a_process_that_closes_its_pipe_and_stays_is_ended(monkeypatch):
    monkeypatch.setattr("scaling.simulating.ears.LINGERS", 0.1)
    with process(["sleep", "60"]) as child, Ears(child) as ears:
        assert ears.last_words() == "Its process ended with signal 9"


def test_a_line_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("scaling.simulating.ears.LONGEST", 1000)
    with process(["head", "-c", "100000", "/dev/zero"]) as child, Ears(child) as ears:
        with pytest.raises(ValueError, match="too much at once"):
            heard(ears)
        child.kill()
