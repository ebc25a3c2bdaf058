"""The values of a run, by subject and measure, one a round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from benchmarks.catalogue import BUDGETS, BY_KEY, Budget, Verdict, verdict
from benchmarks.figures import Best, best, median, ratio


class Results:
    """Collects rounds; answers with medians and ratios. ``ours`` is the subject that is judged."""

    def __init__(self, ours: str) -> None:
        self.ours = ours
        self._rounds: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self.failures: list[str] = []

    def add(self, subject: str, values: Mapping[str, float]) -> None:
        """Take the values of one phase in one round."""
        for key, value in values.items():
            self._rounds[subject][key].append(value)

    def fail(self, subject: str, phase: str, reason: str) -> None:
        """Note that a subject gave no values for a phase."""
        self.failures.append(f"{subject}, {phase}: {reason}")

    def rounds(self, subject: str) -> dict[str, list[float]]:
        """Return the values of each measure in the order of the rounds."""
        return {key: list(values) for key, values in self._rounds[subject].items()}

    def value(self, subject: str, key: str) -> float | None:
        """Return the median over the rounds, None if it was not measured."""
        values = self._rounds[subject].get(key)
        return median(values) if values else None

    def best_peer(self, *keys: str) -> Best | None:
        """Return the best of the others over all of ``keys``, which must agree on what is better."""
        found = [self._best_peer(key) for key in keys]
        ranked = {f"{each.subject} {key}": each for each, key in zip(found, keys, strict=True) if each}
        winner = best({name: each.value for name, each in ranked.items()}, BY_KEY[keys[0]].better)
        return ranked[winner.subject] if winner else None

    def ratio(self, key: str, *against: str) -> float | None:
        """Return our median over that of the best peer in ``against`` (by default the same measure)."""
        value, peer = self.value(self.ours, key), self.best_peer(*(against or (key,)))
        return None if value is None or peer is None else ratio(value, peer.value)

    def judged(self) -> list[tuple[Budget, float, Verdict]]:
        """Return each budget that can be judged with its ratio or value."""
        pairs = ((b, self.ratio(b.key, *b.against) if b.against else self.value(self.ours, b.key)) for b in BUDGETS)
        return [(budget, value, verdict(budget, value)) for budget, value in pairs if value is not None]

    def _best_peer(self, key: str) -> Best | None:
        values = {name: self.value(name, key) for name in self._rounds if name != self.ours}
        return best({name: value for name, value in values.items() if value is not None}, BY_KEY[key].better)
