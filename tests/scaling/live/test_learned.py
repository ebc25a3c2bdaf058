"""What the admin says of the model that was trained for a pool."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client

from jobs.conf import Config
from jobs.store.store import use_store
from scaling.learned import learned
from scaling.ml.model import DAY, HOUR, Model, write_model
from tests.support.jobs import StoreKit, store_kit

MODEL = Model(
    pool="default",
    goal=10.0,
    since=1_700_000_000.0,
    until=1_700_259_200.0,
    minutes=3 * DAY,
    highest=2.0,
    bias=0.0,
    weights={},
    hourly=[0.0] * HOUR,
    trained=1_700_259_260.0,
)


def test_what_was_trained_is_told_and_what_is_not_there_or_spoilt(kit: StoreKit, policy):
    saved = policy()
    assert learned(lambda: kit.store, saved).startswith("None. manage.py train_scaling --pool default trains one")
    kit.store.scaling.keep_model("default", write_model(MODEL))
    assert learned(lambda: kit.store, saved) == (
        "Trained 2023-11-17 22:14 UTC on 3 days (4,320 minutes) up to 2023-11-17 22:13 UTC, for a goal of 10 s. "
        "It was not tried."
    )
    for spoilt in (b"{}", b"\xff", b"[" * 1000):
        kit.store.scaling.keep_model("default", spoilt)
        assert learned(lambda: kit.store, saved) == "What is kept of it cannot be read: train it again."


def test_the_admin_shows_it_beside_the_policy(kit: StoreKit, policy, monkeypatch):
    monkeypatch.setattr("jobs.store.store._process_store", None)
    use_store(kit.store)
    kit.store.scaling.keep_model("default", write_model(MODEL))
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    pages = "/admin/scaling/scalingpolicy/"
    assert "Trained 2023-11-17 22:14 UTC on 3 days" in client.get(f"{pages}{policy().pk}/change/").content.decode()
    assert "None: the pool is new." in client.get(f"{pages}add/").content.decode()


def test_a_store_that_is_away_is_said(policy, config: Config, transactional_db):
    with store_kit("redis://127.0.0.1:1/0", config) as away:
        assert learned(lambda: away.store, policy()).startswith("Not known now: ")
