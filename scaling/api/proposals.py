"""What each strategy would do with a pool now, and what it would decide by: an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from jobs.api.call import Call, NoBody
from jobs.api.examples import learn
from jobs.api.query import Nothing
from jobs.api.routes.endpoints import endpoints
from jobs.rights import Right
from scaling.actuators.choice import obeying_of, unit_of
from scaling.deciding import followed, in_units, woken
from scaling.decision import decide
from scaling.errors import UnknownStrategyError
from scaling.memo import read_memo
from scaling.ml.model import read_model
from scaling.models import ScalingPolicy
from scaling.observation import Observation
from scaling.record import Record, Step
from scaling.scaler import REMEMBERED
from scaling.strategies.lookup import find, names

from .look_examples import ANSWERS
from .looks import Answer, Proposals, ProposalView, SightView
from .pools import known
from .timeline import steps_of

MOST_STRATEGIES: Final = 20
MOST_KEPT: Final = 100
learn({}, ANSWERS)


@endpoints.get("/scaling/{pool}/proposals", Right.VIEW, answers={200: Proposals})
def list_proposals(call: Call[NoBody, Nothing], pool: str) -> Proposals:
    """Show what each strategy would do with a pool now.

    By what the scaler saw last, with the policy's limits and guards, what was remembered then, and as far as the pool's
    hosts can follow; growth takes back none that are awaited. Strategies that
    learn from their own decisions have none to learn from but for the policy's own.
    """
    policy = known(call, pool)
    kept = call.store.scaling.kept(pool)
    steps = steps_of(kept)
    if not steps:
        return Proposals(pool=pool, seen=None, items=[])
    memo = read_memo(kept.memory)
    memory = memo.memory if memo.earlier is None else memo.earlier
    is_barred = bool(memo.bar) and not memo.is_trouble
    about = _Pool(policy, kept.desired, None if is_barred else obeying_of(call.store, policy), is_barred)
    answers = _answers(about, steps, Record((), memory, read_model(kept.model)))
    items = [ProposalView.of(policy.strategy, answer, call.redactor) for answer in answers]
    return Proposals(pool=pool, seen=SightView.of(steps[-1], call.store.reader.now_ms()), items=items)


class _Pool(msgspec.Struct, frozen=True):
    """A pool, how many workers it should have, and what is known of its hosts; nothing is asked of a barred one."""

    policy: ScalingPolicy
    desired: int | None
    obeying: Callable[[int], int] | None
    is_barred: bool


# What was answered about the newest sight of a pool: strategies of others may take long, and many people may ask.
_kept: dict[str, tuple[tuple[float, int, int | None], list[Answer]]] = {}


def _answers(pool: _Pool, steps: list[Step], memory: Record) -> list[Answer]:
    seen, policy = steps[-1].observation, pool.policy
    key = (seen.at, policy.version, pool.desired)
    held = _kept.get(policy.pool)
    if held is not None and held[0] == key:
        return held[1]
    before = [step for step in steps[:-1] if seen.at - REMEMBERED <= step.observation.at <= seen.at]
    record = Record(before, memory.memory, memory.model)
    chosen = dict.fromkeys([policy.strategy, *names()][:MOST_STRATEGIES])
    found = [_asked(name, pool, seen, record) for name in chosen]
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[policy.pool] = (key, found)
    return found


def _asked(name: str, pool: _Pool, seen: Observation, record: Record) -> Answer:
    policy = pool.policy
    own = name == policy.strategy
    plain = msgspec.structs.replace(policy.plain(), strategy=name, parameters=policy.parameters if own else {})
    try:
        title = find(name).title
    except UnknownStrategyError:
        title = name
    decision = woken(decide(plain, seen, record), seen, plain)
    if policy.is_ours and not pool.is_barred:
        decision = followed(decision, seen, pool.desired, plain, pool.obeying)
    return name, title, in_units(decision, unit_of(policy), plain, seen.waiting)
