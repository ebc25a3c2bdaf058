"""From enqueue to the handler's first line, on an idle worker."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.figures import percentile
from benchmarks.shape import Shape
from benchmarks.subject import Subject

WARM_UP_JOBS = 100


def measure(bench: Bench, subject: Subject) -> dict[str, float]:
    """Return percentiles in ms over jobs sent one at a time, some ms apart."""
    options, kind = bench.options, subject.kinds[0]
    bench.reset()
    with subject.workers(Shape(options.processes, kind)) as workers:
        subject.feed(kind, WARM_UP_JOBS, gap=options.gap_seconds)
        bench.wait_for(WARM_UP_JOBS, workers)
        bench.records.clear()
        subject.feed(kind, options.samples, gap=options.gap_seconds)
        bench.wait_for(options.samples, workers)
        waits = bench.records.milliseconds()
    return {f"latency_p{share}": percentile(waits, share / 100) for share in (50, 95, 99)}
