"""What `--json` writes: valid JSON without anything that a terminal obeys."""

from __future__ import annotations

import pytest

from tests.cli.conftest import run


@pytest.mark.parametrize(
    "char", ["\u202e", "\u2066", "\u200f", "\u061c", "\x9b", "\x7f", "\u2028", "\ufeff", "\U000e0001"]
)
def test_a_character_that_turns_or_hides_text_is_escaped_and_read_back(kit, char):
    job_id = kit.enqueue(payload=f'"gpj{char}exe żółw 🐢"'.encode())
    for arguments in (["list"], ["show", job_id]):
        ran = run("jobs", *arguments, "--json")
        assert char not in ran.out
    assert "żółw 🐢" in ran.out
    assert ran.documents[0]["payload"] == f"gpj{char}exe żółw 🐢"
