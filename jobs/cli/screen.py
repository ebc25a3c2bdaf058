"""Where a command writes: results to standard output, everything about them to standard error."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.management.base import OutputWrapper

from .printable import safe, safe_json
from .table import Column, Table, paint

RED, GREEN, YELLOW, BLUE, CYAN, DIM, BOLD = "31", "32", "33", "34", "36", "2", "1"
COLOURS: Final[Mapping[str, str]] = {
    "active": CYAN, "busy": CYAN, "running": CYAN, "completed": GREEN, "dead": RED, "failed": RED, "lost": RED,
    "retrying": YELLOW, "draining": YELLOW, "paused": YELLOW, "scheduled": BLUE, "blocked": BLUE, "cancelled": DIM,
    "unreadable": RED,
}  # fmt: skip
NARROWEST: Final = 40
BAR: Final = 24


class Screen:
    """One command's output. `width` is None where no terminal limits it; `colourful` only on one, without NO_COLOR."""

    def __init__(self, out: OutputWrapper, err: OutputWrapper, *, no_color: bool = False, force: bool = False) -> None:
        self._out = out
        self._err = err
        self.is_terminal = out.isatty()
        dumb = os.environ.get("TERM") == "dumb"
        self._is_watched = err.isatty() and not dumb
        plain = no_color or os.environ.get("NO_COLOR") or dumb
        self.colourful = force or (self.is_terminal and not plain)
        self.width = max(shutil.get_terminal_size().columns, NARROWEST) if self.is_terminal else None
        self._has_bar = False

    def line(self, text: str = "") -> None:
        """Write a line that is safe already."""
        self._out.write(text)

    def note(self, text: str) -> None:
        """Say something about the result, not part of it."""
        self.clear()
        self._say(text)

    def document(self, value: Any) -> None:
        """Write a value as one line of JSON, in the words of the REST interface."""
        self._out.write(safe_json(value))

    def table(self, columns: Sequence[Column]) -> Table:
        """An empty table that fits this screen."""
        return Table(columns, self.width, colourful=self.colourful)

    def rows(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Write a whole table."""
        for line in self.table(columns).lines(rows):
            self.line(line)

    def paint(self, text: str, colour: str = "") -> str:
        """The text in a colour, by default in that of the word that it is."""
        return paint(text, colour or COLOURS.get(text, "")) if self.colourful else text

    def progress(self, what: str, done: int, total: int | None) -> None:
        """Show on a terminal how far something is."""
        if not self._is_watched:
            return
        if total:
            filled = min(BAR, BAR * done // total)
            text = f"{what} {'█' * filled}{'·' * (BAR - filled)} {done:,} of {total:,}"
        else:
            text = f"{what} {done:,}"
        self._say(f"\r{text}\x1b[K", ending="")
        self._has_bar = True

    def clear(self) -> None:
        """Take the progress off the screen."""
        if self._has_bar:
            self.wipe()

    def wipe(self) -> None:
        """Empty the line that the cursor is in, where a terminal shows progress, or the ^C that was typed."""
        self._has_bar = False
        if self._is_watched:
            self._say("\r\x1b[K", ending="")

    def confirm(self, question: str) -> bool | None:
        """Whether a person says yes; None where there is nobody to ask."""
        if not (sys.stdin.isatty() and self._err.isatty()):
            return None
        self.clear()
        self._say(f"{safe(question)} [y/N] ", ending="")
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    def _say(self, text: str, ending: str = "\n") -> None:
        self._err.write(text, style_func=str, ending=ending)  # Django would make all of it red
        self._err.flush()
