"""Why the jobs of a queue wait, or fail: a pure function of what is known about the queue."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

import msgspec

from jobs.words import lasting, rate, several

Word = Literal["", "paused", "no workers", "dependency", "slow", "limit", "load"]

PATIENCE_MS: Final = 5_000  # a job may wait that long before anybody asks why
FAILING_SHARE: Final = 0.5  # of the executions of the last minute, from which it is no single job's fault
FEW_FAILURES: Final = 10  # below which the share says nothing: with one in ten failing it does not come about by chance
SLOWDOWN: Final = 2.0  # times the usual processing time


class QueueFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the cause depends on. Rates are per second, times ms.

    `waiting` jobs can be claimed, `held` ones are of paused types. Rates that are not `rated` are guesses. `executions`
    ended in the last minute, `failures` of them in failure; what was put off, given back or discarded is in neither.
    `waits_for`: (type, dependency) of jobs that are put off since a breaker is open.
    `workers`, `slots` and `busy` are those of the live workers that serve the queue; `at_most`: their pools may not
    grow. `mean_ms` is the recent processing time, `usual_ms` that of the last hours. None: not known.
    """

    paused: bool = False
    waiting: int = 0
    held: int = 0
    oldest_ms: int = 0
    arriving: float = 0.0
    leaving: float = 0.0
    rated: bool = True
    executions: int = 0
    failures: int = 0
    waits_for: Collection[tuple[str, str]] = ()
    workers: int = 0
    slots: int = 0
    busy: int = 0
    at_most: bool | None = False
    mean_ms: float | None = None
    usual_ms: float | None = None


class Cause(msgspec.Struct, frozen=True):
    """Why jobs wait or fail: a word for a tag and a sentence; both empty where the queue keeps up.

    `growing`: at least as many jobs come in as go out. `clears_in_ms`: until nothing waits at today's rates, None while
    growing, when nothing waits, or while rates are guesses. `failing`: the percentage of executions that fail, where
    that is the cause; 0 where jobs are put off.
    """

    word: Word = ""
    why: str = ""
    growing: bool = False
    clears_in_ms: int | None = None
    failing: int = 0

    @property
    def is_trouble(self) -> bool:
        """Nobody works on the jobs, or work on them fails: it does not get better by itself."""
        return self.word in {"no workers", "dependency"}


def cause_of(facts: QueueFacts) -> Cause:
    """The first thing that explains the trouble, the most certain first. Failing is one also where nothing waits."""
    word, why = _explained(facts)
    stuck = word in {"paused", "no workers"}
    growing = facts.rated and facts.waiting > 0 and facts.arriving > 0 and facts.arriving >= facts.leaving
    clearing = facts.leaving - facts.arriving if facts.rated and not stuck else 0.0
    clears = int(1000 * facts.waiting / clearing) if facts.waiting and clearing > 0 else None
    return Cause(word, why, growing, clears, _failing(facts) if word == "dependency" and not facts.waits_for else 0)


def _explained(facts: QueueFacts) -> tuple[Word, str]:
    if facts.paused:
        return "paused", "Paused by hand: nothing is claimed until somebody resumes it"
    if facts.waiting and not facts.workers:
        return "no workers", "No live worker serves this queue"
    return _failed(facts) or _backlog(facts)


def _failed(facts: QueueFacts) -> tuple[Word, str] | None:
    if facts.waits_for:
        return "dependency", _put_off(facts.waits_for)
    if facts.failures >= FEW_FAILURES and facts.failures >= FAILING_SHARE * facts.executions:
        words = f"{_failing(facts)} % of executions fail: something that the handlers depend on may be down"
        return "dependency", words
    return None


def _backlog(facts: QueueFacts) -> tuple[Word, str]:
    if not facts.waiting:
        return ("paused", f"{facts.held:,} pending jobs are of paused types") if facts.held else ("", "")
    if facts.oldest_ms < PATIENCE_MS:
        return "", ""
    return _overburdened(facts)


def _put_off(waits_for: Collection[tuple[str, str]]) -> str:
    """Which types wait for what, in words."""
    types: dict[str, list[str]] = {}
    for job_type, dependency in sorted(waits_for):
        types.setdefault(dependency, []).append(job_type)
    told = [f"{names[0]}{f' and {len(names) - 1} more' if names[1:] else ''}" for names in types.values()]
    waits = [f"{who} waiting for {dependency}" for who, dependency in zip(told, types, strict=True)]
    return f"Jobs are put off, no attempt spent: {', '.join(waits)}"


def _failing(facts: QueueFacts) -> int:
    """In percent, rounded down: 100 only if none completes."""
    return 100 * facts.failures // max(facts.executions, 1)


def _overburdened(facts: QueueFacts) -> tuple[Word, str]:
    """Why workers that are there do not keep up."""
    if facts.mean_ms and facts.usual_ms and facts.mean_ms >= SLOWDOWN * facts.usual_ms:
        return "slow", f"A job takes {lasting(round(facts.mean_ms))}, usually {lasting(round(facts.usual_ms))}"
    if facts.slots and facts.busy >= facts.slots and facts.at_most:
        return "limit", f"All {facts.slots:,} slots are busy and the pool has its most workers"
    if facts.slots and facts.busy >= facts.slots and facts.at_most is None:
        return "load", f"All {facts.slots:,} slots are busy; whether the pool may grow is not known"
    if not facts.rated:
        return "load", f"More came in at once than {several(facts.slots, 'slot')} can run"
    return "load", f"{rate(facts.arriving)} come in, {rate(facts.leaving)} go out"
