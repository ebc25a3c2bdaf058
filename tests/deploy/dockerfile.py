"""What the Dockerfile says, read without an engine."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import Final

from .installations import ROOT

DOCKERFILE: Final = ROOT / "deploy" / "docker" / "Dockerfile"


@cache
def instructions() -> list[tuple[str, str]]:
    """Each instruction with what follows it, lines that go on joined."""
    return read_instructions(DOCKERFILE.read_text(encoding="utf-8"))


def of_ones_own() -> str:
    """The Dockerfile of an image with handlers, as the documentation has it."""
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```text\n(FROM queueflow\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    return str(found)


def read_instructions(whole: str) -> list[tuple[str, str]]:
    """Those of a Dockerfile's text."""
    text = re.sub(r"^#.*\n", "", whole, flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def last_stage() -> dict[str, str]:
    """The instructions of the image itself, by name."""
    return dict(instructions()[max(at for at, (name, _) in enumerate(instructions()) if name == "FROM") :])


def environment() -> dict[str, str]:
    """What the image sets for its processes, built without arguments; PATH begins with that of its Python."""
    told = dict(word.split("=", 1) for word in shlex.split(last_stage()["ENV"]))
    return {name: "" if value.startswith("$") else value for name, value in told.items()}


def let_in() -> set[str]:
    """What .dockerignore leaves in the context."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return {line[1:] for line in lines if line.startswith("!")}
