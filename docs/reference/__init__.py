"""Writes the pages that are made from code: `make reference`. A test holds them against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from . import api, environment, layers, metrics

# Each gives the whole page, with Django set up.
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "api.md": api.page,
    "environment.md": environment.page,
    "metrics.md": metrics.page,
    "architecture.md": layers.page,
}
