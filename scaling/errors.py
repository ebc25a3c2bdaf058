"""What can be wrong with a policy's strategy, and how that is told."""

from __future__ import annotations

from typing import Final

from jobs.words import storable

LONGEST: Final = 300  # characters that are told of an exception


class UnknownStrategyError(LookupError):
    """No strategy goes by `name`: neither ours, nor an entry point, nor a dotted path that can be imported."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        super().__init__(f"No scaling strategy {name!r}: {why}")


class LateStrategyError(UnknownStrategyError):
    """The strategy that goes by `name` has been loading for so many seconds, and is not there yet."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(name, "")
        self.args = (f"The strategy {name} has been loading for {seconds:.3g} s and is not there yet",)


def told(error: BaseException) -> str:
    """An exception's kind and text, cut; also of one whose own text cannot be had."""
    try:
        return storable(f"{type(error).__name__}: {error}"[:LONGEST])
    except (Exception, SystemExit):
        return type(error).__name__
