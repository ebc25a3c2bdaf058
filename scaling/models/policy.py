"""How a pool is to be scaled, as people set it."""

from __future__ import annotations

import math
from typing import Any, Final, Self

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from jobs.conf import Config
from jobs.conf.parsers import KUBERNETES_NAME
from scaling.errors import UnknownStrategyError
from scaling.policy import Policy
from scaling.simulator.presets import DEPTH_COOLDOWNS
from scaling.strategies.lookup import find, names

from .actuator_name import ACTUATORS, ActuatorName
from .deployments import ONE_POLICY, deployment_troubles

POOL_NAME: Final = r"[A-Za-z0-9_.-]{1,64}"
UNREACHABLE: Final = frozenset({".", ".."})  # steps of a path, which no address keeps
MOST_WORKERS: Final = 10_000
MOST_IN_POD: Final = 1000
_DAY: Final = 86_400.0
# What both this table and the plain policy of strategies have.
SHARED: Final = tuple(field.name for field in msgspec.structs.fields(Policy))
ACTING: Final = ("enabled", "dry_run", "actuator", "namespace", "deployment", "workers_per_pod")
_IN_KUBERNETES: Final = RegexValidator(rf"^{KUBERNETES_NAME}\Z", "Give a name as Kubernetes has them: a-z 0-9 . -")


def _between(low: float, high: float) -> list[Any]:
    return [MinValueValidator(low), MaxValueValidator(high)]


class ScalingPolicy(models.Model):
    """One pool's policy. The scaler reads it before every decision, so that a change acts at the next one.

    `version` grows with each save: who changes it over the API says which one they have seen.
    """

    pool = models.CharField(
        max_length=64,
        unique=True,
        validators=[RegexValidator(rf"^{POOL_NAME}\Z", "Give 1 to 64 of A-Z a-z 0-9 _ . -")],
        help_text="The pool's name, as workerpool --name has it.",
    )
    enabled = models.BooleanField(
        default=True, help_text="Off: nobody decides for this pool, and it stays as large as it is."
    )
    dry_run = models.BooleanField(
        "dry run",
        default=False,
        help_text="Decisions are recorded and not carried out: to try a policy, or where an autoscaler of Kubernetes "
        "owns the pool.",
    )
    actuator = models.CharField(
        max_length=16,
        default=ActuatorName.LOCAL.value,
        choices=[(name.value, about) for name, about in ACTUATORS.items()],
        help_text="Who carries decisions out.",
    )
    namespace = models.CharField(
        max_length=63,
        blank=True,
        validators=[_IN_KUBERNETES],
        help_text="Kubernetes: that of the Deployment; empty: the scaler's own.",
    )
    deployment = models.CharField(
        max_length=253,
        blank=True,
        validators=[_IN_KUBERNETES],
        help_text="Kubernetes: the Deployment whose pods are the pool; empty: it has the pool's name.",
    )
    workers_per_pod = models.PositiveIntegerField(
        default=1,
        validators=_between(1, MOST_IN_POD),
        help_text="Kubernetes: workers in each pod, what its workerpool has as --min and --max.",
    )
    strategy = models.CharField(
        max_length=200, default="latency_target", help_text="A name, or the dotted path of a class of your own."
    )
    minimum = models.PositiveIntegerField(
        "fewest workers",
        default=1,
        validators=_between(0, MOST_WORKERS),
        help_text="0 lets the pool sleep while there is nothing to do.",
    )
    maximum = models.PositiveIntegerField(
        "most workers",
        default=10,
        validators=_between(1, MOST_WORKERS),
        help_text="Of the whole pool; MAX_WORKERS bounds the share of each host besides.",
    )
    scale_up_threshold = models.PositiveIntegerField(
        default=50,
        validators=_between(1, 10_000_000),
        help_text="Waiting jobs above which strategies that look at the depth add workers.",
    )
    scale_down_threshold = models.PositiveIntegerField(
        default=10,
        validators=_between(0, 10_000_000),
        help_text="Waiting jobs below which strategies that look at the depth take a worker away.",
    )
    cooldown_up = models.FloatField(
        default=0.0, validators=_between(0, _DAY), help_text="Seconds after a change before the pool may grow."
    )
    cooldown_down = models.FloatField(
        default=30.0, validators=_between(0, _DAY), help_text="Seconds after a change before the pool may shrink."
    )
    step_up = models.PositiveIntegerField(
        null=True, blank=True, validators=_between(1, MOST_WORKERS), help_text="Most workers added at once; empty: any."
    )
    step_down = models.PositiveIntegerField(
        null=True, blank=True, validators=_between(1, MOST_WORKERS), help_text="Most taken away at once; empty: any."
    )
    stabilization = models.FloatField(
        default=0.0,
        validators=_between(0, 3600),
        help_text="The pool shrinks no further than to the largest number proposed in so many seconds; latency_target "
        "holds by itself.",
    )
    tolerance = models.FloatField(
        default=0.1, validators=_between(0, 1), help_text="The pool does not shrink for less than this share of it."
    )
    wait_goal = models.FloatField(
        default=10.0, validators=_between(0.05, _DAY), help_text="Seconds within which jobs should start."
    )
    goal_share = models.FloatField(
        default=0.99, validators=_between(0.5, 0.9999), help_text="The share of jobs that should, like 0.99."
    )
    interval = models.FloatField(default=5.0, validators=_between(1, 300), help_text="Seconds between two decisions.")
    look_back = models.FloatField(
        default=30.0,
        validators=_between(1, 3600),
        help_text="Figures that are older than so many seconds decide nothing: the pool is held.",
    )
    parameters = models.JSONField(
        default=dict,
        blank=True,
        help_text='Numbers for the strategy, like {"margin": 2}; what is missing has its first value.',
    )
    version = models.PositiveBigIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField("changed", auto_now=True)
    updated_by = models.CharField("changed by", max_length=150, blank=True, editable=False)

    replaced: dict[str, Any] | None = None  # the facts of the version that this one was saved over, where known

    class Meta:
        ordering = ("pool",)
        default_permissions = ()  # the right `administer` opens it
        constraints = (ONE_POLICY,)
        verbose_name = "scaling policy"
        verbose_name_plural = "scaling policies"

    def __str__(self) -> str:
        return self.pool

    def save(self, *args: Any, **options: Any) -> None:
        """Save it as the next version."""
        self.version += 1
        super().save(*args, **options)

    @classmethod
    def first(cls, pool: str, config: Config) -> Self:
        """The policy of a pool that has none yet, as environment variables say; not saved.

        The rules of depth have one cooldown for both directions.
        """
        cooldown, is_of_depth = config.scaling_cooldown_seconds, config.scaling_strategy in DEPTH_COOLDOWNS
        return cls(
            pool=pool,
            actuator=config.scaling_actuator,
            namespace=config.kubernetes_namespace[:63],
            deployment=config.kubernetes_deployment,
            workers_per_pod=config.kubernetes_workers_per_pod,
            strategy=config.scaling_strategy,
            minimum=config.min_workers,
            maximum=config.max_workers,
            scale_up_threshold=max(1, config.scale_up_threshold),
            scale_down_threshold=config.scale_down_threshold,
            cooldown_up=cooldown if is_of_depth else 0.0,
            cooldown_down=cooldown,
        )

    def clean(self) -> None:
        """Raise ValidationError for fields that contradict each other, and for a strategy that is not there."""
        problems = deployment_troubles(self)
        if self.pool in UNREACHABLE:
            problems["pool"] = "An address cannot name it."
        if _both(self.minimum, self.maximum) and self.minimum > self.maximum:
            problems["minimum"] = f"It is above the most workers, {self.maximum}."
        if _both(self.scale_down_threshold, self.scale_up_threshold) and (
            self.scale_down_threshold >= self.scale_up_threshold
        ):
            problems["scale_down_threshold"] = f"It is not below the other threshold, {self.scale_up_threshold}."
        try:
            known = find(self.strategy).parameters if self.strategy else {}
        except UnknownStrategyError as error:
            problems["strategy"] = str(error)
        else:
            if trouble := _trouble(self.parameters, known):
                problems["parameters"] = trouble
        if problems:
            raise ValidationError(problems)

    def plain(self) -> Policy:
        """The policy as strategies and guards take it."""
        return Policy(**{name: getattr(self, name) for name in SHARED})

    def facts(self) -> dict[str, Any]:
        """What of it can be changed, by name."""
        return {name: getattr(self, name) for name in (*ACTING, *SHARED) if name != "pool"}

    @property
    def is_ours(self) -> bool:
        """Whether decisions are carried out at all."""
        return not self.dry_run and self.actuator != ActuatorName.NONE


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """What differs between the `facts` of two versions: [old, new] by name."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def strategy_choices() -> list[tuple[str, str]]:
    """The strategies that need no dotted path, for people."""
    return [(name, name) for name in names()]


def _both(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _trouble(given: Any, known: Any) -> str:
    """What is wrong with the parameters of a strategy; "" when nothing is."""
    if not isinstance(given, dict):
        return "Give numbers by name."
    for name, value in given.items():
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            return f"The strategy has no parameter {name[:80]!r}; it has: {there}."
        spec = known[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return f"{name}: give a number."
        if not spec.minimum <= value <= spec.maximum:
            return f"{name}: give a number from {spec.minimum:g} to {spec.maximum:g}."
    return ""
