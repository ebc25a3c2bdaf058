"""How far a command is, for people who watch."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from django.core.management.base import OutputWrapper

WIDTH: Final = 40


def bar(into: OutputWrapper) -> Callable[[float], None] | None:
    """What draws the share done, 0 to 1, as a bar on the command's standard error; None where that is no terminal."""
    if not sys.stderr.isatty():
        return None

    def draw(share: float) -> None:
        done = round(min(max(share, 0.0), 1.0) * WIDTH)
        text = f"\r[{'#' * done}{'.' * (WIDTH - done)}] {share:4.0%}"
        into.write(text, str, ending="\n" if share >= 1 else "")  # plain, not in the red of errors
        into.flush()

    return draw
