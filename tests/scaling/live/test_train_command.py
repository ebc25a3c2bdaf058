"""`manage.py train_scaling` learns from a pool's history, and the scaler decides with what it has learned."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from jobs.store.pool_minute import EMPTY, Minute, packed
from jobs.store.store import use_store
from scaling.ml.model import read_model
from tests.support.jobs import StoreKit

from .crowd import decided

DAY = 86_400


@pytest.fixture
def process_store(kit: StoreKit, monkeypatch: pytest.MonkeyPatch) -> StoreKit:
    """Let commands work on the kit's store."""
    monkeypatch.setattr("jobs.store.store._process_store", None)
    use_store(kit.store)
    return kit


def remember(kit: StoreKit, days: int) -> None:
    """Give the pool a history of so many days up to now: twelve jobs at each full hour."""
    now = kit.reader.now_ms() // 60_000 * 60
    by_day: dict[int, list[bytes]] = {}
    for start in range(now - days * DAY, now, 60):
        jobs = 12 if start % 3600 == 0 else 0
        minute = Minute(
            start=start, looks=1, arrived=jobs, shares=(1, 0, 0, 0, 0, 0), completed=jobs, busy_seconds=2.0 * jobs
        )
        by_day.setdefault(start // DAY, [EMPTY] * 1440)[start % DAY // 60] = packed(minute)
    for day, records in by_day.items():
        kit.client.call("SET", kit.keys.pool_day("default", day), b"".join(records))


def trained(**options: object) -> str:
    out = io.StringIO()
    call_command("train_scaling", stdout=out, **options)
    return out.getvalue()


def test_a_pool_learns_and_its_next_decision_knows_the_model(process_store, scaler, policy, tmp_path):
    kit = process_store
    policy(strategy="ml", interval=60)
    assert "no model has been trained" in decided(kit, scaler).reason
    remember(kit, 3)
    said = trained(output=tmp_path / "model.json")
    assert "On a day that it was not trained on" in said
    assert "The pool default has this model now" in said
    model = read_model(kit.store.scaling.kept("default").model)
    assert model == read_model((tmp_path / "model.json").read_bytes())
    assert model is not None
    assert model.figures is not None
    assert (model.pool, model.goal, model.figures.fit > 0.9) == ("default", 10.0, True)
    kit.advance(60_000)
    assert "no model" not in decided(kit, scaler).reason
    assert "has no model any more" in trained(forget=True)
    assert kit.store.scaling.kept("default").model == b""


def test_a_pool_without_a_history_is_told_so(process_store, db):
    with pytest.raises(CommandError, match="0 minutes of the pool default are recorded"):
        trained()
    with pytest.raises(CommandError, match="from 2 to 30"):
        trained(days=31)
