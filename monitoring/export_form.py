"""How an exported list is written: as CSV that no spreadsheet takes for formulas, or as one JSON document."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec

# What makes a cell a formula, in the fullwidth forms too, which some spreadsheets take for the same.
_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Columns = Sequence[tuple[str, Callable[[Any], Any]]]


class ExportForm(Protocol):
    """Writes a list in pieces. `end` says in its last piece why rows are missing, where some are."""

    media_type: str

    def begin(self) -> bytes: ...

    def rows(self, items: Iterable[Any]) -> bytes: ...

    def end(self, missing: str) -> bytes: ...


def cell(value: Any) -> Any:
    """A value as a cell of a spreadsheet; text that would be a formula there gets an apostrophe before it."""
    if isinstance(value, str) and value.startswith(_STARTS_FORMULA):
        return f"'{value}"
    if isinstance(value, bool):
        return "true" if value else "false"  # as the JSON has it
    return "" if value is None else value


class Csv:
    """RFC 4180 in UTF-8, every text in quotes. `columns`: (name, how to take the value from an item)."""

    media_type = "text/csv; charset=utf-8; header=present"

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def begin(self) -> bytes:
        """The names of the columns."""
        return self._written([[name for name, _ in self._columns]])

    def rows(self, items: Iterable[Any]) -> bytes:
        """Some lines."""
        return self._written([[cell(take(item)) for _, take in self._columns] for item in items])

    def end(self, missing: str) -> bytes:
        """A last line with one cell where rows are missing."""
        return self._written([[f"# {missing}"]]) if missing else b""

    def _written(self, rows: Iterable[Sequence[Any]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
        return text.getvalue().encode("utf-8", "replace")


class Json:
    """{"items": […], "complete": true, "missing": ""}: the items of the API, line by line."""

    media_type = "application/json"

    def __init__(self) -> None:
        self._is_first = True

    def begin(self) -> bytes:
        """The beginning of the document."""
        return b'{"items":['

    def rows(self, items: Iterable[Any]) -> bytes:
        """Some items."""
        written = b",\n".join(map(msgspec.json.encode, items))
        separator = b"\n" if self._is_first else b",\n"
        self._is_first = self._is_first and not written
        return separator + written if written else b""

    def end(self, missing: str) -> bytes:
        """Whether it is all of them."""
        said = msgspec.json.encode({"complete": not missing, "missing": missing})
        return b"\n]," + said[1:] + b"\n"
