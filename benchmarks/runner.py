"""The rounds: in each, every phase visits every subject before the next phase begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.bench import Bench
from benchmarks.errors import BenchmarkError
from benchmarks.measures import latency, memory, mixes, throughput
from benchmarks.options import Options
from benchmarks.progress import Progress
from benchmarks.results import Results
from benchmarks.subject import Subject

PHASES: dict[str, Callable[[Bench, Subject], dict[str, float]]] = {
    "throughput": throughput.measure,
    "latency": latency.measure,
    "mixes": mixes.measure,
    "memory": memory.measure,
}


def run(bench: Bench, subjects: Sequence[Subject], results: Results) -> None:
    """Measure everything, with a progress bar; a subject that fails a phase is noted and left out of that phase."""
    steps = list(plan(bench.options, len(subjects)))
    progress = Progress(len(steps))
    out: set[tuple[str, str]] = set()
    for number, phase, index in steps:
        subject = subjects[index]
        progress.step(f"round {number + 1}: {phase} of {subject.name}")
        if (subject.name, phase) in out:
            continue
        try:
            results.add(subject.name, PHASES[phase](bench, subject))
        except BenchmarkError as error:
            out.add((subject.name, phase))
            results.fail(subject.name, phase, str(error))
            progress.note(f"{subject.name}, {phase}: {error}")
    progress.close()


def plan(options: Options, subjects: int) -> Iterator[tuple[int, str, int]]:
    """Yield (round, phase, subject) in order; each round starts with another subject, so that none is always first."""
    for number in range(max(map(options.repetitions, options.phases))):
        for phase in options.phases:
            if number < options.repetitions(phase):
                for offset in range(subjects):
                    yield number, phase, (number + offset) % subjects
