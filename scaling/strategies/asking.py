"""Putting the question to a strategy that may do anything."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from time import monotonic
from typing import Final

import msgspec

from jobs.words import storable
from scaling.errors import LONGEST, told
from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .loading import PATIENCE
from .lookup import is_built_in
from .strategy import Strategy

REST: Final = 30.0
"""Seconds after which one that took longer is asked again: others wait meanwhile, and not for it every time."""
MOST_PROPOSED: Final = 100_000
LONGEST_REASON: Final = 500
MOST_MEMORY: Final = 200
LONGEST_KEY: Final = 100

_overran: dict[str, tuple[threading.Thread, float]] = {}  # what is or was busy too long, and when it began


class NoAnswerError(Exception):
    """The strategy raised, took too long or answered what makes no sense. The text is a sentence without its stop."""


def ask(strategy: Strategy, seen: Observation, record: Record, policy: Policy, spent: float = 0.0) -> Proposal:
    """What `strategy` proposes, checked. Raises NoAnswerError, and nothing else whatever the strategy does.

    A strategy that is not ours runs in a thread of its own for at most PATIENCE seconds, less those that it has `spent`
    on being loaded. One that takes longer is not asked again for REST seconds, nor while that question still keeps it
    busy.
    """
    try:
        if not is_built_in(strategy):
            return _in_time(strategy, seen, record, policy, spent)
        return _checked(_bounded(strategy.decide(seen, record, policy)), policy.strategy)
    except NoAnswerError:
        raise
    except Exception as exc:
        raise _broke(policy.strategy, exc) from exc


def _broke(name: str, error: BaseException) -> NoAnswerError:
    return NoAnswerError(f"The strategy {name} broke ({told(error)})")


def _bounded(answer: object) -> object:
    """Ours may ask for more than anybody has: a flood is no nonsense."""
    if isinstance(answer, Proposal) and answer.workers > MOST_PROPOSED:
        return msgspec.structs.replace(answer, workers=MOST_PROPOSED)
    return answer


def _in_time(strategy: Strategy, seen: Observation, record: Record, policy: Policy, spent: float) -> Proposal:
    name, now = policy.strategy, monotonic()
    earlier, began = _overran.get(name, (None, now))
    if earlier is not None and earlier.is_alive():
        raise NoAnswerError(f"The strategy {name} is still busy with a question of {now - began:.0f} s ago")
    if earlier is not None and (left := began + REST - now) > 0:
        raise NoAnswerError(f"The strategy {name} took more than {PATIENCE:g} s and is asked again in {left:.0f} s")
    answers: list[Proposal | NoAnswerError] = []
    thread = threading.Thread(
        target=lambda: answers.append(_answer(strategy, seen, record, policy)), name="scaling-strategy", daemon=True
    )
    thread.start()
    thread.join(max(0.0, PATIENCE - spent))
    if not answers:
        _overran[name] = thread, now
        raise NoAnswerError(f"The strategy {name} took more than {PATIENCE:g} s")
    _overran.pop(name, None)
    if isinstance(answers[0], NoAnswerError):
        raise answers[0]
    return answers[0]


def _answer(strategy: Strategy, seen: Observation, record: Record, policy: Policy) -> Proposal | NoAnswerError:
    """In the strategy's own thread, where it may also end what it takes for the interpreter."""
    try:
        return _checked(strategy.decide(seen, record, policy), policy.strategy)
    except NoAnswerError as error:
        return error
    except BaseException as exc:
        return _broke(policy.strategy, exc)


def _checked(answer: object, name: str) -> Proposal:
    """The answer as plain data, whose types are not to be trusted before. Raises NoAnswerError where it is none."""
    if not isinstance(answer, Proposal):
        raise _nonsense(name, f"{type(answer).__name__} instead of Proposal")
    workers: object = answer.workers
    if type(workers) is not int or not 0 <= workers <= MOST_PROPOSED:
        raise _nonsense(name, f"{workers!r} workers")
    reason: object = answer.reason
    if not isinstance(reason, str) or not reason.strip() or len(reason) > LONGEST_REASON:
        raise _nonsense(name, "no reason that could be shown")
    confidence = _number(answer.confidence)
    if confidence is None or not 0 <= confidence <= 1:
        raise _nonsense(name, f"a confidence of {answer.confidence!r}")
    memory = _numbers(answer.memory)
    if memory is None:
        raise _nonsense(name, "a memory that is too large or not of numbers")
    return Proposal(workers, storable(str.__str__(reason)), confidence, memory, answer.is_step is True)


def _nonsense(name: str, what: str) -> NoAnswerError:
    return NoAnswerError(f"The strategy {name} answered nonsense ({storable(what[:LONGEST])})")


def _numbers(memory: object) -> Mapping[str, float] | None:
    """A memory as plain data; None where it cannot be kept."""
    if not isinstance(memory, Mapping) or len(memory) > MOST_MEMORY:
        return None
    found = {}
    for key, value in memory.items():
        number = _number(value)
        if number is None or type(key) is not str or len(key) > LONGEST_KEY or storable(key) != key:
            return None
        found[key] = number
    return found


def _number(value: object) -> float | None:
    """The number as a plain one; None where it is none, or none that is finite."""
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
