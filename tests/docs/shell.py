"""Runs documented shell commands as somebody at a terminal would, and compares what they write with what is shown."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.cli.terminal import Terminal
from tests.engine.pools import ROOT

SECONDS = 60
BASH = ("bash", "-euo", "pipefail", "-c")
_PROMPT = re.compile(r"\[y/N\] (\w+)$")
_SAMPLE = re.compile(r"[0-9…{}\[\]]|^\s*$")  # figures, ids and documents differ from run to run; words do not


@dataclass
class Typed:
    """A command after a `$`, and the lines that are shown below it."""

    command: str
    shown: list[str] = field(default_factory=list)

    @property
    def answers(self) -> str:
        """What is typed when it asks."""
        return "".join(f"{found[1]}\n" for line in self.shown if (found := _PROMPT.search(line)))

    @property
    def code(self) -> int:
        """The exit code it has to end with: 1 where the person says no."""
        return int(self.answers.endswith("n\n"))

    def missing_in(self, lines: list[str]) -> list[str]:
        """The shown lines that every run has to write and this one did not. A narrow table leaves columns out."""
        heads = [set(line.split()) for line in lines if line.isupper()]
        return [
            line
            for line in self._fixed
            if line not in lines and not (line.isupper() and any(set(line.split()) <= head for head in heads))
        ]

    @property
    def _fixed(self) -> list[str]:
        return [" ".join(line.split()) for line in self.shown if not _SAMPLE.search(line)]


def typed_in(text: str) -> list[Typed]:
    """The commands of a console block."""
    found: list[Typed] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(Typed(line[2:]))
        else:
            found[-1].shown.append(line)
    return found


def run(script: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a script by bash. Returns its exit code and all it wrote."""
    done = subprocess.run(
        [*BASH, script], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def type_in(typed: Typed, environment: dict[str, str]) -> tuple[int, list[str]]:
    """Run a command at a wide terminal. Returns its exit code and the lines that a person sees."""
    with Terminal(environment | {"COLUMNS": "200"}, typed.command, program=BASH, columns=200) as terminal:
        if typed.answers:
            terminal.press(typed.answers)
        code = terminal.end()
    return code, [" ".join(line.rsplit("[y/N] ", 1)[-1].split()) for line in terminal.lines]


def serve(script: str, environment: Mapping[str, str], words: str) -> tuple[int, str]:
    """Run a command that goes on, until it has written `words`; then end it by SIGTERM. Returns code and output."""
    with subprocess.Popen(
        ["bash", "-c", f"exec {script.strip()}"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        written = ""
        for line in process.stdout:
            written += line
            if words in line:
                os.kill(process.pid, signal.SIGTERM)
        return process.wait(SECONDS), written


def manage_arguments(script: str) -> list[list[str]]:
    """The arguments of each `manage.py` in a script that is not run."""
    joined = script.replace("\\\n", " ")
    lines = re.findall(r"manage\.py ([^\n|)#\"]*)", joined)
    return [shlex.split(line) for line in lines]
