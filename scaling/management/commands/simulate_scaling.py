"""`manage.py simulate_scaling`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scaling.errors import UnknownStrategyError
from scaling.ml.model import Model, read_model
from scaling.simulator import bound, table
from scaling.simulator.comparison import Comparison, compare
from scaling.simulator.conditions import Conditions
from scaling.simulator.presets import choices
from scaling.simulator.trace import Trace, TraceError, read

DAY = 86_400.0
BAR = 40


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
        parser.add_argument("--model", type=Path, help="what ml decides with: the file of train_scaling --output")
        parser.add_argument("--json", action="store_true", help="print everything, with curves, as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the table of all strategies."""
        if not bound.available():
            self.stderr.write(bound.MISSING)
        try:
            names = options["strategy"] or choices()
            tell = self._progress(sys.stderr.isatty())
            found = compare(_trace(options), names, _conditions(options), tell, _model(options["model"]))
        except (TraceError, UnknownStrategyError, ValueError) as exc:
            raise CommandError(str(exc)) from exc
        self.stdout.write(self._text(found, as_json=options["json"]))

    def _text(self, found: Comparison, *, as_json: bool) -> str:
        return json.dumps(found.wire(), allow_nan=False) if as_json else "\n".join(table.lines(found))

    def _progress(self, on_terminal: bool) -> Any:
        """Draws a bar, if somebody watches."""
        if not on_terminal:
            return None

        def draw(share: float) -> None:
            full = round(share * BAR)
            self.stderr.write(f"\r[{'#' * full}{' ' * (BAR - full)}] {share:4.0%}", ending="\r" if share < 1 else "\n")
            self.stderr.flush()

        return draw


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
