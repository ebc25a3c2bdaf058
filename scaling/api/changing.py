"""Changing the policy of a pool, and forgetting a pool: in the database, on record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from jobs import trail
from jobs.api.bodies.filters import ReasonQuery
from jobs.api.call import Call
from jobs.api.problems import FieldError, conflict, invalid
from jobs.trail.connection import borrowed
from scaling.errors import UnknownStrategyError
from scaling.forgetting import forget_in_store, forget_rows
from scaling.models import ScalingPolicy
from scaling.models.policy import changes
from scaling.strategies.lookup import find

from .bodies import PolicyBody, wished

_WIRE: Final = re.compile(r"_(\w)")


def change(call: Call[PolicyBody, Any], pool: str) -> ScalingPolicy:
    """Save what a body changes, on record, in one transaction. Raises Problem 409 and 422."""
    body, who = call.body, call.principal
    if body.strategy is not None:
        with suppress(UnknownStrategyError):  # what may take long is waited for before a row is locked
            find(body.strategy)
    with _changed() as using:
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
        _note(call, pool, body.reason, {"changed": changes(before, policy.facts()), "version": policy.version})
    return policy


def forget(call: Call[Any, ReasonQuery], pool: str) -> None:
    """Forget a pool, on record. Raises Problem 409 while it lives."""
    with _changed() as using:
        _note(call, pool, call.query.reason, {"deleted": True})
        forget_rows(pool, using)
        if not forget_in_store(call.store, pool):
            raise conflict("A worker or a supervisor of the pool lives: stop its workerpools first.")


@contextmanager
def _changed() -> Iterator[str]:
    """A transaction for what changes policies. Raises Problem 409 where somebody else was faster."""
    try:
        with borrowed() as using, transaction.atomic(using=using):
            yield using
    except IntegrityError as error:
        raise conflict("Somebody else has changed a policy meanwhile: read it again.") from error


def _note(call: Call[Any, Any], pool: str, reason: str, detail: dict[str, Any]) -> None:
    who = call.principal
    actor = trail.Actor(who.id, who.name, call.asked.address)
    trail.note(actor=actor, action=trail.Action.SCALING_POLICY, target=pool, count=1, reason=reason, detail=detail)


def _check(policy: ScalingPolicy) -> None:
    try:
        policy.full_clean(validate_unique=False)
    except ValidationError as error:
        fields = [FieldError(_wire(name), " ".join(said)) for name, said in error.message_dict.items()]
        raise invalid(fields) from error


def _wire(name: str) -> str:
    return _WIRE.sub(lambda match: match[1].upper(), name)
