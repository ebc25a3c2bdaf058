"""A type is paused and resumed again and again while workers are killed: no job is lost, none runs out of turn."""

from __future__ import annotations

import threading

import pytest

from jobs.conf import load
from jobs.store.store import Store
from tests.faults.storm import Storm


@pytest.mark.slow
def test_every_job_of_a_type_that_is_paused_again_and_again_is_accounted_for(store_url: str) -> None:
    pauses, ended = Store.open(load({"REDIS_URL": store_url})).type_pauses, threading.Event()
    rounds = 0

    def disturb() -> None:
        nonlocal rounds
        while not ended.is_set():
            pauses.pause("sleep")
            ended.wait(0.1)
            pauses.resume("sleep", (0.0, 0.25)[rounds % 2])  # what it leaves, maintenance brings back
            ended.wait(0.2)
            rounds += 1

    disturber = threading.Thread(target=disturb)
    disturber.start()
    threading.Timer(5.0, ended.set).start()
    try:
        account = Storm(store_url, jobs=8000, kills=3, pause=0.5).run()
    finally:
        ended.set()
        disturber.join()
    assert rounds > 3
    assert account.findings == []
    assert account.states["completed"] + account.states["dead"] == 8000
    assert account.recorded == account.states["completed"]
    assert pauses.all() == {}
