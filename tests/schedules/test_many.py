"""A thousand schedules that are due at the same second."""

from __future__ import annotations

from time import perf_counter, thread_time
from typing import Any

from django.db.models import Sum

from jobs.clock import to_datetime
from schedules.deciding import MOST_TICKS
from schedules.models import Schedule, Tick
from schedules.service import MOST_SCHEDULES

from .office import HOUR, MINUTE, Office


def fill(office: Office, **fields: Any) -> Schedule:
    """As many schedules as there can be, due at the same instants."""
    first = office.make("schedule-0", **fields)
    names = [f"schedule-{number}" for number in range(1, MOST_SCHEDULES)]
    row = {field.attname: getattr(first, field.attname) for field in Schedule._meta.fields if not field.primary_key}
    Schedule.objects.bulk_create(Schedule(**row | {"name": name}) for name in names)
    return first


def test_a_thousand_that_are_due_at_once_are_enqueued_within_seconds(kit, office):
    first = fill(office)
    office.run()
    office.pass_to(first)
    began, rounds = perf_counter(), 0
    while office.ticker.run_once().again == 0.0:
        rounds += 1
    took = perf_counter() - began
    print(f"1,000 ticks took {took:.2f} s in {rounds} rounds")
    assert Schedule.objects.aggregate(Sum("enqueued"))["enqueued__sum"] == MOST_SCHEDULES
    assert (Tick.objects.count(), len(office.jobs())) == (MOST_SCHEDULES, MOST_SCHEDULES)
    assert rounds == MOST_SCHEDULES // MOST_TICKS
    assert took < 5  # a second and less on a machine that does nothing else


def test_catching_up_goes_in_pieces(kit, office):
    first = fill(office, missed="all")
    Schedule.objects.exclude(pk=first.pk).filter(pk__gt=first.pk + 9).delete()
    office.pass_to(first, 3 * HOUR)
    sizes = []
    while (result := office.ticker.run_once()).again == 0.0:
        sizes.append(result.done)
    assert sum(sizes) == 10 * 101
    assert max(sizes) < MOST_TICKS + 120
    first.refresh_from_db()
    assert (first.enqueued, first.missed_count) == (101, 80)


def test_a_look_at_a_thousand_that_are_not_due_costs_next_to_nothing(kit, office):
    fill(office, cron="0 0 1 1 *")
    office.run()
    began = thread_time()
    for _ in range(50):
        office.run()
    assert (thread_time() - began) / 50 < 0.02


def test_large_payloads_are_not_all_in_memory_at_once(kit, office):
    first = fill(office)
    Schedule.objects.filter(pk__lt=first.pk + 40).update(payload='"' + "x" * 1_000_000 + '"')
    Schedule.objects.filter(pk__gte=first.pk + 40).delete()
    office.pass_to(first)
    sizes = []
    while (result := office.ticker.run_once()).again == 0.0:
        sizes.append(result.done)
    assert (sum(sizes), max(sizes)) == (40, 9)


def test_large_payloads_of_many_ticks_count_once_for_each(kit, office):
    first = fill(office, missed="all")
    Schedule.objects.filter(pk__lt=first.pk + 3).update(payload='"' + "x" * 200_000 + '"')
    Schedule.objects.filter(pk__gte=first.pk + 3).delete()
    office.pass_to(first, 59 * MINUTE)
    assert [office.ticker.run_once().done for _ in range(4)] == [60, 60, 60, 0]


def test_those_that_are_most_overdue_come_first(kit, office):
    first = fill(office)
    late = Schedule.objects.get(name="schedule-999")
    office.run()
    before = to_datetime(office.pass_to(first) - 10 * MINUTE)
    Schedule.objects.filter(pk=late.pk).update(since=before, next_at=before)
    office.ticker.run_once()
    late.refresh_from_db()
    assert late.enqueued == 1
