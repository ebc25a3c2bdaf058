"""A store with a history of its own, for the tests of charts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs.conf import Config
from monitoring.chart_kinds import KINDS
from monitoring.history import Charts
from tests.engine.maintenance.history_kit import Recorder
from tests.support.jobs import StoreKit, store_kit

NAMES = list(KINDS)


@pytest.fixture
def kit(store_url: str, config: Config) -> Iterator[StoreKit]:
    """Give a kit on an empty server."""
    with store_kit(store_url, config) as made:
        yield made


@pytest.fixture
def recorder(kit: StoreKit) -> Recorder:
    """Return the keeper of the kit's history, in office."""
    return Recorder(kit)


def last(found: Charts, name: str) -> dict[str, float | None]:
    """The newest figure of each series of a chart."""
    return {label: column[-1] for label, column in found.series[name].items()}
