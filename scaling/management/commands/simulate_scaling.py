"""`manage.py simulate_scaling`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scaling.policy import Policy
from scaling.simulator import bound
from scaling.simulator.presets import preset
from scaling.simulator.report import Report
from scaling.simulator.run import Pool, simulate, smallest_static
from scaling.simulator.trace import Trace, TraceError, read
from scaling.simulator.workload import Workload, workload
from scaling.strategies.lookup import names

DAY = 86_400.0
HEAD = "| strategy | late % | cost | p50 s | p95 s | p99 s | worker hours | actions an hour | flaps | recovery s |"
HPA = "scaling.baselines.hpa.Hpa"


class Command(BaseCommand):
    """Exit code 1 when the trace cannot be used."""

    help = "Replay a trace against strategies, and print a table of waits and costs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the trace, the load and the strategies."""
        parser.add_argument("trace", type=Path, help="CSV: seconds,arrivals_per_second, or a row for each request")
        parser.add_argument("--day", type=int, help="only this day of the trace, counted from 0")
        parser.add_argument("--strategy", action="append", help="names or dotted paths; all when left out")
        parser.add_argument("--peak", type=float, default=100.0, help="workers that the highest load keeps busy")
        parser.add_argument("--service", type=float, default=2.0, help="mean seconds of a job")
        parser.add_argument("--cv", type=float, default=1.5, help="coefficient of variation of a job's seconds")
        parser.add_argument("--goal", type=float, default=10.0, help="seconds within which jobs should start")
        parser.add_argument("--startup", type=float, default=20.0, help="seconds from a worker's launch to its claim")
        parser.add_argument("--minimum", type=int, default=2)
        parser.add_argument("--maximum", type=int, default=200)
        parser.add_argument("--scheduled", action="store_true", help="jobs were put off and can be seen coming")
        parser.add_argument("--smooth", action="store_true", help="the rate runs on lines between the buckets' middles")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the table of all strategies."""
        if min(options["peak"], options["service"], options["goal"]) <= 0 or min(options["startup"], options["cv"]) < 0:
            raise CommandError("peak, service and goal must be above 0, startup and cv not below it")
        if not 0 <= options["minimum"] <= options["maximum"]:
            raise CommandError("minimum must be between 0 and maximum")
        try:
            jobs = workload(_trace(options), options["service"], options["cv"])
        except (TraceError, ValueError) as exc:
            raise CommandError(str(exc)) from exc
        least = self._bound(jobs, options)
        self.stdout.write(HEAD)
        self.stdout.write("|---|" + "---:|" * 9)
        self._row(smallest_static(jobs, options["goal"], 0.01, options["maximum"]), least)
        for name in options["strategy"] or [*names(), HPA]:
            self._row(simulate(jobs, _policy(name, options), Pool(options["startup"])), least)

    def _bound(self, jobs: Workload, options: dict[str, Any]) -> float | None:
        if not bound.available():
            self.stderr.write(bound.MISSING)
            return None
        return bound.bound(jobs, options["goal"], options["startup"], options["minimum"])

    def _row(self, report: Report, least: float | None) -> None:
        cost = f"{report.worker_hours * 3600 / least:.2f}" if least else "–"
        waits = f"{report.p50:.1f} | {report.p95:.1f} | {report.p99:.1f}"
        self.stdout.write(
            f"| {report.strategy} | {report.late * 100:.2f} | {cost} | {waits} | {report.worker_hours:.1f} "
            f"| {report.actions_per_hour:.0f} | {report.flaps} | {report.recovery:.0f} |"
        )


def _trace(options: dict[str, Any]) -> Trace:
    trace = read(options["trace"])
    if options["day"] is not None:
        trace = trace.between(options["day"] * DAY, (options["day"] + 1) * DAY)
    shaped = msgspec.structs.replace(trace, scheduled=options["scheduled"], smooth=options["smooth"])
    return shaped.with_peak(options["peak"] / options["service"])


def _policy(name: str, options: dict[str, Any]) -> Policy:
    limits = {"minimum": options["minimum"], "maximum": options["maximum"], "wait_goal": options["goal"]}
    return msgspec.structs.replace(preset(name, options["startup"]), **limits)
