"""`manage.py train_scaling` learns from a pool's history, and the scaler decides with what it has learned."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from jobs.store.pool_minute import EMPTY, Minute, packed
from jobs.store.store import use_store
from scaling.management.grounds import of_pool
from scaling.ml.model import read_model
from scaling.models import ScalingPolicy
from scaling.strategies.need import UNKNOWN_STARTUP
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
    assert model.trained == pytest.approx(kit.reader.now_ms() / 1000, abs=60)
    kit.advance(60_000)
    assert "no model" not in decided(kit, scaler).reason
    assert "has no model any more" in trained(forget=True)
    assert kit.store.scaling.kept("default").model == b""


def test_a_pool_that_is_not_there_is_refused_with_those_that_are(process_store):
    ScalingPolicy.objects.create(pool="mail")
    for options in ({"pool": "vidoe"}, {"pool": "vidoe", "trace": Path("none.csv")}):
        with pytest.raises(CommandError, match=r"there is no pool vidoe; there are: default, mail$"):
            trained(**options)


def test_a_database_that_does_not_answer_is_said(process_store, db):
    def refuse(*_: object) -> None:
        raise OperationalError("no such table")

    with connection.execute_wrapper(refuse), pytest.raises(CommandError, match="does not answer: no such table"):
        trained()


def test_the_strategy_in_use_is_tried_beside_with_the_slots_of_the_pool(process_store, policy):
    kit = process_store
    saved = policy(strategy="default", interval=60, parameters={})
    remember(kit, 2)
    _, ground = of_pool(kit.store, saved, 30)
    assert (ground.used, ground.startup) == (saved.plain(), UNKNOWN_STARTUP)
    assert (ground.policy.strategy, ground.target.strategy, ground.slots) == ("ml", "latency_target", 5)
    mine = msgspec.structs.replace(saved.plain(), strategy="ml", parameters={"caution": 2.0})
    saved.strategy, saved.parameters = "ml", {"caution": 2.0}
    _, ground = of_pool(kit.store, saved, 30)
    assert (ground.policy, ground.target.parameters, ground.used) == (mine, {}, None)


def test_a_pool_without_a_history_is_told_so(process_store, policy):
    policy()
    with pytest.raises(CommandError, match="0 minutes of the pool default are recorded"):
        trained()
    with pytest.raises(CommandError, match="from 2 to 30"):
        trained(days=31)
