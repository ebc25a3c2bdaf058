"""Jobs that take their time: the rate beside the bound that slots and durations set."""

from __future__ import annotations

import math
import time

from benchmarks.bench import Bench
from benchmarks.errors import BenchmarkError
from benchmarks.feed import Mix
from benchmarks.figures import rate
from benchmarks.shape import Shape
from benchmarks.subject import Subject

MIXES = {
    "simple": Mix(((10, 1),)),
    "medium": Mix(((500, 1),)),
    "heavy": Mix(((2000, 1),)),
    "mixed": Mix(((10, 16), (500, 3), (2000, 1))),
}
PERIODS = 3  # a window is a whole number of the longest job's duration, so that waves of equal jobs count evenly
MARGIN = 1.2


def measure(bench: Bench, subject: Subject) -> dict[str, float]:
    """Return for each mix jobs/s and the bound in jobs/s."""
    values: dict[str, float] = {}
    for name, mix in MIXES.items():
        values[f"mix_{name}"], values[f"bound_{name}"] = _run(bench, subject, mix)
    bench.reset()
    return values


def _run(bench: Bench, subject: Subject, mix: Mix) -> tuple[float, float]:
    options, kind = bench.options, subject.kinds[0]
    shape = Shape(options.processes, kind, options.mix_slots)
    slots = subject.slots(shape)
    bound = slots / mix.mean_seconds
    settle, window = _times(bench, mix)
    # A subject that is slower than its slots needs less in store.
    speed = min(bound, MARGIN * bench.speeds.get((subject.name, kind), bound))
    bench.reset()
    bench.fill(subject, kind, math.ceil(MARGIN * speed * (settle + window)) + 3 * slots, mix)
    with subject.workers(shape) as workers:
        bench.wait_for(1, workers)
        time.sleep(settle)
        first = bench.sample()
        time.sleep(window)
        last = bench.sample()
        workers.check()
    if last.done == first.done:
        raise BenchmarkError(f"nothing completed for {window:.1f} s: {workers.log_tail()}")
    return rate(first, last), bound


def _times(bench: Bench, mix: Mix) -> tuple[float, float]:
    """Return seconds to let the slots fall out of step, and to measure."""
    longest = mix.longest_seconds
    window = math.ceil(max(bench.options.mix_seconds, PERIODS * longest) / longest) * longest
    # Half a period past a wave: a little jitter cannot move a wave into or out of the window.
    return bench.options.settle_seconds + 1.5 * longest, window
