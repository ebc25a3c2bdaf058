"""Hides in the errors of jobs what those may not see who may see least."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from jobs.inspection.masking import masked_lines
from jobs.redaction import Redactor
from jobs.store.browser import Row
from jobs.store.store import Store

MOST: Final = 1000  # error lines that are remembered


class Mask:
    """Masks rows by what a redactor hides, and remembers how: a payload is read once. None hides nothing."""

    def __init__(self, redactor: Redactor | None) -> None:
        self._redactor = redactor
        self._errors: dict[tuple[str, str], str] = {}

    def rows(self, store: Store, rows: list[Row]) -> list[Row]:
        """The rows with errors as those see them who may not see payloads. Raises StoreError."""
        if self._redactor is None:
            return rows
        failed = [row for row in rows if row.record and row.record.error]
        unknown = [row for row in failed if row.record and (row.id, row.record.error) not in self._errors]
        if len(self._errors) > MOST:
            self._errors.clear()
            unknown = failed
        for row, (shown, _) in zip(unknown, masked_lines(store, self._redactor, unknown), strict=True):
            if row.record and shown.record:
                self._errors[row.id, row.record.error] = shown.record.error
        return [
            replace(row, record=replace(row.record, error=self._errors.get((row.id, row.record.error), "")))
            if row.record and row.record.error
            else row
            for row in rows
        ]
