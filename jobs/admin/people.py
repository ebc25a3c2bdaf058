"""Users and groups in the admin: whoever may change them gives nothing that they do not hold themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from jobs import trail

from .recorded import Recorded

if TYPE_CHECKING:  # generic for the type checker only
    StockUserAdmin = UserAdmin[User]
else:
    StockUserAdmin = UserAdmin


def names_of(permissions: QuerySet[Permission]) -> frozenset[str]:
    """Permissions as `app.codename`."""
    rows = permissions.values_list("content_type__app_label", "codename")
    return frozenset(f"{app}.{codename}" for app, codename in rows)


def held_by(user: User) -> frozenset[str]:
    """What a user was given, also one who is locked out now."""
    return names_of(Permission.objects.filter(Q(user=user) | Q(group__user=user)))


def lacks(person: Any, names: frozenset[str]) -> bool:
    """True when a person does not hold all of these permissions."""
    return not person.is_superuser and not names <= person.get_all_permissions()


def grantable(person: Any) -> QuerySet[Permission]:
    """The permissions that a person holds, and so may give."""
    every = Permission.objects.select_related("content_type")
    if person.is_superuser:
        return every.all()
    mine = person.get_all_permissions()
    keys = [row.pk for row in every if f"{row.content_type.app_label}.{row.codename}" in mine]
    return every.filter(pk__in=keys)


def joinable(person: Any) -> QuerySet[Group]:
    """The groups that give nothing beyond what a person holds."""
    groups = Group.objects.all()
    return (
        groups
        if person.is_superuser
        else groups.exclude(permissions__in=Permission.objects.exclude(pk__in=grantable(person)))
    )


class PeopleAdmin(Recorded, StockUserAdmin):
    """Who is no superuser makes nobody one, and changes nobody who may more."""

    added, changed, deleted = trail.Action.USER_CREATE, trail.Action.USER_CHANGE, trail.Action.USER_DELETE

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """True with Django's permission, for users who may no more than the person."""
        return super().has_change_permission(request, obj) and not _outranks(obj, request.user)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """True with Django's permission, for users who may no more than the person."""
        return super().has_delete_permission(request, obj) and not _outranks(obj, request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """What this person may not set."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if getattr(request.user, "is_superuser", False) else (*fields, "is_superuser")

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Only what this person may give."""
        if request is not None and db_field.name == "groups":
            kwargs["queryset"] = joinable(request.user)
        elif request is not None and db_field.name == "user_permissions":
            kwargs["queryset"] = grantable(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002 - Django's name
        """Set a password, in one transaction with its entry."""
        with transaction.atomic(using=router.db_for_write(self.model)):
            return super().user_change_password(request, id, form_url)

    def facts(self, obj: User) -> dict[str, Any]:
        """What the user may now."""
        return {
            "groups": sorted(group.name for group in obj.groups.all()),
            "permissions": sorted(names_of(obj.user_permissions.all())),
            "isActive": obj.is_active,
            "isStaff": obj.is_staff,
            "isSuperuser": obj.is_superuser,
        }


class TeamAdmin(Recorded, GroupAdmin):
    """Groups give only what the one who changes them holds."""

    added, changed, deleted = trail.Action.GROUP_CREATE, trail.Action.GROUP_CHANGE, trail.Action.GROUP_DELETE

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """True with Django's permission, for groups that give no more than the person holds."""
        return super().has_change_permission(request, obj) and not _gives_more(obj, request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """True with Django's permission, for groups that give no more than the person holds."""
        return super().has_delete_permission(request, obj) and not _gives_more(obj, request.user)

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Only what this person may give."""
        if request is not None and db_field.name == "permissions":
            kwargs["queryset"] = grantable(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def facts(self, obj: Group) -> dict[str, Any]:
        """What the group gives now."""
        return {"permissions": sorted(names_of(obj.permissions.all()))}


def _outranks(user: User | None, person: Any) -> bool:
    if user is None or person.is_superuser:
        return False
    return user.is_superuser or lacks(person, held_by(user))


def _gives_more(group: Group | None, person: Any) -> bool:
    return group is not None and lacks(person, names_of(group.permissions.all()))


def register() -> None:
    """Take the place of Django's own admins; what a project has put in their place stays."""
    for model, stock, ours in ((User, UserAdmin, PeopleAdmin), (Group, GroupAdmin, TeamAdmin)):
        registered = admin.site._registry.get(model)
        if type(registered) is stock and (model is Group or get_user_model() is User):
            admin.site.unregister(model)
            admin.site.register(model, ours)


register()
