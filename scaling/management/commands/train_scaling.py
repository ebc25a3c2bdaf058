"""`manage.py train_scaling`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError

from jobs.conf import get_config
from jobs.errors import ConfigError, StoreError
from jobs.store.store import Store, get_store
from scaling.management.bar import bar
from scaling.ml import verdict
from scaling.ml.model import Model, write_model
from scaling.simulator.trace import TraceError

if TYPE_CHECKING:
    from scaling.models import ScalingPolicy

DEFAULT: Final = "default"
MOST_NAMED: Final = 20
MISSING: Final = "Training needs numpy (pip install '.[ml]')."


class Command(BaseCommand):
    """Exit code 1 when there is too little to learn from."""

    help = "Train the model of the strategy ml on a pool's recorded history, and try it on the last day."

    requires_system_checks = []  # they would load the web's URLs; the configuration is checked all the same

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where to learn from and where the model goes."""
        parser.add_argument("--pool", help="the pool that learns and gets the model (default: default)")
        parser.add_argument("--days", type=int, default=30, help="of recorded history, 2 to 30")
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
        pool = options["pool"] or DEFAULT
        try:
            if options["forget"]:
                get_store().scaling.keep_model(pool, b"")
                self.stdout.write(f"The pool {pool} has no model any more.")
                return
            self._train(pool, options)
        except (DatabaseError, InterfaceError) as error:
            raise CommandError(f"The database does not answer: {error}") from error
        except (ConfigError, StoreError, TraceError, ValueError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The model cannot be written: {error}") from error

    def _train(self, pool: str, options: dict[str, Any]) -> None:
        if importlib.util.find_spec("numpy") is None:
            raise CommandError(MISSING)
        from scaling.management.grounds import of_file, of_pool
        from scaling.ml.trial import train

        has_file = options["trace"] is not None
        is_kept = options["pool"] or not has_file
        policy = _policy_of(get_store(), pool) if is_kept else None
        series, ground = of_pool(get_store(), policy, options["days"]) if policy and not has_file else of_file(options)
        model = train(series, ground, pool, bar(self.stderr))
        if is_kept:
            now = get_store().reader.now_ms() / 1000
            model = msgspec.structs.replace(model, trained=now, until=now if has_file else model.until)
        self.stdout.write(_said(model, 1 - ground.policy.goal_share))
        if options["output"]:
            options["output"].write_bytes(write_model(model))
        if is_kept:
            get_store().scaling.keep_model(pool, write_model(model))
            self.stdout.write(f"The pool {pool} has this model now. Its strategy is to be set to ml in its policy.")


def _policy_of(store: Store, pool: str) -> ScalingPolicy:
    """The policy of a pool that is there. Raises ValueError, which says which pools there are."""
    from scaling.models import ScalingPolicy

    saved = {policy.pool: policy for policy in ScalingPolicy.objects.all()}
    alive = {seen.info.pool for seen in store.registry.workers() if seen.alive}
    names = sorted({*saved, *alive, *store.registry.spoken_for(), *store.registry.desired()})
    if pool not in names:
        others = f"there are: {', '.join(names[:MOST_NAMED])}" if names else "none was ever started"
        raise ValueError(f"there is no pool {pool}; {others}{', …' if len(names) > MOST_NAMED else ''}")
    return saved.get(pool) or ScalingPolicy.first(pool, get_config())


def _said(model: Model, allowed: float) -> str:
    figures = model.figures
    if figures is None:
        return "The model was not tried."
    return (
        f"Trained on {model.minutes:,} minutes, {len(model.weights)} weights, margin {model.margin:g}.\n"
        f'It is {figures.error:.3g} jobs a second wrong on average, where "as now" is {figures.error_as_now:.3g}.\n'
        f"{verdict.sentence(figures, allowed)}"
    )
