"""What somebody has spoilt in the store costs the pool that it is of, and no other."""

from __future__ import annotations

import math

import msgspec
import pytest

from monitoring.metric_families import Families
from monitoring.scaling_metrics import tell_scaling
from scaling.memo import Memo, read_memo, write_memo
from scaling.observation import Due, Observation, Rates
from scaling.policy import Policy
from scaling.record import Step, read_steps
from scaling.strategies.hold import Hold

from .crowd import decided

NOW = 1_800_000_000.0
FIGURES = [
    {"oldest_age": math.nan}, {"oldest_age": math.inf}, {"at": 1e14}, {"at": -1.0}, {"workers": -1}, {"slots": 0},
    {"waiting": 10**16}, {"service_time": math.nan}, {"arrivals": Rates(last_60s=math.nan)},
    {"completions": Rates(last_300s=-1.0)}, {"due": (Due(math.nan, 1),)}, {"error_rate": math.inf},
]  # fmt: skip


@pytest.mark.parametrize("figures", FIGURES, ids=str)
def test_a_step_whose_figures_cannot_be_true_is_none(figures):
    good = Step(Observation(at=NOW, workers=3, error_rate=0.0), 3, 3)
    bad = msgspec.structs.replace(good, observation=Observation(**{"at": NOW, "workers": 3} | figures))
    packed = [msgspec.msgpack.encode(each) for each in (good, bad, Step(good.observation, 3, -1))]
    assert read_steps([*packed, b"\xc1", b"nonsense"]) == [good]


def test_a_memo_loses_what_cannot_be_true_and_keeps_the_rest():
    kept = Memo(memory={"a": math.nan, "b": 2.0}, slots=-1, startup=math.inf, goal=math.nan, queues=("q",))
    assert read_memo(write_memo(kept)) == Memo(memory={"b": 2.0}, queues=("q",))


@pytest.mark.parametrize("memory", [{"": 1.0}, {"1x": 1.0}, {"9" * 400: 1.0}])
def test_a_hold_begins_anew_where_it_cannot_be_read(memory):
    held, kept = Hold(least=20.0).apply(4, Observation(at=NOW, workers=3), memory, Policy())
    assert (held, kept[f"{NOW:.3f}"]) == (4, 4.0)


def test_metrics_tell_of_the_other_pools(kit, scaler):
    decided(kit, scaler)
    kit.client.call("SET", kit.keys.scaling("bad"), "foreign")
    families = Families()
    tell_scaling(families, kit.store, ["bad", "default"])
    told = {family.name: family.samples for family in families.collect()}
    assert [each.labels for each in told["queueflow_scaling_target_workers"]] == [{"pool": "default"}]


def test_what_was_trained_is_read_for_a_decision_only(kit, scaler):
    kit.store.scaling.keep_model("default", b"trained")
    assert kit.store.scaling.kept("default", model=False).model == b""
    assert kit.store.scaling.kept("default").model == b"trained"
