"""What was seen of a pool, in words: of the newest look as the API tells it, and as a decision has it in its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

from jobs.words import figure, lasting, rate
from scaling.api.looks import SightView

UNKNOWN = "–"


class Fact(NamedTuple):
    """A figure: its word, itself, and what it means where that is not plain."""

    word: str
    value: str
    note: str = ""


def facts_of(seen: SightView) -> list[Fact]:
    """The figures that strategies decide by, as they were seen last."""
    usual = f"{lasting(seen.usual_service_time)} over the last day" if seen.usual_service_time else ""
    return [
        Fact("Arrivals", _rate(seen.in_per_second), "over the last minute"),
        Fact("Processed", _rate(seen.out_per_second), "over the last minute"),
        Fact("Service time", _ms(seen.service_time), usual),
        Fact("Error rate", share(seen.error_rate), "of the executions of the last minute"),
        Fact("Utilisation", share(seen.utilisation), f"of {figure((seen.workers + seen.draining) * seen.slots)} slots"),
        Fact("Start-up time", _ms(seen.startup_time), "as measured, from launch to the first claim"),
        Fact("Queue depth", figure(seen.waiting), "jobs that can be claimed"),
        Fact("In flight", figure(seen.active), "jobs that run"),
        Fact("Due soon", figure(seen.due), "put off, claimable within a minute"),
        Fact("Queue latency", lasting(seen.oldest_age), "age of the oldest job that waits"),
        Fact("Workers", figure(seen.workers), _crew(seen.starting, seen.draining)),
    ]


def facts_in(inputs: Mapping[str, Any]) -> list[Fact]:
    """The same of the inputs of a decision. What is missing or no number in them is left out."""
    found = [
        Fact("Workers", _count(inputs, "workers"), _crew(inputs.get("starting", 0), inputs.get("draining", 0))),
        Fact("Slots a worker", _count(inputs, "slots")),
        Fact("Queue depth", _count(inputs, "waiting")),
        Fact("In flight", _count(inputs, "active")),
        Fact("Queue latency", _seconds(inputs.get("oldest_age"))),
        Fact("Arrivals", _rates(inputs.get("arrivals"))),
        Fact("Processed", _rates(inputs.get("completions"))),
        Fact("Service time", _seconds(inputs.get("service_time"))),
        Fact("Usually", _seconds(inputs.get("usual_service_time"))),
        Fact("Error rate", share(inputs.get("error_rate"))),
        Fact("Start-up time", _seconds(inputs.get("startup_time"))),
        Fact("Due soon", _due(inputs.get("due"))),
    ]
    return [fact for fact in found if fact.value not in ("", UNKNOWN)]


def _crew(starting: Any, draining: Any) -> str:
    parts = [(starting, "starting"), (draining, "draining")]
    return ", ".join(f"{count} {word}" for count, word in parts if _is_number(count) and count)


def _count(inputs: Mapping[str, Any], name: str) -> str:
    found = inputs.get(name)
    return figure(round(found)) if _is_number(found) else ""


def _rates(found: Any) -> str:
    """Rates over 15, 60 and 300 seconds."""
    if not isinstance(found, Mapping):
        return ""
    return " · ".join(
        f"{rate(value)} in {span.removeprefix('last_').removesuffix('s')} s"
        for span, value in found.items()
        if _is_number(value)
    )


def _due(cells: Any) -> str:
    if not isinstance(cells, list):
        return ""
    known = [cell for cell in cells if isinstance(cell, Mapping) and _is_number(cell.get("jobs"))]
    return " · ".join(f"{figure(cell['jobs'])} within {cell.get('seconds', 0):g} s" for cell in known)


def _seconds(found: Any) -> str:
    return _ms(found * 1000) if _is_number(found) else ""


def _ms(milliseconds: float | None) -> str:
    return UNKNOWN if milliseconds is None else lasting(milliseconds)


def _rate(per_second: float | None) -> str:
    return UNKNOWN if per_second is None else rate(per_second)


def share(found: Any) -> str:
    """A share as people write it: 99.7 %; – for none. Nearly all is not all, and hardly any not none."""
    if not _is_number(found):
        return UNKNOWN
    percent = round(found * 100, 1)
    return f"{min(max(percent, 0.1), 99.9) if 0 < found < 1 else percent:g} %"


def _is_number(found: Any) -> TypeGuard[float]:
    return isinstance(found, int | float) and not isinstance(found, bool)
