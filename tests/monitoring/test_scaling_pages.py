"""The pages of scaling: why a pool has the workers it has, what else could be done, and what people order."""

from __future__ import annotations

import html
import re

import pytest

from jobs.models import AuditEntry
from scaling.models import ScalingPolicy
from scaling.observation import Due, Rates
from tests.monitoring.people import submit
from tests.monitoring.scaling_fixtures import HERE, part, recorder, words

__all__ = ["recorder"]
EVIL = "<img src=x onerror=alert(1)>"


def test_a_change_is_a_mark_of_the_charts_and_a_line_that_opens(recorder, person):
    recorder.step(600, 1, 4, "80 jobs wait.", waiting=80, active=5, oldest_age=2.5, due=(Due(60.0, 7),))
    client = person("Viewer")
    page = client.get(f"{HERE}?range=1h").content.decode()
    found = client.get(f"{HERE}charts.json?range=1h").json()
    [mark] = found["marks"]
    assert (mark["kind"], mark["from"], mark["to"], mark["text"]) == ("scale_up", 1, 4, "")
    assert f'id="change-{mark["id"]}"' in page
    assert f'data-address="{HERE}charts.json" data-range="1h"' in page
    assert 'data-goal="10000"' in page
    at = found["t"].index(int(mark["t"]) // 10 * 10)
    assert {name: column[at] for chart in found["series"].values() for name, column in chart.items()} == {
        "desired": 4, "current": 1, "queued": 80, "running": 5, "due": 7, "latency": 2500,
    }  # fmt: skip


def test_what_is_seen_and_what_each_strategy_would_do_stand_side_by_side(recorder, person):
    rates = Rates(2.0, 2.0, 2.0)
    recorder.step(
        5, 1, 1, waiting=400, active=4, slots=5, oldest_age=4.0, arrivals=rates, service_time=0.5, error_rate=0.25
    )
    seen = part(person("Viewer"), "sights")
    for fact in ("Arrivals 2.0/s", "Service time 500 ms", "Error rate 25 %", "Utilisation 80 %", "Start-up time –"):
        assert fact in seen
    for fact in ("Queue depth 400", "In flight 4", "Queue latency 4.0 s"):
        assert fact in seen
    assert "default active" in seen
    assert "latency_target" in seen
    assert "aggressive" in seen


def test_decisions_open_their_inputs_and_are_filtered(recorder, person):
    recorder.step(50, 1, 4, "80 jobs wait.", waiting=80)
    recorder.step(40, 4, 4, "No more now.", guard="cooldown_up")
    client = person("Viewer")
    text = part(client, "decisions")
    assert "1 → 4 80 jobs wait." in text
    assert "Queue depth 80" in text
    assert "Guard cooldown" in text
    changes = part(client, "decisions", "?changed=true")
    assert ("80 jobs wait." in changes, "No more now." in changes) == (True, False)
    assert "No decision is like that." in part(client, "decisions", "?guard=step_down")


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_decisions_come_as_a_file(recorder, person):
    recorder.step(50, 1, 4, "=80 jobs wait.", waiting=80)
    recorder.step(40, 4, 4, guard="cooldown_up")
    lines = b"".join(person("Viewer").get("/exports/decisions.csv?pool=default&changed=true")).decode().splitlines()
    assert len(lines) == 2
    assert '"\'=80 jobs wait."' in lines[1]


def test_an_operator_sets_the_workers_for_a_while_and_ends_it(recorder, person, kit):
    client = person()
    page = client.get(HERE)
    fields = {"workers": "3", "forMs": "3600000", "reason": "the sale"}
    page = submit(client, page, f"{HERE}scale/", **fields)
    assert "default is to have 3 workers." in words(page)
    assert re.search(
        r"ada wants 3 workers until \S+ \S+ UTC \( in \d+ min \): the sale. Then the policy decides", words(page)
    )
    assert kit.store.registry.desired()["default"] == 3
    assert "by hand until" in words(client.get("/scaling/"))
    page = submit(client, page, f"{HERE}resume/")
    assert "The policy of default decides again." in words(page)
    assert "wants 3 workers" not in words(page)
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == ["scaling.scale", "scaling.resume"]


def test_a_pause_is_said_and_ended(recorder, person):
    client = person()
    page = submit(client, client.get(HERE), f"{HERE}pause/", reason="a look")
    assert re.search(r"ada paused scaling .*: a look\. The pool stays as large as it is", words(page))
    assert "paused" in words(client.get("/scaling/"))
    assert "paused scaling" not in words(submit(client, page, f"{HERE}resume/"))


@pytest.mark.parametrize("workers", ["", "-1", "x", "1" * 20, "11"])
def test_a_number_of_workers_that_cannot_be_is_refused_in_words(recorder, person, workers, kit):
    client = person()
    page = words(submit(client, client.get(HERE), f"{HERE}scale/", workers=workers, forMs=""))
    assert ("the policy allows 1 to 10" if workers == "11" else "Give the workers as a whole number.") in page
    assert kit.store.registry.desired()["default"] == 1


def test_a_viewer_has_no_forms_and_is_refused(recorder, person, kit):
    recorder.step(5, 1, 1)
    client = person("Viewer")
    page = client.get(HERE)
    assert "By hand" not in words(page)
    for verb in ("scale", "pause", "resume"):
        assert f'action="{HERE}{verb}/"' not in page.content.decode()
        assert submit(client, page, f"{HERE}{verb}/", workers="3").status_code == 403
    assert kit.store.registry.desired()["default"] == 1


def test_only_admins_are_led_to_the_policy(recorder, person):
    ScalingPolicy.objects.update(maximum=20)
    address = "/admin/scaling/scalingpolicy/?q=default"
    assert address not in person("Operator", "bob").get(HERE).content.decode()
    client = person("Admin", "eve")
    client.get("/")
    page = client.get(HERE)
    assert "MAX_WORKERS says 10 and the policy 20" in words(page)
    assert ("by environment" in words(page), address in page.content.decode()) == (False, False)  # she is no staff


def test_a_dry_run_says_so_and_takes_no_orders(recorder, person):
    ScalingPolicy.objects.update(dry_run=True)
    page = person().get(HERE)
    assert "A dry run: decisions are recorded and not carried out." in words(page)
    assert "By hand" not in words(page)


def test_a_pool_on_kubernetes_says_what_becomes_of_long_jobs(recorder, person):
    ScalingPolicy.objects.update(actuator="kubernetes", deployment="workers", namespace="jobs", workers_per_pod=2)
    page = words(person("Viewer").get(HERE))
    assert "on Kubernetes, by Deployment workers in jobs with 2 workers a pod" in page
    assert "longer than the termination grace of its pod is released" in page
    assert "spends no attempt, and it runs again" in page


def test_a_pool_that_is_observed_only_takes_no_orders(recorder, person):
    ScalingPolicy.objects.update(actuator="none")
    client = person()
    page = words(client.get(HERE))
    assert "Observed only: the policy has no actuator" in page
    assert "By hand" not in page
    assert "observed only" in words(client.get("/scaling/"))


def test_a_policy_that_is_off_says_so(recorder, person):
    ScalingPolicy.objects.update(enabled=False)
    client = person()
    assert "Nobody decides for this pool: its policy is off. It stays as large as it is." in words(client.get(HERE))
    recorder.step(5, 1, 1)
    assert "The policy is off: nobody decides" in words(client.get(HERE))
    assert "nobody decides" in words(client.get("/scaling/"))


def test_a_pool_that_never_obeys_says_so_on_both_pages(recorder, person, kit):
    kit.advance(-61_000)
    kit.store.scaling.order("default", {}, 5)
    client = person("Viewer")
    page = words(client.get(HERE))
    assert "Pool default has 1 worker and should have 5" in page
    assert "Either no workerpool of this name runs" in page
    assert "does not follow" in words(client.get("/scaling/"))


def test_a_pool_that_nobody_decides_for_is_not_said_to_disobey(recorder, person):
    recorder.step(100, 1, 4, stretch="5:1")
    page = words(person("Viewer").get(HERE))
    assert "Pool default has not been decided for in" in page
    assert "told so for more than a minute" not in page


def test_what_people_write_is_shown_and_never_run(recorder, person, kit):
    recorder.step(30, 1, 4, f"{EVIL} wait.", waiting=80)
    kit.store.registry.set_desired(EVIL, 1)
    client = person()
    page = submit(client, client.get(HERE), f"{HERE}scale/", workers="2", reason=EVIL)
    for shown in (page, client.get("/scaling/"), client.get(HERE, headers={"HX-Target": "decisions"})):
        assert EVIL not in shown.content.decode()
    assert html.escape(EVIL) in page.content.decode()


@pytest.mark.parametrize("name", ["nowhere", "%3Cb%3E", "..", "a%20b", "x" * 65])
def test_there_is_no_page_of_a_pool_that_is_none(recorder, person, name):
    client = person()
    assert client.get(f"/scaling/{name}/").status_code == 404
    assert client.get(f"/scaling/{name}/charts.json").status_code == 404


def test_without_a_pool_the_page_says_what_brings_one(api, person):
    page = words(person("Viewer").get("/scaling/"))
    assert "There is no pool yet" in page
    assert "manage.py workerpool" in page


def test_a_pool_without_a_policy_or_a_decision_has_a_page(api, kit, person):
    kit.store.registry.set_desired("fresh", 1)
    client = person("Viewer")
    assert 'href="/scaling/fresh/"' in client.get("/scaling/").content.decode()
    page = words(client.get("/scaling/fresh/"))
    assert "Nothing has been decided for this pool yet." in page
    assert "nobody has saved one yet" in page
    assert "No scaler has looked at this pool" in page


def test_the_list_says_how_many_pools_it_leaves_out(recorder, person, monkeypatch):
    monkeypatch.setattr("scaling.api.pools.MOST_POOLS", 1)
    client = person("Viewer")
    assert "not shown" not in words(client.get("/scaling/"))
    ScalingPolicy(pool="other").save()
    assert "1 more pool is not shown: only the first 100 by name are." in words(client.get("/scaling/"))
