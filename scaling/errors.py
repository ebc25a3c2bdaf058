"""What can be wrong with a policy's strategy."""

from __future__ import annotations


class UnknownStrategyError(LookupError):
    """No strategy goes by `name`: neither ours, nor an entry point, nor a dotted path that can be imported."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        super().__init__(f"No scaling strategy {name!r}: {why}")
