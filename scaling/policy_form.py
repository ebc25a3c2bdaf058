"""The form of a policy in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .errors import UnknownStrategyError
from .models import ScalingPolicy
from .models.policy import strategy_choices
from .simulator.presets import DEPTH_COOLDOWNS
from .strategies.lookup import find
from .strategies.strategy import Strategy

if TYPE_CHECKING:  # generic for the type checker only
    PolicyForm = forms.ModelForm[ScalingPolicy]
else:
    PolicyForm = forms.ModelForm

STALE: Final = "Somebody has changed this policy meanwhile: load the page again, and then change it."
LIST: Final = "strategies-there-are"


class StrategyInput(forms.TextInput):
    """A field that suggests the strategies there are, and takes dotted paths of others."""

    def __init__(self) -> None:
        super().__init__({"list": LIST, "class": "vTextField", "spellcheck": "false", "autocomplete": "off"})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The field with its suggestions."""
        options = format_html_join("", '<option value="{}">', ((each,) for each, _ in strategy_choices()))
        return format_html(
            '{}<datalist id="{}">{}</datalist>', super().render(name, value, attrs, renderer), LIST, options
        )


class ScalingPolicyForm(PolicyForm):
    """Suggests the strategies that there are, and refuses to write over what somebody else has changed."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = ScalingPolicy
        exclude = ()
        widgets: Final = {
            "strategy": StrategyInput,
            "parameters": forms.Textarea({"rows": 3, "class": "policy-numbers"}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = str(self.get_initial_for_field(self.fields["strategy"], "strategy") or "")
        if self.is_bound:
            chosen = self.data.get(self.add_prefix("strategy"), chosen)
        there = _strategies(chosen)
        self.fields["strategy"].help_text = _abouts(there)
        self.fields["parameters"].help_text = _parameters(there, chosen)
        self.fields["seen_version"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        """What was given. Raises ValidationError for a policy that has changed meanwhile."""
        given: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            now = ScalingPolicy.objects.values_list("version", flat=True).get(pk=self.instance.pk)
            if given.get("seen_version") != now:
                raise forms.ValidationError(STALE)
        return given


def depth_strategies() -> str:
    """The strategies that look at thresholds, in words."""
    *some, last = sorted(DEPTH_COOLDOWNS)
    return f"{', '.join(some)} and {last}"


def _strategies(chosen: str) -> dict[str, Strategy]:
    """Those there are, and the chosen one where it can be had."""
    found = {}
    for name in dict.fromkeys([*(name for name, _ in strategy_choices()), chosen]):
        try:
            found[name] = find(name)
        except UnknownStrategyError:
            continue
    return found


def _abouts(there: dict[str, Strategy]) -> SafeString:
    lines = format_html_join("", "<dt>{}</dt><dd>{}</dd>", ((name, each.about) for name, each in there.items()))
    return format_html('<dl class="policy-strategies">{}</dl>Or the dotted path of a class of your own.', lines)


def _parameters(there: dict[str, Strategy], chosen: str) -> SafeString:
    """What each strategy can be given, that of the chosen one unfolded."""
    groups = format_html_join(
        "",
        '<details{}><summary>{}</summary><dl class="policy-strategies">{}</dl></details>',
        (
            (SafeString(" open") if name == chosen else "", name, _lines(each))
            for name, each in there.items()
            if each.parameters
        ),
    )
    return format_html('Numbers by name, like {{"margin": 2}}; what is missing has its first value.{}', groups)


def _lines(strategy: Strategy) -> SafeString:
    return format_html_join(
        "",
        "<dt>{}</dt><dd>{} {} at first; from {} to {}.</dd>",
        (
            (name, each.help, f"{each.default:g}", f"{each.minimum:g}", f"{each.maximum:g}")
            for name, each in strategy.parameters.items()
        ),
    )
