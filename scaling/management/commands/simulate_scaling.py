"""`manage.py simulate_scaling`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scaling.errors import UnknownStrategyError
from scaling.management.bar import bar
from scaling.management.renewing import renewed
from scaling.ml.model import Model, read_model
from scaling.simulator import bound, table
from scaling.simulator.comparison import Comparison, compare
from scaling.simulator.conditions import Conditions
from scaling.simulator.dependency import Dependency
from scaling.simulator.presets import choices
from scaling.simulator.trace import Trace, read

DAY = 86_400.0
ML = "ml"


class Command(BaseCommand):
    """Exit code 1 when the trace cannot be used."""

    help = "Replay a trace against strategies, and print a table of waits and costs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the trace, the load and the strategies."""
        parser.add_argument(
            "trace", type=Path, nargs="?", help="CSV: seconds,arrivals_per_second, or a row for each request"
        )
        parser.add_argument("--day", type=int, help="only this day of the trace, counted from 0")
        parser.add_argument("--strategy", action="append", help=f"names or dotted paths; all of {', '.join(choices())}")
        parser.add_argument("--peak", type=float, default=100.0, help="workers that the highest load keeps busy")
        parser.add_argument("--service", type=float, default=2.0, help="mean seconds of a job")
        parser.add_argument("--cv", type=float, default=1.5, help="coefficient of variation of a job's seconds")
        parser.add_argument("--goal", type=float, default=10.0, help="seconds within which jobs should start")
        parser.add_argument("--startup", type=float, default=20.0, help="seconds from a worker's launch to its claim")
        parser.add_argument("--minimum", type=int, default=2)
        parser.add_argument("--maximum", type=int, default=200)
        parser.add_argument("--slots", type=int, default=1, help="jobs that a worker runs at once")
        parser.add_argument("--scheduled", action="store_true", help="jobs were put off and can be seen coming")
        parser.add_argument("--smooth", action="store_true", help="the rate runs on lines between the buckets' middles")
        parser.add_argument("--model", type=Path, help="what ml decides with: the file of train_scaling --output")
        parser.add_argument("--json", action="store_true", help="print everything, with curves, as JSON")
        parser.add_argument("--renew", type=Path, help="run the commands in this document, and renew its tables")
        calls = parser.add_argument_group("a dependency that too many calls at once make slow and fail")
        calls.add_argument("--saturate", type=int, metavar="CALLS", help="how many calls at once it takes")
        calls.add_argument("--saturate-from", type=float, default=0.0, help="seconds from the start of the load")
        calls.add_argument("--saturate-until", type=float, default=float("inf"), help="seconds from the start")
        calls.add_argument("--unguarded", action="store_true", help="tell nobody how long jobs usually take")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the table of all strategies, or renew those of a document."""
        if not bound.available():
            self.stderr.write(bound.MISSING)
        try:
            if options["renew"]:
                self._renew(options["renew"])
                return
            if options["trace"] is None:
                raise CommandError("Name a trace, or a document with --renew.")
            found = self._run(options)
        except OSError as exc:
            raise CommandError(f"It cannot be read or written: {exc}") from exc
        except (UnknownStrategyError, ValueError) as exc:
            raise CommandError(str(exc)) from exc
        self.stdout.write(json.dumps(found.wire(), allow_nan=False) if options["json"] else _text(found))

    def _run(self, options: dict[str, Any]) -> Comparison:
        trace, model = _trace(options), _model(options["model"])
        if trace.note:
            self.stderr.write(trace.note)
        strategies = options["strategy"] or [name for name in choices() if name != ML or model]
        return compare(trace, strategies, _conditions(options), bar(self.stderr), model, _dependency(options))

    def _renew(self, path: Path) -> None:
        """Replace the tables of a document by those that its commands print."""
        parser = self.create_parser("manage.py", "simulate_scaling")

        def run(arguments: Sequence[str]) -> Comparison:
            return self._run(vars(parser.parse_args(list(arguments))))

        path.write_text(renewed(path.read_text(encoding="utf-8"), run), encoding="utf-8")


def _text(found: Comparison) -> str:
    return "\n".join(table.lines(found))


def _dependency(options: dict[str, Any]) -> Dependency | None:
    if options["saturate"] is None:
        return None
    since, until = options["saturate_from"], options["saturate_until"]
    return Dependency(limit=options["saturate"], since=since, until=until, guarded=not options["unguarded"])


def _trace(options: dict[str, Any]) -> Trace:
    trace = read(options["trace"])
    if options["day"] is not None:
        trace = trace.between(options["day"] * DAY, (options["day"] + 1) * DAY)
    return msgspec.structs.replace(trace, scheduled=options["scheduled"], smooth=options["smooth"])


def _model(path: Path | None) -> Model | None:
    if path is None:
        return None
    try:
        model = read_model(path.read_bytes())
    except OSError as exc:
        raise CommandError(f"{path.name} cannot be read: {exc}") from exc
    if model is None:
        raise CommandError(f"{path.name} is no model of train_scaling")
    return model


def _conditions(options: dict[str, Any]) -> Conditions:
    return Conditions(**{name: options[name] for name in Conditions.__struct_fields__})
