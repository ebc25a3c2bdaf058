"""What each variable of the environment is for: the words of .env.example, which is the reference for people."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

_VARIABLE: Final = re.compile(r"#?([A-Z][A-Z0-9_]*)=")


@cache
def help_of() -> dict[str, str]:
    """The comment above each variable, as one line; those that follow each other share it. Nothing without the file."""
    path = Path(settings.BASE_DIR) / ".env.example"
    return helps_in(path.read_text(encoding="utf-8")) if path.is_file() else {}


def helps_in(text: str) -> dict[str, str]:
    """The same of a file's text."""
    found: dict[str, str] = {}
    words: list[str] = []
    has_ended = True
    for line in text.splitlines():
        variable = _VARIABLE.match(line)
        if variable:
            found[variable[1]] = " ".join(words)
            has_ended = True
        elif line.startswith("# ---") or not line.strip():
            words = []
        elif line.startswith("#"):
            words = [] if has_ended else words
            words.append(line.lstrip("# "))
            has_ended = False
    return found
