"""Gives a new installation its roles: the groups Viewer, Operator and Admin with their permissions.

They are made after the migration that brings the permissions, as a migration itself would find no rows of them. What an
admin changes later is kept: only permissions that are new with a migration are added, and only to groups that exist.
"""

from __future__ import annotations

from typing import Any, Final

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError
from django.db.models import Q
from django.db.models.signals import post_migrate, pre_migrate

from jobs.rights import ROLES, Right

# What roles may in the Django admin, besides `jobs.rights`.
ADMIN_PAGES: Final[dict[str, tuple[str, ...]]] = {
    "Admin": (
        "jobs.add_apikey", "jobs.change_apikey", "jobs.view_apikey",
        "auth.add_user", "auth.change_user", "auth.view_user", "auth.view_group",
    ),
}  # fmt: skip

_before: dict[str, frozenset[str]] = {}  # database -> permissions there were before this migration


def connect() -> None:
    """Make the roles whenever migrations have run."""
    config = apps.get_app_config("jobs")
    pre_migrate.connect(_remember, sender=config, dispatch_uid="jobs.access.roles.remember")
    post_migrate.connect(_make, sender=config, dispatch_uid="jobs.access.roles.make")


def permissions_of(role: str) -> frozenset[str]:
    """The permissions (`app.codename`) that a role has in a new installation."""
    return frozenset(f"jobs.{right}" for right in ROLES[role]) | frozenset(ADMIN_PAGES.get(role, ()))


def _remember(using: str, **_: Any) -> None:
    try:
        _before[using] = _existing(using)
    except DatabaseError:  # no tables yet
        _before[using] = frozenset()


def _make(using: str, **_: Any) -> None:
    before = _before.pop(using, frozenset())
    is_new = not any(f"jobs.{right}" in before for right in Right)
    groups = Group.objects.using(using)
    for role in ROLES:
        if is_new:
            groups.get_or_create(name=role)
        for group in groups.filter(name=role):
            group.permissions.add(*_rows(using, permissions_of(role) - before))


def _existing(using: str) -> frozenset[str]:
    rows = Permission.objects.using(using).values_list("content_type__app_label", "codename")
    return frozenset(f"{app}.{codename}" for app, codename in rows)


def _rows(using: str, names: frozenset[str]) -> list[Permission]:
    wanted = Q(pk__in=())
    for name in names:
        app, _, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return list(Permission.objects.using(using).filter(wanted))
