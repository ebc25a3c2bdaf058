"""Health and metrics say when nobody enqueues what is due."""

from __future__ import annotations

import pytest

from jobs.connections import borrowed
from monitoring.metric_families import Families
from monitoring.schedule_metrics import tell_schedules
from schedules import service
from schedules.health import LATE_MS, scheduler_part
from schedules.models import Schedule

from .office import ANN, HOUR, MINUTE


@pytest.fixture
def said(kit):
    """Return a function that gives the state and its words."""

    def look():
        part = scheduler_part(kit.store)
        return part.status, part.detail

    return look


@pytest.fixture
def scraped(kit):
    """Return a function that gives samples by name and labels."""

    def scrape():
        families = Families()
        tell_schedules(families, kit.store)
        found = [sample for family in families.collect() for sample in family.samples if "schedule" in sample.name]
        return {(each.name, *each.labels.values()): each.value for each in found}

    return scrape


def lead(kit, office):
    """Let the scheduler lead, however long its lease."""
    kit.client.call("SET", kit.keys.leader("scheduler"), office.ticker._leadership._token)


def test_without_schedules_nobody_needs_a_scheduler(kit, said):
    kit.advance(HOUR)
    assert said() == ("healthy", "no schedule is on")


def test_ticks_that_are_enqueued_in_time_are_healthy(kit, office, said):
    made = office.make()
    lead(kit, office)
    office.pass_to(made)
    office.run()
    assert said() == ("healthy", "")


def test_a_tick_that_is_late_is_a_trouble_and_goes_with_it(kit, office, said):
    made = office.make()
    lead(kit, office)
    office.pass_to(made, LATE_MS - 10_000)
    assert said() == ("healthy", "")
    kit.advance(MINUTE)
    assert said() == ("degraded", "schedule report is overdue by 1 min")
    office.run()
    assert said() == ("healthy", "")


def test_it_says_how_many_are_late_and_that_nobody_leads(kit, office, said):
    made = office.make()
    office.make("other")
    office.make("yearly", "0 0 1 1 *")
    office.pass_to(made, MINUTE)
    kit.client.call("DEL", kit.keys.leader("scheduler"))
    status, words = said()
    assert status == "degraded"
    assert words.startswith("no scheduler has run for ")
    assert words.endswith(": schedule report is overdue by 1 min, as are 1 other")


def test_nobody_who_leads_is_a_trouble_before_a_tick_is_late(kit, office, said):
    office.make("yearly", "0 0 1 1 *")
    kit.client.call("DEL", kit.keys.leader("scheduler"))
    kit.advance(MINUTE)
    status, words = said()
    assert (status, words.endswith(": nothing is enqueued by schedules")) == ("degraded", True)


def test_a_paused_schedule_is_never_late(kit, office, said):
    office.make()
    service.pause("report", ANN)
    kit.advance(HOUR)
    assert said() == ("healthy", "no schedule is on")


def test_a_schedule_without_ticks_is_named(kit, office, said):
    office.make()
    made = office.make("other")
    lead(kit, office)
    Schedule.objects.filter(name="report").update(cron="never")
    office.pass_to(made)
    office.run()
    assert said() == ("degraded", "schedule report has no ticks")


def test_metrics_are_there_from_the_start(scraped):
    assert scraped() == {
        ("queueflow_schedules", "on"): 0,
        ("queueflow_schedules", "paused"): 0,
        ("queueflow_schedule_ticks_total", "enqueued"): 0,
        ("queueflow_schedule_ticks_total", "skipped"): 0,
        ("queueflow_schedule_ticks_total", "missed"): 0,
        ("queueflow_schedule_ticks_total", "refused"): 0,
        ("queueflow_schedule_overdue_seconds",): 0,
    }


def test_metrics_tell_what_became_of_ticks_also_of_schedules_that_are_gone(kit, office, scraped):
    made, other = office.make(overlap="skip"), office.make("other")
    service.pause("other", ANN)
    for _ in range(3):
        office.pass_to(made)
        office.run()
    expected = {"enqueued": 1.0, "skipped": 2.0, "missed": 0.0, "refused": 0.0}
    assert {key[1]: value for key, value in scraped().items() if key[0].endswith("_total")} == expected
    assert (scraped()["queueflow_schedules", "on"], scraped()["queueflow_schedules", "paused"]) == (1, 1)
    service.delete(made.name, ANN)
    service.delete(other.name, ANN)
    assert {key[1]: value for key, value in scraped().items() if key[0].endswith("_total")} == expected


def test_metrics_tell_by_how_much_the_most_overdue_is_late(kit, office, scraped):
    made = office.make()
    office.pass_to(made, 90_000)
    assert scraped()["queueflow_schedule_overdue_seconds",] == pytest.approx(100, abs=10)


def test_a_look_leaves_no_connection_behind(kit, office, said):
    office.make()
    with borrowed(service.alias()):
        said()
