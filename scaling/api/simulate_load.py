"""From what is asked for to what is simulated: the load, and the pool that it meets."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from jobs.api.problems import FieldError, invalid, invalid_field
from jobs.store.store import Store
from jobs.words import storable
from scaling.errors import UnknownStrategyError
from scaling.history import as_trace, read_history, service_time
from scaling.memo import read_memo
from scaling.ml.model import Model, read_model
from scaling.models import ScalingPolicy
from scaling.policy import Policy
from scaling.simulating.examples import EXAMPLES
from scaling.simulating.wanted import Wanted
from scaling.simulator.conditions import Conditions, ConditionsError
from scaling.simulator.presets import BASELINES, choices, title
from scaling.simulator.trace import Trace, TraceError, parse
from scaling.strategies.lookup import find

from .simulate_bodies import SimulationBody
from .simulate_size import DAY, day_of, must_fit

MOST_LINES: Final = 100_000
MOST_BUCKETS: Final = 300_000  # of a trace: a month in steps of ten seconds has fewer
PEAK: Final = 100.0
_SECONDS: Final = ("goal", "startup", "service")


class Load(msgspec.Struct, frozen=True):
    """A load, in words for people, and what is known of the pool that it meets; `own` is how that is scaled."""

    words: str
    trace: Trace
    known: dict[str, Any]
    model: Model | None = None
    own: Policy | None = None


def wanted_of(store: Store, policy: ScalingPolicy, body: SimulationBody) -> tuple[str, Wanted]:
    """What is to be simulated, and its load in words. Raises Problem 422 and StoreError."""
    strategies = _strategies(body.strategies, policy.strategy)
    load = _load(store, policy, body)
    shape = {name: value for name in ("scheduled", "smooth") if (value := getattr(body, name)) is not None}
    trace = msgspec.structs.replace(day_of(load.trace, body.day), **shape)
    given = {name: getattr(body, name) for name in Conditions.__struct_fields__}
    asked = {name: value / 1000 if name in _SECONDS else value for name, value in given.items() if value is not None}
    try:
        conditions = Conditions(**{"goal": policy.wait_goal, **load.known, **asked})
    except ConditionsError as error:
        field = next((name for name in error.fields if name in asked), error.fields[0])
        raise invalid_field(field, str(error)) from error
    must_fit(trace, conditions, _field(body))
    return _words(load.words, body, trace), Wanted(
        trace, strategies, conditions, load.model, _under(conditions, load.own)
    )


def _under(conditions: Conditions, own: Policy | None) -> Policy | None:
    """A pool's policy with the limits and the goal that were asked for."""
    if own is None:
        return None
    limits = {"minimum": conditions.minimum, "maximum": conditions.maximum, "wait_goal": conditions.goal}
    return msgspec.structs.replace(own, **limits)


def _strategies(asked: Sequence[str] | None, active: str) -> tuple[str, ...]:
    """The names of what is simulated, each once; the pool's own strategy by the name that its policy has."""
    own = _found(active)
    if asked is None:
        asked = (*choices(), active) if own else choices()
    problems = []
    for index, name in enumerate(asked):
        try:
            title(name)
        except UnknownStrategyError as error:
            problems.append(FieldError(f"strategies[{index}]", str(error)))
    if problems:
        raise invalid(problems)
    is_own = {name: own is not None and name not in BASELINES and type(find(name)) is own for name in asked}
    return tuple(dict.fromkeys(active if is_own[name] else name for name in asked))


def _found(strategy: str) -> type | None:
    """The kind of a strategy; None where it is not there any more."""
    try:
        return type(find(strategy))
    except UnknownStrategyError:
        return None


def _load(store: Store, policy: ScalingPolicy, body: SimulationBody) -> Load:
    given = [name for name in ("days", "trace", "example") if getattr(body, name) is not None]
    if len(given) != 1:
        raise invalid_field(given[0] if given else "days", "give one of days, trace and example")
    if body.name is not None and body.trace is None:
        raise invalid_field("name", "it is that of a trace: give one")
    if body.days is not None:
        return _recorded(store, policy, body.days)
    if body.example is not None:
        return Load(f"the example {body.example}", EXAMPLES[body.example](), {"peak": PEAK})
    words = "a trace" if body.name is None else f"the trace {storable(body.name)}"
    return Load(words, _read(body.trace or "", storable(body.name or "the trace")), {"peak": PEAK})


def _recorded(store: Store, policy: ScalingPolicy, days: int) -> Load:
    now = store.reader.now_ms() / 1000
    minutes = read_history(store, policy.pool, now - days * DAY, now)
    kept = store.scaling.kept(policy.pool, steps=0)
    memo = read_memo(kept.memory)
    known = {
        "startup": memo.startup,
        "slots": memo.slots or store.config.worker_concurrency,
        "service": service_time(minutes),
        "minimum": policy.minimum,
        "maximum": policy.maximum,
    }
    try:
        trace = as_trace(minutes, policy.pool)
    except TraceError as error:
        raise invalid_field("days", f"too little is recorded: {error}") from error
    words = "the last day" if days == 1 else f"the last {days} days"
    found = {name: value for name, value in known.items() if value is not None}
    return Load(words, trace, found, read_model(kept.model), policy.plain())


def _read(text: str, name: str) -> Trace:
    lines = max(text.count("\n"), text.count("\r")) + 1
    if lines > MOST_LINES:
        raise invalid_field("trace", f"it has {lines:,} lines; at most {MOST_LINES:,} are read")
    try:
        return parse(name, io.StringIO(text, newline=""), most=MOST_BUCKETS)
    except (ValueError, ArithmeticError) as error:
        raise invalid_field("trace", str(error)) from error


def _field(body: SimulationBody) -> str:
    """What of a body its load is."""
    return "days" if body.days is not None else "trace" if body.trace is not None else "example"


def _words(load: str, body: SimulationBody, trace: Trace) -> str:
    """A load with what was made of it: the trace load.csv, day 9, smooth, seen coming."""
    parts = [load] if body.day is None else [load, f"day {body.day}"]
    parts += ["smooth"] if body.smooth and trace.smooth else []
    return ", ".join([*parts, "seen coming"] if body.scheduled and trace.scheduled else parts)
