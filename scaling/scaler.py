"""The scaler: looks at every pool, decides, and has it carried out. One process at a time leads, by a fenced lease."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Final

import msgspec
from django.db import DatabaseError, InterfaceError

from jobs.errors import StoreError, StoreMisconfigured, StoreSpoilt, StoreUnavailable
from jobs.logs import get_logger
from jobs.maintenance.duty import Duty, Result
from jobs.maintenance.leadership import Leadership
from jobs.store.fencing import NotLeading
from jobs.store.scaling import Kept, Outcome
from jobs.store.store import Store
from jobs.trail.connection import own

from .actuators.actuator import Actuator, Bar
from .actuators.choice import OBSERVED, Choice, obeying_of
from .chronicle import Chronicle
from .deciding import BROKEN, asked, barred, flawed, followed, in_units, ordered, unseen, wished, woken
from .decision import Action, Decision, decide
from .entry import Entry
from .errors import told
from .forgetting import forget_in_store, forget_rows, long_gone
from .journal import Journal
from .memo import Memo, read_memo, write_memo
from .ml.model import read_model
from .models import ScalingPolicy
from .observation import Observation
from .observer import Observer
from .policies import Policies
from .record import Record, Step, read_steps
from .strategies.lookup import BUILT_IN
from .surroundings import Surroundings

log = get_logger(__name__)
OTHER: Final = "other"  # what strategies of others are counted as
NAME: Final = "scaler"
LONGEST_LOOK: Final = 5.0  # seconds between two looks for new pools and changed policies
REMEMBERED: Final = 900.0  # seconds of the record that strategies are given
SWEEP_EVERY: Final = 60.0  # seconds between two looks for pools that are no more
CLOSE: Final = 0.02  # seconds after the beginning of a stretch at which it is decided for


class Scaler(Duty):
    """Time is cut into stretches of a policy's interval; each is decided for once, whoever leads."""

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._store = store
        self._leadership = leadership
        self._observer = Observer(store)
        self._policies = Policies(store)
        self._choice = Choice()
        self._journal = Journal()
        self._chronicle = Chronicle(store, leadership)
        self._stretches: dict[str, str] = {}
        self._recalled: set[str] = set()
        self._gone: set[str] = set()
        self._swept = monotonic()

    def run_once(self) -> Result:
        """Decide for the pools whose stretch has not been decided for."""
        began = monotonic()
        around = self._observer.look()
        desired = self._store.registry.desired()
        policies = self._policies.of(around.pools() | desired.keys())
        if self._policies.is_away:
            self._journal.rest()
        for policy in sorted(policies, key=self._turn):
            if policy.enabled and self._stretches.get(policy.pool) != _stretch(policy, around.at):
                self._stay()
                self._attempt(policy, around)
        self._chronicle.note([policy.pool for policy in policies], around, desired)
        if monotonic() - self._swept > SWEEP_EVERY:
            self._sweep(policies, around)
        waits = [policy.interval - around.at % policy.interval + CLOSE for policy in policies]
        return Result(len(policies), max(0.0, min([LONGEST_LOOK, *waits]) - (monotonic() - began)))

    def _sweep(self, policies: Sequence[ScalingPolicy], around: Surroundings) -> None:
        """Forget the pools that were long gone the last time too: a clock that jumps makes all of them look so once."""
        self._swept = monotonic()
        try:
            gone, before = long_gone(self._store, policies, around), self._gone
            self._gone = gone
            with own() as using:
                for pool in gone & before:
                    if forget_in_store(self._store, pool):
                        forget_rows(pool, using)
                        log.info("a pool is forgotten: nothing was heard of it for seven days", pool=pool)
        except (StoreSpoilt, DatabaseError, InterfaceError) as error:
            log.warning("pools are forgotten later", error=str(error).strip())

    def leave(self) -> None:
        """Have told everything."""
        self._journal.finish()

    def _turn(self, policy: ScalingPolicy) -> tuple[tuple[bool, float], bool]:
        """Pools with strategies or actuators that may take long let the others go first."""
        return self._choice.turn(policy), policy.strategy not in BUILT_IN

    def _stay(self) -> None:
        """Keep on leading while strategies and actuators take their time. A lease that is over stays over."""
        if self._leadership.leading:
            self._leadership.keep()

    def _attempt(self, policy: ScalingPolicy, around: Surroundings) -> None:
        """Decide for a pool; what is wrong with it alone, like a spoilt key, costs it this stretch and no other pool.

        Raises NotLeading, and StoreError where the whole store has trouble.
        """
        try:
            self._evaluate(policy, around)
        except (NotLeading, StoreUnavailable, StoreMisconfigured):
            raise
        except Exception as error:
            self._stretches[policy.pool] = _stretch(policy, around.at)
            is_known = isinstance(error, StoreError)
            log.error("a pool cannot be decided for", pool=policy.pool, error=told(error), exc_info=not is_known)

    def _evaluate(self, policy: ScalingPolicy, around: Surroundings) -> None:
        pool, stretch = policy.pool, _stretch(policy, around.at)
        kept = self._store.scaling.kept(pool)
        if pool not in self._recalled:  # who led before may have died with these untold
            self._journal.recall(pool, read_memo(kept.memory).untold)
            self._recalled.add(pool)
        if kept.stretch == stretch:
            self._stretches[pool] = stretch
            return
        actuator = self._choice.of(policy)
        observation, memo = self._observer.observe(pool, around, self._believed(policy, kept), actuator.obeys_within)
        decision, memo, actuator = self._decided(policy, kept, (observation, memo), actuator)
        began = observation.at // policy.interval * policy.interval
        entry = Entry.of(policy, observation, decision, round(began))
        memo = msgspec.structs.replace(memo, goal=policy.wait_goal, untold=(*self._journal.untold(pool), entry))
        if self._recorded(policy, kept, (observation, memo), decision, actuator):
            self._stretches[pool] = stretch
            workers = _workers(policy, kept, decision, actuator)
            desired = kept.desired if workers is None else workers
            try:
                if desired is not None:
                    actuator.follow(desired, around.of(pool))
            finally:
                self._journal.keep(pool, entry)

    def _decided(
        self, policy: ScalingPolicy, kept: Kept, seen: tuple[Observation, Memo], actuator: Actuator
    ) -> tuple[Decision, Memo, Actuator]:
        """What is to be, as its actuator can have it; with what is to be remembered, and who carries it out."""
        observation = seen[0]
        decision, memo = self._proposed(policy, kept, *seen)
        self._stay()
        bar = actuator.bar(observation.at)
        self._stay()
        if policy.is_ours and not bar:
            obeying = obeying_of(self._store, policy)
            decision = followed(decision, observation, kept.desired, policy.plain(), obeying)
        decision = in_units(decision, actuator.unit, policy.plain(), observation.waiting)
        if bar:
            decision, actuator = barred(decision, bar), OBSERVED
        elif actuator.flaw:
            decision, bar = flawed(decision, actuator.flaw), Bar(actuator.flaw, is_trouble=True)
        elif decision.guard in BROKEN:
            bar = Bar(decision.reason, is_trouble=True)
        why, is_trouble = (bar.why, bar.is_trouble) if bar else ("", False)
        return decision, msgspec.structs.replace(memo, bar=why, is_trouble=is_trouble), actuator

    def _believed(self, policy: ScalingPolicy, kept: Kept) -> Kept:
        """What is known, with as many desired workers as the pool's hosts can be expected to have."""
        obeying = obeying_of(self._store, policy)
        possible = obeying(kept.desired) if obeying and kept.desired is not None else 0
        return msgspec.structs.replace(kept, desired=possible) if possible else kept

    def _proposed(
        self, policy: ScalingPolicy, kept: Kept, observation: Observation, memo: Memo
    ) -> tuple[Decision, Memo]:
        """What people ordered, or else what the strategy proposes after all guards; with what it wants remembered."""
        plain = policy.plain()
        decision = ordered(kept, observation, plain)
        memo = msgspec.structs.replace(memo, earlier=memo.memory)
        if decision is None and not memo.queues:
            decision = unseen(observation, plain)
        if decision is not None:
            return decision, memo
        record = Record(_steps(kept, observation.at), memo.memory, read_model(kept.model))
        decision = woken(decide(plain, observation, record), observation, plain)
        return decision, msgspec.structs.replace(memo, memory=decision.memory)

    def _recorded(
        self,
        policy: ScalingPolicy,
        kept: Kept,
        seen: tuple[Observation, Memo],
        decision: Decision,
        actuator: Actuator,
    ) -> bool:
        observation, memo = seen
        workers = _workers(policy, kept, decision, actuator)
        is_new = workers is not None and workers != kept.desired
        outcome = Outcome(
            _stretch(policy, observation.at),
            workers,
            write_memo(memo),
            msgspec.msgpack.encode(Step(observation, decision.proposed, wished(decision), is_new)),
            f"{decision.strategy if decision.strategy in BUILT_IN else OTHER}|{decision.action.value}",
        )
        if not self._store.scaling.record(NAME, self._leadership.token, policy.pool, kept, outcome):
            return False
        if decision.action in (Action.SCALE_UP, Action.SCALE_DOWN):
            log.info(
                decision.action.value,
                pool=policy.pool,
                current=decision.current,
                target=decision.target,
                why=decision.reason,
                actuator=actuator.name,
            )
        return True


def _workers(policy: ScalingPolicy, kept: Kept, decision: Decision, actuator: Actuator) -> int | None:
    """What the desired count is to become; None: what it is."""
    workers = asked(decision, kept.desired, policy.maximum)
    return None if workers is None else actuator.desired(workers)


def _stretch(policy: ScalingPolicy, at: float) -> str:
    return f"{policy.interval:g}:{at // policy.interval:.0f}"


def _steps(kept: Kept, now: float) -> tuple[Step, ...]:
    """The steps of the last quarter of an hour that can be read."""
    return tuple(step for step in read_steps(kept.steps) if now - REMEMBERED <= step.observation.at <= now)
