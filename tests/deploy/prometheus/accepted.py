"""What Prometheus 3 asks for, and what it takes: unlike version 2 it refuses an answer that does not say its type."""

from __future__ import annotations

from typing import Final

ACCEPT: Final = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
TAKEN: Final = frozenset({"application/openmetrics-text; version=1.0.0", "text/plain; version=0.0.4"})


def is_accepted(media: str) -> bool:
    """Whether a Content-Type names one of the formats."""
    return media.removesuffix("; charset=utf-8") in TAKEN
