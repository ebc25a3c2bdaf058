"""Enqueue the demonstration through the REST interface: ``python -m examples.demo --url … --key …``."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from examples.demo_jobs import many_jobs, single_jobs, trickle_jobs
from queueflow_client import ApiError, Client

PAUSE_SECONDS = 5.0  # between two rounds of the trickle
ROUNDS = 17_280  # a day
TRY_THIS = {"type": "run-etl", "payload": {"source": "nyc_taxi"}}


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What became of the demonstration: jobs accepted, per type, and what was refused, per type and code."""

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Jobs accepted."""
        return self.accepted.total()


def submit_demo(base_url: str, api_key: str, patience: float = 30.0) -> DemoResult:
    """Enqueue the demonstration's jobs, one by one and in bulk, and count them.

    ``base_url`` is the address of the service without ``/api``; ``api_key`` needs the scope ``enqueue``. A service that
    is still starting is waited for, up to ``patience`` seconds. A job that is refused, such as one whose handler needs
    a package that is not installed, is counted and does not stop the others. Raises ApiError when the key does not
    serve, OSError when nothing answers.
    """
    result = DemoResult()
    # Digits only: numbers in an error message do not split its group in the dead-letter queue, letters would.
    run = str(time.time_ns() // 1_000_000)
    with closing(Client(base_url, api_key, timeout=patience)) as client:
        for job in single_jobs(run):
            try:
                client.enqueue(**job)
                result.accepted[job["type"]] += 1
            except ApiError as exc:
                if exc.status not in {409, 422}:
                    raise
                result.refused[job["type"], exc.code] += 1
        jobs = list(many_jobs(run))
        outcome = client.enqueue_many(jobs)
    result.accepted.update(jobs[index]["type"] for index, _ in outcome.accepted)
    result.refused.update((jobs[refused.index]["type"], refused.code) for refused in outcome.refused)
    return result


def trickle(
    base_url: str, api_key: str, *, rounds: int = ROUNDS, pause: float = PAUSE_SECONDS, patience: float = 30.0
) -> int:
    """Enqueue a few jobs every ``pause`` seconds, so that there is always something to see, and count those accepted.

    A service that is restarted is waited for, up to ``patience`` seconds. Raises ApiError and OSError as the above.
    """
    run, accepted = str(time.time_ns() // 1_000_000), 0
    with closing(Client(base_url, api_key, timeout=patience)) as client:
        for number in range(rounds):
            accepted += len(client.enqueue_many(trickle_jobs(run, number)).accepted)
            time.sleep(pause)
    return accepted


def summary(result: DemoResult, base_url: str, api_key: str) -> str:
    """The result for a person, and a line to paste into a shell that enqueues one more job."""
    counts = ", ".join(f"{count} {job_type}" for job_type, count in sorted(result.accepted.items()))
    lines = [f"Enqueued {result.total} jobs: {counts}."]
    for (job_type, code), count in sorted(result.refused.items()):
        lines.append(f"Refused: {count} {job_type} ({code}).")
        if code == "unknown_job_type":
            lines.append("  Its handler needs an extra: pip install '.[examples,video]'")
    lines += [
        "Some fail on purpose: watch flaky-report succeed at its third attempt and charge-card die.",
        "Enqueue one more:",
        f"  {curl_line(base_url, api_key)}",
    ]
    return "\n".join(lines)


def curl_line(base_url: str, api_key: str) -> str:
    """A shell command that enqueues an ETL run."""
    return (
        f"curl -sS {base_url.rstrip('/')}/api/jobs -H 'Authorization: Bearer {api_key}'"
        f" -H 'Content-Type: application/json' -d '{json.dumps(TRY_THIS)}'"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a command; 0 when jobs were enqueued, 1 with a sentence when not."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="address of the service (%(default)s)")
    parser.add_argument("--key", required=True, help="an API key with the scope enqueue")
    parser.add_argument("--trickle", action="store_true", help="go on with a few jobs every five seconds, for a day")
    options = parser.parse_args(arguments)
    try:
        result = submit_demo(options.url, options.key)
        print(summary(result, options.url, options.key), flush=True)
        if options.trickle:
            trickle(options.url, options.key)
    except (ApiError, OSError) as exc:
        print(f"The demonstration could not be enqueued at {options.url}: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
