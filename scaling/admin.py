"""Scaling in the Django admin: policies with a record of how they changed, and what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from jobs import trail
from jobs.access.address import client_address
from jobs.admin.recorded import Recorded
from jobs.clock import isoformat, to_instant_ms
from jobs.conf import get_config
from jobs.rights import Right
from jobs.store.store import get_store
from jobs.words import exactly

from .forgetting_admin import Forgetting
from .learned import learned
from .models import ScalingDecision, ScalingPolicy
from .models.policy import changes
from .policy_changes import in_a_line, policy_changes
from .policy_form import ScalingPolicyForm, depth_strategies

if TYPE_CHECKING:  # generic for the type checker only
    PolicyAdmin = admin.ModelAdmin[ScalingPolicy]
    DecisionAdmin = admin.ModelAdmin[ScalingDecision]
else:
    PolicyAdmin, DecisionAdmin = admin.ModelAdmin, admin.ModelAdmin


@admin.register(ScalingPolicy)
class ScalingPolicyAdmin(Forgetting, Recorded, PolicyAdmin):
    """A change acts at the scaler's next decision. The audit trail keeps what each field was and became."""

    form = ScalingPolicyForm
    list_display = ("pool", "enabled", "dry_run", "strategy", "minimum", "maximum", "version", "changed_at")
    list_filter = ("enabled", "dry_run", "strategy")
    search_fields = ("pool",)
    readonly_fields = ("model_of_ml", "version", "changed_at", "updated_by")
    fieldsets = (
        (None, {"fields": ("pool", "enabled", "dry_run")}),
        ("How it decides", {"fields": ("strategy", "parameters", "model_of_ml", "seen_version")}),
        ("Goal", {"fields": (("wait_goal", "goal_share"),)}),
        (
            f"Thresholds, for {depth_strategies()} alone",
            {"fields": (("scale_up_threshold", "scale_down_threshold"),)},
        ),
        ("How many", {"fields": (("minimum", "maximum"), ("step_up", "step_down"), "tolerance")}),
        ("How often", {"fields": (("interval", "look_back"), ("cooldown_up", "cooldown_down"), "stabilization")}),
        ("Who acts", {"fields": ("actuator",)}),
        ("On Kubernetes", {"fields": (("namespace", "deployment"), "workers_per_pod")}),
        ("Last change", {"fields": (("version", "changed_at", "updated_by"),)}),
    )
    object_history_template = "admin/scaling/policy_history.html"
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
        """True with the right to administer. A pool that lives gets its first policy again."""
        return self.has_module_permission(request)

    def view_on_site(self, obj: ScalingPolicy) -> str:
        """The page that shows what the policy does."""
        return reverse("pool", args=[obj.pool])

    @admin.display(description="changed", ordering="updated_at")
    def changed_at(self, obj: ScalingPolicy) -> str:
        """When, to the second."""
        return _exactly(obj.updated_at)

    @admin.display(description="model of ml")
    def model_of_ml(self, obj: ScalingPolicy) -> str:
        """What was trained for the pool, and how good it was on a day beside other strategies."""
        return learned(get_store, obj) if obj.pk else "None: the pool is new."

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What was changed from what to what, by whom, over whichever interface."""
        policy = self.get_object(request, object_id)
        may_see = request.user.has_perm(f"jobs.{Right.SEE_AUDIT}")
        shown = {"changes": policy_changes(policy.pool) if policy and may_see else [], "may_see": may_see}
        return super().history_view(request, object_id, {**shown, **(extra_context or {})})

    def get_readonly_fields(self, request: HttpRequest, obj: ScalingPolicy | None = None) -> tuple[str, ...]:
        """A policy stays with its pool."""
        return (*self.readonly_fields, "pool") if obj else self.readonly_fields

    def get_fieldsets(self, request: HttpRequest, obj: ScalingPolicy | None = None) -> Any:
        """What is new has no last change."""
        found = super().get_fieldsets(request, obj)
        return found if obj else found[:-1]

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


class GuardFilter(admin.SimpleListFilter):
    """By the guard that changed a decision, of those that did."""

    title = "guard"
    parameter_name = "guard"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The guards that have changed any."""
        found = ScalingDecision.objects.exclude(guard="").order_by("guard").values_list("guard", flat=True).distinct()
        return [(name, name.replace("_", " ")) for name in found]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The decisions that it changed."""
        return queryset.filter(guard=self.value()) if self.value() else queryset


@admin.register(ScalingDecision)
class ScalingDecisionAdmin(DecisionAdmin):
    """To look at only."""

    list_display = ("when", "pool", "moved", "why")
    list_display_links = ("when",)
    list_filter = ("pool", "action", "strategy", GuardFilter, "dry_run")
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ()
    date_hierarchy = "at"
    actions = None
    fieldsets = (
        (None, {"fields": ("pool", "when", "until", "moved", "reason")}),
        ("How it came about", {"fields": ("strategy", "proposed", "confidence", "guard_word", "dry_run")}),
        ("What was seen", {"fields": ("seen",)}),
    )

    @admin.display(description="when", ordering="at")
    def when(self, obj: ScalingDecision) -> str:
        """To the second."""
        return _exactly(obj.at)

    @admin.display(description="until")
    def until(self, obj: ScalingDecision) -> str:
        """When it was made for the last time in a row."""
        return f"{_exactly(obj.last_at)}, {obj.repeats + 1:,} times in a row" if obj.repeats else _exactly(obj.last_at)

    @admin.display(description="workers")
    def moved(self, obj: ScalingDecision) -> str:
        """Workers before and after."""
        return f"{obj.current:,} → {obj.target:,}" if obj.current != obj.target else f"{obj.target:,}"

    @admin.display(description="why")
    def why(self, obj: ScalingDecision) -> SafeString:
        """The sentence, and below it who said so."""
        who = f"{obj.strategy} · guard: {self.guard_word(obj)}" if obj.guard else obj.strategy
        dry = " · not carried out" if obj.dry_run else ""
        return format_html('{}<div class="quiet">{}{}</div>', obj.reason, who, dry)

    @admin.display(description="guard")
    def guard_word(self, obj: ScalingDecision) -> str:
        """The guard that changed it."""
        return obj.guard.replace("_", " ") or "none changed it"

    @admin.display(description="figures, times in seconds")
    def seen(self, obj: ScalingDecision) -> SafeString:
        """The inputs, a line each, after the time that they and the sentence are of."""
        lines = [(name.replace("_", " "), in_a_line(value)) for name, value in obj.inputs.items() if name != "at"]
        at = "last at" if obj.repeats else "seen at"
        lines = [(at, _exactly(obj.last_at)), *lines]
        return format_html(
            '<dl class="facts-of-scaling">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines)
        )

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


def _exactly(at: datetime | None) -> str:
    return exactly(isoformat(to_instant_ms(at))) if at else ""
