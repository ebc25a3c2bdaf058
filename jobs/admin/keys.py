"""API keys in the admin."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from jobs import trail
from jobs.access.principal import rights_of_user
from jobs.models import ApiKey
from jobs.rights import rights_of
from jobs.scopes import Scope

from .recorded import Recorded

if TYPE_CHECKING:  # generic for the type checker only
    KeyForm = forms.ModelForm[ApiKey]
    KeyAdmin = admin.ModelAdmin[ApiKey]
else:
    KeyForm, KeyAdmin = forms.ModelForm, admin.ModelAdmin

SCOPE_HELP = (
    "enqueue: make jobs · read: see jobs · operate: retry, cancel, delete, pause, purge, scale · "
    "payloads: see masked fields, and edit payloads together with operate · admin: all of it"
)


class ApiKeyForm(KeyForm):
    """Scopes as check boxes."""

    scopes = forms.MultipleChoiceField(
        label="Scopes",
        choices=[(scope.value, scope.value) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text=SCOPE_HELP,
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "owner", "expires_at", "burst", "per_second")


@admin.register(ApiKey)
class ApiKeyAdmin(Recorded, KeyAdmin):
    """A key is shown once, when it is made; later it can be revoked, not read.

    Nobody gives a key what they lack themselves, or changes a key that may more than they do; to revoke is open to all
    who may change keys.
    """

    form = ApiKeyForm
    list_display = ("name", "prefix", "scope_list", "status", "created_at", "last_used_at", "expires_at")
    list_filter = ("revoked_at", "expires_at")
    search_fields = ("name", "prefix")
    raw_id_fields = ("owner",)
    actions = ("revoke",)
    readonly_fields = ("prefix", "status", "created_at", "last_used_at", "revoked_at")
    added, changed, deleted = trail.Action.KEY_CREATE, trail.Action.KEY_CHANGE, trail.Action.KEY_DELETE

    @admin.display(description="scopes")
    def scope_list(self, key: ApiKey) -> str:
        """The scopes as text."""
        return ", ".join(key.scopes)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """True with Django's permission, for keys that may no more than the person."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or rights_of(obj.granted) <= rights_of_user(request.user))

    def get_form(self, request: HttpRequest, obj: ApiKey | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form with the scopes that this person may give."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        if "scopes" in form.base_fields:
            rights = rights_of_user(request.user)
            field = copy.deepcopy(form.base_fields["scopes"])
            field.choices = [(scope.value, scope.value) for scope in Scope if rights_of([scope]) <= rights]
            form.base_fields["scopes"] = field
        return form

    def facts(self, obj: ApiKey) -> dict[str, Any]:
        """What a key may, and for how long."""
        burst, per_second = obj.rate
        return {
            "prefix": obj.prefix,
            "scopes": list(obj.scopes),
            "expiresAt": obj.expires_at and obj.expires_at.isoformat(),
            "burst": burst,
            "perSecond": per_second,
        }

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Save changes; make a new key and show its text in a message, the only time."""
        obj.scopes = sorted(obj.scopes)
        if change:
            super().save_model(request, obj, form, change)
            return
        text = obj.become_new()
        super().save_model(request, obj, form, change)
        self.message_user(request, f"The key, shown only now: {text}", messages.WARNING)

    @admin.action(description="Revoke selected keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End keys for good."""
        keys = list(queryset.filter(revoked_at=None))
        for key in keys:
            key.revoke()
            self.record(request, trail.Action.KEY_REVOKE, key, prefix=key.prefix)
        self.message_user(request, f"Revoked: {len(keys)}. Web processes notice within 5 seconds.", messages.SUCCESS)
