"""The form of a schedule in the admin: checked by what checks it everywhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django import forms

from jobs.types import Priority

from . import present
from .errors import InvalidSchedule, unquoted
from .form import PLAIN, ScheduleForm, form_of
from .models import Schedule
from .service import MOST_SCHEDULES
from .validation import checked

if TYPE_CHECKING:  # generic for the type checker only
    ModelForm = forms.ModelForm[Schedule]
else:
    ModelForm = forms.ModelForm

STALE: Final = "Somebody has changed this schedule meanwhile: load the page again, and then change it."
_CAPITAL: Final = re.compile(r"([A-Z])")
_FIELDS: Final = {"timeout": "timeout_ms"}  # of the wire that have another name here, besides capitals


class ScheduleAdminForm(ModelForm):
    """Gives a `ScheduleForm` as `given` once it is valid, and refuses what somebody else has changed meanwhile."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    priority = forms.ChoiceField(
        choices=[("", "as its handler says"), *((each.label, each.label) for each in Priority)], required=False
    )

    given: ScheduleForm

    class Meta:
        model = Schedule
        fields = ("name", "payload", *PLAIN)
        help_texts: Final = {
            "cron": "Minute, hour, day, month, weekday, like 0 3 * * MON-FRI; a sixth field in front is for seconds.",
            "time_zone": "Its IANA name, like Europe/Berlin.",
            "payload": "JSON.",
            "queue": "Empty: as its handler says.",
            "max_retries": "Empty: as its handler says.",
            "timeout_ms": "Empty: as its handler says.",
            "tags": 'Like ["daily"].',
            "overlap": "At a tick while the job of an earlier one is unfinished.",
            "missed": "Ticks at which no scheduler ran.",
        }
        widgets: Final = {
            "payload": forms.Textarea({"rows": 4, "spellcheck": "false"}),
            "tags": forms.Textarea({"rows": 1}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["seen_version"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        """What was given, as it is kept."""
        found: dict[str, Any] = super().clean() or {}
        if self.errors:
            return found
        if self.instance.pk and found.get("seen_version") != self.instance.version:
            raise forms.ValidationError(STALE)
        if not self.instance.pk and Schedule.objects.count() >= MOST_SCHEDULES:
            raise forms.ValidationError(f"There are {MOST_SCHEDULES:,} schedules, which is the most there can be.")
        try:
            self.given = checked(self._form(found), present.store())
        except InvalidSchedule as error:
            for field, said in self._told(error).items():
                name = _CAPITAL.sub(r"_\1", _FIELDS.get(field, field)).lower()
                self.add_error(name if name in self.fields else None, f"{said[:1].upper()}{said[1:]}.")
        return found

    def _told(self, error: InvalidSchedule) -> dict[str, str]:
        """What is wrong, by field: not in words that may quote a payload which is not on the page."""
        return error.problems if "payload" in self.fields else unquoted(error).problems

    def _form(self, found: dict[str, Any]) -> ScheduleForm:
        """What is not on the page stays as it is."""
        was = form_of(self.instance)
        given = {name: found.get(name, getattr(was, name)) for name in ("name", "payload", *PLAIN)}
        if _typed(given["payload"]) == _typed(was.payload):  # a browser ends lines with two characters
            given["payload"] = was.payload
        tags = given["tags"] if isinstance(given["tags"], list | tuple) else (None,)
        return ScheduleForm(**(given | {"tags": tuple(tags)}))


def _typed(text: str | bytes) -> str:
    """A payload as a form gives it back."""
    return (text if isinstance(text, str) else text.decode()).strip().replace("\r\n", "\n")
