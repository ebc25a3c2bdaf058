"""What pages say of a pool: how it stands, what was decided last, where its policy is not as it began."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from jobs.clock import to_instant_ms
from jobs.conf import Config
from jobs.words import figure, lasting, several
from scaling.api.answers import DecisionView, PolicyView, PoolScaling
from scaling.api.looks import ChangeView, PoolHistory, SightView
from scaling.health import UNDECIDED, UNREADABLE
from scaling.models import ScalingPolicy
from scaling.models.actuator_name import ActuatorName

DANGER: Final = "is-danger"
WARN: Final = "is-warn"
GUARDS: Final = {
    "saturated_dependency": "saturated dependency",
    "stabilization": "stabilization",
    "tolerance": "tolerance",
    "cooldown_up": "cooldown",
    "cooldown_down": "cooldown",
    "step_up": "step limit",
    "step_down": "step limit",
    "minimum": "fewest workers",
    "maximum": "most workers",
    "missing_input": "missing figures",
    "stale_input": "stale figures",
    "unknown_strategy": "unknown strategy",
    "broken_strategy": "broken strategy",
    "by_hand": "by hand",
    "paused": "paused",
    "awake": "woken",
    "pods": "whole pods",
    "coming": "awaited already",
    "not_ours": "not ours, or out of reach",
    "flawed": "not carried out in full",
    "hosts_full": "hosts are full",
    "hosts_keep": "hosts keep more",
    "unheard": "no supervisor",
}
# Guards that hold a pool as it is, with the tone of the tag that says so.
HOLDING: Final = {
    "unknown_strategy": DANGER,
    "broken_strategy": DANGER,
    "missing_input": WARN,
    "stale_input": WARN,
}
# What is recorded like a guard and is none.
ORDERED: Final = {
    "by_hand": "ordered by hand",
    "paused": "scaling is paused",
    "not_ours": "not carried out",
    "flawed": "not carried out in full",
}
BY_ORDER: Final = ("by_hand", "paused")  # in which the strategy had no say
SHOULD_HAVE: Final = {"scale_up": "Should have grown", "scale_down": "Should have shrunk"}
DISOBEYS: Final = "does not follow"
DISOBEYING: Final = " and should have "  # in the words of the health report
# Seconds that the time of the last decision may be old by itself: repeats are written down once a minute.
FOLDED: Final = 90
# The environment variable that gives the first value of a field of a policy.
FIRST_VALUES: Final = {
    "strategy": "SCALING_STRATEGY",
    "actuator": "SCALING_ACTUATOR",
    "minimum": "MIN_WORKERS",
    "maximum": "MAX_WORKERS",
    "scale_up_threshold": "SCALE_UP_THRESHOLD",
    "scale_down_threshold": "SCALE_DOWN_THRESHOLD",
    "cooldown_down": "SCALING_COOLDOWN",
}


class Standing(NamedTuple):
    """A word on how a pool is scaled, the colour of its tag, and what it means."""

    word: str
    tone: str
    meaning: str


class Difference(NamedTuple):
    """A field of a policy that is not as an environment variable would have it first."""

    variable: str
    first: str
    now: str


def standings(pool: PoolScaling) -> list[Standing]:
    """What is out of the ordinary, the worst first."""
    troubles = _troubles(pool)
    if not pool.policy.enabled:
        off = Standing("nobody decides", WARN, "The policy is off: the pool stays as large as it is.")
        return [*troubles, off, *_orders(pool)]
    return [*troubles, *_orders(pool), *_limits(pool)]


def _troubles(pool: PoolScaling) -> list[Standing]:
    if pool.trouble:
        return [Standing(trouble_word(pool), DANGER, trouble_sentence(pool))]
    if not pool.policy.enabled:
        return []
    if is_silent(pool):
        return [Standing("not decided for", WARN, "No scaler decides: see whether one runs.")]
    last = pool.last_decision
    if last and is_held(pool):
        return [Standing(f"held: {guard_word(last.guard)}", HOLDING[last.guard or ""], last.reason)]
    return []


def _orders(pool: PoolScaling) -> list[Standing]:
    found = []
    if pool.paused:
        found.append(Standing("paused", WARN, f"{pool.paused.by or 'Somebody'} has paused scaling."))
    if pool.by_hand:
        by, workers = pool.by_hand.by or "Somebody", _workers(pool.by_hand.workers)
        found.append(Standing("by hand", "is-accent", f"{by} wants {workers}."))
    return found


def _limits(pool: PoolScaling) -> list[Standing]:
    found = []
    if pool.owner:
        found.append(Standing("owned elsewhere", WARN, pool.owner))
    if pool.policy.actuator == ActuatorName.NONE:
        found.append(Standing("observed only", "", "The policy has no actuator: decisions are recorded only."))
    elif pool.policy.dry_run:
        found.append(Standing("dry run", "", "Decisions are recorded only, and not carried out."))
    return found


def trouble_word(pool: PoolScaling) -> str:
    """What kind of trouble a pool has that has some."""
    said = pool.trouble or ""
    if UNDECIDED in said:
        return "not decided for"
    if f"pool {pool.pool} {UNREADABLE}" in said:
        return UNREADABLE
    if said.startswith(f"pool {pool.pool}: "):
        guard = pool.last_decision.guard if pool.last_decision else None
        return f"held: {guard_word(guard)}" if guard in HOLDING else "out of reach"
    return DISOBEYS if DISOBEYING in said else "in trouble"


def trouble_sentence(pool: PoolScaling) -> str:
    """The trouble of a pool that has some, as a sentence."""
    said = pool.trouble or ""
    return f"{said[:1].upper()}{said[1:].rstrip('.')}."


def is_held(pool: PoolScaling) -> bool:
    """Whether a pool is left as it is since its strategy or its figures are of no use."""
    return pool.last_decision is not None and pool.last_decision.guard in HOLDING


def is_silent(pool: PoolScaling) -> bool:
    """Whether the last decision is older than it should be. A pool that nobody acts for has no other sign of that."""
    last = pool.last_decision
    if last is None:
        return False
    return _ms(pool.at) - _ms(last.last_at) > pool.policy.interval + FOLDED * 1000


def told(decision: DecisionView | ChangeView) -> str:
    """What a decision did to the number of workers, or would have done, in a few words."""
    if decision.action == "scale_up":
        return f"{'Would have grown' if decision.dry_run else 'Grew'} {_moved(decision)}"
    if decision.action == "scale_down":
        return f"{'Would have shrunk' if decision.dry_run else 'Shrank'} {_moved(decision)}"
    return f"Stays at {_workers(decision.target)}"


def told_of(pool: PoolScaling) -> str:
    """The same of a pool's last decision, which the pool may not have followed; "" where there is none."""
    last = pool.last_decision
    if last is None:
        return ""
    verb = SHOULD_HAVE.get(last.action)
    return f"{verb} {_moved(last)}" if verb and trouble_word(pool) == DISOBEYS else told(last)


def besides(last: DecisionView | None, history: PoolHistory, span: str) -> list[tuple[str, ChangeView]]:
    """The changes that a page tells of beside the last decision: the last one, and that to the most workers."""
    found, told_of = [], {last.id} if last else set()
    latest = history.changes[0] if history.changes else None
    for word, change in (("Last change", latest), (f"Most in {span}", history.peak)):
        if change is not None and change.id not in told_of:
            told_of.add(change.id)
            found.append((word, change))
    return found


def changed_by(decision: DecisionView) -> str:
    """Who made of a decision what the strategy did not propose; "" where nobody did."""
    guard = decision.guard
    if not guard:
        return ""
    kind = "held" if guard in HOLDING else "changed by the guard"
    return ORDERED.get(guard) or f"{kind}: {guard_word(guard)}"


def guard_word(name: str | None) -> str:
    """The name of a guard for people."""
    return GUARDS.get(name, name.replace("_", " ")) if name else ""


def differences(policy: PolicyView, pool: str, config: Config) -> list[Difference]:
    """Where the policy is not as environment variables would begin it."""
    first = PolicyView.of(ScalingPolicy.first(pool, config))
    return [
        Difference(variable, _said(name, getattr(first, name)), _said(name, getattr(policy, name)))
        for name, variable in FIRST_VALUES.items()
        if getattr(first, name) != getattr(policy, name)
    ]


def is_fresh(seen: SightView | None, policy: PolicyView) -> bool:
    """Whether what was seen last is new enough to decide by."""
    return seen is not None and seen.age <= policy.look_back


def _ms(instant: str) -> int:
    return to_instant_ms(datetime.fromisoformat(instant))


def _said(name: str, value: Any) -> str:
    return lasting(value) if name == "cooldown_down" else str(value)


def _moved(decision: DecisionView | ChangeView) -> str:
    return f"from {figure(decision.current)} to {_workers(decision.target)}"


def _workers(count: int) -> str:
    return several(count, "worker")
