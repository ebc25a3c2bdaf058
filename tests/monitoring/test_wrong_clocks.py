"""The clock of a web process's host is two hours wrong: pages go by the store's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jobs.clock import to_instant_ms
from monitoring import store_clock
from monitoring.bulk_form import exactly

WRONG = [timedelta(hours=2), timedelta(hours=-2)]


@pytest.fixture(autouse=True)
def new_process():
    """Let nothing be known of the store's time before and after."""
    store_clock.forget()
    yield
    store_clock.forget()


def test_before_the_first_look_the_host_has_to_do(time_machine):
    time_machine.move_to(1_000_000.0, tick=False)
    assert store_clock.now_ms() == 1_000_000_000


@pytest.mark.parametrize("wrong", WRONG)
def test_a_step_of_the_hosts_clock_moves_nothing(time_machine, wrong):
    store_clock.learn(5_000_000)
    before = store_clock.now_ms()
    time_machine.move_to(timezone.now() + wrong)
    assert 0 <= store_clock.now_ms() - before < 60_000
    assert exactly({"createdAfter": "-1h"})["createdAfter"].startswith("1970-01-01T00:23:")


@pytest.mark.parametrize("wrong", WRONG)
def test_lists_and_jobs_are_shown_by_the_stores_time(api, kit, person, time_machine, wrong):
    client = person()
    time_machine.move_to(timezone.now() + wrong)
    client.get("/")
    job_id = kit.enqueue()
    assert job_id in client.get("/jobs/?createdAfter=-1h").content.decode()
    assert job_id not in client.get("/jobs/?createdBefore=-1h").content.decode()
    page = client.get(f"/jobs/{job_id}/").content.decode()
    assert "2 h" not in page
    [painted] = re.findall('data-now="(.*?)"', page)
    assert 0 <= kit.reader.now_ms() - to_instant_ms(datetime.fromisoformat(painted)) < 60_000
