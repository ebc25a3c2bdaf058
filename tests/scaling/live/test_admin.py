"""Policies in the admin: validated, on record, never written over; decisions to look at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from jobs.models import AuditEntry
from scaling.models import ScalingPolicy

from .crowd import crowd, decided

POLICIES = "/admin/scaling/scalingpolicy/"
FORM: dict[str, Any] = {
    "pool": "default", "enabled": "on", "strategy": "default", "parameters": "{}", "minimum": 1, "maximum": 10,
    "step_up": "", "step_down": "", "tolerance": 0.1, "wait_goal": 10, "goal_share": 0.99, "scale_up_threshold": 50,
    "scale_down_threshold": 10, "interval": 5, "cooldown_up": 0, "cooldown_down": 30, "stabilization": 30,
    "look_back": 30, "actuator": "local", "workers_per_pod": 1,
}  # fmt: skip


@pytest.fixture
def visitor(db: None):
    """Return a function that logs somebody in who has a role and may use the admin."""

    def make(role: str) -> Client:
        user = User.objects.create_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return make


def test_a_change_is_on_record_with_what_each_field_was(visitor):
    client = visitor("Admin")
    assert client.post(f"{POLICIES}add/", FORM).status_code == 302
    made = ScalingPolicy.objects.get()
    client.post(f"{POLICIES}{made.pk}/change/", {**FORM, "strategy": "conservative", "seen_version": made.version})
    made.refresh_from_db()
    assert (made.strategy, made.version, made.updated_by) == ("conservative", 2, "Admin")
    entry = AuditEntry.objects.filter(action="scaling.policy").latest("id")
    assert (entry.target_id, entry.detail["changed"]) == ("default", {"strategy": ["default", "conservative"]})


def test_a_policy_that_has_changed_meanwhile_is_not_written_over(visitor):
    client, made = visitor("Admin"), ScalingPolicy.objects.create(pool="default")
    seen = made.version
    made.save()
    page = client.post(f"{POLICIES}{made.pk}/change/", {**FORM, "maximum": 40, "seen_version": seen})
    assert "has changed this policy meanwhile" in page.content.decode()
    assert ScalingPolicy.objects.get().maximum == 10


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"minimum": 11}, "above the most workers"),
        ({"pool": ".."}, "An address cannot name it"),
        ({"scale_up_threshold": -1}, "greater than or equal to"),
        ({"strategy": "no_such"}, "No scaling strategy"),
        ({"parameters": '{"x": 1}'}, "no parameter"),
        ({"interval": "nan"}, "Enter a number"),
    ],
)
def test_nonsense_is_refused_at_its_field(visitor, wrong, words):
    page = visitor("Admin").post(f"{POLICIES}add/", {**FORM, **wrong})
    assert words in page.content.decode()
    assert not ScalingPolicy.objects.exists()


def test_the_form_begins_with_what_environment_variables_say(visitor):
    page = visitor("Admin").get(f"{POLICIES}add/").content.decode()
    assert 'name="maximum" value="10"' in page
    assert "aggressive" in page


def test_policies_are_for_admins_and_decisions_for_all_who_look(visitor, kit, scaler):
    made = decided(kit, scaler)
    operator = visitor("Operator")
    assert operator.get(POLICIES).status_code == 403
    decisions = operator.get("/admin/scaling/scalingdecision/")
    assert made.action in decisions.content.decode()
    assert operator.post(f"/admin/scaling/scalingdecision/{made.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_pool_of_which_nobody_lives_is_forgotten_with_its_policy(visitor, kit, scaler, configure):
    configure(kit.store.config)
    client, gone = visitor("Admin"), {"post": "yes"}
    crowd(kit, 0)
    kit.store.registry.set_desired("old", 2)
    old = ScalingPolicy.objects.create(pool="old")
    kit.store.registry.join_pool("default", "host", 4)
    for pk in (old.pk, ScalingPolicy.objects.get(pool="default").pk):
        page = client.post(f"{POLICIES}{pk}/delete/", gone, follow=True)
    assert "The pool default lives: it gets its first policy again" in page.content.decode()
    assert kit.store.registry.desired() == {"default": 1}
    assert ScalingPolicy.objects.count() == 0
    entries = AuditEntry.objects.filter(action="scaling.policy").order_by("id")
    assert [(entry.target_id, entry.detail["deleted"]) for entry in entries] == [("old", True), ("default", True)]


def test_a_policy_is_deleted_also_while_the_store_is_away(visitor, kit, configure):
    configure(replace(kit.store.config, redis_url="redis://127.0.0.1:1"))
    made = ScalingPolicy.objects.create(pool="old")
    page = visitor("Admin").post(f"{POLICIES}{made.pk}/delete/", {"post": "yes"}, follow=True)
    assert "The store cannot be asked now: the pool old may get its first policy again." in page.content.decode()
    assert not ScalingPolicy.objects.exists()
