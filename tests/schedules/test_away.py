"""Ticks that come while a partition or the database is away: each has its job when that is back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from jobs.ids import derived_id
from jobs.maintenance.leadership import Leadership
from jobs.partitioning import Partitions
from jobs.store.store import Store
from schedules import service
from schedules.duty import NAME, Ticker
from schedules.form import ScheduleForm
from schedules.models import Schedule
from tests.support.polling import wait_until

from .office import ANN, LONG, counts


@pytest.fixture
def spread(store_url, mortal_server, config, configure, transactional_db) -> Iterator[Store]:
    """Give a store over two servers, the second of which may end."""
    parts = Partitions(2, (store_url, mortal_server.url))
    over_two = replace(config, redis_url=store_url, partitions=parts, accept_unknown_types=True)
    configure(over_two)
    store = Store.open(over_two, timeout=0.5)
    yield store
    store.close()


def put_off(store: Store, names: list[str], **fields: Any) -> None:
    """Make schedules whose tick a few seconds ago nobody has seen."""
    for name in names:
        service.create(ScheduleForm(name=name, type="report", cron="* * * * * *", **fields), ANN, store=store)
    before = timezone.now().replace(microsecond=0) - timedelta(seconds=3)
    Schedule.objects.update(cron="* * * * *", missed="all", since=before - timedelta(minutes=1), next_at=before)


def test_a_partition_that_is_away_keeps_its_ticks_and_no_others(spread, mortal_server):
    names = [f"schedule-{number}" for number in range(8)]
    put_off(spread, names, overlap="skip")
    leadership = Leadership(spread.keeper, NAME, "tester", LONG)
    assert leadership.keep()
    ticker = Ticker(spread, leadership)
    place = {each.pk: derived_id("x", place=each.deduplication_key)[:2] for each in Schedule.objects.all()}
    assert set(place.values()) == {"00", "01"}
    with mortal_server.away("kill"):
        while ticker.run_once().again == 0.0:
            pass
        done = {each.pk: each.enqueued + each.skipped for each in Schedule.objects.all()}
        assert {pk for pk, count in done.items() if count} == {pk for pk, part in place.items() if part == "00"}

    def all_done() -> bool:
        ticker.run_once()
        return all(each.enqueued and each.next_at and each.next_at > timezone.now() for each in Schedule.objects.all())

    wait_until(all_done, 15, interval=0.1)
    assert not Schedule.objects.filter(refused__gt=0).exists()
    made = [part.client.call("ZCARD", part.keys.created) for part in spread.parts]
    enqueued = {each.pk: each.enqueued for each in Schedule.objects.all()}
    assert made == [sum(count for pk, count in enqueued.items() if place[pk] == part) for part in ("00", "01")]
    ticker.close()


def test_a_database_that_takes_nothing_costs_no_tick_and_doubles_none(kit, office):
    made = office.make()
    office.run()
    office.pass_to(made)
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError):
            office.ticker.run_once()
        assert kit.keeper.leaders([NAME]) == {}  # it lets somebody else try
        other.execute("ROLLBACK")
    assert (len(office.jobs()), counts(made)) == (1, (0, 0, 0, 0))
    office.run(office.candidate("successor"))
    assert (len(office.jobs()), counts(made)) == (1, (1, 0, 0, 0))
