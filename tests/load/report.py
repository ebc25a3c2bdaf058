"""What a run of the load test says in the end: a table, and each limit that was missed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.load.plan import ENQUEUE, Limits, Phase

SHARE_OF_RATE = 0.97  # of the requests that a phase wants; the first second of each starts its users
HEAD = (
    f"{'Phase':<21} {'Request':<20} {'sent':>7} {'per s':>6} {'p50':>7} {'p95':>7} {'p99':>7} {'max':>7} {'errors':>6}"
)


@dataclass
class Sample:
    """The requests of one kind in one phase: how long each took, in ms, and what went wrong."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


Samples = Mapping[tuple[int, str], Sample]  # by place of the phase and kind of the request


def percentile(times: Sequence[float], share: float) -> float:
    """The smallest of `times` that `share` of them (0 to 1) do not exceed; 0 for none."""
    return sorted(times)[max(0, math.ceil(share * len(times)) - 1)] if times else 0.0


def lines(phases: Sequence[Phase], samples: Samples) -> Iterator[str]:
    """The table, times in ms."""
    yield HEAD
    for (place, kind), sample in sorted(samples.items()):
        phase, times = phases[place], sample.times
        marks = "".join(f" {percentile(times, share):>7.1f}" for share in (0.5, 0.95, 0.99, 1.0))
        per_second = len(times) / phase.seconds
        yield f"{phase.name:<21} {kind:<20} {len(times):>7} {per_second:>6.1f}{marks} {len(sample.errors):>6}"


def missed(phases: Sequence[Phase], samples: Samples) -> Iterator[str]:
    """A sentence for each limit that was not kept."""
    for place, phase in enumerate(phases):
        of_phase = {kind: sample for (at, kind), sample in samples.items() if at == place}
        sent = sum(len(sample.times) for sample in of_phase.values())
        if sent < SHARE_OF_RATE * phase.rate * phase.seconds:
            yield f"{phase.name}: {sent / phase.seconds:.1f} requests a second were made of {phase.rate}"
        for kind, sample in of_phase.items():
            if sample.errors:
                yield f"{phase.name}: {len(sample.errors)} of {kind} went wrong, the first: {sample.errors[0]}"
        if phase.limits is not None:
            yield from _too_slow(phase.name, of_phase.get(ENQUEUE, Sample()).times, phase.limits)


def _too_slow(phase: str, times: Sequence[float], limits: Limits) -> Iterator[str]:
    for name, share, limit in (("p50", 0.5, limits.p50), ("p95", 0.95, limits.p95), ("p99", 0.99, limits.p99)):
        found = percentile(times, share)
        if found > limit:
            yield f"{phase}: {name} of {ENQUEUE} is {found:.1f} ms, more than {limit:g} ms"
