"""Texts at a terminal."""

from __future__ import annotations

import json

import pytest

from jobs.cli.printable import cut, safe, safe_lines, width_of


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "a\rb", "a\nb", "\x9b2J", "a\u202eb", "\x07", "\ud800", "\U000e0001", "a\u200bb"]
)
def test_what_a_terminal_might_obey_is_escaped(text):
    shown = safe(text)
    assert shown.isprintable()
    assert json.loads(f'"{shown}"') == text


def test_readable_text_stays():
    text = "żółw 亀 🐢 \\ \" '"
    assert safe(text) == text
    assert safe_lines("a\n\tb\x1b") == "a\n    b\\u001b"


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("ab cd", 4, "ab…"),
        ("亀亀", 4, "亀亀"),
        ("亀亀亀", 5, "亀亀…"),
        ("亀亀亀", 4, "亀…"),
        ("e\u0301e\u0301", 2, "e\u0301e\u0301"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_a_text_is_cut_to_the_columns_there_are(text, room, shown):
    assert cut(text, room) == shown
    assert width_of(shown) <= max(room, 0)
