"""What the page of a pool says first: what was decided, what was changed last, whether anybody still decides."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from jobs.words import exactly
from scaling.models import ScalingPolicy
from tests.monitoring.scaling_fixtures import HERE, part, recorder, words

__all__ = ["recorder"]


def test_why_a_pool_grew_last_night_is_said_at_once(recorder, person):
    recorder.step(30_000, 4, 40, "4,908 jobs wait, more than 50: 36 more.", waiting=4908)
    recorder.step(20_000, 40, 2, "Few wait.")
    recorder.step(5, 2, 2, "2 needed for 1 job a second.")
    page = words(person("Viewer").get(HERE))
    assert "Stays at 2 workers. 2 needed for 1 job a second." in page
    assert re.search(r"Last change Shrank from 40 to 2 workers , 5 h ago at \S+ \S+ UTC . Few wait.", page)
    assert re.search(
        r"Most in the last 24 hours Grew from 4 to 40 workers , 8 h ago at \S+ \S+ UTC . 4,908 jobs wait", page
    )
    assert "Nothing was changed in the last hour." in part(person("Viewer", "bob"), "changes", "?range=1h")


def test_a_change_that_is_told_already_is_not_told_again(recorder, person):
    recorder.step(30, 1, 4, "80 jobs wait.", waiting=80)
    page = words(person("Viewer").get(HERE))
    assert re.search(r"Grew from 1 to 4 workers. 80 jobs wait. default, \d+ s ago", page)
    assert ("Last change" in page, "Most in the last" in page) == (False, False)


@pytest.mark.parametrize(("ago", "span"), [(1800, "1h"), (9000, "6h"), (30_000, "24h")])
def test_the_charts_begin_where_the_history_of_a_young_pool_does(recorder, person, ago, span):
    recorder.step(ago, 1, 2, waiting=80)
    client = person("Viewer")
    assert f'charts.json" data-range="{span}"' in client.get(HERE).content.decode()
    assert 'charts.json" data-range="7d"' in client.get(f"{HERE}?range=7d").content.decode()


@pytest.mark.parametrize("change", [{"dry_run": True}, {"actuator": "none"}])
def test_a_pool_that_nobody_acts_for_says_when_its_scaler_is_gone(recorder, person, change):
    ScalingPolicy.objects.update(**change)
    recorder.step(600, 1, 4, "80 jobs wait.", waiting=80)
    client = person("Viewer")
    assert "No scaler has decided for this pool lately" in words(client.get(HERE))
    assert "not decided for" in words(client.get("/scaling/"))
    recorder.step(5, 1, 1)
    assert "No scaler has decided" not in words(client.get(HERE))


@pytest.mark.parametrize(("ago", "points"), [(300, 60), (1800, 181), (3590, 360)])
def test_charts_leave_out_what_was_before_the_pool(recorder, person, ago, points):
    recorder.step(ago, 1, 1, waiting=80)
    found = person("Viewer").get(f"{HERE}charts.json?range=1h").json()
    columns = [found["t"], *(column for chart in found["series"].values() for column in chart.values())]
    assert all(abs(len(column) - points) <= 1 and len(column) == len(found["t"]) for column in columns)


def test_old_figures_are_not_shown_as_those_of_now(recorder, person):
    recorder.step(600, 1, 1, waiting=80)
    page = part(person("Viewer"), "now")
    assert "Queued 80 seen 10 min ago Running 0 seen 10 min ago" in page
    assert "looked 10 min ago" in page


@pytest.mark.parametrize(("waits", "value"), [(9.0, "healthy"), (11.0, "degraded")])
def test_the_headline_is_no_good_news_while_the_goal_is_broken(recorder, person, waits, value):
    recorder.step(5, 1, 1, waiting=80, oldest_age=waits)
    assert f'class="headline" data-value="{value}"' in person("Viewer").get(HERE).content.decode()


@pytest.mark.parametrize(("guard", "value"), [("broken_strategy", "degraded"), ("cooldown_up", "healthy")])
def test_the_headline_is_no_good_news_while_a_pool_is_held(recorder, person, guard, value):
    recorder.step(5, 1, 1, guard=guard)
    assert f'class="headline" data-value="{value}"' in person("Viewer").get(HERE).content.decode()


def test_an_order_is_not_called_a_guard(recorder, person):
    recorder.step(5, 3, 3, "ada wants 3 workers.", guard="by_hand")
    page = words(person("Viewer").get(HERE))
    assert re.search(r"ada wants 3 workers. Ordered by hand, \d+ s ago", page)
    assert "Guard none: ordered by hand" in page
    assert "changed by the guard" not in page


@pytest.mark.parametrize(("strategy", "is_told"), [("latency_target", False), ("conservative", True)])
def test_the_policy_tells_what_its_strategy_goes_by(recorder, person, strategy, is_told):
    ScalingPolicy.objects.update(
        strategy=strategy, interval=5, tolerance=0.1, stabilization=120, cooldown_down=90, look_back=30
    )
    page = words(person("Viewer").get(HERE))
    assert ("grows above 50 waiting jobs" in page) == is_told
    assert "decides every 5 s; after a change it may grow at once and shrink after 90 s" in page
    assert "does not shrink for less than 10 % of it; shrinks to the most that was proposed in 2 min" in page
    assert "figures older than 30 s hold it" in page


def test_times_are_plain_where_no_script_makes_them_local(recorder, person):
    recorder.step(600, 1, 4, "80 jobs wait.")
    page = words(person("Viewer").get(HERE))
    assert re.search(r"Grew from 1 to 4 workers, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC . 80 jobs wait.", page)


def test_who_orders_workers_is_told_how_many_hosts_can_run(recorder, person, kit):
    ScalingPolicy.objects.update(maximum=2000)
    client = person()
    kit.store.registry.join_pool("default", "host", 1200)
    assert "1 to 2,000 allowed; its hosts can run 1,200" in words(client.get(HERE))
    kit.store.registry.join_pool("default", "host", 2000)
    assert "its hosts can run" not in words(client.get(HERE))


def test_inputs_and_sentence_are_those_of_the_last_of_those_that_say_the_same(recorder, person, api, monkeypatch):
    monkeypatch.setattr("scaling.journal.FOLDED_EVERY", 0.0)
    recorder.step(600, 1, 4, "80 jobs wait.", waiting=80)
    recorder.step(595, 1, 4, "81 jobs wait.", waiting=81)
    [row] = api.get("/scaling/default/decisions").json()["items"]
    assert (row["repeats"], row["reason"], row["inputs"]["waiting"]) == (1, "81 jobs wait.", 81)
    assert row["inputs"]["at"] == pytest.approx(datetime.fromisoformat(row["lastAt"]).timestamp(), abs=0.002)
    client, last = person("Viewer"), exactly(row["lastAt"])
    assert last != exactly(row["at"])
    shown = part(client, "decisions")
    assert f"Last at {last} , as the sentence and all that follows Workers 1" in shown
    assert "Queue depth 81" in shown
    assert re.search(rf"{exactly(row['at'])} , last at {last} \. 81 jobs wait\.", part(client, "changes"))
    assert "and the same since, last" in part(client, "now")
    [change] = api.get("/scaling/default/history").json()["changes"]
    assert (change["at"], change["lastAt"]) == (row["at"], row["lastAt"])
