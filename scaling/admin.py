"""Scaling in the Django admin: policies with a record of how they changed, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from jobs import trail
from jobs.access.address import client_address
from jobs.admin.recorded import Recorded
from jobs.conf import get_config
from jobs.rights import Right

from .models import ScalingDecision, ScalingPolicy
from .models.policy import changes, strategy_choices

if TYPE_CHECKING:  # generic for the type checker only
    PolicyForm = forms.ModelForm[ScalingPolicy]
    PolicyAdmin = admin.ModelAdmin[ScalingPolicy]
    DecisionAdmin = admin.ModelAdmin[ScalingDecision]
else:
    PolicyForm, PolicyAdmin, DecisionAdmin = forms.ModelForm, admin.ModelAdmin, admin.ModelAdmin

STALE: Final = "Somebody has changed this policy meanwhile: load the page again, and then change it."


class ScalingPolicyForm(PolicyForm):
    """Suggests the strategies that there are, and refuses to write over what somebody else has changed."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = ScalingPolicy
        exclude = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = ", ".join(name for name, _ in strategy_choices())
        self.fields["strategy"].help_text = f"One of {names}; or the dotted path of a class of your own."
        self.fields["seen_version"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        """What was given. Raises ValidationError for a policy that has changed meanwhile."""
        given: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            now = ScalingPolicy.objects.values_list("version", flat=True).get(pk=self.instance.pk)
            if given.get("seen_version") != now:
                raise forms.ValidationError(STALE)
        return given


@admin.register(ScalingPolicy)
class ScalingPolicyAdmin(Recorded, PolicyAdmin):
    """A change acts at the scaler's next decision. The audit trail keeps what each field was and became."""

    form = ScalingPolicyForm
    list_display = ("pool", "enabled", "dry_run", "strategy", "minimum", "maximum", "version", "updated_at")
    list_filter = ("enabled", "dry_run", "strategy")
    search_fields = ("pool",)
    readonly_fields = ("version", "updated_at", "updated_by")
    fieldsets = (
        (None, {"fields": ("pool", "enabled", "dry_run", "strategy", "parameters", "seen_version")}),
        ("Who acts", {"fields": ("actuator", "namespace", "deployment", "workers_per_pod")}),
        ("How many", {"fields": ("minimum", "maximum", "step_up", "step_down", "tolerance")}),
        ("What for", {"fields": ("wait_goal", "goal_share", "scale_up_threshold", "scale_down_threshold")}),
        ("How often", {"fields": ("interval", "cooldown_up", "cooldown_down", "stabilization", "look_back")}),
        ("Last change", {"fields": ("version", "updated_at", "updated_by")}),
    )
    added = changed = deleted = trail.Action.SCALING_POLICY

    def has_module_permission(self, request: HttpRequest) -> bool:
        """True with the right to administer."""
        return request.user.has_perm(f"jobs.{Right.ADMINISTER}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """True with the right to administer."""
        return self.has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: ScalingPolicy | None = None) -> bool:
        """True with the right to administer."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: ScalingPolicy | None = None) -> bool:
        """True with the right to administer."""
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ScalingPolicy | None = None) -> bool:
        """True with the right to administer. The pool then gets its first policy again."""
        return self.has_module_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: ScalingPolicy | None = None) -> tuple[str, ...]:
        """A policy stays with its pool."""
        return (*self.readonly_fields, "pool") if obj else self.readonly_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Environment variables give the first values."""
        first = ScalingPolicy.first("", get_config())
        return {**first.facts(), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: ScalingPolicy, form: Any, change: bool) -> None:
        """Save it, with what it was beside it."""
        before = ScalingPolicy.objects.filter(pk=obj.pk).first() if change else None
        obj.updated_by = request.user.get_username()[:150]
        super().save_model(request, obj, form, change)
        obj.replaced = before.facts() if before else None

    def record(self, request: HttpRequest, action: trail.Action, obj: Any, **detail: Any) -> None:
        """Write an entry about a pool: what changed, from what to what."""
        actor = trail.person(request.user, client_address(request))
        replaced = getattr(obj, "replaced", None)
        if replaced is not None:
            detail["changed"] = changes(replaced, obj.facts())
        detail = {"name": obj.pool, "version": obj.version, **detail}
        trail.note(actor=actor, action=action, target=obj.pool, count=1, detail=detail)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Django's hook: something is about to be deleted."""
        for obj in queryset:
            self.record(request, self.deleted, obj, deleted=True)
        return super(Recorded, self).log_deletions(request, queryset)  # which would record it without saying so


@admin.register(ScalingDecision)
class ScalingDecisionAdmin(DecisionAdmin):
    """To look at only."""

    list_display = ("at", "pool", "action", "current", "target", "strategy", "guard", "repeats", "reason")
    list_filter = ("pool", "action", "strategy", "guard", "dry_run")
    date_hierarchy = "at"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """True with the right to look."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: ScalingDecision | None = None) -> bool:
        """True with the right to look."""
        return request.user.has_perm(f"jobs.{Right.VIEW}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ScalingDecision | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ScalingDecision | None = None) -> bool:
        """Never: the scaler keeps the last 5,000 of a pool."""
        return False
