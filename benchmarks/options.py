"""What a run is asked to do."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields, replace

from benchmarks import peers

PHASES = ("throughput", "latency", "mixes", "memory")


@dataclass(frozen=True)
class Options:
    """Sizes and repetitions. The defaults are the full form."""

    subjects: tuple[str, ...] = peers.NAMES
    phases: tuple[str, ...] = PHASES
    rounds: int = 5
    mix_rounds: int = 1
    memory_rounds: int = 1
    processes: int = 2
    jobs: int = 20_000  # enqueued one by one in each round; fewer make Redis bytes a job imprecise
    bulk_jobs: int = 50_000
    batch: int = 500
    settle_seconds: float = 0.5  # left out after the first completion, while processes still start
    window_seconds: float = 5.0  # at most this long does one throughput sample take
    samples: int = 2_000
    gap_seconds: float = 0.01
    mix_slots: int = 25
    mix_seconds: float = 4.0
    large_pool: int = 20
    before: str = ""
    partitions: int = 1

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is left out: all subjects and phases, five rounds or more, samples of full size."""
        return replace(self, rounds=min(self.rounds, Options.rounds)) == Options()

    def repetitions(self, phase: str) -> int:
        """Return in how many rounds a phase takes part."""
        return {"mixes": self.mix_rounds, "memory": self.memory_rounds}.get(phase, self.rounds)


QUICK = Options(
    rounds=1,
    mix_rounds=1,
    jobs=2_000,
    bulk_jobs=5_000,
    window_seconds=2.0,
    samples=200,
    mix_seconds=1.5,
    large_pool=6,
)
HELP = {
    "partitions": "measure QueueFlow over so many partitions as well, on a server each",
    "rounds": "rounds for throughput and latency",
    "mix_rounds": "rounds for the mixes",
    "memory_rounds": "rounds for memory",
    "processes": "worker processes of each subject",
    "jobs": "jobs enqueued one by one in a round",
    "bulk_jobs": "jobs enqueued in bulk in a round",
    "batch": "jobs in one bulk enqueue",
    "settle_seconds": "time after the first completion that is not measured",
    "window_seconds": "longest time over which throughput is measured",
    "samples": "latency samples in a round",
    "gap_seconds": "mean time between two latency samples",
    "mix_slots": "slots in each process for the mixes, where a subject can have more than one",
    "mix_seconds": "shortest time over which a mix is measured",
    "large_pool": "processes of the larger pool whose memory is compared",
}


def parse(arguments: list[str] | None = None) -> Options:
    """Read the command line, ``sys.argv`` by default; explains and exits if it makes no sense."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Compare QueueFlow with its peers on this machine.")
    parser.add_argument("--quick", action="store_true", help="one round of small samples: shows that it works")
    parser.add_argument("--subjects", type=_names, metavar="A,B", help=f"of {', '.join(peers.NAMES)}")
    parser.add_argument("--phases", type=_phases, metavar="A,B", help=f"of {', '.join(PHASES)}")
    parser.add_argument(
        "--before", metavar="COMMIT", help="measure QueueFlow as it was then too, as the subject before"
    )
    for field in fields(Options):
        if field.name in HELP:
            kind = type(field.default)
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, help=HELP[field.name])
    given = vars(parser.parse_args(arguments))
    base = QUICK if given.pop("quick") else Options()
    options = replace(base, **{name: value for name, value in given.items() if value is not None})
    if options.jobs < 2 or options.bulk_jobs <= options.batch or options.large_pool <= options.processes:
        parser.error("jobs must be 2 or more, bulk-jobs more than batch, large-pool more than processes")
    return options


def _names(text: str) -> tuple[str, ...]:
    return _chosen(text, peers.NAMES)


def _phases(text: str) -> tuple[str, ...]:
    return _chosen(text, PHASES)


def _chosen(text: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    if unknown := set(chosen) - set(allowed):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(allowed)}")
    return chosen
