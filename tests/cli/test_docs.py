"""The lines that docs/cli.md shows are ones that the commands take."""

from __future__ import annotations

import re
import shlex

import pytest
from django.core.management import load_command_class

from tests.engine.pools import ROOT

TEXT = (ROOT / "docs/cli.md").read_text()
LINES = re.findall(r"^\$ (.*)$", TEXT, re.MULTILINE)
COMMANDS = [
    part.strip() for line in LINES for part in re.split(r" \| (?=manage)| \| jq.*", line) if "manage.py" in part
]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_line_in_the_documentation_is_taken(line: str) -> None:
    name, *arguments = shlex.split(line.partition("manage.py ")[2])
    parser = load_command_class("jobs", name).create_parser("manage.py", name)
    parser.parse_args(arguments)  # raises for what it does not know


def test_every_verb_is_documented() -> None:
    for name in ("jobs", "dlq", "queues", "workers"):
        [row] = re.findall(rf"^\| `manage.py {name}` \| (.*) \|$", TEXT, re.MULTILINE)
        command = load_command_class("jobs", name)
        command.create_parser("manage.py", name)
        assert re.findall(r"`(\w+)`", row) == list(command._verbs.choices)  # type: ignore[attr-defined]
    assert len(COMMANDS) > 15
