"""Paints rows with the partials that paint the page. What has not changed is not painted again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.template.loader import get_template

from jobs.inspection.wire import Time

from .frames import Row


class Painter:
    """Paints the rows of one table by the partial `monitoring/<name>.html`, with what `variables` makes of a line."""

    def __init__(self, name: str, variables: Callable[[Any], dict[str, Any]]) -> None:
        self._name = name
        self._variables = variables
        self._painted: dict[str, tuple[Any, Row]] = {}

    def rows(self, lines: Iterable[tuple[str, Any]], now: Time) -> list[Row]:
        """The rows of (key, line) pairs, neutral: for everybody who may look at the page, without buttons."""
        template = get_template(f"monitoring/{self._name}.html")
        painted: dict[str, tuple[Any, Row]] = {}
        for key, line in lines:
            known = self._painted.get(key)
            if known is None or known[0] != line:
                html = template.render({**self._variables(line), "now": now, "neutral": True})
                known = (line, Row(key=key, html=html.strip()))
            painted[key] = known
        self._painted = painted
        return [row for _, row in painted.values()]
