"""Strategies by name, by entry point or by dotted path."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Final

from scaling.errors import UnknownStrategyError, told

from .aggressive import Aggressive
from .conservative import Conservative
from .default import Default
from .latency_target import LatencyTarget
from .loading import in_time
from .ml import Ml
from .predictive import Predictive
from .strategy import Strategy

GROUP: Final = "queueflow.scaling_strategies"
ANYTHING: Final = (Exception, SystemExit)  # a module that ends the interpreter does not end ours
BUILT_IN: Final[Mapping[str, type[Strategy]]] = MappingProxyType(
    {kind.name: kind for kind in (Default, Aggressive, Conservative, Predictive, LatencyTarget, Ml)}
)


_OURS: Final[Mapping[str, Strategy]] = MappingProxyType({name: kind() for name, kind in BUILT_IN.items()})


def find(name: str, *, hurried: bool = True) -> Strategy:
    """The strategy called `name`: one of ours, an entry point of the group, or `package.module.Class`.

    Raises UnknownStrategyError when there is none, when it cannot be imported, when it is no strategy, or, `hurried`,
    when that takes too long. It is made once.
    """
    return _OURS[name] if name in _OURS else in_time(name, _made, hurried=hurried)


def _made(name: str) -> Strategy:
    kind = _entry_point(name) if "." not in name else _dotted(name)
    try:
        strategy = kind() if isinstance(kind, type) and hasattr(kind, "decide") else kind  # nothing else is called
    except ANYTHING as exc:
        raise UnknownStrategyError(name, f"it cannot be made ({told(exc)})") from exc
    if not isinstance(strategy, Strategy):
        raise UnknownStrategyError(name, "it has no name, title, about, parameters and decide()")
    return strategy


def names() -> tuple[str, ...]:
    """The names that `find` knows without a dotted path: ours first, then those of installed packages, sorted."""
    others = {entry.name for entry in entry_points(group=GROUP)} - BUILT_IN.keys()
    return (*BUILT_IN, *sorted(others))


def _entry_point(name: str) -> object:
    for entry in entry_points(group=GROUP, name=name):
        try:
            return entry.load()
        except ANYTHING as exc:
            raise UnknownStrategyError(name, f"its package cannot be loaded ({told(exc)})") from exc
    raise UnknownStrategyError(name, f"it is none of {', '.join(names())} and no dotted path")


def _dotted(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ANYTHING as exc:
        raise UnknownStrategyError(name, f"it cannot be imported ({told(exc)})") from exc


def is_built_in(strategy: Strategy) -> bool:
    """Whether `strategy` is one of ours, and so known to answer at once."""
    return type(strategy).__module__.startswith("scaling.")
