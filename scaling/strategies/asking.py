"""Putting the question to a strategy that may do anything."""

from __future__ import annotations

import math
import threading
from time import monotonic
from typing import Final

import msgspec

from scaling.observation import Observation
from scaling.policy import Policy
from scaling.proposal import Proposal
from scaling.record import Record

from .lookup import is_built_in
from .strategy import Strategy

PATIENCE: Final = 2.0
"""Seconds that a strategy which is not ours may take."""
REST: Final = 30.0
"""Seconds after which one that took longer is asked again: others wait meanwhile, and not for it every time."""
MOST_WORKERS: Final = 100_000
LONGEST_REASON: Final = 500
MOST_MEMORY: Final = 200

_overran: dict[str, tuple[threading.Thread, float]] = {}  # what is or was busy too long, and when it began


class NoAnswerError(Exception):
    """The strategy raised, took too long or answered what makes no sense. The text is a sentence without its stop."""


def ask(strategy: Strategy, seen: Observation, record: Record, policy: Policy) -> Proposal:
    """What `strategy` proposes, checked. Raises NoAnswerError.

    A strategy that is not ours runs in a thread of its own for at most PATIENCE seconds. One that takes longer is not
    asked again for REST seconds, nor while that question still keeps it busy.
    """
    if is_built_in(strategy):
        answer = _bounded(_answer(strategy, seen, record, policy))
    else:
        answer = _in_time(strategy, seen, record, policy)
    if isinstance(answer, Exception):
        raise NoAnswerError(f"The strategy {policy.strategy} broke ({type(answer).__name__}: {answer})") from answer
    trouble = _trouble(answer)
    if trouble is not None or not isinstance(answer, Proposal):
        raise NoAnswerError(f"The strategy {policy.strategy} answered nonsense ({trouble})")
    return answer


def _answer(strategy: Strategy, seen: Observation, record: Record, policy: Policy) -> object:
    try:
        return strategy.decide(seen, record, policy)
    except Exception as exc:
        return exc


def _bounded(answer: object) -> object:
    """Ours may ask for more than anybody has: a flood is no nonsense."""
    if isinstance(answer, Proposal) and answer.workers > MOST_WORKERS:
        return msgspec.structs.replace(answer, workers=MOST_WORKERS)
    return answer


def _in_time(strategy: Strategy, seen: Observation, record: Record, policy: Policy) -> object:
    name, now = policy.strategy, monotonic()
    earlier, began = _overran.get(name, (None, now))
    if earlier is not None and earlier.is_alive():
        raise NoAnswerError(f"The strategy {name} is still busy with a question of {now - began:.0f} s ago")
    if earlier is not None and (left := began + REST - now) > 0:
        raise NoAnswerError(f"The strategy {name} took more than {PATIENCE:g} s and is asked again in {left:.0f} s")
    answers: list[object] = []
    thread = threading.Thread(
        target=lambda: answers.append(_answer(strategy, seen, record, policy)), name="scaling-strategy", daemon=True
    )
    thread.start()
    thread.join(PATIENCE)
    if not answers:
        _overran[name] = thread, now
        raise NoAnswerError(f"The strategy {name} took more than {PATIENCE:g} s")
    _overran.pop(name, None)
    return answers[0]


def _trouble(answer: object) -> str | None:
    """What is wrong with an answer, in words; None when it can be used. A plugin's types are not to be trusted."""
    if not isinstance(answer, Proposal):
        return f"{type(answer).__name__} instead of Proposal"
    workers: object = answer.workers
    if type(workers) is not int or not 0 <= workers <= MOST_WORKERS:
        return f"{workers!r} workers"
    reason: object = answer.reason
    if not isinstance(reason, str) or not reason.strip() or len(reason) > LONGEST_REASON:
        return "no reason that could be shown"
    if not _is_number(answer.confidence) or not 0 <= answer.confidence <= 1:
        return f"a confidence of {answer.confidence!r}"
    if len(answer.memory) > MOST_MEMORY or not all(_is_number(value) for value in answer.memory.values()):
        return "a memory that is too large or not of numbers"
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
