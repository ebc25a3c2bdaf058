"""The page of the architecture tells of the processes, duties and rooms that there are."""

from __future__ import annotations

import re

import pytest
from django.core.management import get_commands

from jobs.conf import Config
from jobs.maintenance.crew import plans
from tests.engine.pools import ROOT

TEXT = (ROOT / "docs/architecture.md").read_text()
PROCESSES = TEXT[: TEXT.index("## Where things are")]
ROWS = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", TEXT, re.MULTILINE)


def rooms() -> set[str]:
    """The files and folders of the table; a name without a folder is beside the one before it."""
    found = set()
    for row in ROWS:
        folder = ""
        for name in (each.rstrip("/") for each in re.findall(r"`([^`]+)`", row)):
            near = [each for each in (name, f"{folder}/{name}", f"jobs/{name}") if (ROOT / each).exists()]
            assert near, name
            found.add(near[0])
            folder = near[0].rpartition("/")[0]
    return found


def test_every_room_of_the_table_is_there():
    assert len(rooms()) > 50


@pytest.mark.parametrize("app", ["jobs", "scaling", "schedules"])
def test_every_package_has_a_row(app):
    packages = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob(f"{app}/*/__init__.py")}
    told = {room for room in rooms() if (ROOT / room).is_dir()}
    assert packages - told <= {f"{app}/migrations", f"{app}/management"}


def test_the_diagram_has_the_processes_and_what_maintenance_does():
    [duties] = re.findall(r"\[maintenance: ([^\]]+)\]", PROCESSES)
    assert duties.split(", ") == [plan.name for plan in plans(Config())]
    up = (ROOT / "jobs/management/commands/up.py").read_text()
    started = re.findall(r'stack\.add\("\w+", "manage\.py", "(\w+)"', up)
    drawn = {"web": "web[web", "workerpool": "subgraph pool"}
    drawn |= {name: f"{name}[{name}" for name in ("scaler", "scheduler")}
    assert sorted(started) == sorted(drawn)
    assert all(part in PROCESSES for part in drawn.values())
    assert set(started) <= set(get_commands())


def test_every_node_of_the_diagram_is_joined():
    nodes = set(re.findall(r"\b(\w+)(?:\[|\[\()", PROCESSES))
    ends = re.findall(r"^\s*(\w+)(?:\[[^\]]*\])? (?:--|<--).*?> (\w+)", PROCESSES, re.MULTILINE)
    assert nodes == {end for pair in ends for end in pair}
