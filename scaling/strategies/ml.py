"""Workers for the demand that a model trained on the pool's own history predicts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from scaling.ml.features import clock, present, usual
from scaling.ml.model import Model
from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .calm import Calm
from .latency_target import LatencyTarget
from .need import SHORTEST_GOAL, UNKNOWN_STARTUP
from .rates import level
from .strategy import Parameter
from .words import in_each, jobs, left, plain

DAY = 86_400.0
SMALL = 0.1
CALM = 0.25
"""Growth by at most SMALL is put off while the oldest job has waited less than this part of the goal."""
CHANGES = 60.0
LARGE = 0.4
"""With CHANGES of an hour spent, a pool shrinks for no less than this share of it."""
BEYOND = 2.0
"""How many times the highest load of its training the model is believed for."""


class Ml:
    """Workers for the predicted demand of the minute in which a worker launched now can claim, and for what waits.

    The model is linear in the seed's features: depth, processing rate, error rate, hour, weekday and trend; and in the
    usual demand of this minute of the hour and of the day. Without one that can be believed it proposes what
    `latency_target` does.
    """

    name: ClassVar[str] = "ml"
    title: ClassVar[str] = "Machine learning"
    about: ClassVar[str] = "Predicts the load from the pool's own history. Helps where load repeats by the clock."
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "caution": Parameter(1.0, 0.0, 5.0, "Multiplies the margin that was learned for errors of the prediction."),
        "stale_days": Parameter(14.0, 1.0, 365.0, "Days after which a model is too old to be believed."),
    }

    def decide(self, observation: Observation, record: Record, policy: Policy) -> Proposal:
        """What the model needs; what `latency_target` proposes where there is none to be believed, and why."""
        chosen = {name: policy.parameters.get(name, known.default) for name, known in self.parameters.items()}
        model, features = record.model, present(observation, record)
        service = observation.service_time or observation.usual_service_time
        trouble = _trouble(model, observation, policy, chosen["stale_days"])
        if trouble or model is None or features is None or service is None:
            return _instead(trouble or "too little is known of the last minutes", observation, record, policy)
        calm = Calm.of(observation, record, CHANGES, policy.maximum)
        return _needed(model, _Sight(observation, features, service, chosen["caution"], calm), policy)


class _Sight(msgspec.Struct, frozen=True):
    seen: Observation
    features: Mapping[str, float]
    service: float
    caution: float
    calm: Calm


def _trouble(model: Model | None, seen: Observation, policy: Policy, stale_days: float) -> str:
    """Why the model is not to be believed; "" when it is."""
    if model is None:
        return "no model has been trained (manage.py train_scaling)"
    age = (seen.at - model.until) / DAY
    if age > stale_days:
        return f"the model knows nothing of the last {age:.0f} days"
    if not math.isclose(model.goal, policy.wait_goal, rel_tol=0.01):
        return f"the model was trained for a goal of {model.goal:g} s, and the policy has {policy.wait_goal:g} s"
    if level(seen.arrivals).now > BEYOND * model.highest:
        return f"more jobs come than twice the {model.highest:.3g} a second that the model has seen"
    return ""


def _instead(why: str, seen: Observation, record: Record, policy: Policy) -> Proposal:
    """What `latency_target` proposes with its first values."""
    other = LatencyTarget().decide(seen, record, msgspec.structs.replace(policy, parameters={}))
    reason = f"As latency_target decides, because {why}: {other.reason}"
    return msgspec.structs.replace(other, reason=reason)


def _needed(model: Model, sight: _Sight, policy: Policy) -> Proposal:
    seen, service = sight.seen, sight.service
    startup = UNKNOWN_STARTUP if seen.startup_time is None else seen.startup_time
    horizon = max(startup + policy.interval, SHORTEST_GOAL)
    moments = (seen.at, seen.at + horizon)
    demands = [model.demand({**sight.features, **clock(at), **usual(at, model.hourly, model.daily)}) for at in moments]
    at, demand = max(zip(moments, demands, strict=True), key=lambda pair: pair[1])
    surplus = sight.caution * model.surplus(demand)
    ahead = (demand + surplus) * service
    flow = level(seen.arrivals).now
    due = seen.due_within(horizon + policy.interval)
    coming = (seen.workers * horizon + seen.starting * horizon / 2) * seen.slots
    backlog = max((seen.waiting + due + flow * horizon) * service - coming, 0.0)
    present_need = flow * service + backlog / max(policy.wait_goal, SHORTEST_GOAL)
    needed = math.ceil(max(ahead, present_need) / seen.slots - 1e-9)
    if ahead >= present_need:
        clock_time = f"{int(at % DAY // 3600):02}:{int(at % 3600 // 60):02} UTC"
        why = f"{jobs(demand)} a second of {plain(service)} s each, which the model expects at {clock_time}"
        why += f", and {plain(surplus)} a second more for its errors" if surplus else ""
    else:
        rest = left(backlog / service, horizon, seen.waiting, due)
        why = f"{jobs(flow)} a second of {plain(service)} s each, and {rest}, within {plain(policy.wait_goal)} s"
        why += ": more than the model expects"
    workers, more = _calmed(needed, sight, policy)
    fit = model.figures.fit if model.figures else 0.0
    reason = f"{needed} needed for {why}{in_each(seen.slots)}{more}."
    return Proposal(workers, reason, min(max(fit, 0.0), 1.0), {"at": seen.at, **sight.calm.memory()})


def _calmed(needed: int, sight: _Sight, policy: Policy) -> tuple[int, str]:
    """The workers to have, and how that differs from what is needed, in words.

    The more changes there were lately, the larger the reason for another has to be.
    """
    supply, strain = sight.seen.supply, sight.calm.strain
    is_calm = sight.seen.oldest_age < policy.wait_goal * CALM
    if supply < needed <= supply * (1 + SMALL * (1 + strain)) and is_calm:
        return supply, f"; for so few more {supply} do while nothing waits long"
    if supply * (1 - LARGE * strain) <= needed < supply:
        return supply, f"; {supply} are kept, because the pool was changed often lately"
    return needed, ""
