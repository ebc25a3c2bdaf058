"""Pools as the API shows and changes them."""

from __future__ import annotations

import re
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from jobs import trail
from jobs.api.call import Call
from jobs.api.problems import FieldError, conflict, invalid, not_found
from jobs.clock import isoformat, to_instant_ms
from jobs.store.store import Store
from jobs.trail.connection import borrowed
from scaling import orders
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.models.policy import POOL_NAME, changes

from .answers import DecisionView, PolicyView, PoolScaling, hand_view, pause_view
from .bodies import PolicyBody, wished

_NAME: Final = re.compile(rf"{POOL_NAME}\Z")
_WIRE: Final = re.compile(r"_(\w)")


def known(call: Call[Any, Any], pool: str) -> ScalingPolicy:
    """The policy of a pool that is there: saved, or else as environment variables say. Raises Problem 404."""
    if _NAME.match(pool):
        with borrowed() as using:
            saved = ScalingPolicy.objects.using(using).filter(pool=pool).first()
        if saved is not None:
            return saved
        if pool in _pools(call.store):
            return ScalingPolicy.first(pool, call.config)
    raise not_found("There is no such pool.")


def shown(call: Call[Any, Any], policy: ScalingPolicy) -> PoolScaling:
    """A pool now."""
    store, pool = call.store, policy.pool
    kept, now_ms = store.scaling.kept(pool, steps=0), store.reader.now_ms()
    with borrowed() as using:
        last = ScalingDecision.objects.using(using).filter(pool=pool).order_by("-at", "-id").first()
    saved = policy.pk is not None
    return PoolScaling(
        pool=pool,
        version=policy.version,
        policy=PolicyView.of(policy),
        changed_at=isoformat(to_instant_ms(policy.updated_at)) if saved else None,
        changed_by=policy.updated_by or None,
        desired=kept.desired,
        current=sum(seen.alive and seen.info.pool == pool for seen in store.registry.workers()),
        most=store.registry.most_workers([pool]).get(pool, 0),
        by_hand=hand_view(orders.by_hand(kept, now_ms)),
        paused=pause_view(orders.paused(kept)),
        last_decision=DecisionView.of(last, call.redactor) if last else None,
        at=isoformat(now_ms),
    )


def change(call: Call[PolicyBody, Any], pool: str) -> ScalingPolicy:
    """Save what a body changes, on record, in one transaction. Raises Problem 409 and 422."""
    body, who = call.body, call.principal
    with borrowed() as using, transaction.atomic(using=using):
        policy = ScalingPolicy.objects.using(using).select_for_update().filter(pool=pool).first()
        policy = policy or ScalingPolicy.first(pool, call.config)
        if policy.version != body.version:
            raise conflict(f"The policy has changed meanwhile: its version is {policy.version}.")
        before = policy.facts()
        for name, value in wished(body).items():
            setattr(policy, name, value)
        policy.updated_by = who.name[:150]
        _check(policy)
        policy.save(using=using)
        actor = trail.Actor(who.id, who.name, call.asked.address)
        detail = {"changed": changes(before, policy.facts()), "version": policy.version}
        trail.note(
            actor=actor,
            action=trail.Action.SCALING_POLICY,
            target=pool,
            count=1,
            reason=body.reason,
            detail=detail,
        )
    return policy


def _check(policy: ScalingPolicy) -> None:
    try:
        policy.full_clean(validate_unique=False)
    except ValidationError as error:
        fields = [FieldError(_wire(name), " ".join(said)) for name, said in error.message_dict.items()]
        raise invalid(fields) from error


def _wire(name: str) -> str:
    return _WIRE.sub(lambda match: match[1].upper(), name)


def _pools(store: Store) -> set[str]:
    return {seen.info.pool for seen in store.registry.workers() if seen.alive} | store.registry.desired().keys()
