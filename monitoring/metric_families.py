"""Samples by metric, and the families of prometheus_client that are written from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from jobs.store.measures import COUNTS, Measured
from jobs.store.metrics import LIMITS_MS, Distribution

from .metric import HANDLERS_PREFIX, METRICS, PREFIX

OTHER: Final = "other"
_BOUNDS: Final = (*(f"{limit / 1000:g}" for limit in LIMITS_MS), "+Inf")
Labels = tuple[str, ...]


class Families:
    """Collects samples; what has the same name and labels is added up. An order of its own: that of the table."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[Labels, float]] = {each.name: {} for each in METRICS}
        self._distributions: dict[str, dict[Labels, Distribution]] = {each.name: {} for each in METRICS}
        self._handlers: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}

    def add(self, name: str, value: float, *labels: str) -> None:
        """Add to a counter or gauge, named without the prefix."""
        samples = self._numbers[PREFIX + name]
        samples[labels] = samples.get(labels, 0) + value

    def highest(self, name: str, value: float, *labels: str) -> None:
        """Like `add` where the largest counts."""
        samples = self._numbers[PREFIX + name]
        samples[labels] = max(samples.get(labels, 0), value)

    def distribute(self, name: str, values: Distribution, *labels: str) -> None:
        """Add to a histogram. One that has no values is left out."""
        samples = self._distributions[PREFIX + name]
        if any(values.counts):
            samples[labels] = samples[labels].plus(values) if labels in samples else values

    def report(self, job_type: str, measures: Iterable[Measured]) -> None:
        """Add what a handler measured."""
        for each in measures:
            labels = (("job_type", job_type), *sorted(each.labels.items()))
            self._handlers.setdefault(each.name, {})[labels] = each.value

    def collect(self) -> Iterator[Metric]:
        """Every family, also those without a sample."""
        for name, kind, labels, text in METRICS:
            if kind == "histogram":
                yield _histogram(name, text, labels, self._distributions[name])
            else:
                family = (CounterMetricFamily if kind == "counter" else GaugeMetricFamily)(name, text, labels=labels)
                for values, number in self._numbers[name].items():
                    family.add_metric(values, number)
                yield family
        yield from self._reported()

    def _reported(self) -> Iterator[Metric]:
        for name in sorted(self._handlers):
            is_counter = name.endswith(COUNTS)
            if not is_counter and name + COUNTS in self._handlers:
                continue  # one name cannot be both; the counter stands
            kind = CounterMetricFamily if is_counter else GaugeMetricFamily
            family = kind(HANDLERS_PREFIX + name, "Reported by handlers")
            sample = f"{HANDLERS_PREFIX}{name}"
            for labels, value in sorted(self._handlers[name].items()):
                family.add_sample(sample, dict(labels), value)
            yield family


def bounded(names: Iterable[str], most: int, first: Sequence[str] = ()) -> dict[str, str]:
    """What stands for each name in labels: itself, or `other` beyond the first `most` in order of names."""
    ordered = sorted(set(names), key=lambda name: (name not in first, name))
    return {name: name if at < most else OTHER for at, name in enumerate(ordered)}


def _histogram(
    name: str, text: str, labels: Sequence[str], samples: dict[Labels, Distribution]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=labels)
    for values, each in samples.items():
        buckets = list(zip(_BOUNDS, accumulate(each.counts), strict=True))
        family.add_metric(values, buckets, each.sum_ms / 1000)
    return family
