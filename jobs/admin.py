"""The engine in the Django admin: API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from .models import ApiKey
from .scopes import Scope

if TYPE_CHECKING:  # generic for the type checker only
    KeyForm = forms.ModelForm[ApiKey]
    KeyAdmin = admin.ModelAdmin[ApiKey]
else:
    KeyForm, KeyAdmin = forms.ModelForm, admin.ModelAdmin


class ApiKeyForm(KeyForm):
    """Scopes as check boxes."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, scope.value) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text="enqueue: make jobs · read: see jobs · operate: retry, cancel, delete, pause · admin: all of it",
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "owner", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(KeyAdmin):
    """A key is shown once, when it is made; later it can be revoked, not read."""

    form = ApiKeyForm
    list_display = ("name", "prefix", "scope_list", "status", "created_at", "last_used_at", "expires_at")
    list_filter = ("revoked_at", "expires_at")
    search_fields = ("name", "prefix")
    actions = ("revoke",)
    readonly_fields = ("prefix", "status", "created_at", "last_used_at", "revoked_at")

    @admin.display(description="scopes")
    def scope_list(self, key: ApiKey) -> str:
        """The scopes as text."""
        return ", ".join(key.scopes)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Save changes; make a new key and show its text in a message, the only time."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made, text = ApiKey.objects.issue(obj.name, obj.scopes, expires_at=obj.expires_at, owner=obj.owner)
        obj.__dict__.update({name: value for name, value in made.__dict__.items() if not name.startswith("_")})
        obj._state = made._state
        self.message_user(request, f"The key, shown only now: {text}", messages.WARNING)

    @admin.action(description="Revoke selected keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End keys for good."""
        keys = list(queryset.filter(revoked_at=None))
        for key in keys:
            key.revoke()
        self.message_user(request, f"Revoked: {len(keys)}. Web processes notice within 5 seconds.", messages.SUCCESS)
