"""How a piece of work tells how far it is, whoever listens."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with per cent done (0 to 100) and a short message."""


def silent(percent: float, message: str) -> None:
    """A listener that does not listen."""
