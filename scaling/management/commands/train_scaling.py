"""`manage.py train_scaling`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.conf import get_config
from jobs.errors import ConfigError, StoreError
from jobs.store.store import Store, get_store
from scaling.management.bar import bar
from scaling.ml import verdict
from scaling.ml.model import Model, write_model
from scaling.simulator.trace import Trace, TraceError, read

if TYPE_CHECKING:
    from scaling.ml.series import Series
    from scaling.ml.trial import Ground

DAY: Final = 86_400.0
MOST_DAYS: Final = 30
MISSING: Final = "Training needs numpy (pip install queueflow[ml])."


class Command(BaseCommand):
    """Exit code 1 when there is too little to learn from."""

    help = "Train the model of the strategy ml on a pool's recorded history, and try it on the last day."

    requires_system_checks = []  # they would load the web's URLs; the configuration is checked all the same

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where to learn from and where the model goes."""
        parser.add_argument("--pool", help="the pool that learns and gets the model (default: default)")
        parser.add_argument("--days", type=int, default=MOST_DAYS, help="of recorded history, 2 to 30")
        parser.add_argument("--trace", type=Path, help="learn from a CSV file as simulate_scaling reads it instead")
        parser.add_argument(
            "--output", type=Path, help="write the model to this file too; simulate_scaling --model reads it"
        )
        parser.add_argument("--forget", action="store_true", help="take the model of the pool away, and train nothing")
        traces = parser.add_argument_group("with --trace, where a pool only gets the model if --pool is given")
        traces.add_argument("--until-day", type=int, help="only the days before this one of the trace, counted from 0")
        traces.add_argument("--repeat", type=int, default=1, help="how many times the trace is gone through")
        traces.add_argument("--peak", type=float, default=100.0, help="workers that the highest load keeps busy")
        traces.add_argument("--service", type=float, default=2.0, help="mean seconds of a job")
        traces.add_argument("--cv", type=float, default=1.5, help="coefficient of variation of a job's seconds")
        traces.add_argument("--goal", type=float, default=10.0, help="seconds within which jobs should start")
        traces.add_argument("--startup", type=float, default=20.0, help="seconds from a worker's launch to its claim")
        traces.add_argument("--minimum", type=int, default=2)
        traces.add_argument("--maximum", type=int, default=200)
        traces.add_argument("--smooth", action="store_true", help="the rate runs on lines between the buckets' middles")

    def handle(self, *_: Any, **options: Any) -> None:
        """Train, and say how good the model is."""
        pool = options["pool"] or "default"
        try:
            if options["forget"]:
                get_store().scaling.keep_model(pool, b"")
                self.stdout.write(f"The pool {pool} has no model any more.")
                return
            self._train(pool, options)
        except (ConfigError, StoreError, TraceError, ValueError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The model cannot be written: {error}") from error

    def _train(self, pool: str, options: dict[str, Any]) -> None:
        if importlib.util.find_spec("numpy") is None:
            raise CommandError(MISSING)
        from scaling.ml.trial import train

        series, ground = _of_trace(options) if options["trace"] else _of_pool(get_store(), pool, options["days"])
        model = train(series, ground, pool, bar(self.stderr))
        self.stdout.write(_said(model, 1 - ground.policy.goal_share))
        if options["output"]:
            options["output"].write_bytes(write_model(model))
        if options["pool"] or not options["trace"]:
            kept = msgspec.structs.replace(model, until=_now()) if options["trace"] else model
            get_store().scaling.keep_model(pool, write_model(kept))
            self.stdout.write(f"The pool {pool} has this model now. Its strategy is to be set to ml in its policy.")


def _of_pool(store: Store, pool: str, days: int) -> tuple[Series, Ground]:
    from scaling.history import as_trace, read_history, service_time
    from scaling.memo import read_memo
    from scaling.ml.series import of_minutes
    from scaling.ml.training import TooLittle
    from scaling.ml.trial import Ground
    from scaling.models import ScalingPolicy

    if not 2 <= days <= MOST_DAYS:
        raise ValueError(f"days must be from 2 to {MOST_DAYS}")
    now = store.reader.now_ms() / 1000
    minutes = read_history(store, pool, now - days * DAY, now)
    service = service_time(minutes)
    if not minutes or service is None:
        raise TooLittle(f"{len(minutes):,} minutes of the pool {pool} are recorded, and no job that completed in them")
    saved = ScalingPolicy.objects.filter(pool=pool).first() or ScalingPolicy.first(pool, get_config())
    plain = msgspec.structs.replace(saved.plain(), parameters={})
    startup = read_memo(store.scaling.kept(pool, steps=0).memory).startup
    ground = Ground(
        trace=as_trace(minutes),
        service=service,
        cv=1.5,
        startup=3.0 if startup is None else startup,
        policy=msgspec.structs.replace(plain, strategy="ml"),
        target=msgspec.structs.replace(plain, strategy="latency_target"),
    )
    return of_minutes(minutes), ground


def _of_trace(options: dict[str, Any]) -> tuple[Series, Ground]:
    from scaling.ml.series import of_trace
    from scaling.ml.trial import Ground
    from scaling.simulator.presets import preset

    trace: Trace = msgspec.structs.replace(read(options["trace"]), smooth=options["smooth"])
    if options["until_day"] is not None:
        trace = trace.between(0, options["until_day"] * DAY)
    if not 1 <= options["repeat"] <= 100:
        raise ValueError("repeat must be from 1 to 100")
    trace = msgspec.structs.replace(trace, rates=list(trace.rates) * options["repeat"])
    if min(options["peak"], options["service"], options["goal"]) <= 0 or min(options["startup"], options["cv"]) < 0:
        raise ValueError("peak, service and goal must be above 0, startup and cv not below it")
    trace = trace.with_peak(options["peak"] / options["service"])
    limits = {"minimum": options["minimum"], "maximum": options["maximum"], "wait_goal": options["goal"]}
    own, other = (
        msgspec.structs.replace(preset(name, options["startup"]), **limits) for name in ("ml", "latency_target")
    )
    ground = Ground(
        trace=trace,
        service=options["service"],
        cv=options["cv"],
        startup=options["startup"],
        policy=own,
        target=other,
    )
    return of_trace(trace), ground


def _said(model: Model, allowed: float) -> str:
    figures = model.figures
    if figures is None:
        return "The model was not tried."
    return (
        f"Trained on {model.minutes:,} minutes, {len(model.weights)} weights, margin {model.margin:g}.\n"
        f'It is {figures.error:.3g} jobs a second wrong on average, where "as now" is {figures.error_as_now:.3g}.\n'
        f"{verdict.sentence(figures, allowed)}"
    )


def _now() -> float:
    return get_store().reader.now_ms() / 1000
