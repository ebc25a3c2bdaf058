"""Groups and permissions: made once, kept as admins leave them."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from jobs.access.principal import rights_of_user
from jobs.access.roles import permissions_of
from jobs.rights import ROLES, SCOPES, SENTENCES, Right
from jobs.scopes import Scope


def held(name: str) -> set[str]:
    rows = Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


@pytest.mark.parametrize("role", ROLES)
def test_a_new_installation_has_the_role(db, role):
    assert held(role) == permissions_of(role)


@pytest.mark.parametrize("role", ROLES)
def test_a_member_has_the_rights_of_the_role(db, role):
    user = get_user_model().objects.create_user("ada")
    user.groups.add(Group.objects.get(name=role))
    assert rights_of_user(get_user_model().objects.get(pk=user.pk)) == ROLES[role]


def test_who_is_locked_out_has_no_rights(db):
    user = get_user_model().objects.create_superuser("root", password="x")
    user.is_active = False
    assert rights_of_user(user) == frozenset()


def test_what_an_admin_took_away_or_deleted_stays_so(db):
    viewer = Group.objects.get(name="Viewer")
    viewer.permissions.clear()
    Group.objects.get(name="Operator").delete()
    call_command("migrate", verbosity=0)
    assert held("Viewer") == set()
    assert not Group.objects.filter(name="Operator").exists()


def test_a_permission_that_is_new_reaches_the_groups_that_exist(db):
    Permission.objects.get(codename="pause", content_type__app_label="jobs").delete()
    Group.objects.get(name="Viewer").permissions.clear()
    call_command("migrate", verbosity=0)
    assert "jobs.pause" in held("Operator")
    assert held("Viewer") == set()


def test_every_right_has_a_sentence_a_scope_and_a_role():
    assert set(SENTENCES) == set(Right)
    assert SCOPES[Scope.ADMIN] == ROLES["Admin"] == set(Right)
    assert set().union(*(SCOPES[scope] for scope in Scope if scope is not Scope.ADMIN)) >= set(Right) - {
        Right.ADMINISTER
    }
