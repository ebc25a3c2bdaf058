"""What the admin shows of policies and decisions: suggestions, the past, figures in words."""

from __future__ import annotations

import html
import re

import pytest

from jobs.clock import isoformat, to_instant_ms
from jobs.words import exactly
from scaling.models import ScalingDecision, ScalingPolicy
from scaling.policy_changes import in_a_line

from .crowd import decided
from .test_admin import FORM, POLICIES, visitor

__all__ = ["visitor"]


def words(answer) -> str:
    """What a page says, without its marks and with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_the_history_tells_what_each_field_was_and_became(visitor):
    client = visitor("Admin")
    client.post(f"{POLICIES}add/", FORM)
    made = ScalingPolicy.objects.get()
    changed = {**FORM, "maximum": 40, "dry_run": "on", "strategy": "latency_target", "parameters": '{"margin": 2}'}
    client.post(f"{POLICIES}{made.pk}/change/", {**changed, "seen_version": made.version})
    page = words(client.get(f"{POLICIES}{made.pk}/history/"))
    assert re.search(r"UTC version 2 Admin Dry run no yes .*Most workers 10 40 .*UTC version 1 Admin made", page)
    assert "Strategy default latency_target" in page
    assert "Parameters – margin 2" in page


def test_the_history_of_a_policy_that_nobody_has_changed_says_so(visitor):
    made = ScalingPolicy.objects.create(pool="default", updated_by="environment")
    page = words(visitor("Admin").get(f"{POLICIES}{made.pk}/history/"))
    assert "Nobody has changed this policy yet: it is as environment variables began it." in page


def test_the_history_begins_with_the_version_that_nobody_made(visitor):
    made = ScalingPolicy.objects.create(pool="default", updated_by="environment")
    client = visitor("Admin")
    client.post(f"{POLICIES}{made.pk}/change/", {**FORM, "maximum": 40, "seen_version": 1})
    begun = "before that version 1 environment made, as environment variables said"
    assert re.search(rf"UTC version 2 Admin .*{begun}", words(client.get(f"{POLICIES}{made.pk}/history/")))
    client.post(f"{POLICIES}{made.pk}/delete/", {"post": "yes"})
    again = ScalingPolicy.objects.create(pool="default", updated_by="environment")
    page = words(client.get(f"{POLICIES}{again.pk}/history/"))
    assert (page.count(begun), page.index(begun) < page.rindex("deleted")) == (1, True)


@pytest.mark.parametrize(("strategy", "opened"), [("latency_target", "latency_target"), ("ml", "ml"), ("default", "")])
def test_the_form_tells_of_strategies_and_unfolds_the_parameters_of_the_chosen_one(visitor, strategy, opened):
    made = ScalingPolicy.objects.create(pool="default", strategy=strategy)
    page = visitor("Admin").get(f"{POLICIES}{made.pk}/change/").content.decode()
    assert '<option value="conservative">' in page
    assert "<dd>Grows late and by one worker at a time: few workers, long waits.</dd>" in page
    assert re.findall(r"<details open><summary>(\w+)</summary>", page) == ([opened] if opened else [])
    assert "1.5 at first; from 0 to 6." in page
    assert 'href="/scaling/default/"' in page


def test_deleting_says_what_becomes_of_the_pool(visitor):
    made = ScalingPolicy.objects.create(pool="default")
    page = words(visitor("Admin").get(f"{POLICIES}{made.pk}/delete/"))
    assert "begins anew with what environment variables say" in page
    assert "is forgotten, with its decisions and its history" in page


def test_what_was_given_wrongly_is_kept_and_unfolds_what_it_is_about(visitor):
    page = visitor("Admin").post(f"{POLICIES}add/", {**FORM, "strategy": "ml", "parameters": '{"x": 1}'})
    assert "<details open><summary>ml</summary>" in page.content.decode()
    assert "no parameter" in words(page)


def test_a_decision_is_told_in_words(visitor, kit, scaler):
    made = decided(kit, scaler)
    ScalingDecision.objects.filter(pk=made.pk).update(
        current=1, target=1200, guard="step_up", reason="<b>Many</b> wait."
    )
    client = visitor("Operator")
    listed = words(client.get("/admin/scaling/scalingdecision/"))
    assert "1 → 1,200 <b>Many</b> wait. default · guard: step up" in listed
    assert "?guard=step_up" in client.get("/admin/scaling/scalingdecision/").content.decode()
    assert "Many" in words(client.get("/admin/scaling/scalingdecision/?guard=step_up"))
    assert "Many" not in words(client.get("/admin/scaling/scalingdecision/?guard=maximum"))
    shown = words(client.get(f"/admin/scaling/scalingdecision/{made.pk}/change/"))
    assert f"seen at {exactly(isoformat(to_instant_ms(made.last_at)))} workers 1" in shown
    ScalingDecision.objects.filter(pk=made.pk).update(repeats=1)
    assert "last at 20" in words(client.get(f"/admin/scaling/scalingdecision/{made.pk}/change/"))
    assert "waiting 0" in shown
    assert "usual service time –" in shown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        ({}, "–"),
        (True, "yes"),
        (12345, "12345"),
        (1.23456, "1.235"),
        ({"last_15s": 1.0, "last_60s": 2.5}, "last 15s 1, last 60s 2.5"),
        ([{"seconds": 5.0, "jobs": 1}, {"seconds": 60.0, "jobs": 9}], "seconds 5, jobs 1; seconds 60, jobs 9"),
    ],
)
def test_values_are_said_in_a_line(value, words):
    assert in_a_line(value) == words
