"""Users and groups in the admin: changes are on record, and nobody rises above what they were given."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from jobs.models import AuditEntry

from .people import MakePerson, only, permission

USERS = "/admin/auth/user/"
GROUPS = "/admin/auth/group/"
NEW_PASSWORD = "correct-horse-9"
pytestmark = pytest.mark.django_db


def change(client: Client, user: User, **fields: Any) -> Any:
    form = {"username": user.username, "is_active": "on", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    return client.post(f"{USERS}{user.pk}/change/", form | fields)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def bob(db: None) -> User:
    """Return somebody without any right."""
    return User.objects.create_user("bob", password="old-password-1")


def test_an_admin_who_is_no_superuser_makes_nobody_one(staff: MakePerson, bob: User):
    client, ann = staff("Admin")
    for user in (bob, ann):
        change(client, user, is_superuser="on", is_staff="on", groups=[Group.objects.get(name="Admin").pk])
        assert (fresh(user).is_staff, fresh(user).is_superuser) == (True, False)


def test_a_superuser_makes_another_one(staff: MakePerson, bob: User):
    client, _ = staff(superuser=True)
    change(client, bob, is_superuser="on")
    assert fresh(bob).is_superuser
    assert only("user.change").detail["isSuperuser"] is True


def test_nobody_gives_a_permission_that_they_lack(staff: MakePerson, bob: User):
    client, ann = staff("Admin")
    delete_users = permission("auth.delete_user")
    for user in (bob, ann):
        refused = change(client, user, user_permissions=[delete_users.pk])
        assert b"is not one of the available choices" in refused.content
        assert not fresh(user).has_perm("auth.delete_user")
    change(client, bob, user_permissions=[permission("jobs.retry").pk])
    assert fresh(bob).has_perm("jobs.retry")


def test_nobody_puts_anybody_into_a_group_that_gives_more(staff: MakePerson, bob: User):
    client, ann = staff("Operator", "auth.change_user", "auth.view_user")
    admins, viewers = Group.objects.get(name="Admin"), Group.objects.get(name="Viewer")
    for user in (bob, ann):
        assert b"is not one of the available choices" in change(client, user, groups=[admins.pk]).content
        assert not fresh(user).groups.filter(pk=admins.pk).exists()
    change(client, bob, groups=[viewers.pk])
    assert list(fresh(bob).groups.all()) == [viewers]


@pytest.mark.parametrize("more", ["superuser", "permission", "group", "locked out"])
def test_whoever_may_more_is_not_theirs_to_change_or_delete(staff: MakePerson, bob: User, more: str):
    client, _ = staff("Operator", "auth.change_user", "auth.delete_user", "auth.view_user")
    if more == "superuser":
        User.objects.filter(pk=bob.pk).update(is_superuser=True)
    elif more == "group":
        bob.groups.add(Group.objects.get(name="Admin"))
    else:
        bob.user_permissions.add(permission("auth.add_user"))
        User.objects.filter(pk=bob.pk).update(is_active=more != "locked out")
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    assert change(client, bob, first_name="Eve").status_code == 403
    assert client.post(f"{USERS}{bob.pk}/password/", passwords).status_code == 403
    assert client.post(f"{USERS}{bob.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(USERS, {"action": "delete_selected", "_selected_action": [bob.pk], "post": "yes"})
    assert fresh(bob).first_name == ""
    assert fresh(bob).check_password("old-password-1")
    assert not AuditEntry.objects.exists()


def test_making_a_user_is_on_record(staff: MakePerson):
    client, ann = staff("Admin")
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    client.post(f"{USERS}add/", {"username": "carl", **passwords})
    entry = only("user.create")
    assert (entry.actor_id, entry.target_kind) == (f"user:{ann.pk}", "user")
    assert entry.target_id == str(User.objects.get(username="carl").pk)
    assert entry.detail["name"] == "carl"


def test_a_changed_user_is_on_record_with_what_they_may_now(staff: MakePerson, bob: User):
    client, _ = staff("Admin")
    change(client, bob, groups=[Group.objects.get(name="Viewer").pk], user_permissions=[permission("jobs.retry").pk])
    detail = only("user.change").detail
    assert set(detail["changed"]) >= {"Groups", "User permissions"}
    assert (detail["groups"], detail["permissions"]) == (["Viewer"], ["jobs.retry"])


def test_a_new_password_is_on_record_without_the_password(staff: MakePerson, bob: User):
    client, _ = staff("Admin")
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    client.post(f"{USERS}{bob.pk}/password/", passwords | {"set-password": "yes"})
    assert fresh(bob).check_password(NEW_PASSWORD)
    detail = only("user.change").detail
    assert "password" in str(detail["changed"]).lower()
    assert NEW_PASSWORD not in str(detail)
    assert fresh(bob).password not in str(detail)


def test_deleted_users_are_on_record(staff: MakePerson, bob: User):
    client, _ = staff(superuser=True)
    carl = User.objects.create_user("carl")
    client.post(f"{USERS}{bob.pk}/delete/", {"post": "yes"})
    client.post(USERS, {"action": "delete_selected", "_selected_action": [carl.pk], "post": "yes"})
    gone = AuditEntry.objects.filter(action="user.delete")
    assert sorted(entry.detail["name"] for entry in gone) == ["bob", "carl"]
    assert not User.objects.filter(username__in=["bob", "carl"]).exists()


def test_a_group_gets_only_what_the_one_who_changes_it_holds(staff: MakePerson):
    client, ann = staff("Operator", "auth.change_group", "auth.view_group")
    team = Group.objects.create(name="Team")
    ann.groups.add(team)
    refused = client.post(
        f"{GROUPS}{team.pk}/change/", {"name": "Team", "permissions": [permission("jobs.administer").pk]}
    )
    assert b"is not one of the available choices" in refused.content
    client.post(f"{GROUPS}{team.pk}/change/", {"name": "Team", "permissions": [permission("jobs.retry").pk]})
    assert [row.codename for row in team.permissions.all()] == ["retry"]
    assert only("group.change").detail["permissions"] == ["jobs.retry"]


def test_a_group_that_gives_more_is_not_theirs_to_change_or_delete(staff: MakePerson):
    client, _ = staff("Operator", "auth.change_group", "auth.delete_group", "auth.view_group")
    admins = Group.objects.get(name="Admin")
    assert client.post(f"{GROUPS}{admins.pk}/change/", {"name": "Mine"}).status_code == 403
    assert client.post(f"{GROUPS}{admins.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Group.objects.filter(name="Admin").exists()


def test_groups_made_and_deleted_are_on_record(staff: MakePerson):
    client, _ = staff(superuser=True)
    client.post(f"{GROUPS}add/", {"name": "Team", "permissions": [permission("jobs.retry").pk]})
    made = Group.objects.get(name="Team")
    assert only("group.create").detail == {"name": "Team", "permissions": ["jobs.retry"]}
    client.post(f"{GROUPS}{made.pk}/delete/", {"post": "yes"})
    assert only("group.delete").target_id == str(made.pk)


def test_a_change_whose_entry_cannot_be_written_does_not_happen(staff: MakePerson, bob: User, monkeypatch: Any):
    client, _ = staff("Admin")
    monkeypatch.setattr(AuditEntry, "save", _refuse)
    with pytest.raises(RuntimeError):
        change(client, bob, first_name="Robert")
    assert fresh(bob).first_name == ""


def _refuse(entry: AuditEntry, **options: Any) -> None:
    raise RuntimeError("disk full")
