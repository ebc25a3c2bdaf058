"""What a release says of itself is said once, and the changelog can be read by people and programs."""

from __future__ import annotations

import re
import tomllib

from tests.engine.pools import ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
SOURCES = ("docs", "jobs", "monitoring", "queueflow_client", "queueflow_site", "scaling")


def test_the_version_is_written_in_one_place():
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    files = [path for room in SOURCES for path in (ROOT / room).rglob("*.py")]
    assert [path for path in files if re.search(rf"__version__|[\"']{re.escape(VERSION)}[\"']", path.read_text())] == []


def test_the_changelog_begins_with_what_is_not_released_and_goes_back_from_there():
    text = (ROOT / "CHANGELOG.md").read_text()
    first, *released = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert first == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}", head) for head in released)
    numbers = [tuple(map(int, head.partition(" ")[0].split("."))) for head in released]
    assert numbers == sorted(numbers, reverse=True)
    assert not numbers or ".".join(map(str, numbers[0])) == VERSION
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Upgrading"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= kinds
