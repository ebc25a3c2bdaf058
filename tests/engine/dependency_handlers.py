"""A handler whose dependency is there while a file is there."""

from __future__ import annotations

from pathlib import Path

from jobs import breaker, handler
from jobs.circuit import Terms

TERMS = Terms(failures=2, open_seconds=0.2, longest_seconds=0.2)


@handler("needs-file", max_retries=3)
def needs_file(payload: dict[str, str]) -> str:
    """Returns what the file holds."""
    return breaker("the file", terms=TERMS).call(Path(payload["file"]).read_text)
